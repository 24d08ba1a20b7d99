"""A process that dies before or after any call of a port, and another that dies later, lose nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from multiprocessing import get_context

import pytest

from answerby.domain.mention import Notice, NoticeKind, State
from tests.builders import NOW, a_post
from tests.simulation.engine import MINUTE
from tests.simulation.simulation import Simulation
from tests.simulation.stories import at

CRASHES = ("crash before", "crash after")
ENDS = 10 * MINUTE


def story(crashes: dict[int, str]) -> Simulation:
    """A complaint, an urgent further post, an escalation, the brand's reply. The oracles watch."""
    simulation = Simulation(1, heat=0.0, crash_at=crashes, desks_drawn=False)
    first, second = a_post(), a_post("2", text="a refund!", posted_at=NOW + timedelta(minutes=1))
    reply = a_post("r", in_reply_to=second.id, posted_at=NOW + timedelta(minutes=4))
    at(simulation, 0, first)
    at(simulation, MINUTE, second)
    at(simulation, 4 * MINUTE, Notice(kind=NoticeKind.OWN_REPLY, post=reply, next_check_at=None))
    simulation.result = simulation.run(ENDS)
    return simulation


def failed(crashes: dict[int, str]) -> str | None:
    """What went wrong, if anything did."""
    simulation = story(crashes)
    assert simulation.result
    if simulation.result.violation:
        return f"{crashes}: {simulation.result.violation}"
    states = [mention.state for n in "12" if (mention := simulation.table.get(f"facebook:{n}"))]
    if states != [State.ANSWERED] * 2:
        return f"{crashes}: {states}"
    if simulation.oracles.duplicates > len(crashes):
        return f"{crashes}: {simulation.oracles.duplicates} alerts too many"
    return None


def pairs_with(first: int) -> list[str]:
    """Every second crash after the first one, which itself makes for more calls."""
    wrong = []
    for kind in CRASHES:
        calls = story({first: kind}).called
        for second in range(first + 1, calls + 1):
            wrong += [found for other in CRASHES if (found := failed({first: kind, second: other}))]
    return wrong


def test_the_story_without_a_crash() -> None:
    simulation = story({})
    assert simulation.result
    assert simulation.result.violation is None
    assert [alert.person for alert in simulation.phone.sent] == ["ana", "ana", "ben"]


def test_any_crash_loses_nothing() -> None:
    calls = range(1, story({}).called + 1)
    assert [found for call in calls for kind in CRASHES if (found := failed({call: kind}))] == []


# It gives way to the tests of the stack, which run beside it.
@pytest.mark.timeout(900)
def test_any_two_crashes_lose_nothing() -> None:
    wrong: Iterable[list[str]]
    with get_context("spawn").Pool(os.cpu_count()) as pool:
        wrong = pool.map(pairs_with, range(1, story({}).called + 1), chunksize=1)
    assert [found for each in wrong for found in each] == []
