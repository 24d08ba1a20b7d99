"""What was said and done from outside, and what the stack answered: the only memory that the oracles trust."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.plan import Doing
from tests.chaos.telling import Telling


@dataclass(frozen=True, slots=True)
class Deed:
    """A person did something, and was told that it is done."""

    doing: Doing
    mention_id: str


@dataclass
class Ledger:
    """Written by many threads. `unheard` is what nobody took until the end; `refused` what people came too late for."""

    accepted: list[Telling] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    refused: int = 0
    unheard: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """By status, or by the kind of error."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, status: str) -> None:
        with self._lock:
            self.answers[status] += 1

    def accept(self, *tellings: Telling) -> None:
        with self._lock:
            self.accepted += tellings

    def did(self, deed: Deed) -> None:
        with self._lock:
            self.deeds.append(deed)

    def refuse(self) -> None:
        with self._lock:
            self.refused += 1

    def give_up(self, what: str) -> None:
        with self._lock:
            self.unheard.append(what)
