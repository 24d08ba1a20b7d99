"""What is to happen, drawn from a seed: what authors and people do, and what goes wrong. Times are seconds from now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from random import Random

from tests.chaos.points import POINTS, Point

COMPLAINT = "My order never arrived"
"""What the sample desk calls ana, then ben, then cleo for, every 15 seconds, and wants answered within a minute."""
NETWORKS = ("facebook", "instagram", "x", "standard")
CAN_EDIT = ("facebook", "standard")
CAN_REMOVE = ("facebook", "x", "standard")
PEOPLE = ("ana", "ben", "cleo", "dev", "ella")
FORGOTTEN_FROM, FORGOTTEN_UNTIL = 0.15, 0.6
"""The part of the time in which posts are written that nobody ever answers: early enough to be late at the end."""


class What(StrEnum):
    """What an author, the brand or a person does. Those of the first line are told by a network."""

    POST, FOLLOW_UP, EDIT, REMOVE, REPLY = "post", "follow_up", "edit", "remove", "reply"
    ACKNOWLEDGE, ASSIGN, ANSWER, DISMISS = "acknowledge", "assign", "answer", "dismiss"


TOLD = frozenset({What.POST, What.FOLLOW_UP, What.EDIT, What.REMOVE, What.REPLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One author's conversation with the brand. A forgotten one is of a single post, and nobody cares about it."""

    number: int
    network: str
    text: str
    forgotten: bool = False

    def id(self, place: int = 0) -> str:
        """Of its first post, or of what else is said in it."""
        return f"{self.network}:{self.native(place)}"

    def native(self, place: int = 0) -> str:
        return str(7_000_000_000 + self.number * 10 + place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    at: float
    what: What
    story: Story
    place: int = 0
    """Of what is said, in its story."""
    by: str = ""
    together: tuple[Story, ...] = ()
    """Further first posts that come in the same delivery."""


class Kind(StrEnum):
    KILL = "kill a function at work"
    POINT = "kill a function at a named point"
    POWER_CUT = "kill the local AWS"
    RESTART = "restart the local AWS"
    REFUSE = "refuse every write for some seconds"
    PURGE = "purge the timers' queue"
    UNSCHEDULE = "delete schedules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    at: float
    kind: Kind
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    seed: int
    seconds: float
    doings: tuple[Doing, ...]
    faults: tuple[Fault, ...]

    @property
    def stories(self) -> tuple[Story, ...]:
        firsts = (doing for doing in self.doings if doing.what is What.POST)
        return tuple(story for doing in firsts for story in (doing.story, *doing.together))


def plan(seed: int, seconds: float) -> Plan:
    """About a new post every two seconds for so long, and some fault every four."""
    chance = Random(seed)  # noqa: S311
    doings = sorted(_doings(chance, seconds), key=lambda doing: doing.at)
    faults = sorted(_faults(chance, seconds), key=lambda fault: fault.at)
    return Plan(seed=seed, seconds=seconds, doings=tuple(doings), faults=tuple(faults))


def _doings(chance: Random, seconds: float) -> Iterator[Doing]:
    number, at = 0, 0.0
    while at < seconds:
        network = chance.choice(NETWORKS)
        forgotten = FORGOTTEN_FROM < at / seconds < FORGOTTEN_UNTIL and chance.random() < 0.25
        # X tells of one post at a time. What comes together is forgotten together, and so are its timers.
        count = 1 if network == "x" or chance.random() < (0.3 if forgotten else 0.8) else chance.randint(2, 4)
        stories = [_story(chance, number + each, network, forgotten) for each in range(count)]
        number += count
        yield Doing(at=at, what=What.POST, story=stories[0], together=tuple(stories[1:]))
        for story in stories:
            yield from () if forgotten else _fate(chance, story, at)
        at += chance.uniform(1, 3) * count


def _story(chance: Random, number: int, network: str, forgotten: bool) -> Story:
    words = chance.choice((COMPLAINT, COMPLAINT, COMPLAINT, "Is the corner shop open? ☕", "¿Dónde está mi pedido?"))
    return Story(
        number=number,
        network=network,
        text=f"{COMPLAINT if forgotten else words} ({chance.randrange(10**6)})",
        forgotten=forgotten,
    )


def _fate(chance: Random, story: Story, at: float) -> Iterator[Doing]:
    """What becomes of a story; sooner or later it is closed in one way or another."""
    soon = at + chance.uniform(0.0, 12)
    if chance.random() < 0.3:
        yield Doing(at=soon, what=What.FOLLOW_UP, story=story, place=1)
        yield Doing(at=soon + chance.uniform(1, 40), what=What.REPLY, story=story, place=2)
    if story.network in CAN_EDIT and chance.random() < 0.3:
        yield Doing(at=at + chance.uniform(1.1, 12), what=What.EDIT, story=story)
    if chance.random() < 0.3:
        taken = chance.choice((What.ACKNOWLEDGE, What.ACKNOWLEDGE, What.ASSIGN))
        yield Doing(at=soon + chance.uniform(0, 10), what=taken, story=story, by=chance.choice(PEOPLE))
    ends = [What.REPLY, What.REPLY, What.ANSWER, What.ANSWER, What.DISMISS]
    if story.network in CAN_REMOVE:
        ends.append(What.REMOVE)
    end = chance.choice(ends)
    place = 3 if end is What.REPLY else 0
    yield Doing(at=at + chance.uniform(1, 45), what=end, story=story, place=place, by=chance.choice(PEOPLE))


def _faults(chance: Random, seconds: float) -> Iterator[Fault]:
    # Each point is passed at some time after it is armed, and the sweep comes by once a minute.
    for point in POINTS:
        at = 0.05 if point.is_rare else chance.uniform(0.05, 0.6)
        yield Fault(at=seconds * at, kind=Kind.POINT, point=point)
    yield from _now_and_then(chance, seconds, 15, (Kind.KILL,))
    yield from _now_and_then(chance, seconds, 55, (Kind.POWER_CUT, Kind.RESTART))
    yield from _now_and_then(chance, seconds, 45, (Kind.REFUSE,))
    yield from _now_and_then(chance, seconds, 20, (Kind.UNSCHEDULE, Kind.PURGE))


def _now_and_then(chance: Random, seconds: float, every: float, kinds: tuple[Kind, ...]) -> Iterator[Fault]:
    at = chance.uniform(0.4, 1) * every
    for kind in cycle(kinds):
        if at > seconds:
            return
        yield Fault(at=at, kind=kind)
        at += every * chance.uniform(0.7, 1.3)
