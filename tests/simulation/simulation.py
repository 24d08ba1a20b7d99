"""One run: the real use cases over ports with faults, a brand's busy afternoon, and the oracles that watch."""

from __future__ import annotations

import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from answerby.adapters.desks import Publication
from answerby.adapters.items import MENTION, Item
from answerby.cli.moving import Left, people_who_left
from answerby.domain.desk import Desk
from answerby.domain.mention import Event, Mention, Notice, Post, State
from answerby.domain.transitions import SnoozeError, StateConflictError
from answerby.networks.reading import notice
from answerby.networks.webhook import Delivery, Unreadable
from answerby.ports import ConflictError, UnavailableError
from answerby.usecases.answering import UnknownPersonError
from answerby.usecases.attend import attend
from answerby.usecases.drill import NoContactError
from answerby.usecases.receive import receive
from answerby.usecases.send_alert import send_alerts
from answerby.usecases.sweep import sweep
from answerby.usecases.update import UnknownMentionError
from tests.fakes.pagers import FakePagers
from tests.simulation import days, desks
from tests.simulation.days import Day
from tests.simulation.dead_letters import DeadLetters
from tests.simulation.engine import MINUTE, SECOND, Engine, Told
from tests.simulation.faults import AT_ONCE, STREAM_SHARDS, Faults, stream_lane
from tests.simulation.oracles import Oracles, ViolationError
from tests.simulation.ports import CrashError, Invocation, Process
from tests.simulation.services import Message, Queue, Record, StreamConsumer, Timers
from tests.simulation.sns import LARGE_MAIL, SMALL_MAIL, SimulatedSns
from tests.simulation.table import Key, SimulatedHeard, SimulatedReader, SimulatedTable
from tests.simulation.telling import brief, concerned, faults_of, label

FUNCTIONS = ("receive_webhook", "route_mention", "send_alert", "follow_up", "sweep_overdue", "serve_api", "desk_apply")
BUSY, FAULTY, LONG = 80 * MINUTE, 105 * MINUTE, 195 * MINUTE
QUIET = FAULTY + 20 * MINUTE
"""When the last post arrives, the last fault is over, and the run ends. From `QUIET` on nobody does anything."""
SETTLED = FAULTY + 8 * MINUTE
"""What the stream brings 5 minutes late has come, and two sweeps have gone round since."""
EXPECTED = (UnavailableError, ConflictError)
REFUSALS = (StateConflictError, UnknownMentionError, UnknownPersonError, NoContactError, SnoozeError)
CACHED_FOR = 2 * MINUTE
"""A function may decide by a desk that is no longer in force, for so long."""


@dataclass
class Result:
    seed: int
    trace: str
    violation: str | None
    concerns: tuple[str, ...]
    """Of a violation: the mention, its chain, and what else was said in its conversation."""
    faults: Counter[str]
    points: Counter[tuple[str, str]]
    edges: Counter[tuple[str, str]]
    events: Counter[str]
    reasons: Counter[str]
    mentions: int
    alerts: int
    duplicates: int
    worst: int
    worst_faulty: int
    dead_letters: int
    story: list[Told] | None


