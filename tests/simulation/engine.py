"""Discrete time: one heap of (time, tie-break, order, event), one seeded source of chance, and no clock of its own.

Use cases are plain functions that call ports, so an activity runs on a greenlet of its own, which `pause` leaves until
its time has come. So every interleaving of port calls is possible, and the seed alone decides which one happens.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from greenlet import getcurrent, greenlet

from answerby.adapters.items import ms as epoch_ms
from tests.builders import NOW

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
_MS = timedelta(milliseconds=1)
Action = Callable[[], None]


class Told(NamedTuple):
    """A line of the story, `at` ms after `begins`. `about` are mentions that it concerns without naming them."""

    at: int
    text: str
    about: tuple[str, ...]
    begins: datetime

    def __str__(self) -> str:
        return f"{self.begins + self.at * _MS:%d %H:%M:%S}.{self.at % 1000:03}  {self.text}"


class Engine:
    """Times are whole milliseconds since the beginning of the run, as the product stores them."""

    def __init__(self, seed: int) -> None:
        self.now = 0
        self.begins = NOW
        self.chance = random.Random(seed)  # noqa: S311 (chance that the seed repeats is the point)
        self.random = self.chance.random
        self._heap: list[tuple[int, float, int, Action]] = []
        self._order = itertools.count()
        self._told: list[tuple[int, str, tuple[str, ...]]] = []
        self._loop = getcurrent()
        self._greenlets: list[greenlet] = []
        self._idle: list[greenlet] = []
        self._until = 0

    def clock(self, skew: int = 0) -> datetime:
        return self.begins + (self.now + skew) * _MS

    def ms(self, at: datetime) -> int:
        """What `now` is at a time."""
        return (at - self.begins) // _MS

    @property
    def epoch(self) -> int:
        """When the run begins, as the product stores times."""
        return epoch_ms(self.begins)

    def tell(self, text: str, *about: str) -> None:
        self._told.append((self.now, text, about))

    @property
    def story(self) -> list[Told]:
        return [Told(*told, self.begins) for told in self._told]

    @property
    def trace(self) -> str:
        """The story's hash: the identity of the run."""
        return sha256("\n".join(f"{at} {text}" for at, text, _ in self._told).encode()).hexdigest()

    def between(self, low: int, high: int) -> int:
        """Like chance.randrange, at a fifth of its price."""
        return int(low + (high - low) * self.random())

    def at(self, when: float, action: Action) -> None:
        """Do something that takes no time."""
        when = int(when)
        at = when if when > self.now else self.now
        heapq.heappush(self._heap, (at, self.random(), next(self._order), action))

    def after(self, span: float, action: Action) -> None:
        self.at(self.now + span, action)

    def start(self, when: float, activity: Action) -> None:
        """Do something that may `pause`."""
        self.at(when, lambda: (self._idle.pop() if self._idle else self._greenlet()).switch(activity))

    def _greenlet(self) -> greenlet:
        self._greenlets.append(greenlet(self._work))
        return self._greenlets[-1]

    def _work(self, activity: Action) -> None:
        """One activity after another: to make a greenlet takes ten times as long as to go on with one."""
        while True:
            activity()
            self._idle.append(getcurrent())
            activity = self._loop.switch()

    def pause(self, span: int) -> None:
        """Let time pass for this activity; others may run meanwhile."""
        until, heap = self.now + span, self._heap
        if until < self._until and (not heap or heap[0][0] > until):
            self.now = until
            return
        heapq.heappush(heap, (until, self.random(), next(self._order), getcurrent().switch))
        self._loop.switch()

    def run(self, until: int) -> None:
        """Let everything happen that happens before `until`. Raises what went wrong."""
        self._until = until
        self._loop = getcurrent()
        heap = self._heap
        while heap and heap[0][0] < until:
            self.now, _, _, happen = heapq.heappop(heap)
            happen()
        self.now = until

    def close(self) -> None:
        """Give up what is under way: a greenlet that waits is never collected, and all that it knows stays."""
        for each in self._greenlets:
            each.throw()
        self._heap.clear()
