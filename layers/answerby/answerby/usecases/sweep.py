"""The safety net: whatever should have been checked by now is asked for again, though every timer were lost (P3)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerby.ports import SHARDS, Due, Mentions, Timers, UnavailableError

SHARE = 300
"""Checks of each shard that one sweep asks for, and what other shards leave of theirs; the oldest first, so that the
next sweep goes on where this one ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    overdue: int
    asked: int
    latest: timedelta


def sweep(mentions: Mentions, timers: Timers, now: datetime) -> Swept:
    """Raises UnavailableError after asking for what it could find, if a shard could not be read."""
    overdue: dict[int, Sequence[Due]] = {}
    asked, failure = 0, None
    for shard in range(SHARDS):
        try:
            overdue[shard] = found = mentions.due(shard, now, SHARE)
        except UnavailableError as error:
            failure = error
            continue
        if found:
            # At once: shards that do not answer may take all the time that there is.
            asked += timers.check_now(found)
    # What a person's posts wait for is all in one shard.
    full = [shard for shard, found in overdue.items() if len(found) == SHARE]
    spare = SHARDS * SHARE - sum(map(len, overdue.values()))
    for shard in full if spare >= len(full) else ():
        known = set(overdue[shard])
        with suppress(UnavailableError):
            further = [due for due in mentions.due(shard, now, SHARE + spare // len(full)) if due not in known]
            overdue[shard] = (*overdue[shard], *further)
            asked += timers.check_now(further) if further else 0
    if failure:
        raise failure
    oldest = min((found[0].next_check_at for found in overdue.values() if found), default=now)
    return Swept(overdue=sum(map(len, overdue.values())), asked=asked, latest=now - oldest)
