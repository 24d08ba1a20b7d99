"""Pagers in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from threading import Lock

from answerby.domain.manners import Lane, Line, Turn
from answerby.domain.mention import Channel
from answerby.ports import Taken


class FakePagers:
    def __init__(self) -> None:
        self.slots: dict[str, dict[Lane, Turn]] = defaultdict(dict)
        self.lines: dict[tuple[str, Channel], dict[str, Line]] = defaultdict(dict)
        self._lock = Lock()

    def take(self, person: str, before: Mapping[Lane, datetime], by: str, now: datetime) -> Taken:
        with self._lock:
            slot = self.slots[person]
            known = dict(slot)
            ok = all((turn := slot.get(lane)) is None or turn.at <= at or turn.by == by for lane, at in before.items())
            if ok:
                slot.update(dict.fromkeys(before, Turn(now, by)))
            return Taken(ok, known)

    def give_back(self, person: str, lanes: Collection[Lane], by: str) -> None:
        with self._lock:
            slot = self.slots[person]
            for lane in lanes:
                if lane in slot and slot[lane].by == by:
                    del slot[lane]

    def hold(self, person: str, channels: Collection[Channel], line: Line, now: datetime) -> None:  # noqa: ARG002
        for channel in channels:
            self.lines[person, channel][line.alert_id] = line

    def held(self, person: str, channels: Collection[Channel], limit: int) -> Mapping[Channel, Sequence[Line]]:
        return {channel: list(self.lines[person, channel].values())[:limit] for channel in channels}

    def holds(self, person: str, channels: Collection[Channel], alert_id: str) -> Collection[Channel]:
        return tuple(channel for channel in channels if alert_id in self.lines[person, channel])

    def named(self, person: str, channel: Channel, alert_ids: Collection[str]) -> None:
        for alert_id in alert_ids:
            self.lines[person, channel].pop(alert_id, None)
