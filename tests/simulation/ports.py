"""The ports as an invocation of a function meets them: calls take time, fail, crash, and commit without an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from answerby.adapters.heard import NOTED_EVERY
from answerby.domain.desk import Desk, Person
from answerby.domain.manners import Line
from answerby.domain.mention import Alert, Channel, Mention
from answerby.ports import Bundle, UnavailableError
from tests.simulation.engine import SECOND
from tests.simulation.faults import POINTS

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

LIMITS = {"serve_api": 29 * SECOND, "desk_apply": 600 * SECOND}
LIMIT = 30 * SECOND
DESK_CACHED_FOR = 60 * SECOND
_MS = timedelta(milliseconds=1)

READS = ("mentions.get", "mentions.get_each", "mentions.save")
TURNS = ("pagers.take", "pagers.give_back", "mentions.save")
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
            self.turns |= {
                (person, lane): (at, at + (now - since) // timedelta(milliseconds=1)) for lane, since in before.items()
            }
        elif call != "pagers.take":
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
    reads: bool
    turns: bool
    """It tells how a mention is by now, or may change who has the turn."""


class _Port:
    """A port in front of another, where each call takes its time and may meet a fault."""

    def __init__(self, invocation: Invocation, port: Any) -> None:
        self.invocation, self.port = invocation, port


def _port(name: str) -> type[_Port]:
    methods = (point.partition(".")[2] for point in (*POINTS, "mentions.history") if point.startswith(f"{name}."))
    return type(f"_{name}", (_Port,), {method: _guarded(name, method) for method in methods})


def _guarded(port: str, method: str) -> Callable[..., Any]:
    name = f"{port}.{method}"
    service = SERVICE.get(name, "table")
    point = Point(name, service, name in NEVER_FAIL, name in COMMITS, name in READS, name in TURNS)

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
    engine.pause(2 + int(38 * engine.random()))
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
    if point.reads:
        invocation.note_read(name, args)
    if point.turns:
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
