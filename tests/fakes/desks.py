"""A published desk in memory."""

from __future__ import annotations

from datetime import datetime

from answerby.domain.desk import Desk
from answerby.ports import NoDeskError
from tests.builders import NOW


class FakeDesks:
    def __init__(self, desk: Desk | None = None, published_at: datetime = NOW) -> None:
        self.desk = desk
        self._published_at = published_at

    def current(self, *, fresh: bool = False) -> Desk:  # noqa: ARG002
        if self.desk is None:
            raise NoDeskError("no desk has been published")
        return self.desk

    def published_at(self) -> datetime:
        return self._published_at
