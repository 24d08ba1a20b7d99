from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Team
from answerby.domain.forecast import Again, Call, Skip, as_new, forecast, received_at
from answerby.domain.mention import Reason
from answerby.domain.rotation import Change, Override
from tests.builders import ANA, CLEO, HOUR, MINUTE, NOW, a_desk, a_mention, a_post


def calls(text: str = "Hello") -> list[tuple[timedelta, Reason, tuple[str, ...]]]:
    _, steps = forecast(a_mention(text=text), a_desk(), NOW)
    return [(step.at - NOW, step.reason, step.people) for step in steps if isinstance(step, Call)]


def test_the_ladder_is_climbed_until_its_top_is_called_again() -> None:
    assert calls() == [
        (0 * MINUTE, Reason.ROUTED, ("ana",)),
        (10 * MINUTE, Reason.ESCALATED, ("ben",)),
        (20 * MINUTE, Reason.ESCALATED, ("cleo",)),
    ]


def test_a_rung_of_several_rounds_is_called_so_often() -> None:
    ladder = a_desk().ladders["standard"]
    twice = replace(ladder, rungs=(replace(ladder.rungs[0], rounds=2), *ladder.rungs[1:]))
    _, steps = forecast(a_mention(), a_desk(ladders={"standard": twice}), NOW)
    people = [step.people for step in steps if isinstance(step, Call)]
    assert people[:4] == [("ana",), ("ana",), ("ben",), ("cleo",)]


def test_a_deadline_on_the_way_calls_the_next_rung_at_once() -> None:
    assert calls("refund")[:3] == [
        (0 * MINUTE, Reason.ROUTED, ("ana",)),
        (10 * MINUTE, Reason.ESCALATED, ("ben",)),
        (15 * MINUTE, Reason.BREACHED, ("cleo",)),
    ]


def test_reminders_are_foreseen() -> None:
    policies = a_desk().policies
    desk = a_desk(policies={**policies, "hour": replace(policies["hour"], reminders=(0.4,))})
    _, steps = forecast(a_mention(), desk, NOW)
    reminders = [(step.at - NOW, step.people) for step in steps if isinstance(step, Call) and step.reason == "reminder"]
    assert reminders == [(24 * MINUTE, ("cleo",))]


def test_whoever_is_passed_over_is_told_with_the_reason() -> None:
    office = Calendar(id="office", time_zone="UTC", week=((Span(start=720, end=780),),) * 7)
    desk = a_desk(people={**a_desk().people, "ana": replace(ANA, working_hours=office)})
    _, steps = forecast(a_mention(), desk, NOW)
    assert [step.why for step in steps if isinstance(step, Skip)] == ["rung 1: ana is asleep until 2026-03-02T12:00Z"]
    assert [step.people for step in steps if isinstance(step, Call)] == [("ben",), ("cleo",)]


def test_rungs_that_are_called_in_turn_while_the_top_sleeps_are_told_once() -> None:
    office = Calendar(id="office", time_zone="UTC", week=((Span(start=1020, end=1080),),) * 7)
    desk = a_desk(people={**a_desk().people, "cleo": replace(CLEO, working_hours=office)})
    _, steps = forecast(a_mention(), desk, NOW)
    assert [(step.reason, step.rung) if isinstance(step, Call) else (type(step), step.at - NOW) for step in steps] == [
        (Reason.ROUTED, 1),
        (Reason.ESCALATED, 2),
        (Skip, 20 * MINUTE),
        (Again, 20 * MINUTE),
        (Reason.BREACHED, 1),
        (Again, 90 * MINUTE),
        (Reason.ESCALATED, 3),
    ]
    assert [step.rungs for step in steps if isinstance(step, Again)] == [(1, 2), (1, 2)]


def test_a_rung_that_is_called_for_ever_is_told_with_the_deadline_it_misses() -> None:
    away = Override(change=Change.REMOVE, person="cleo", starts=NOW - HOUR, ends=NOW + 1000 * HOUR)
    people = {"ana": ANA, "cleo": CLEO}
    desk = a_desk(people=people, teams={"care": Team(id="care", members=("ana",), lead="cleo")}, overrides=(away,))
    _, steps = forecast(a_mention(), desk, NOW)
    assert [step.reason for step in steps if isinstance(step, Call)][:2] == [Reason.ROUTED, Reason.REPEATED]
    assert sum(isinstance(step, Call) and step.reason is Reason.BREACHED for step in steps) == 1
    assert len(steps) < 10


def test_a_forecast_says_how_the_post_is_routed() -> None:
    routed, _ = forecast(a_mention(text="refund"), a_desk(), NOW)
    assert (routed.rule, routed.assignee, routed.answer_by) == ("refunds", "ana", NOW + 15 * MINUTE)


def test_a_post_for_a_digest_calls_only_once() -> None:
    old = a_mention(posted_at=NOW - timedelta(days=30))
    routed, steps = forecast(old, a_desk(), NOW)
    assert routed.plan
    assert routed.plan.digest
    assert [step.reason for step in steps if isinstance(step, Call)] == [Reason.DIGEST]


def test_a_stored_mention_is_new_again() -> None:
    routed, _ = forecast(a_mention(), a_desk(), NOW)
    again, _ = forecast(as_new(routed), a_desk(), NOW)
    assert (again.rule, again.answer_by) == (routed.rule, routed.answer_by)
    assert [replace(alert, id="") for alert in again.outbox] == [replace(alert, id="") for alert in routed.outbox]


def test_a_post_is_moved_in_time_with_its_clock() -> None:
    moved = received_at(a_post(), NOW + HOUR)
    assert moved.said_at == NOW + HOUR
