"""A published desk in memory."""

from __future__ import annotations

from answerby.domain.desk import Desk
from answerby.ports import NoDeskError


class FakeDesks:
    def __init__(self, desk: Desk | None = None) -> None:
        self.desk = desk

    def current(self, *, fresh: bool = False) -> Desk:  # noqa: ARG002
        if self.desk is None:
            raise NoDeskError("no desk has been published")
        return self.desk
