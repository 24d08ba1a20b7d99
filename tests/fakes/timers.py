"""Timers in memory: they note what was asked for, and fire when the test says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from answerby.adapters.items import MENTION
from answerby.ports import Due


class FakeTimers:
    def __init__(self) -> None:
        self.waiting: list[Due] = []

    def set(self, mention_id: str, at: datetime, now: datetime) -> None:
        self.waiting.append(Due(mention_id=mention_id, item=MENTION, next_check_at=max(at, now)))

    def check_now(self, due: Sequence[Due]) -> int:
        self.waiting.extend(due)
        return len(due)

    def fired(self, now: datetime) -> list[Due]:
        """What is due by now, oldest first; each fires once."""
        due = sorted((each for each in self.waiting if each.next_check_at <= now), key=lambda each: each.next_check_at)
        self.waiting = [each for each in self.waiting if each.next_check_at > now]
        return due
