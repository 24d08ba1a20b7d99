"""Opening hours: wall times of a zone, by weekday and date, and the clocks that run only while they last."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_YEAR = timedelta(days=366)
_INSTANT = timedelta(microseconds=1)
_FIRST, _LAST = 0, 1
_start = attrgetter("start")


class NeverOpenError(ValueError):
    """The calendar stays closed for a year, so nothing can be due on it."""

    def __init__(self, calendar: Calendar, since: datetime) -> None:
        super().__init__(f"the calendar {calendar.id} is not open at all in the year from {since:%Y-%m-%d} on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One opening, in minutes of wall time since the midnight its day begins with; an `end` beyond 1440 lies past the
    next midnight. `start < end <= start + 1440`."""

    start: int
    end: int


Week = tuple[tuple[Span, ...], ...]
"""Seven days, Monday first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """`exceptions` replace what begins on a date: a half day has a shorter span, a holiday none."""

    id: str
    time_zone: str
    week: Week
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)


def is_open(calendar: Calendar | None, at: datetime) -> bool:
    """At closing time it is closed. No calendar is one that is always open."""
    return calendar is None or any(True for _ in openings(calendar, at, at + _INSTANT))


def opens(calendar: Calendar | None, at: datetime) -> datetime:
    """`at` itself if it is open then, else when it opens next. Raises NeverOpenError."""
    if calendar is None:
        return at
    for opened, _ in openings(calendar, at, at + _YEAR):
        return opened
    raise NeverOpenError(calendar, at)


def after(calendar: Calendar | None, start: datetime, span: timedelta) -> datetime:
    """The instant at which so much open time has passed since `start`. Raises NeverOpenError."""
    if calendar is None:
        return start + span
    left, year = span, start
    while left > timedelta():
        still = left
        for opened, closed in openings(calendar, year, year + _YEAR):
            length = closed - opened
            if left <= length:
                return opened + left
            left -= length
        if left == still:
            raise NeverOpenError(calendar, year)
        year += _YEAR
    return start


def open_time(calendar: Calendar | None, start: datetime, end: datetime) -> timedelta:
    """How much of the time between the two it is open; nothing if `end` is not after `start`."""
    if calendar is None or end <= start:
        return max(end - start, timedelta())
    return sum((closed - opened for opened, closed in openings(calendar, start, end)), timedelta())


def openings(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When it is open between `start` and `end`, in order and without overlap."""
    zone = ZoneInfo(calendar.time_zone)
    # What begins two days before may last until now, where clocks are set back at midnight; and so may what begins on
    # the next day have begun already.
    day = start.astimezone(zone).date() - 2 * _DAY
    last = end.astimezone(zone).date() + _DAY
    counted = start
    while day <= last:
        spans = calendar.exceptions.get(day)
        for span in sorted(calendar.week[day.weekday()] if spans is None else spans, key=_start):
            opened = max(instant(zone, day, span.start, _FIRST), counted)
            closed = min(instant(zone, day, span.end, _LAST), end)
            if opened < closed:
                yield opened, closed
                counted = closed
        day += _DAY


@lru_cache(maxsize=8192)
def instant(zone: ZoneInfo, day: date, minute: int, fold: int) -> datetime:
    """When the clocks of a zone show a wall time: for the first or the last time, if they show it twice. If they skip
    it, the first instant after the gap."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    first, last = (wall.replace(tzinfo=zone, fold=each).astimezone(UTC) for each in (_FIRST, _LAST))
    if first <= last:
        return last if fold else first
    # In a gap, fold 0 counts from before it and fold 1 from after it: https://peps.python.org/pep-0495/
    seconds = range(int(last.timestamp()), int(first.timestamp()))
    gone = bisect_left(
        seconds, True, key=lambda second: datetime.fromtimestamp(second, zone).replace(tzinfo=None) >= wall
    )
    return last + timedelta(seconds=gone)
