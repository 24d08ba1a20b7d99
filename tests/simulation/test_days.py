"""On the days on which the clocks change the simulator's own reckoning and the product's come to the same hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from answerby.domain.calendar import Calendar, Span, is_open
from tests.simulation.days import CHANGES, Day
from tests.simulation.hours import Hours

MINUTE = timedelta(minutes=1)
changes = pytest.mark.parametrize(
    ("zone", "at"), [(zone, datetime(*at, tzinfo=UTC)) for zone, both in CHANGES.items() for at in both]
)


@changes
def test_the_clocks_change_just_then(zone: str, at: datetime) -> None:
    before, after = ((at + span).astimezone(ZoneInfo(zone)).utcoffset() for span in (-MINUTE, timedelta()))

    assert before != after


@changes
@pytest.mark.parametrize("begin", range(-180, 180, 15))
def test_hours_that_begin_or_end_then_are_the_same(zone: str, at: datetime, begin: int) -> None:
    wall = at.astimezone(ZoneInfo(zone))
    start = (wall.hour * 60 + wall.minute + begin) % (24 * 60)
    calendar = Calendar(id="odd", time_zone=zone, week=((Span(start=start, end=start + 75),),) * 7)
    minutes = [at + n * MINUTE for n in range(-300, 300, 5)]

    hours = Hours()
    assert [hours.is_open(calendar, each) for each in minutes] == [is_open(calendar, each) for each in minutes]


def test_a_days_spans_are_counted_from_its_begin() -> None:
    day = Day(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))

    assert day.spans((-1, 1), (0.75, 2)) == (Span(start=22 * 60 + 30, end=24 * 60 + 30), Span(start=15, end=90))


def test_the_next_opening_is_found_again() -> None:
    calendar = Calendar(id="day", time_zone="UTC", week=((Span(start=600, end=660),),) * 7)
    at = datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC)
    hours, opening = Hours(), datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

    found = [hours.opens(calendar, each, at + timedelta(hours=5)) for each in (at, at + 30 * MINUTE)]
    assert found == [opening, opening]
    assert hours.opens(calendar, opening + 2 * timedelta(hours=1), opening + timedelta(hours=5)) is None
