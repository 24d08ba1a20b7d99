"""The ports as an invocation of a function meets them: calls take time, fail, crash, and commit without an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from answerby.adapters.heard import NOTED_EVERY
from answerby.adapters.items import (
    MENTION,
    THREAD_LIMIT,
    Item,
    mention_item,
    mention_keys,
    mention_of,
    ms,
    notice_item,
    notice_of,
    time,
)
from answerby.domain.desk import Desk, Person
from answerby.domain.manners import Line
from answerby.domain.mention import Alert, Channel, Mention, Notice, NoticeKind, Sentiment, State
from answerby.domain.versions import replace
from answerby.ports import Bundle, Due, Page, Reading, UnavailableError
from tests.fakes.mentions import RETENTION, FakeMentions
from tests.simulation.engine import SECOND
from tests.simulation.faults import POINTS

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

Key = tuple[str, str]
LIMITS = {"receive_webhook": 29 * SECOND, "serve_api": 29 * SECOND, "desk_apply": 600 * SECOND}
LIMIT = 30 * SECOND
DESK_CACHED_FOR = 60 * SECOND
ROUND_TRIPS = 64
_MS = timedelta(milliseconds=1)
_COMPUTED = ("next_check_at", "escalate_at", "acknowledged_until", "answer_by", "resolve_by")

COMMITS = ("mentions.save", "mentions.save_notice", "mentions.add")
NEVER_FAIL = ("desks.current", "timers.set", "timers.check_now", "heard.note")
SERVICE = {
    "mentions.thread": "index",
    "mentions.conversation": "index",
    "mentions.due": "index",
    "mentions.inbox": "index",
    "desks.current": "desk",
    "notifier.send": "sns",
    "notifier.send_bundle": "sns",
    "timers.set": "scheduler",
    "timers.check_now": "queue",
}


class CrashError(BaseException):
    """The process is gone, and its memory with it."""


class SimulatedTable(FakeMentions):
    """The fake, with index copies that come late. What is read is immutable, so nothing needs copying."""

    def __init__(self, committed: Callable[[Key, Mention | Notice | None, Item], None]) -> None:
        super().__init__()
        self.read: dict[Key, Mention | Notice] = {}
        self.waiting: dict[Key, Item] = {}
        """What has a next check."""
        self.conversations: dict[str, dict[Key, Item]] = {}
        self.shards: dict[int, dict[Key, Item]] = {shard: {} for shard in range(8)}
        self._indexed: dict[Key, Item] = {}
        self._committed = committed
        self.writes = 0

    def get(self, mention_id: str) -> Mention | None:
        found = self.read.get((mention_id, MENTION))
        return found if isinstance(found, Mention) else None

    def get_each(self, mention_ids: Collection[str]) -> Mapping[str, Mention]:
        return {mention_id: found for mention_id in mention_ids if (found := self.get(mention_id))}

    def get_notice(self, mention_id: str, item: str) -> Notice | None:
        found = self.read.get((mention_id, item))
        return found if isinstance(found, Notice) else None

    def _said(
        self, conversation_id: str, besides: str | None, takes: Callable[[Item], bool]
    ) -> Sequence[Mention | Notice]:
        entries = self.conversations.get(conversation_id, {})
        newest = sorted(entries, key=lambda key: (entries[key].posted_at or 0, key))[-THREAD_LIMIT:]
        known = [
            self.read[key]
            for key in newest
            if key[0] != besides and (key[1] == NoticeKind.OWN_REPLY or (key[1] == MENTION and takes(entries[key])))
        ]
        # The post that begins a conversation is in no index: it is found by its own key, and never late.
        first = self.items.get((conversation_id, MENTION))
        if first and conversation_id != besides and takes(first):
            known.append(self.read[conversation_id, MENTION])
        here = [each for each in known if each.post.conversation_id == conversation_id]
        return sorted(here, key=lambda each: (each.post.said_at, each.post.id))

    def due(self, shard: int, now: datetime, limit: int) -> Sequence[Due]:
        until = ms(now)
        overdue = sorted(
            (item.next_check_at, key)
            for key, item in self.shards[shard].items()
            if item.next_check_at is not None and item.next_check_at <= until
        )
        return [Due(mention_id=key[0], item=key[1], next_check_at=time(at)) for at, key in overdue[:limit]]

    def inbox(
        self,
        *,
        state: State | None,
        assignee: str | None,
        network: str | None,
        cursor: str | None,
        limit: int,  # noqa: ARG002
    ) -> Page:
        """All on one page."""
        assert (state, network, cursor) == (None, None, None)
        found = [
            item.mention_id
            for item in self._indexed.values()
            if item.item == MENTION and item.state in (State.NEW, State.OPEN) and assignee in (None, item.assignee)
        ]
        return Page(mentions=tuple(self.get_each(found).values()), cursor=None)

    def index(self, item: Item) -> None:
        """The index copies of one item arrive, unless newer ones are there already."""
        key = item.mention_id, item.item
        before = self._indexed.get(key)
        if before and before.version >= item.version:
            return
        if before and before.conversation_id is not None:
            self.conversations[before.conversation_id].pop(key, None)
        if before and before.due_shard is not None:
            self.shards[before.due_shard].pop(key, None)
        if item.conversation_id is not None:
            self.conversations.setdefault(item.conversation_id, {})[key] = item
        if item.due_shard is not None:
            self.shards[item.due_shard][key] = item
        self._indexed[key] = item

    def _write(self, value: Mention | Notice, version: int | None) -> bool:
        item = mention_keys(value, RETENTION) if isinstance(value, Mention) else notice_item(value, RETENTION)
        key = item.mention_id, item.item
        stored = self.items.get(key)
        if (stored.version if stored else None) != version:
            return False
        if isinstance(value, Mention):
            value = _in_whole_ms(value)
        # To pack and unpack each version takes as long as all the rest of a run.
        self.writes += 1
        if self.writes % ROUND_TRIPS == 0:
            value = _stored_and_read(value)
        before = self.read.get(key)
        self.items[key] = item
        self.read[key] = value
        if item.next_check_at is None:
            self.waiting.pop(key, None)
        else:
            self.waiting[key] = item
        self._committed(key, before, item)
        return True


def _in_whole_ms(mention: Mention) -> Mention:
    """As times are stored."""
    finer: dict[str, Any] = {
        name: at.replace(microsecond=at.microsecond // 1000 * 1000)
        for name in _COMPUTED
        if (at := getattr(mention, name)) and at.microsecond % 1000
    }
    if any(at.microsecond % 1000 for at in mention.remind_at):
        finer["remind_at"] = tuple(time(ms(at)) for at in mention.remind_at)
    return replace(mention, **finer) if finer else mention


def _stored_and_read(value: Mention | Notice) -> Mention | Notice:
    read = (
        mention_of(mention_item(value, RETENTION))
        if isinstance(value, Mention)
        else notice_of(notice_item(value, RETENTION))
    )
    assert read == value
    return read


class SimulatedReader:
    """Knows two languages and one sign of anger."""

    def read(self, text: str, language: str | None) -> Reading:
        guessed = "es" if "¿" in text else "en"
        return Reading(
            language=language or guessed, sentiment=Sentiment.NEGATIVE if "never" in text else Sentiment.NEUTRAL
        )


class SimulatedHeard:
    """When each source was last heard from."""

    def __init__(self) -> None:
        self.at: dict[str, datetime] = {}

    def note(self, source: str, now: datetime) -> None:
        self.at[source] = now


@dataclass
class Process:
    """A function's memory between invocations."""

    desk: Desk | None = None
    desk_read_at: int = 0
    noted: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Invocation:
    """One run of a function: from here on its ports see the faults, and its clock has the function's skew."""

    simulation: Simulation
    function: str
    about: tuple[str, ...]
    process_number: int = 0
    faulty: bool = False
    reads: dict[str, int] = field(default_factory=dict)
    turns: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """By person and lane: from when till when the alert at hand keeps others waiting, until it is marked."""

    def __post_init__(self) -> None:
        self.ends = self.simulation.engine.now + LIMITS.get(self.function, LIMIT)

    @property
    def mentions(self) -> Any:
        return _Mentions(self, self.simulation.table)

    @property
    def desks(self) -> Any:
        return _Desks(self, self)

    @property
    def timers(self) -> Any:
        return _Timers(self, self.simulation.timers)

    @property
    def pagers(self) -> Any:
        return _Pagers(self, self.simulation.pagers)

    @property
    def notifier(self) -> Any:
        return _Notifier(self, _Phone(self))

    @property
    def memory(self) -> Process:
        return self.simulation.processes[self.function, self.process_number]

    def clock(self) -> datetime:
        return self.simulation.engine.clock(self.simulation.skews[self.function])

    def current(self, *, fresh: bool = False) -> Desk:
        """The desk as adapters.desks reads it: cached for a minute, and for longer while the table is away."""
        process, engine = self.memory, self.simulation.engine
        if fresh or process.desk is None or engine.now - process.desk_read_at >= DESK_CACHED_FOR:
            if self.simulation.faults.away("desk", engine.now):
                self.fault("outage of the desk")
                if process.desk is None or fresh:
                    raise UnavailableError("the desk is away")
                return process.desk
            process.desk, process.desk_read_at = self.simulation.desk, engine.now
        return process.desk

    def note_heard(self, source: str) -> None:
        """As adapters.heard does: a process writes once an hour."""
        noted, now = self.memory.noted, self.clock()
        if source not in noted or now - noted[source] >= NOTED_EVERY:
            noted[source] = now
            heard: Any = _Heard(self, self.simulation.heard)
            heard.note(source, now)

    def fault(self, kind: str) -> None:
        self.faulty = True
        engine, faults = self.simulation.engine, self.simulation.faults
        engine.tell(f"  {self.function}: {kind}", *self.about)
        if self.function == "sweep_overdue":
            faults.of_sweeps.append(engine.now)
        if self.function == "serve_api":
            faults.of_people.append(engine.now)
        faults.note(engine.now, *self.about)
        for lane, span in self.turns.items():
            faults.of_turns[lane].append(span)

    def note_read(self, call: str, args: tuple[Any, ...]) -> None:
        """Which mentions are known as they are by now."""
        if call == "mentions.get":
            self.reads[args[0]] = self.simulation.engine.now
        elif call == "mentions.get_each":
            self.reads |= dict.fromkeys(args[0], self.simulation.engine.now)
        elif call == "mentions.save":
            self.reads[args[0].id] = self.simulation.engine.now

    def note_turn(self, call: str, args: tuple[Any, ...], result: Any) -> None:
        if call == "pagers.take" and result.ok:
            (person, before, _, now), at = args, self.simulation.engine.now
            self.turns |= {(person, lane): (at, at + (now - since) // _MS) for lane, since in before.items()}
        elif call in ("pagers.give_back", "mentions.save"):
            self.turns.clear()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """A crash loses what the process knew."""
        if kind is CrashError:
            self.simulation.processes[self.function, self.process_number] = Process()


class _Phone:
    """The notifier of one invocation, which knows what the invocation had read before it called anybody."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk, channels: Collection[Channel]) -> str:
        simulation = self._invocation.simulation
        message_id = simulation.phone.send(alert, mention, person, desk, channels)
        simulation.oracles.published(self._invocation, alert, mention, channels)
        return message_id

    def send_bundle(
        self, lines: Sequence[Line], person: Person, channels: Collection[Channel], now: datetime
    ) -> Bundle:
        simulation = self._invocation.simulation
        bundle = simulation.phone.send_bundle(lines, person, channels, now)
        simulation.oracles.bundled(self._invocation, lines[: bundle.named], person.id, channels)
        return bundle


@dataclass(frozen=True, slots=True)
class Point:
    """A call of a port."""

    name: str
    service: str
    never_fails: bool
    commits: bool
    """The table may carry it out after the caller has given up on it."""


class _Port:
    """A port in front of another, where each call takes its time and may meet a fault."""

    def __init__(self, invocation: Invocation, port: Any) -> None:
        self.invocation, self.port = invocation, port


def _port(name: str) -> type[_Port]:
    methods = (point.partition(".")[2] for point in (*POINTS, "mentions.history") if point.startswith(f"{name}."))
    return type(f"_{name}", (_Port,), {method: _guarded(name, method) for method in methods})


def _guarded(port: str, method: str) -> Callable[..., Any]:
    name = f"{port}.{method}"
    point = Point(name, SERVICE.get(name, "table"), name in NEVER_FAIL, name in COMMITS)

    def call(self: _Port, *args: Any, **kwargs: Any) -> Any:
        return _call(self.invocation, point, getattr(self.port, method), args, kwargs)

    return call


def _call(
    invocation: Invocation, point: Point, effect: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    simulation = invocation.simulation
    engine, faults, name = simulation.engine, simulation.faults, point.name
    scripted = simulation.crash_at is not None and simulation.scripted(invocation.function)
    kind = scripted or faults.of_call(name, engine.now)
    engine.pause(2 + int(38 * engine.chance.random()))
    if kind == "slow":
        faults.counts[kind] += 1
        invocation.fault(f"slow {name}")
        engine.pause(engine.chance.randrange(SECOND, LIMIT))
    if kind == "crash before" or engine.now > invocation.ends:
        faults.counts["crash before"] += 1
        faults.points[name, "before"] += 1
        invocation.fault(f"crash before {name}")
        raise CrashError
    if not point.never_fails and (faults.away(point.service, engine.now) or kind == "error"):
        faults.counts["error"] += kind == "error"
        invocation.fault(f"error of {name}")
        raise UnavailableError(f"{name} failed")
    if kind == "late commit" and point.commits:
        faults.counts[kind] += 1
        invocation.fault(f"time-out of {name}, which commits later")
        engine.after(engine.chance.randrange(10, 5 * SECOND), lambda: simulation.late(effect, *args))
        raise UnavailableError(f"{name} timed out")
    result = effect(*args, **kwargs)
    invocation.note_read(name, args)
    invocation.note_turn(name, args, result)
    if kind == "crash after":
        faults.counts[kind] += 1
        faults.points[name, "after"] += 1
        invocation.fault(f"crash after {name}")
        raise CrashError
    if kind == "commit then time-out" and not point.never_fails:
        faults.counts[kind] += 1
        invocation.fault(f"time-out of {name}, which had its effect")
        raise UnavailableError(f"{name} timed out")
    return result


_Mentions, _Desks, _Timers, _Pagers, _Notifier, _Heard = map(
    _port, ("mentions", "desks", "timers", "pagers", "notifier", "heard")
)
