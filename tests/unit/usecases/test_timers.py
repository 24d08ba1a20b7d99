"""Which checks get a timer, and which are left to the sweep."""

from __future__ import annotations

from datetime import timedelta

import pytest

from answerby.domain.desk import Ladder, Manners, Rung
from answerby.domain.mention import Author
from answerby.usecases import answering
from tests.builders import HOUR, MINUTE, NOW, a_desk, a_post
from tests.world import World

SECOND = timedelta(seconds=1)


def waiting(rung_waits: timedelta, text: str = "My parcel never came.") -> World:
    """One post was routed and its owner called; the next rung comes after `rung_waits`."""
    rungs = (Rung(who=("owner",), wait=rung_waits), Rung(who=("lead",), wait=rung_waits))
    world = World(a_desk(ladders={"standard": Ladder(id="standard", rungs=rungs)}))
    world.deliver(a_post(text=text))
    world.stream()
    return world


def timers(world: World) -> list[timedelta]:
    return [each.next_check_at - NOW for each in world.clock.waiting]


def test_a_check_within_ten_minutes_gets_a_timer() -> None:
    assert timers(waiting(9 * MINUTE)) == [9 * MINUTE]


def test_a_check_that_is_further_off_is_left_to_the_sweep() -> None:
    assert timers(waiting(10 * MINUTE)) == []


@pytest.mark.parametrize("wait", [2 * MINUTE, 15 * MINUTE])
def test_an_urgent_post_always_gets_a_timer(wait: timedelta) -> None:
    assert timers(waiting(wait, "I want a refund")) == [wait]


def test_a_check_left_to_the_sweep_is_at_most_a_minute_late() -> None:
    world = waiting(10 * MINUTE)
    world.now += 25 * SECOND
    world.pass_time(10 * MINUTE)
    assert world.called() == ["ana", "cleo"]
    assert world.get().history[-1].at - NOW <= 11 * MINUTE


def test_a_pause_of_an_urgent_post_ends_to_the_second() -> None:
    world = waiting(2 * MINUTE, "I want a refund")
    answering.acknowledge("facebook:1", "ana", world.table, world.desks, world.clock, NOW, 10 * MINUTE)
    assert timers(world)[-1] == 10 * MINUTE


def test_a_post_that_becomes_urgent_gets_its_timer() -> None:
    world = waiting(HOUR)
    world.deliver(a_post("2", text="I want a refund", posted_at=NOW + MINUTE, received_at=NOW + MINUTE))
    world.stream()
    assert timers(world) == [16 * MINUTE]


@pytest.mark.parametrize(("bundle_for", "asked"), [(30 * SECOND, 1), (2 * MINUTE, 0)])
def test_a_held_alert_gets_a_timer_if_it_is_held_for_less_than_a_minute(bundle_for: timedelta, asked: int) -> None:
    manners = Manners(bundle_for=bundle_for, sms_every=bundle_for)
    rungs = (Rung(who=("owner",), wait=HOUR),)
    world = World(a_desk(manners=manners, ladders={"standard": Ladder(id="standard", rungs=rungs)}))
    world.deliver(a_post(), a_post("2", author=Author(id="8")))
    world.stream()
    assert len(timers(world)) == asked
