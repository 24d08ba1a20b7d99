"""What people do through the API and the command line. Each is an activity, tried again if it failed."""

from __future__ import annotations

from datetime import timedelta

from answerby.cli.errors import CommandError
from answerby.cli.moving import adopt_all, hand_over_all
from answerby.domain.desk import Desk
from answerby.domain.mention import Event, State
from answerby.domain.transitions import Dismissal
from answerby.ports import UnavailableError
from answerby.usecases import answering
from answerby.usecases.drill import send_test
from tests.simulation.engine import MINUTE, SECOND
from tests.simulation.ports import CrashError, Invocation
from tests.simulation.simulation import FAULTY, Simulation

PUBLISHER = "cleo"


def acknowledge(simulation: Simulation, mention_id: str, by: str, *, is_test: bool = False) -> None:
    simulation.person(
        f"{by} acknowledges",
        mention_id,
        lambda at: answering.acknowledge(mention_id, by, at.mentions, at.desks, at.timers, at.clock(), None),
        (Event.ANSWERED if is_test else Event.ACKNOWLEDGED, by),
    )


def snooze(simulation: Simulation, mention_id: str, by: str, span: timedelta) -> None:
    until = simulation.engine.clock() + span
    simulation.person(
        f"{by} snoozes until {until:%H:%M}",
        mention_id,
        lambda at: answering.snooze(mention_id, by, until, at.mentions, at.desks, at.timers, at.clock()),
        (Event.SNOOZED, by),
    )


def answer(simulation: Simulation, mention_id: str, by: str) -> None:
    simulation.person(
        f"{by} answers",
        mention_id,
        lambda at: answering.answer(mention_id, by, None, at.mentions, at.clock()),
        (Event.ANSWERED, by),
    )


def resolve(simulation: Simulation, mention_id: str, by: str) -> None:
    simulation.person(
        f"{by} resolves",
        mention_id,
        lambda at: answering.resolve(mention_id, by, at.mentions, at.clock()),
        (Event.RESOLVED, by),
    )


def dismiss(simulation: Simulation, mention_id: str, by: str) -> None:
    simulation.person(
        f"{by} dismisses",
        mention_id,
        lambda at: answering.dismiss(mention_id, by, Dismissal.SPAM, None, at.mentions, at.clock()),
        (Event.DISMISSED, by),
    )


def assign(simulation: Simulation, mention_id: str, to: str, by: str) -> None:
    simulation.person(
        f"{by} assigns to {to}",
        mention_id,
        lambda at: answering.assign(mention_id, to, by, at.mentions, at.desks, at.timers, at.clock()),
        (Event.ASSIGNED, by),
    )


def test(simulation: Simulation, to: str, by: str) -> str | None:
    """Send a test alert; its id."""
    sent: list[str] = []
    simulation.person(
        f"{by} sends a test alert to",
        to,
        lambda at: sent.append(send_test(to, by, at.mentions, at.desks, at.timers, at.clock()).id),
    )
    return sent[0] if sent else None


def publish(simulation: Simulation, desk: Desk, *, adopt_open: bool) -> None:
    """`desk apply`: what it leaves half done is completed by doing it again. Nobody waits while the table is away."""
    engine = simulation.engine
    left = simulation.put_in_force(desk)
    current = simulation.desk
    while simulation.desk is current:
        invocation = Invocation(simulation, "desk_apply", _open(simulation))
        at = invocation
        try:
            with invocation:
                hand_over_all(current, left, PUBLISHER, at.mentions, at.timers, at.clock())
                if adopt_open:
                    told = adopt_all(
                        current, PUBLISHER, at.mentions, at.timers, simulation.reader, at.clock(), lambda *_: None
                    )
                    engine.tell(f"  {told} posts were adopted")
                return
        except (UnavailableError, CommandError, CrashError) as error:
            engine.tell(f"  desk apply failed: {type(error).__name__} {error}")
        if engine.now > FAULTY:
            return
        engine.pause(engine.chance.randrange(10 * SECOND, 2 * MINUTE))


def _open(simulation: Simulation) -> tuple[str, ...]:
    return tuple(key[0] for key, item in simulation.table.items.items() if item.state in (State.NEW, State.OPEN))
