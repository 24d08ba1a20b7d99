"""Opening hours: wall times of a zone, by weekday and date, and the clocks that run only while they last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


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
