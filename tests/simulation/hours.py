"""Who is awake, told by comparing wall times: written apart from the product, to disagree with it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from answerby.domain.calendar import Calendar
from answerby.domain.desk import Person

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Hours:
    """Hours change at whole minutes, so each minute is looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}
        self._calendars: dict[int, Calendar] = {}
        self._closed: dict[int, tuple[datetime, datetime]] = {}

    def is_awake(self, person: Person, at: datetime) -> bool:
        return self.is_open(person.working_hours, at)

    def is_open(self, calendar: Calendar | None, at: datetime) -> bool:
        if calendar is None:
            return True
        # Held, lest another takes over its id.
        self._calendars.setdefault(id(calendar), calendar)
        key = id(calendar), int(at.timestamp() // 60)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _is_open(calendar, at)
        return known

    def opens(self, calendar: Calendar, at: datetime, until: datetime) -> datetime | None:
        """The first minute after `at` at which it is open; None if there is none before `until`."""
        since, opening = self._closed.get(id(calendar), (until, until))
        if since <= at < opening:
            return opening
        minute = at.replace(second=0, microsecond=0)
        while minute < until:
            minute += _MINUTE
            if self.is_open(calendar, minute):
                self._closed[id(calendar)] = at, minute
                return minute
        return None


def _is_open(calendar: Calendar, at: datetime) -> bool:
    """A span begins when a wall time comes for the first time, and ends when it comes for the last."""
    zone = ZoneInfo(calendar.time_zone)
    local = at.astimezone(zone)
    wall = local.replace(tzinfo=None)
    comes_again, has_come = not local.fold and _comes_twice(wall, zone), bool(local.fold)
    for day in (wall.date(), wall.date() - _DAY):
        midnight = datetime.combine(day, time())
        for span in calendar.exceptions.get(day, calendar.week[day.weekday()]):
            begin, end = midnight + span.start * _MINUTE, midnight + span.end * _MINUTE
            begun = begin <= wall or (has_come and _comes_twice(begin, zone))
            over = end <= wall and not (comes_again and _comes_twice(end, zone))
            if begun and not over:
                return True
    return False


def _comes_twice(wall: datetime, zone: ZoneInfo) -> bool:
    """A time that is skipped has two offsets as well, the greater one second: https://peps.python.org/pep-0495/"""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None
    assert second is not None
    return first > second
