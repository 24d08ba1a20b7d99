"""A published desk in memory."""

from __future__ import annotations

from answerby.domain.desk import Desk


class FakeDesks:
    def __init__(self, desk: Desk | None = None) -> None:
        self.desk = desk

    def current(self) -> Desk:
        if self.desk is None:
            raise LookupError("no desk has been published")
        return self.desk