@dataclass
class Simulation:
    seed: int
    heat: float | None = None
    turned_up: float = 1.0
    """How many times as often as usual faults are."""
    tell: bool = False
    crash_at: dict[int, str] | None = None
    """By number of the call of a port: crash before it, or after."""
    desks_drawn: bool = True
    """Else it is a plain desk, for good, with 2 minutes from rung to rung."""
    result: Result | None = None

    def __post_init__(self) -> None:
        self.engine = Engine(self.seed)
        chance = self.engine.chance
        if self.heat is None:
            self.heat = self.turned_up * chance.choice((0.0, 0.5, 1.0, 1.0, 1.0, 2.0))
        self.faults = Faults.drawn(self.seed, chance, FAULTY, self.heat)
        day = days.drawn(chance) if self.desks_drawn else Day()
        self.engine.begins = day.begins
        self.publications = desks.drawn(chance, day, self.faults.aim) if self.desks_drawn else [desks.plain()]
        if day.kind:
            self.faults.counts[day.kind] += 1
        self.desk = self.publications[0]
        self.in_force = [(0, self.desk)]
        self.called = 0
        self.processes: dict[tuple[str, int], Process] = defaultdict(Process)
        most = 2 * SECOND if self.faults.skewed else 0
        self.skews = {name: chance.randint(-most, most) for name in FUNCTIONS}
        self.faults.counts["clock skew"] += self.faults.skewed
        self.table = SimulatedTable(self._committed)
        self.phone = SimulatedSns(engine=self.engine, faults=self.faults, too_fast=self._too_fast)
        self.pagers = FakePagers()
        self.reader = SimulatedReader()
        self.heard = SimulatedHeard()
        self.dead_letters = DeadLetters(self)
        self.queue = Queue(self, _follow_up)
        self.timers = Timers(self)
        self.oracles = Oracles(self)
        self.said: dict[str, list[str]] = {}
        self.routers = self._consumers("route_mention", _is_new, _route)
        self.senders = self._consumers("send_alert", _has_alerts, _send)
        if self.faults.unreachable:
            self.faults.counts["unreachable person"] += 1
            people = sorted(self.desk.people)
            self.phone.unknown = set(chance.sample(people, chance.randint(1, len(people) - 1)))
            if self.faults.aim == "pagers.give_back":
                self.phone.unknown |= {desks.owner(rule, self.desk) for rule in self.desk.rules}
        if self.heat:
            self.phone.afflict(sorted(self.desk.people), chance)
            self.phone.room = chance.choice((SMALL_MAIL, LARGE_MAIL, LARGE_MAIL))

    def _consumers(
        self, function: str, wanted: Callable[[Item], bool], attend: Callable[[Invocation, Record], None]
    ) -> list[StreamConsumer]:
        lanes = range(STREAM_SHARDS * AT_ONCE[function])
        return [StreamConsumer(self, function, wanted, attend, lane) for lane in lanes]

    @property
    def consumers(self) -> list[StreamConsumer]:
        return [*self.routers, *self.senders]

    def hearing(self) -> set[str]:
        """Whom a message reaches."""
        people = self.desk.people.values()
        return {p.id for p in people if p.id not in self.phone.unknown and (p.sms or p.email)}

    def can_reach(self) -> bool:
        """Whether somebody is awake and hears, whichever rule took a post."""
        end = self.engine.clock()
        hears = self.hearing()
        awake = {p.id for p in self.desk.people.values() if not desks.sleeps(p, end - timedelta(minutes=80), end)}
        called = [people for rule in self.desk.rules for people in desks.plans(rule, self.desk)]
        return all(hears & awake & people for people in called)

    def run(self, until: int = LONG) -> Result:
        for minute in range(until // MINUTE):
            # Within its minute EventBridge starts a schedule whenever it likes.
            self.engine.start(minute * MINUTE + self.engine.chance.randrange(5 * SECOND), self.sweep)
            self.engine.at(minute * MINUTE + 30 * SECOND, self.oracles.audit)
        if until > FAULTY:
            self.engine.at(SETTLED, self.oracles.settled)
            self.engine.at(QUIET, self.oracles.settled)
        self.engine.tell(faults_of(self))
        violation: str | None = None
        concerns: tuple[str, ...] = ()
        try:
            self.engine.run(until)
            self.oracles.ended(QUIET)
        except ViolationError as error:
            violation, concerns = str(error), concerned(self.table, error.mention_id)
            self.engine.tell(f"VIOLATION: {violation}", error.mention_id)
        except Exception as error:  # noqa: BLE001 (the campaign goes on, and its seed tells)
            where = traceback.extract_tb(error.__traceback__)[-1]
            violation = f"{type(error).__name__} at {where.filename}:{where.lineno}: {error}"
            self.engine.tell(f"VIOLATION: {violation}")
        finally:
            self.engine.close()
        return Result(
            seed=self.seed,
            trace=self.engine.trace,
            violation=violation,
            concerns=concerns,
            faults=self.faults.counts,
            points=self.faults.points,
            edges=self.oracles.edges,
            events=self.oracles.events,
            reasons=self.oracles.reasons,
            mentions=sum(item == MENTION for _, item in self.table.items),
            alerts=len(self.phone.messages),
            duplicates=self.oracles.duplicates,
            worst=self.oracles.worst,
            worst_faulty=self.oracles.worst_faulty,
            dead_letters=self.dead_letters.abandoned,
            story=self.engine.story if self.tell else None,
        )

    def _too_fast(self, what: str) -> None:
        self.oracles.fail(what)

    def put_in_force(self, desk: Desk) -> Left:
        """Publish a desk; who is no longer on it."""
        self.desk = replace(desk, version=self.desk.version + 1)
        self.engine.tell(f"the desk is published: version {self.desk.version}")
        before = [
            Publication(desk=known, at=self.engine.clock(at), by="cleo", why="")
            for at, known in reversed(self.in_force)
        ]
        self.in_force.append((self.engine.now, self.desk))
        return people_who_left(self.desk, before)

    def known_desks(self) -> list[Desk]:
        """By which a function may have decided just now: those in force lately, and what a process went on with
        because it could read no newer one."""
        if len(self.in_force) == 1:
            return [self.desk]
        since = self.engine.now - CACHED_FOR
        ends = [at for at, _ in self.in_force[1:]] + [self.engine.now]
        known = {desk.version: desk for (_, desk), end in zip(self.in_force, ends, strict=True) if end > since}
        for process in self.processes.values():
            if process.desk and process.desk.version not in known and self._may_decide(process, since):
                known[process.desk.version] = process.desk
        return list(known.values())

    def _may_decide(self, process: Process, since: int) -> bool:
        # One that had nothing to do for long has an old copy, and goes on with it while it can read no other.
        return process.desk_read_at > since or any(
            window.end > since and window.begin <= self.engine.now for window in self.faults.windows_of("desk")
        )

    def deliver(self, events: Sequence[Post | Notice], raw: bytes = b"") -> None:
        """The network posts events until it hears a 2xx. An activity."""
        engine, faults = self.engine, self.faults
        waits = [10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, *([5 * MINUTE] * 60)]
        for wait in waits:
            if not faults.away("functions", engine.now):
                answer = self._post(events, raw)
                if answer and not faults.happens("answer lost", engine.now):
                    return
            engine.pause(wait + engine.chance.randrange(SECOND))

    def _post(self, events: Sequence[Post | Notice], raw: bytes) -> bool:
        about = tuple(_id(event) for event in events)
        invocation = Invocation(self, "receive_webhook", about)
        now = invocation.clock()
        delivery = Delivery()
        for event in events:
            if isinstance(event, Post):
                delivery.posts.append(replace(event, received_at=now))
            else:
                post = replace(event.post, received_at=now)
                delivery.notices.append(notice(event.kind, post, now))
        if raw:
            delivery.unreadable.append(Unreadable(raw=raw, reason="not understood"))
        self.engine.tell(f"a webhook brings {', '.join(map(label, events))}", *about)
        try:
            with invocation:
                receive(delivery, "page", invocation.mentions, now, self._side_by_side)
        except (CrashError, UnavailableError):
            return False
        self.engine.tell("  2xx", *about)
        self.oracles.promises.acknowledged(delivery)
        return True

    def _side_by_side(self, tasks: Any) -> list[bool]:
        """As runtime.run does: all are tried, and one that failed fails the whole."""
        done, failure = [], None
        for task in tasks:
            try:
                done.append(task())
            except UnavailableError as error:
                failure = error
        if failure:
            raise failure
        return done

    def sweep(self) -> None:
        if self.faults.away("sweep rule", self.engine.now) or self.faults.away("functions", self.engine.now):
            self.faults.of_sweeps.append(self.engine.now)
            return
        invocation = Invocation(self, "sweep_overdue", ())
        try:
            with invocation:
                sweep(invocation.mentions, invocation.timers, invocation.clock())
        except (CrashError, UnavailableError):
            self.dead_letters.leave("sweep_overdue")

    def batch(
        self,
        function: str,
        batch: Sequence[Any],
        work: Callable[[Invocation, Any], None],
        failures: set[int] | None = None,
        process: int = 0,
    ) -> int | None:
        """Attend to a batch as runtime.attempt does, in one of the function's processes; the place of the first that
        failed."""
        failed: set[int] = set() if failures is None else failures
        invocation = Invocation(self, function, tuple([each.mention_id for each in batch]), process)
        try:
            with invocation:
                for place, each in enumerate(batch):
                    self.engine.tell(f"{function} {each.mention_id}")
                    if self._fails(invocation, work, each):
                        failed.add(place)
        except CrashError:
            failed.update(range(len(batch)))
        return min(failed) if failed else None

    def _fails(self, invocation: Invocation, work: Callable[[Invocation, Any], None], each: Any) -> bool:
        if each.poison:
            invocation.fault("poison")
            raise CrashError
        try:
            work(invocation, each)
        except EXPECTED as error:
            self.engine.tell(f"  failed: {error}", each.mention_id)
            self.faults.note(self.engine.now, each.mention_id)
            return True
        except (ViolationError, AssertionError):
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, the product should not raise it)
            self.oracles.fail(f"{type(error).__name__}: {error}", each.mention_id)
        return False

    def person(
        self, what: str, mention_id: str, act: Callable[[Invocation], Any], done: tuple[Event, str] | None = None
    ) -> None:
        """A person does something through the API, and tries again if it failed. An activity. `done` is what the
        history must tell afterwards, and by whom."""
        for _ in range(40):
            self.engine.tell(f"{what} {mention_id}")
            invocation = Invocation(self, "serve_api", (mention_id,))
            try:
                with invocation:
                    if not self.faults.away("functions", self.engine.now):
                        now, changed = invocation.clock(), act(invocation)
                        if done:
                            self.oracles.promises.done(*done, now, changed)
                        return
            except REFUSALS as error:
                self.engine.tell(f"  refused: {error}", mention_id)
                return
            except (*EXPECTED, CrashError) as error:
                self.engine.tell(f"  failed: {type(error).__name__} {error}", mention_id)
            if self.engine.now > FAULTY:
                return
            self.engine.pause(self.engine.chance.randrange(2 * SECOND, 5 * MINUTE))

    def _committed(self, key: Key, before: Mention | Notice | None, after: Item) -> None:
        engine, read = self.engine, self.table.read[key]
        engine.tell(f"  {key[0]} {key[1]} is {brief(read, after.next_check_at)}")
        late = self.faults.happens("index late", engine.now)
        engine.after(engine.between(0, 5 * SECOND if late else 400), lambda: self.table.index(after))
        self.routers[stream_lane("route_mention", key[0])].take(after, read)
        self.senders[stream_lane("send_alert", key[0])].take(after, read)
        self.oracles.committed(key, before, read)

    def late(self, effect: Callable[..., Any], *args: Any) -> None:
        """A write whose caller has given up on it."""
        try:
            effect(*args)
        except ConflictError:
            return

    def scripted(self, function: str) -> str | None:
        """Calls of the sweep do not count: there are many, they are all the same, and another comes in a minute."""
        if self.crash_at is None or function == "sweep_overdue":
            return None
        self.called += 1
        return self.crash_at.get(self.called)


def _follow_up(invocation: Invocation, message: Message) -> None:
    at = invocation
    attend(message.mention_id, message.item, at.mentions, at.desks, at.timers, at.clock(), reader=at.simulation.reader)


def _route(invocation: Invocation, record: Record) -> None:
    at = invocation
    seen = record.value
    attend(*record.key, at.mentions, at.desks, at.timers, at.clock(), seen, at.simulation.reader)
    if isinstance(seen, Mention):
        at.note_heard(seen.post.source)


def _send(invocation: Invocation, record: Record) -> None:
    at = invocation
    send_alerts(record.mention_id, at.mentions, at.desks, at.timers, at.notifier, at.pagers, at.clock())


def _is_new(item: Item) -> bool:
    return item.state == State.NEW


def _has_alerts(item: Item) -> bool:
    return item.outbox_at is not None


def _id(event: Post | Notice) -> str:
    return event.id if isinstance(event, Post) else event.post.id
