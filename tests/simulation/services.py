"""What carries work from one function to the next: the table's stream, the queue with its timers, and the sweep's rule.

Limits as template.yaml and infra/data.yaml set them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from answerby.adapters.items import MENTION, Item
from answerby.domain.mention import Mention, Notice
from answerby.ports import Due
from tests.simulation.engine import HOUR, MINUTE, SECOND
from tests.simulation.faults import STREAM_SHARDS
from tests.simulation.ports import Invocation
from tests.simulation.table import Key

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

BATCH = 10
STREAM_TRIES = {"route_mention": 4, "send_alert": 3}
STREAM_AGE = HOUR
QUEUE_TRIES = 5
VISIBLE_AFTER = 180 * SECOND
LONGEST_DELAY = timedelta(minutes=15)


@dataclass(slots=True)
class Record:
    """A change in the stream. `poison` crashes whoever attends to it."""

    item: Item
    value: Mention | Notice
    at: int
    poison: bool
    tries: int = 0

    @property
    def mention_id(self) -> str:
        return self.item.mention_id

    @property
    def key(self) -> Key:
        return self.item.mention_id, self.item.item


class StreamConsumer:
    """One of a function's processes for a shard: in order, a batch at a time, and stuck until the oldest failure is
    done or given up.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """

    def __init__(
        self,
        simulation: Simulation,
        function: str,
        wanted: Callable[[Item], bool],
        attend: Callable[[Invocation, Record], None],
        number: int,
    ) -> None:
        self._simulation, self._function, self._attend, self._number = simulation, function, attend, number
        self._lane = function, number
        self._wanted = wanted
        self._waiting: list[Record] = []
        self._busy = False
        self._size = BATCH
        self._stuck_since: int | None = None
        self.taken = self.done = 0
        """Records; given up is done, too."""

    def take(self, item: Item, value: Mention | Notice) -> None:
        simulation = self._simulation
        engine, faults = simulation.engine, simulation.faults
        if not self._wanted(item):
            return
        expires = faults.expiring == (self._function, self._number % STREAM_SHARDS) and faults.lasts(
            "stream expiry", engine.now
        )
        if expires or faults.happens("stream record lost", engine.now):
            engine.tell(f"  the stream loses {item.mention_id} on its way to {self._function}")
            faults.note(engine.now, item.mention_id)
            return
        self.taken += 1
        self._waiting.append(Record(item, value, engine.now, faults.happens("stream poison", engine.now)))
        self._poll(engine.between(50, 500))

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def is_stuck(self, since: int) -> bool:
        return any(record.at < since for record in self._waiting)

    def _poll(self, wait: int) -> None:
        engine, faults = self._simulation.engine, self._simulation.faults
        if self._busy or not self._waiting:
            return
        self._busy = True
        if faults.happens("stream delay", engine.now):
            late = engine.chance.randrange(SECOND, 5 * MINUTE)
            engine.tell(f"  the stream to {self._function} is {late} ms late", *self._waiting_for())
            faults.block(self._lane, engine.now, engine.now + late)
            wait += late
        at = engine.now + wait
        at = max(at, faults.back("stream", at), faults.back("functions", at))
        if faults.away("stream", engine.now + wait) or faults.away("functions", engine.now + wait):
            engine.tell(f"  the stream to {self._function} waits for the end of an outage", *self._waiting_for())
        engine.start(at, self._invoke)

    def _waiting_for(self) -> list[str]:
        return [record.mention_id for record in self._waiting]

    def _invoke(self) -> None:
        engine, faults = self._simulation.engine, self._simulation.faults
        batch = self._waiting[: self._size]
        failed = self._simulation.batch(self._function, batch, self._attend, process=self._number)
        # The stream goes on from the first failure: what succeeded after it comes once more.
        self._size = BATCH if failed != 0 else max(1, len(batch) // 2)
        done = len(batch) if failed is None else failed
        if failed is not None or not faults.happens("stream duplicate", engine.now):
            del self._waiting[:done]
            self.done += done
        wait = engine.between(50, 500)
        if failed is None:
            self._unstuck()
        else:
            self._stuck_since = self._stuck_since or engine.now
            faults.block(self._lane, self._stuck_since, engine.now + MINUTE)
            head = self._waiting[0]
            head.tries += 1
            if head.tries >= STREAM_TRIES[self._function] or engine.now - head.at > STREAM_AGE:
                self._waiting.pop(0)
                self._simulation.dead_letters.leave(self._function, *head.key)
                self.done += 1
                self._unstuck()
            wait += min(500 * 2**head.tries, MINUTE)
        self._busy = False
        self._poll(wait)

    def _unstuck(self) -> None:
        if self._stuck_since is not None:
            self._simulation.faults.block(self._lane, self._stuck_since, self._simulation.engine.now)
            self._stuck_since = None


@dataclass(slots=True)
class Message:
    number: int
    mention_id: str
    item: str
    poison: bool
    tries: int = 0


@dataclass
class Queue:
    """The follow-ups queue with its function: at least once, in any order; a failed message is hidden for 3 minutes."""

    simulation: Simulation
    attend: Callable[[Invocation, Message], None]
    ready: list[Message] = field(default_factory=list)
    unsettled: dict[int, float] = field(default_factory=dict)
    """By number of a message that is neither done nor given up: when it is to be seen."""
    _polls: bool = False
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def send(self, mention_id: str, item: str, delay: float) -> None:
        engine, faults = self.simulation.engine, self.simulation.faults
        copies = 2 if faults.happens("queue duplicate", engine.now) else 1
        if faults.happens("queue delay", engine.now):
            delay += engine.chance.randrange(SECOND, 2 * MINUTE)
            faults.note(engine.now, mention_id)
        for _ in range(copies):
            message = Message(next(self._numbers), mention_id, item, faults.happens("queue poison", engine.now))
            self._appear(message, delay + engine.between(20, 1_000))

    def _appear(self, message: Message, wait: float) -> None:
        engine = self.simulation.engine
        self.unsettled[message.number] = engine.now + wait
        engine.after(wait, lambda: self._arrived(message))

    def is_stuck(self, since: int) -> bool:
        return any(at < since for at in self.unsettled.values())

    def _arrived(self, message: Message) -> None:
        self.ready.append(message)
        self._poll()

    def _poll(self) -> None:
        engine, faults = self.simulation.engine, self.simulation.faults
        if self._polls or not self.ready:
            return
        self._polls = True
        at = engine.now + engine.between(10, 200)
        for service in ("queue", "functions"):
            if faults.away(service, at):
                at = faults.back(service, at)
        engine.start(at, self._invoke)

    def _invoke(self) -> None:
        engine, faults = self.simulation.engine, self.simulation.faults
        self._polls = False
        engine.chance.shuffle(self.ready)
        batch, self.ready = self.ready[:BATCH], self.ready[BATCH:]
        self._poll()
        for message in batch:
            message.tries += 1
        failures: set[int] = set()
        first = self.simulation.batch("follow_up", batch, self.attend, failures)
        for place, message in enumerate(batch):
            if first is None or place not in failures:
                del self.unsettled[message.number]
            elif message.tries >= QUEUE_TRIES:
                del self.unsettled[message.number]
                self.simulation.dead_letters.leave("follow_up", message.mention_id, message.item)
            else:
                faults.note(engine.now, message.mention_id)
                self._appear(message, VISIBLE_AFTER)


@dataclass
class Timers:
    """ports.Timers, as adapters.timers makes them: SQS up to 15 minutes ahead, EventBridge Scheduler beyond."""

    simulation: Simulation

    def set(self, mention_id: str, at: datetime, now: datetime) -> None:
        engine, faults = self.simulation.engine, self.simulation.faults
        wait = max((at - now).total_seconds() * SECOND, 0)
        is_short = at - now <= LONGEST_DELAY
        service = "queue" if is_short else "scheduler"
        faults.counts["timer in the past"] += at <= now
        if faults.happens("timer not set", engine.now) or faults.away(service, engine.now):
            engine.tell(f"  no timer for {mention_id}")
            return
        if faults.happens("timer lost", engine.now):
            engine.tell(f"  the timer of {mention_id} will be lost")
            return
        if is_short:
            self.simulation.queue.send(mention_id, MENTION, -(-wait // SECOND) * SECOND)
            return
        for _ in range(2 if faults.happens("timer duplicate", engine.now) else 1):
            late = engine.chance.randrange(MINUTE if faults.happens("timer late", engine.now) else 10 * SECOND)
            engine.after(wait + late, lambda: self._fire(mention_id))

    def check_now(self, due: Sequence[Due]) -> int:
        engine, faults = self.simulation.engine, self.simulation.faults
        taken = 0
        for each in due:
            if faults.away("queue", engine.now) or faults.happens("check not taken", engine.now):
                faults.note(engine.now, each.mention_id)
                continue
            self.simulation.queue.send(each.mention_id, each.item, 0)
            taken += 1
        return taken

    def _fire(self, mention_id: str) -> None:
        engine, faults = self.simulation.engine, self.simulation.faults
        wait = 0
        if faults.happens("timer given up", engine.now):
            self.simulation.dead_letters.leave("scheduler", mention_id, MENTION)
            return
        if faults.away("scheduler", engine.now) or faults.away("queue", engine.now):
            wait = max(faults.back("scheduler", engine.now), faults.back("queue", engine.now)) - engine.now
        self.simulation.queue.send(mention_id, MENTION, wait)
