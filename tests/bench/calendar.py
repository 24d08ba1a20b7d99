"""What it costs to find a deadline on an office's calendar."""

from __future__ import annotations

import statistics
from datetime import UTC, date, datetime, timedelta
from random import Random
from time import process_time

from answerby.domain.calendar import Calendar, Span, after
from tests.bench.measure import Measure, median

BLOCKS, IN_BLOCK = 25, 400
LUNCH = (Span(start=9 * 60, end=12 * 60), Span(start=13 * 60, end=17 * 60 + 30))
OFFICE = Calendar(
    id="office",
    time_zone="Europe/Madrid",
    week=(LUNCH,) * 5 + ((),) * 2,
    exceptions={date(2026, month, 6): () for month in range(1, 13)},
)
TARGETS = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=8), timedelta(hours=40))
DAYS = 60


def calendar() -> Measure:
    """Posts of two months at any time of the day, and targets from half an hour to a week of work."""
    chance = Random(1)  # noqa: S311 - the same each time
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    asked = [(begin + chance.random() * timedelta(days=DAYS), TARGETS[each % len(TARGETS)]) for each in range(IN_BLOCK)]
    sample = []
    for _ in range(BLOCKS):
        began = process_time()
        for start, target in asked:
            after(OFFICE, start, target)
        sample.append((process_time() - began) * 1_000_000 / IN_BLOCK)
    rate = 1_000_000 / statistics.median(sample)
    against = f"CPU of after(): {rate:,.0f} deadlines a second on a calendar with lunch breaks and holidays"
    return median("calendar", sample, "µs", 50, against)
