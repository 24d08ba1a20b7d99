"""Who is on call: hand-overs at wall times, layers, overrides, and clocks that change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerby.domain.calendar import Span, Week
from answerby.domain.rotation import Change, Layer, Override, Rotation, Shift, Unit, on_call, shifts
from tests.builders import HOUR, MINUTE

DAY = timedelta(days=1)
MADRID = ZoneInfo("Europe/Madrid")
MONDAY = date(2026, 3, 2)
NINE = 9 * 60
OFFICE: Week = (*((Span(start=NINE, end=17 * 60),),) * 5, (), ())
ZONES = (
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Europe/Madrid",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
)
CLOCKS_CHANGE = (
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia skips a whole day
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 4, 23, 22, tzinfo=UTC),  # Cairo, at midnight
    datetime(2026, 9, 26, 14, tzinfo=UTC),
    datetime(2026, 10, 3, 16, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
)


def a_rotation(*layers: Layer, time_zone: str = "Europe/Madrid") -> Rotation:
    return Rotation(id="support", time_zone=time_zone, layers=layers or (a_layer(),))


def a_layer(*people: str, **changes: Any) -> Layer:
    return Layer(people=people or ("ana", "ben"), **{"starts": MONDAY, "hand_over": NINE, **changes})


def an_override(change: Change, person: str = "ana", **changes: Any) -> Override:
    span = {"starts": there(MONDAY, "12:00"), "ends": there(MONDAY, "18:00")}
    return Override(change=change, person=person, **{**span, **changes})


def there(day: date, wall: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(wall), MADRID)


def test_a_week_is_handed_over_at_its_wall_time() -> None:
    rotation = a_rotation()
    assert on_call(rotation, (), there(MONDAY, "09:00")) == ("ana",)
    assert on_call(rotation, (), there(MONDAY + 7 * DAY, "08:59")) == ("ana",)
    assert on_call(rotation, (), there(MONDAY + 7 * DAY, "09:00")) == ("ben",)
    assert on_call(rotation, (), there(MONDAY + 14 * DAY, "09:00")) == ("ana",)


def test_nobody_is_on_call_before_a_rotation_starts() -> None:
    assert on_call(a_rotation(), (), there(MONDAY, "08:59")) == ()
    assert on_call(a_rotation(), (), there(MONDAY - 365 * DAY, "12:00")) == ()


def test_several_days_are_one_turn() -> None:
    rotation = a_rotation(a_layer("ana", "ben", "cleo", unit=Unit.DAYS, every=2))
    turns = [on_call(rotation, (), there(MONDAY + day * DAY, "10:00"))[0] for day in range(7)]
    assert turns == ["ana", "ana", "ben", "ben", "cleo", "cleo", "ana"]


@pytest.mark.parametrize("changed", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_daily_hand_over_stays_at_nine_when_the_clocks_change(changed: date) -> None:
    found = shifts(
        a_rotation(a_layer(unit=Unit.DAYS)), (), there(changed - 2 * DAY, "09:00"), there(changed + 2 * DAY, "09:00")
    )
    assert [shift.start.astimezone(MADRID).time() for shift in found] == [time(9)] * 4


@pytest.mark.parametrize(("changed", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_the_turn_in_which_the_clocks_change_is_an_hour_shorter_or_longer(changed: date, hours: int) -> None:
    rotation = a_rotation(a_layer(unit=Unit.DAYS))
    shift = shifts(rotation, (), there(changed - DAY, "09:00"), there(changed, "12:00"))[0]
    assert shift.end - shift.start == hours * HOUR


def test_turns_of_hours_are_counted_in_wall_time() -> None:
    """So whoever has the night shift keeps it in summer."""
    rotation = a_rotation(a_layer("ana", "ben", "cleo", unit=Unit.HOURS, every=8, hand_over=6 * 60))
    for day in (MONDAY, date(2026, 7, 6), date(2026, 12, 7)):
        assert [on_call(rotation, (), there(day, wall))[0] for wall in ("06:00", "14:00", "22:00")] == [
            "ana",
            "ben",
            "cleo",
        ]


def test_a_hand_over_that_the_clocks_skip_comes_right_after_the_gap() -> None:
    rotation = a_rotation(a_layer(unit=Unit.DAYS, hand_over=2 * 60 + 30))
    gap = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert on_call(rotation, (), gap - MINUTE) != on_call(rotation, (), gap)


def test_a_hand_over_that_the_clocks_repeat_comes_once() -> None:
    rotation = a_rotation(a_layer(unit=Unit.DAYS, hand_over=2 * 60 + 30))
    found = shifts(rotation, (), datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC))
    assert [shift.end for shift in found] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 6, tzinfo=UTC),
    ]
    second_time_ten_past_two = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert on_call(rotation, (), second_time_ten_past_two) == found[1].people


def test_the_last_layer_that_has_somebody_counts() -> None:
    rotation = a_rotation(a_layer("cleo"), a_layer("ana", "ben", during=OFFICE))
    assert on_call(rotation, (), there(MONDAY, "16:59")) == ("ana",)
    assert on_call(rotation, (), there(MONDAY, "17:00")) == ("cleo",)


def test_outside_its_hours_a_rotation_has_a_gap() -> None:
    rotation = a_rotation(a_layer("ana", during=OFFICE))
    found = shifts(rotation, (), there(MONDAY, "12:00"), there(MONDAY + DAY, "12:00"))
    assert found == [
        Shift(start=there(MONDAY, "12:00"), end=there(MONDAY, "17:00"), people=("ana",)),
        Shift(start=there(MONDAY, "17:00"), end=there(MONDAY + DAY, "09:00"), people=()),
        Shift(start=there(MONDAY + DAY, "09:00"), end=there(MONDAY + DAY, "12:00"), people=("ana",)),
    ]


def test_a_replacement_lasts_from_its_start_to_before_its_end() -> None:
    override = an_override(Change.REPLACE, by="dora", rotation="support")
    found = shifts(a_rotation(), (override,), there(MONDAY, "09:00"), there(MONDAY, "20:00"))
    assert [(shift.people, shift.end) for shift in found] == [
        (("ana",), override.starts),
        (("dora",), override.ends),
        (("ana",), there(MONDAY, "20:00")),
    ]


def test_whoever_is_added_is_on_call_too() -> None:
    override = an_override(Change.ADD, "dora", rotation="support")
    assert on_call(a_rotation(), (override,), there(MONDAY, "13:00")) == ("ana", "dora")


def test_whoever_is_removed_leaves_a_gap_or_the_layer_below() -> None:
    override = an_override(Change.REMOVE, rotation="support")
    at = there(MONDAY, "13:00")
    assert on_call(a_rotation(), (override,), at) == ()
    assert on_call(a_rotation(a_layer("cleo"), a_layer()), (override,), at) == ("cleo",)


def test_an_override_of_another_rotation_changes_nothing() -> None:
    override = an_override(Change.REMOVE, rotation="weekend")
    assert on_call(a_rotation(), (override,), there(MONDAY, "13:00")) == ("ana",)


def test_whoever_is_away_is_replaced_in_every_rotation() -> None:
    override = an_override(Change.REPLACE, by="dora")
    assert on_call(a_rotation(), (override,), there(MONDAY, "13:00")) == ("dora",)


def test_a_replacement_who_is_replaced_too_hands_on() -> None:
    overrides = (an_override(Change.REPLACE, "dora", by="eli"), an_override(Change.REPLACE, by="dora"))
    assert on_call(a_rotation(), overrides, there(MONDAY, "13:00")) == ("eli",)


def test_two_who_replace_each_other_are_both_away() -> None:
    overrides = (an_override(Change.REPLACE, "ben", by="ana"), an_override(Change.REPLACE, "ana", by="ben"))
    assert on_call(a_rotation(), overrides, there(MONDAY, "13:00")) == ()


def test_the_override_of_a_rotation_goes_before_that_of_the_person() -> None:
    overrides = (an_override(Change.REPLACE, by="dora", rotation="support"), an_override(Change.REMOVE))
    assert on_call(a_rotation(), overrides, there(MONDAY, "13:00")) == ("dora",)


def test_a_rotation_of_ten_years_ago_is_found_at_once() -> None:
    """By division: minute by minute this would take hours."""
    rotation = a_rotation(a_layer(starts=date(1990, 1, 1), unit=Unit.HOURS))
    start = there(MONDAY, "09:00")
    people = {on_call(rotation, (), start + minute * MINUTE) for minute in range(24 * 60)}
    assert people == {("ana",), ("ben",)}


weeks = st.sampled_from((None, None, OFFICE, ((Span(start=22 * 60, end=30 * 60),),) * 7))
layers = st.builds(
    Layer,
    people=st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple),
    starts=st.dates(date(2009, 1, 1), date(2026, 4, 1)),
    hand_over=st.integers(0, 24 * 60 - 1),
    every=st.integers(1, 5),
    unit=st.sampled_from(Unit),
    during=weeks,
)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    return draw(st.sampled_from(CLOCKS_CHANGE)) + draw(st.integers(-24 * 60, 24 * 60)) * MINUTE


@st.composite
def some_overrides(draw: st.DrawFn) -> Override:
    starts = draw(moments())
    return Override(
        change=draw(st.sampled_from(Change)),
        person=draw(st.sampled_from("abcd")),
        by=draw(st.sampled_from("abcd")),
        starts=starts,
        ends=starts + draw(st.integers(1, 24 * 60)) * MINUTE,
        rotation=draw(st.sampled_from((None, "support", "other"))),
    )


@given(
    st.lists(layers, min_size=1, max_size=3),
    st.lists(some_overrides(), max_size=4),
    st.sampled_from(ZONES),
    st.sampled_from(CLOCKS_CHANGE),
)
@settings(max_examples=50, deadline=None)
def test_shifts_say_minute_by_minute_who_is_on_call(
    drawn: list[Layer], overrides: list[Override], zone: str, changed: datetime
) -> None:
    rotation = a_rotation(*drawn, time_zone=zone)
    start, end = changed - 6 * HOUR, changed + 6 * HOUR
    found = shifts(rotation, overrides, start, end)
    assert (found[0].start, found[-1].end) == (start, end)
    assert all(one.end == other.start and one.people != other.people for one, other in pairwise(found))
    walked = [on_call(rotation, overrides, start + minute * MINUTE) for minute in range(12 * 60)]
    assert walked == [shift.people for shift in found for _ in range((shift.end - shift.start) // MINUTE)]


@given(layers, st.sampled_from(ZONES), moments())
@settings(max_examples=100, deadline=None)
def test_a_turn_begins_when_the_clocks_first_show_its_time_or_a_later_one(
    layer: Layer, zone: str, at: datetime
) -> None:
    layer = replace(layer, people=tuple("abcdefg"), starts=at.date() - timedelta(days=40), during=None)
    shown = [(at - minute * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for minute in range(26 * 60)]
    began = datetime.combine(layer.starts, time()) + layer.hand_over * MINUTE
    number = (max(shown) - began) // (layer.every * {Unit.HOURS: HOUR, Unit.DAYS: DAY, Unit.WEEKS: 7 * DAY}[layer.unit])
    assert on_call(a_rotation(layer, time_zone=zone), (), at) == ("abcdefg"[number % 7],)
