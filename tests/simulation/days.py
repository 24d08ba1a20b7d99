"""The days on which runs take place: most are plain, and on some the clocks change, or it is the 29th of February."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from answerby.domain.calendar import Span
from tests.builders import NOW

_DAY = 24 * 60
_MINUTE = timedelta(minutes=1)

CHANGES = {
    "Europe/Madrid": ((2026, 3, 29, 1, 0), (2026, 10, 25, 1, 0)),
    "America/New_York": ((2026, 3, 8, 7, 0), (2026, 11, 1, 6, 0)),
    # At midnight, so that a day begins an hour late, and another ends twice.
    "America/Santiago": ((2026, 9, 6, 4, 0), (2026, 4, 5, 3, 0)),
    # By half an hour.
    "Australia/Lord_Howe": ((2026, 10, 3, 15, 30), (2026, 4, 4, 15, 0)),
}
"""In UTC: forward and back."""
LEAP_DAYS = ((2028, 2, 28, 22, 30), (2028, 2, 29, 9, 0), (2028, 2, 29, 22, 30))


@dataclass(frozen=True, slots=True)
class Day:
    """`zone` is where the desk's clocks are; `kind` what is special about the day."""

    begins: datetime = NOW
    zone: str = "UTC"
    kind: str | None = None

    @property
    def date(self) -> date:
        return self._wall.date()

    @property
    def minute(self) -> int:
        """Of the hour in which it begins."""
        return self._wall.minute

    def spans(self, *hours: tuple[float, float]) -> tuple[Span, ...]:
        """Of each day the wall times so many hours after the time of day at which it begins, had no clock changed."""
        since_midnight = self._wall.hour * 60 + self._wall.minute
        spans = []
        for begin, end in hours:
            start = int(since_midnight + begin * 60) % _DAY
            spans.append(Span(start=start, end=start + int((end - begin) * 60)))
        return tuple(spans)

    @property
    def _wall(self) -> datetime:
        return self.begins.astimezone(ZoneInfo(self.zone))


def drawn(chance: Random) -> Day:
    """The clocks change within the first hours, when posts arrive."""
    kind = chance.choice((None, None, None, None, None, None, "clocks change", "clocks change", "leap day"))
    if kind == "clocks change":
        zone = chance.choice(tuple(CHANGES))
        at = datetime(*chance.choice(CHANGES[zone]), tzinfo=UTC)
        return Day(at - chance.randrange(10, 150) * _MINUTE, zone, kind)
    if kind == "leap day":
        return Day(datetime(*chance.choice(LEAP_DAYS), tzinfo=UTC), kind=kind)
    return Day()
