"""Reminders, snoozes and resolutions over the ports: they come by themselves, whatever happens to the timers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from answerby.domain.desk import Desk
from answerby.domain.mention import Reason, State
from answerby.usecases import answering
from tests.builders import HOUR, MINUTE, NOW, a_desk, a_post, a_reply
from tests.world import World

DAY = timedelta(days=1)


def a_patient_desk() -> Desk:
    """It reminds after half an hour, and wants matters settled in three."""
    desk = a_desk()
    rungs = tuple(replace(rung, wait=50 * MINUTE) for rung in desk.ladders["standard"].rungs)
    policy = replace(desk.policies["hour"], reminders=(0.5,), resolve_within=3 * HOUR)
    return replace(
        desk,
        ladders={"standard": replace(desk.ladders["standard"], rungs=rungs)},
        policies={**desk.policies, "hour": policy},
    )


@pytest.fixture(params=[True, False], ids=["timers work", "every timer is lost"])
def world(request: pytest.FixtureRequest) -> World:
    world = World(desk=a_patient_desk(), timers_work=request.param)
    world.deliver(a_post())
    world.stream()
    return world


def reasons(world: World) -> list[tuple[str, Reason]]:
    return [(alert.person, alert.reason) for alert in world.phone.sent]


def test_a_reminder_goes_out_once(world: World) -> None:
    world.pass_time(45 * MINUTE)
    assert reasons(world) == [("ana", Reason.ROUTED), ("ana", Reason.REMINDER)]


def test_a_snooze_is_quiet_until_it_ends(world: World) -> None:
    until = world.now + 55 * MINUTE
    answering.snooze("facebook:1", "ana", until, world.mentions, world.desks, world.timers, world.now)
    world.pass_time(54 * MINUTE)
    assert reasons(world) == [("ana", Reason.ROUTED)]
    world.pass_time(3 * MINUTE)
    assert reasons(world)[1:] == [("ana", Reason.ACKNOWLEDGEMENT_EXPIRED)]


def test_an_answered_mention_is_asked_about_daily_until_it_is_resolved(world: World) -> None:
    answering.answer("facebook:1", "ana", None, world.mentions, world.now)
    world.pass_time(2 * DAY, step=10 * MINUTE)
    assert reasons(world)[1:] == [("ana", Reason.UNRESOLVED)] * 2
    resolved = answering.resolve("facebook:1", "ana", world.mentions, world.now)
    assert answering.resolve("facebook:1", "ana", world.mentions, world.now) == resolved
    world.pass_time(2 * DAY, step=10 * MINUTE)
    assert len(world.phone.sent) == 3


def test_the_brands_own_reply_leaves_the_resolution_to_be_said(world: World) -> None:
    world.deliver(a_reply())
    world.pass_time(3 * HOUR + MINUTE)
    assert reasons(world)[1:] == [("ana", Reason.UNRESOLVED)]


def test_a_post_that_is_delivered_after_its_answer_has_its_matter_settled_too() -> None:
    world = World(desk=a_patient_desk())
    world.deliver(a_reply(at=NOW + MINUTE))
    world.stream()
    world.now += 5 * MINUTE
    world.deliver(a_post(received_at=world.now))
    world.stream()
    assert (world.get().state, world.get().answer_by, world.called()) == (State.ANSWERED, NOW + HOUR, [])
    world.pass_time(3 * HOUR)
    assert reasons(world) == [("ana", Reason.UNRESOLVED)]


def test_a_chain_is_resolved_by_its_head_whichever_of_its_posts_is_named(world: World) -> None:
    world.now += MINUTE
    world.deliver(a_post("2", posted_at=world.now, received_at=world.now))
    world.stream()
    answering.answer("facebook:2", "ana", None, world.mentions, world.now)
    assert (world.get("1").next_check_at is None, world.get("2").next_check_at) == (False, None)
    assert answering.resolve("facebook:2", "ana", world.mentions, world.now).id == "facebook:1"
    world.pass_time(DAY, step=10 * MINUTE)
    assert reasons(world) == [("ana", Reason.ROUTED)]
