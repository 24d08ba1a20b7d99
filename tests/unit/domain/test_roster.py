from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Desk, Ladder, Rung, Team
from answerby.domain.mention import Priority
from answerby.domain.roster import roster
from answerby.domain.rotation import Change, Layer, Override, Rotation
from tests.builders import ANA, BEN, CATCH_ALL, CLEO, HOUR, MINUTE, NOW, REFUND, a_desk

NIGHT = Rotation(id="night", time_zone="UTC", layers=(Layer(people=("ana", "ben"), starts=date(2026, 3, 2)),))


def rung_1(desk: Desk) -> tuple[tuple[str, ...], datetime | None]:
    """Of whatever no rule names."""
    duty = next(duty for duty in roster(desk, NOW) if duty.topic is None)
    return tuple(duty.people), duty.until


def with_rotation(*overrides: Override) -> Desk:
    ladder = Ladder(id="standard", rungs=(Rung(who=("night",), wait=10 * MINUTE),))
    return a_desk(ladders={"standard": ladder}, rotations={"night": NIGHT}, overrides=overrides)


def test_each_topic_and_rung_is_told_in_the_order_of_the_rules() -> None:
    told = [(duty.topic, duty.priority, duty.rung, tuple(duty.people)) for duty in roster(a_desk(), NOW)]
    assert told == [
        ("refund", Priority.URGENT, 1, ("ana",)),
        ("refund", Priority.URGENT, 2, ("ben",)),
        ("refund", Priority.URGENT, 3, ("cleo",)),
        (None, Priority.NORMAL, 1, ("ana",)),
        (None, Priority.NORMAL, 2, ("ben",)),
        (None, Priority.NORMAL, 3, ("cleo",)),
    ]


def test_rules_of_one_topic_that_call_the_same_people_are_told_together() -> None:
    more = replace(REFUND, id="chargebacks")
    duties = roster(a_desk(rules=(REFUND, more, CATCH_ALL)), NOW)
    assert [duty.rules for duty in duties if duty.rung == 1] == [("refunds", "chargebacks"), ("otherwise",)]


def test_who_is_always_there_is_so_until_further_notice() -> None:
    assert rung_1(a_desk()) == (("ana",), None)


def test_a_rotation_is_told_with_its_next_hand_over() -> None:
    assert rung_1(with_rotation()) == (("ana",), datetime(2026, 3, 9, tzinfo=NOW.tzinfo))


def test_a_team_of_a_rotation_is_owned_by_another_after_its_hand_over() -> None:
    team = Team(id="care", members=("night",), lead="cleo")
    assert rung_1(a_desk(rotations={"night": NIGHT}, teams={"care": team})) == (
        ("ana",),
        datetime(2026, 3, 9, tzinfo=NOW.tzinfo),
    )


def test_an_override_ends_a_duty() -> None:
    away = Override(change=Change.REPLACE, person="ana", by="cleo", starts=NOW + HOUR, ends=NOW + 2 * HOUR)
    assert rung_1(with_rotation(away)) == (("ana",), NOW + HOUR)


def test_working_hours_end_a_duty() -> None:
    office = Calendar(id="office", time_zone="UTC", week=((Span(start=8 * 60, end=17 * 60),),) * 7)
    people = {"ana": replace(ANA, working_hours=office), "ben": BEN, "cleo": CLEO}
    people_called, until = rung_1(a_desk(people=people))
    assert (people_called, until) == (("ana",), NOW.replace(hour=17))


def test_a_rung_of_nobody_is_told() -> None:
    evening = Calendar(id="evening", time_zone="UTC", week=((Span(start=17 * 60, end=20 * 60),),) * 7)
    duty = roster(a_desk(people={"ana": replace(ANA, working_hours=evening), "ben": BEN, "cleo": CLEO}), NOW)[3]
    assert (duty.people, duty.until) == ({}, NOW.replace(hour=17))
    assert tuple(map(str, duty.passed_over)) == ("ana is asleep until 2026-03-02T17:00Z",)
