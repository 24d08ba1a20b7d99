"""When sources were last heard from, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from answerby.ports import UnavailableError

NOTED_EVERY = timedelta(hours=1)


class FakeHeard:
    def __init__(self, heard: Mapping[str, datetime] | None = None) -> None:
        self.heard = dict(heard or {})
        self.away = False

    def note(self, source: str, now: datetime) -> None:
        noted = self.heard.get(source)
        if not self.away and (noted is None or now - noted >= NOTED_EVERY):
            self.heard[source] = now

    def all(self) -> Mapping[str, datetime]:
        if self.away:
            raise UnavailableError("the table is away")
        return self.heard
