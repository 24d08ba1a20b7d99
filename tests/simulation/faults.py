"""What goes wrong, and when. A run draws which kinds of fault it has: some have none, and must be without blemish."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from tests.simulation.engine import HOUR, MINUTE, SECOND

STREAM_SHARDS = 4
AT_ONCE = {"route_mention": 10, "send_alert": 5}
"""Processes that a function runs for each shard of the stream. What belongs to one mention stays in order."""
PROMPT_ONLY = ("scheduler",)
"""What they do the sweep does as well, a minute later."""
STILL_RUNS = 30 * SECOND
"""So long an invocation that was to see to a mention may have run already when it fails."""
SERVICES = ("table", "index", "desk", "stream", "queue", "scheduler", "sns", "functions", "sweep rule")

OF_CALLS = {
    "crash before": 0.004,
    "crash after": 0.004,
    "error": 0.01,
    "commit then time-out": 0.01,
    "late commit": 0.004,
    "slow": 0.01,
}
"""How often a call of a port meets it, at most."""

POINTS = tuple(
    f"{port}.{method}"
    for port, methods in {
        "mentions": (
            "add", "add_notice", "keep_unreadable", "get", "get_notice", "save", "save_notice", "thread",
            "conversation", "due", "get_each", "inbox", "earlier_posts",
        ),
        "pagers": ("take", "give_back", "hold", "held", "holds", "named"),
        "desks": ("current",),
        "timers": ("set", "check_now"),
        "notifier": ("send", "send_bundle"),
        "heard": ("note",),
    }.items()
    for method in methods
)  # fmt: skip
"""Every call a use case makes."""
AIMED = {
    "mentions.keep_unreadable": 0.7,
    "mentions.get_notice": 0.7,
    "mentions.conversation": 0.3,
    "mentions.get_each": 0.4,
    "pagers.give_back": 0.7,
    "notifier.send_bundle": 0.4,
    "mentions.inbox": 0.6,
    "mentions.earlier_posts": 0.2,
    "heard.note": 0.7,
}
AIMED_ELSE = 0.1
"""How often a call crashes of which a run is after."""

OF_MESSAGES = {
    "stream delay": 0.02,
    "stream duplicate": 0.05,
    "stream record lost": 0.03,
    "stream poison": 0.003,
    "queue delay": 0.03,
    "queue duplicate": 0.05,
    "queue poison": 0.01,
    "timer lost": 0.1,
    "timer duplicate": 0.1,
    "timer not set": 0.05,
    "timer late": 0.5,
    "index late": 0.5,
    "answer lost": 0.05,
    "timer given up": 0.1,
    "check not taken": 0.05,
    "redrive": 1.0,
    "sms lost": 0.1,
    "mail lost": 0.1,
    "message lost": 0.05,
}
"""How often a message, record, timer or answer meets it, at most."""

OF_SNS = ("sms spend limit", "sns refusal")
"""For a while. Whatever else is lost on its way to people, the product is told nothing of it."""
OF_STREAM = "stream expiry"
"""A consumer was off for more than the day that records are kept for, and misses what came meanwhile."""
OF_DAYS = ("clocks change", "leap day")
OF_RUNS = ("outage", "throttling", "clock skew", "unreachable person", "sms opt-out", "mail muted", *OF_SNS, OF_STREAM)
INEVITABLE = ("timer in the past",)
"""It takes no fault for these, and none may come of them."""
KINDS = (*OF_CALLS, *OF_MESSAGES, *OF_RUNS, *OF_DAYS, *INEVITABLE)


@dataclass(frozen=True, slots=True)
class Window:
    """A service is away, or refuses a share of the calls, for a while."""

    service: str
    begin: int
    end: int
    share: float
    lane: tuple[str, int] | None = None
    """A function and one of its processes, if it is about the stream that goes to it alone."""


@dataclass
class Faults:
    """`until` is when the last of them is over."""

    chance: Random
    until: int
    rates: dict[str, float] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    _of_calls: float = 0.0
    """How often a call meets any fault."""
    _of_services: dict[str, list[Window]] = field(default_factory=lambda: defaultdict(list))
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    """When a fault lasts that explains no delay."""
    aim: str | None = None
    """The call that crashes far more often than others, lest the rare ones never do."""
    skewed: bool = False
    unreachable: bool = False
    expiring: tuple[str, int] | None = None
    """A function and a shard of the stream, whose records expire before it sees them."""
    opted_out: bool = False
    muted: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    points: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Crash points that were hit: (port.method, before or after)."""
    of_mention: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    of_turns: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By person and lane: from when till when a message kept others waiting, and a fault was the end of it."""
    _held_up: dict[tuple[tuple[str, int], int], int] = field(default_factory=dict)
    of_people: list[int] = field(default_factory=list)
    of_sweeps: list[int] = field(default_factory=list)

    @classmethod
    def drawn(cls, seed: int, chance: Random, until: int, heat: float) -> Faults:
        """`heat` 0 is none at all, 1 the usual, more is more."""
        faults = cls(chance, until)
        for kind, most in {**OF_CALLS, **OF_MESSAGES}.items():
            if heat and chance.random() < 0.5:
                faults.rates[kind] = min(1.0, heat * most * chance.random())
        faults._of_calls = sum(faults.rates.get(kind, 0.0) for kind in OF_CALLS)
        if not heat:
            return faults
        for service in SERVICES:
            if chance.random() < 0.2 * heat:
                faults._open(service, 1.0)
            if service in ("table", "index") and chance.random() < 0.15 * heat:
                faults._open(service, chance.uniform(0.1, 0.9))
        if heat >= 1:
            faults.aim = POINTS[seed % len(POINTS)]
        faults.skewed = chance.random() < 0.5
        # A turn is only given back if whom it is for cannot be reached.
        faults.unreachable = faults.aim == "pagers.give_back" or chance.random() < 0.3
        faults.opted_out, faults.muted = chance.random() < 0.2, chance.random() < 0.2
        faults.expiring = chance.choice(tuple(AT_ONCE)), chance.randrange(STREAM_SHARDS)
        for kind in (*OF_SNS, OF_STREAM):
            if chance.random() < 0.2 * heat:
                begin = chance.randrange(until)
                faults.spans[kind] = begin, min(begin + chance.randrange(5 * MINUTE, HOUR), until)
        return faults

    def _open(self, service: str, share: float) -> None:
        begin = self.chance.randrange(self.until)
        end = min(begin + self.chance.randrange(10 * SECOND, 15 * MINUTE), self.until)
        window = Window(service, begin, end, share)
        self.windows.append(window)
        self._of_services[service].append(window)

    @property
    def any(self) -> bool:
        known = self.aim or self.rates or self.windows or self.spans or self.skewed
        return bool(known or self.unreachable or self.opted_out or self.muted)

    def happens(self, kind: str, now: int) -> bool:
        rate = self.rates.get(kind)
        if rate is None or now >= self.until or self.chance.random() >= rate:
            return False
        self.counts[kind] += 1
        return True

    def lasts(self, kind: str, now: int) -> bool:
        begin, end = self.spans.get(kind, (0, 0))
        if not begin <= now < end:
            return False
        self.counts[kind] += 1
        return True

    def of_call(self, point: str, now: int) -> str | None:
        """What a call meets, if anything."""
        if now >= self.until:
            return None
        if point == self.aim and self.chance.random() < AIMED.get(point, AIMED_ELSE):
            return self.chance.choice(("crash before", "crash after"))
        drawn = self.chance.random()
        if drawn >= self._of_calls:
            return None
        for kind in OF_CALLS:
            drawn -= self.rates.get(kind, 0.0)
            if drawn < 0:
                return kind
        return None

    def away(self, service: str, now: int) -> bool:
        for window in self._of_services[service]:
            if window.begin <= now < window.end and (window.share >= 1 or self.chance.random() < window.share):
                self.counts["outage" if window.share >= 1 else "throttling"] += 1
                return True
        return False

    def windows_of(self, service: str) -> Sequence[Window]:
        return self._of_services[service]

    def back(self, service: str, now: int) -> int:
        """When an outage that began before `now` ends."""
        return max((w.end for w in self._of_services[service] if w.begin <= now < w.end), default=now)

    def note(self, now: int, *mention_ids: str) -> None:
        """A fault that cost these mentions a try."""
        for mention_id in mention_ids:
            self.of_mention[mention_id].append(now)

    def lost_turns(self, person: str, lanes: Collection[str], begin: int, end: int) -> int:
        """For how long faults kept the person's turns by these lanes from others: a dead sender gives none back."""
        spans = [span for lane in lanes for span in self.of_turns[person, lane]]
        return _length([(max(begin, a), min(end, b)) for a, b in spans if a < end and b > begin])

    def block(self, lane: tuple[str, int], begin: int, end: int) -> None:
        """A part of the stream is held up by a fault all that time, or till another time than was thought."""
        known = self._held_up.setdefault((lane, begin), len(self.windows))
        held_up = Window("held up", begin, end, 1.0, lane)
        self.windows[known:] = [held_up, *self.windows[known + 1 :]]

    def grace(self, mention_id: str, begin: int, end: int, a_try: int = MINUTE) -> int:
        """By how much faults may have delayed what was due for this mention: for as long as a service that it needs
        was away, and by `a_try` for each that failed: a minute, because so often the sweep asks again.

        What a timer would have made prompt costs nothing: that the sweep finds it is a part of being in time.
        """
        lanes = [None, *((function, stream_lane(function, mention_id)) for function in AT_ONCE)]
        away = [
            (max(window.begin, begin), min(window.end, end))
            for window in self.windows
            if window.begin < end and window.end > begin and window.service not in PROMPT_ONLY and window.lane in lanes
        ]
        failed = (*self.of_mention.get(mention_id, ()), *self.of_sweeps)
        tries = [at for at in failed if begin - STILL_RUNS <= at <= end]
        return _length(away) + a_try * len(tries)


@lru_cache(maxsize=8_192)
def stream_lane(function: str, mention_id: str) -> int:
    """Which of the function's processes attends to a mention."""
    return zlib.crc32(b"stream" + mention_id.encode()) % (STREAM_SHARDS * AT_ONCE[function])


def _length(spans: list[tuple[int, int]]) -> int:
    """Of their union."""
    length, reached = 0, 0
    for begin, end in sorted(spans):
        length += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return length
