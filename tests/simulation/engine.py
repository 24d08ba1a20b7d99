"""Discrete time: one heap of (time, tie-break, order, event), one seeded source of chance, and no clock of its own.

Use cases are plain functions that call ports, so an activity runs on a thread of its own; but only the thread that has
the baton ever runs, and the baton changes hands only in `pause`. So every interleaving of port calls is possible, and
the seed alone decides which one happens.
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from tests.builders import NOW

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
Action = Callable[[], None]


class StoppedError(BaseException):
    """The run is over: whatever is still under way ends here."""


class _Worker:
    """A thread that runs activities, and waits for the baton in between. `job` is the activity it is to begin with."""

    def __init__(self, work: Callable[[_Worker], None]) -> None:
        self.baton = threading.Semaphore(0)
        self.job: Action | None = None
        self.thread = threading.Thread(target=work, args=(self,), daemon=True)
        self.thread.start()


class Engine:
    """Times are whole milliseconds since the beginning of the run, as the product stores them."""

    def __init__(self, seed: int, *, story: bool = False) -> None:
        self.now = 0
        self.chance = random.Random(seed)  # noqa: S311 (chance that the seed repeats is the point)
        self.story: list[str] | None = [] if story else None
        self._heap: list[tuple[int, float, int, Action | _Worker, bool]] = []
        self._order = itertools.count()
        self._trace = sha256()
        self._workers: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._running: _Worker | None = None
        self._done = threading.Semaphore(0)
        self._until = 0
        self._stopped = False
        self._failure: BaseException | None = None

    def clock(self, skew: int = 0) -> datetime:
        return NOW + timedelta(milliseconds=self.now + skew)

    def ms(self, at: datetime) -> int:
        """What `now` is at a time."""
        return (at - NOW) // timedelta(milliseconds=1)

    def tell(self, line: str) -> None:
        """One line of the trace, whose hash is the identity of the run."""
        self._trace.update(f"{self.now} {line}\n".encode())
        if self.story is not None:
            self.story.append(f"{self.clock():%d %H:%M:%S}.{self.now % 1000:03}  {line}")

    @property
    def trace(self) -> str:
        return self._trace.hexdigest()

    def at(self, when: float, action: Action) -> None:
        """Do something that takes no time."""
        self._push(when, action, is_activity=False)

    def after(self, span: float, action: Action) -> None:
        self.at(self.now + span, action)

    def start(self, when: float, activity: Action) -> None:
        """Do something that may `pause`."""
        self._push(when, activity, is_activity=True)

    def pause(self, span: float) -> None:
        """Let time pass for this activity; others may run meanwhile."""
        until = self.now + int(span)
        if until < self._until and (not self._heap or self._heap[0][0] > until):
            self.now = until
            return
        assert self._running, "only an activity may pause"
        self._push(until, self._running, is_activity=False)
        self._drive(self._running, idle=False)

    def run(self, until: int) -> None:
        """Let everything happen that happens before `until`. Raises what went wrong."""
        self._until = until
        (self._idle.pop() if self._idle else self._hire()).baton.release()
        self._done.acquire()
        self.now = until
        if self._failure:
            raise self._failure

    def close(self) -> None:
        self._stopped = True
        for worker in self._workers:
            worker.baton.release()
            worker.thread.join()

    def _push(self, when: float, what: Action | _Worker, *, is_activity: bool) -> None:
        entry = (max(int(when), self.now), self.chance.random(), next(self._order), what, is_activity)
        heapq.heappush(self._heap, entry)

    def _hire(self) -> _Worker:
        worker = _Worker(self._work)
        self._workers.append(worker)
        return worker

    def _work(self, me: _Worker) -> None:
        try:
            self._wait(me)
            while True:
                if me.job:
                    job, me.job = me.job, None
                    job()
                self._drive(me, idle=True)
        except StoppedError:
            return
        except BaseException as error:  # noqa: BLE001 (it is raised again where the run was started)
            self._failure = error
            self._done.release()

    def _wait(self, me: _Worker) -> None:
        me.baton.acquire()
        if self._stopped:
            raise StoppedError
        self._running = me

    def _drive(self, me: _Worker, *, idle: bool) -> None:
        """Make things happen until this thread is to go on with its own activity, or (`idle`) to begin another."""
        while self._heap and self._heap[0][0] < self._until:
            self.now, _, _, what, is_activity = heapq.heappop(self._heap)
            if what is me:
                return
            if isinstance(what, _Worker):
                self._hand_over(what, me, idle=idle)
                return
            if is_activity and not idle:
                worker = self._idle.pop() if self._idle else self._hire()
                worker.job = what
                self._hand_over(worker, me, idle=idle)
                return
            what()
        if idle:
            self._idle.append(me)
        self._done.release()
        self._wait(me)

    def _hand_over(self, to: _Worker, me: _Worker, *, idle: bool) -> None:
        if idle:
            self._idle.append(me)
        to.baton.release()
        self._wait(me)
