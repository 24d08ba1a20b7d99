"""Posts first heard of long after they were written: one digest a day, whatever happens meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from answerby.adapters.items import MENTION
from answerby.domain.mention import Author, Channel, Event
from answerby.ports import SHARDS
from answerby.usecases import answering
from answerby.usecases import sweep as sweeping
from answerby.usecases.attend import attend
from tests.builders import HOUR, MINUTE, NOW, a_post
from tests.unit.usecases.test_races import ONE, TWO, is_called_again
from tests.world import World

DAY = timedelta(days=1)
LONG_AGO: dict[str, Any] = {"posted_at": NOW - 30 * DAY}


@pytest.fixture
def world() -> World:
    return World()


def test_a_digest_that_reaches_nobody_goes_up_the_ladder_at_its_own_pace(world: World) -> None:
    world.phone.unknown = {"ana"}
    world.deliver(a_post(**LONG_AGO))
    world.stream()
    world.pass_time(HOUR)
    failed = [entry for entry in world.get().history if entry.event is Event.ALERT_FAILED]
    assert len(failed) == 1
    assert world.called() == ["ben"]


def test_an_acknowledged_digest_is_not_written_again_and_again(world: World) -> None:
    world.deliver(a_post(**LONG_AGO))
    world.stream()
    world.pass_time(20 * MINUTE)
    answering.acknowledge(ONE, "ana", world.mentions, world.desks, world.timers, world.now, 10 * MINUTE)
    world.pass_time(20 * MINUTE)
    before = world.get().version
    world.pass_time(HOUR)
    assert world.get().version - before <= 2


def test_acknowledged_digests_do_not_starve_the_sweep(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "SHARE", 1)
    many = SHARDS
    for old in map(str, range(many)):
        world.deliver(a_post(old, author=Author(id=old), **LONG_AGO))
    world.stream()
    world.pass_time(20 * MINUTE)
    for old in map(str, range(many)):
        answering.acknowledge(
            f"facebook:{old}", "ana", world.mentions, world.desks, world.timers, world.now, 10 * MINUTE
        )
    world.pass_time(12 * MINUTE)
    world.timers_work = False
    world.deliver(a_post("new", author=Author(id="x"), posted_at=world.now, received_at=world.now))
    world.stream()
    assert is_called_again(world, HOUR)


def test_digests_of_a_back_fill_stay_one_a_day_however_late_their_checks_come(world: World) -> None:
    world.deliver(*(a_post(str(n), author=Author(id=str(n)), **LONG_AGO) for n in range(40)))
    world.stream()
    world.now = NOW + 15 * MINUTE
    for n in range(40):
        world.now += timedelta(seconds=30)
        attend(f"facebook:{n}", MENTION, world.mentions, world.desks, world.timers, world.now)
        world.stream()
    assert world.called() == ["ana"]
    world.pass_time(25 * HOUR, step=5 * MINUTE)
    assert world.called() == ["ana", "ana"]


def test_a_digest_whose_sender_died_holds_nobody_up(world: World) -> None:
    world.deliver(a_post(**LONG_AGO), a_post("2", author=Author(id="2"), **LONG_AGO))
    world.stream()
    world.now = NOW + 15 * MINUTE
    world.pagers.take("ana", dict.fromkeys(Channel, world.now), world.get().outbox[0].id, world.now)
    attend(TWO, MENTION, world.mentions, world.desks, world.timers, world.now)
    world.alerted(TWO)
    assert world.called() == []
    world.pass_time(3 * MINUTE)
    assert world.called() == ["ana"]
