"""Open time against a walker that looks at every single minute, in many zones, mostly where their clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerby.domain.calendar import Calendar, Span, after, is_open, open_time, opens
from tests.builders import MINUTE

DAY = timedelta(days=1)
AROUND = 3 * DAY
WALKED = 7 * DAY
ZONES = (
    "UTC",
    "Europe/Madrid",
    "Europe/London",
    "Europe/Dublin",  # winter is its daylight saving time, and negative
    "Europe/Moscow",
    "Europe/Istanbul",
    "Africa/Cairo",  # at midnight
    "Africa/Casablanca",  # set back for Ramadan
    "America/New_York",
    "America/St_Johns",  # until 2011 at a minute past midnight
    "America/Sao_Paulo",
    "America/Santiago",  # at midnight
    "America/Havana",  # at midnight
    "America/Scoresbysund",
    "Asia/Kathmandu",  # UTC+5:45
    "Asia/Kolkata",
    "Asia/Tehran",  # at midnight
    "Asia/Beirut",  # at midnight
    "Asia/Gaza",
    "Asia/Pyongyang",  # by half an hour
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Lord_Howe",  # by half an hour
    "Antarctica/Troll",  # by two hours
    "Pacific/Apia",  # skipped 2011-12-30
    "Pacific/Chatham",  # UTC+12:45
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",  # skipped 1993-08-21, and had 1969-09-30 nearly twice
)
YEARS = (1969, 1993, 1995, 2010, 2011, 2015, 2016, 2018, 2019, 2023, 2024, 2026)


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


SPECIAL = (utc(2024, 2, 29), utc(2025, 2, 28), utc(2000, 2, 29), utc(2100, 2, 28), utc(2026, 12, 31), utc(2026, 6, 1))


@cache
def changes(zone: str) -> list[datetime]:
    """The days on which the zone's clocks change, in some years."""
    there = ZoneInfo(zone)
    days = [utc(year, 1, 1) + each * DAY for year in YEARS for each in range(365)]
    return [day for day in days if day.astimezone(there).utcoffset() != (day + DAY).astimezone(there).utcoffset()]


@dataclass(frozen=True, eq=False)
class Walker:
    """Looks at every minute from three days before `start` on.

    Hours have begun once the clocks have shown their first minute or a later one, and last as long as the clocks will
    yet show a minute before their end: whatever the clocks do in between.
    """

    calendar: Calendar
    start: datetime

    def open_minutes(self) -> Iterator[bool]:
        """Of each minute from `start` on, whether it is open."""
        zone = ZoneInfo(self.calendar.time_zone)
        count = (AROUND + WALKED + AROUND) // MINUTE
        walls = [
            (self.start - AROUND + each * MINUTE).astimezone(zone).replace(tzinfo=None) for each in range(count + 1)
        ]
        shown = list(accumulate(walls, max))
        to_be_shown = list(accumulate(reversed(walls), min))[::-1]
        begin = AROUND // MINUTE
        for latest, earliest in zip(shown[begin:], to_be_shown[begin : begin + WALKED // MINUTE], strict=False):
            hours = self._hours(earliest.date(), latest.date())
            yield any(opened <= latest and earliest < closed for opened, closed in hours)

    @cache  # noqa: B019 - it lives as long as one example
    def _hours(self, first: date, last: date) -> list[tuple[datetime, datetime]]:
        days = [first + each * DAY for each in range(-1, (last - first).days + 1)]
        return [
            (_midnight(day) + span.start * MINUTE, _midnight(day) + span.end * MINUTE)
            for day in days
            for span in self.calendar.exceptions.get(day, self.calendar.week[day.weekday()])
        ]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time


def quarters(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most // 15).map(lambda each: each * 15) | st.integers(0, most)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(quarters(1439))
    return Span(start=start, end=start + max(1, draw(quarters(1440))))


days = st.lists(spans(), max_size=3).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone = draw(st.sampled_from(ZONES))
    about = draw(st.sampled_from([*changes(zone), *SPECIAL]))
    start = about + timedelta(minutes=draw(st.integers(-4 * 1440, 2 * 1440)))
    dates = st.integers(-5, 10).map(lambda each: (about + each * DAY).date())
    calendar = Calendar(
        id="drawn",
        time_zone=zone,
        week=draw(st.tuples(*[days] * 7)),
        exceptions=draw(st.dictionaries(dates, days, max_size=3)),
    )
    return calendar, start


OFFICE = ((Span(start=540, end=1020),),) * 7
NIGHT = ((Span(start=1320, end=1800),),) * 7
ALL_DAY = ((Span(start=0, end=1440),),) * 7
MORNING = ((Span(start=0, end=480),),) * 7
EXAMPLES = [
    (Calendar(id="drawn", time_zone=zone, week=week), day)
    for week in (OFFICE, NIGHT, ALL_DAY, MORNING)
    for zone, day in (
        ("Pacific/Apia", utc(2011, 12, 28)),
        ("Pacific/Kwajalein", utc(1993, 8, 19)),
        ("Pacific/Kwajalein", utc(1969, 9, 29)),
        ("Australia/Lord_Howe", utc(2026, 4, 3)),
        ("America/Santiago", utc(2026, 9, 4)),
        ("America/St_Johns", utc(2010, 11, 5)),
        ("Africa/Cairo", utc(2026, 10, 28)),
    )
]


def check(calendar: Calendar, start: datetime) -> None:
    walked = list(Walker(calendar, start).open_minutes())
    total = 0
    for number, open_ in enumerate(walked):
        if open_:
            total += 1
            if total in (1, 2, 60, 480, 1440):
                assert after(calendar, start, total * MINUTE) == start + (number + 1) * MINUTE
    assert open_time(calendar, start, start + WALKED) == total * MINUTE
    first = next((number for number, open_ in enumerate(walked) if open_), None)
    if first is not None:
        assert opens(calendar, start) == start + first * MINUTE
    edges = (number for number in range(1, len(walked)) if walked[number] != walked[number - 1])
    for number in (*range(0, len(walked), 30), *edges):
        assert is_open(calendar, start + number * MINUTE) == walked[number]
        assert is_open(calendar, start + number * MINUTE + MINUTE - timedelta(microseconds=1)) == walked[number]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases())
def test_open_time_is_what_a_walk_through_every_minute_finds(case: tuple[Calendar, datetime]) -> None:
    check(*case)


@pytest.mark.parametrize(("calendar", "start"), EXAMPLES)
def test_where_whole_days_are_skipped_or_repeated_too(calendar: Calendar, start: datetime) -> None:
    check(calendar, start)
