"""The safety net: whatever should have been checked by now is asked for again, though every timer were lost (P3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from answerby.ports import Due, Mentions, Timers, UnavailableError

SHARDS = 8
AT_MOST = 1_000
"""Of each shard in one sweep; the oldest first, so that the next sweep goes on where this one ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    overdue: int
    asked: int
    latest: timedelta


def sweep(mentions: Mentions, timers: Timers, now: datetime) -> Swept:
    """Raises UnavailableError after asking for what it could find, if a shard could not be read."""
    overdue: list[Due] = []
    asked, failure = 0, None
    for shard in range(SHARDS):
        try:
            found = mentions.due(shard, now, AT_MOST)
        except UnavailableError as error:
            failure = error
            continue
        if found:
            overdue += found
            asked += timers.check_now(found)
    if failure:
        raise failure
    oldest = min((due.next_check_at for due in overdue), default=now)
    return Swept(overdue=len(overdue), asked=asked, latest=now - oldest)
