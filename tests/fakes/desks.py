"""A published desk in memory."""

from __future__ import annotations

from datetime import datetime

from answerby.domain.desk import Desk
from answerby.ports import NoDeskError, UnavailableError
from tests.builders import NOW


class FakeDesks:
    """`cached` is the copy of an earlier desk that a process may have; while the desk is `away` it has no other."""

    def __init__(self, desk: Desk | None = None, published_at: datetime = NOW) -> None:
        self.desk = desk
        self.cached: Desk | None = None
        self.away = False
        self._published_at = published_at

    def current(self, *, fresh: bool = False) -> Desk:
        if self.cached and not fresh:
            return self.cached
        if self.away:
            raise UnavailableError("the desk is away")
        if self.desk is None:
            raise NoDeskError("no desk has been published")
        return self.desk

    def published_at(self) -> datetime:
        return self._published_at
