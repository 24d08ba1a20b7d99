"""Stories told by hand, for a simulation without chance."""

from __future__ import annotations

from answerby.domain.mention import Notice, Post
from tests.simulation.simulation import Simulation


def at(simulation: Simulation, when: int, event: Post | Notice) -> None:
    """The network delivers an event, until it hears a 2xx."""
    if isinstance(event, Post):
        simulation.said.setdefault(event.id, []).append(event.text)
    simulation.engine.start(when, lambda: simulation.deliver([event]))
