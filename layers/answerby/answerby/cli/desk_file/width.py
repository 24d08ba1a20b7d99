"""Whether what a condition asks for holds for whatever another takes, as far as comparing them can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter, ge, le

from answerby.domain.desk import Condition

Holds = Callable[[Condition], bool]

AT_MOST = ("rating_at_most", "followers_at_most")
AT_LEAST = ("rating_at_least", "followers_at_least", "earlier_posts")
ONE_OF = ("languages", "sentiments", "link_domains")
"""Any value does, so who allows fewer asks for more."""
EACH_OF = ("all_phrases", "no_phrases", "all_of", "none_of")
SAME = ("has_link", "during", "outside", "any_of")
"""Only known to hold where the same is asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a condition asks for besides phrases, origin, kind and author."""

    parts: frozenset[int]
    """Those that only hold where they are asked for too, by number."""
    bounds: tuple[Holds, ...]
    """Each tells whether another condition stays within it."""


class Width:
    """Takes conditions apart. Equal parts get one number, so that each is looked at once, and not for every pair."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, object], int] = {}

    def asked(self, when: Condition) -> Asked:
        parts = frozenset(self._numbers.setdefault(part, len(self._numbers)) for part in _parts(when))
        return Asked(parts, tuple(_bounds(when)))


def _parts(when: Condition) -> Iterator[tuple[str, object]]:
    for name in EACH_OF:
        for each in getattr(when, name):
            yield name, each
    for name in SAME:
        value = getattr(when, name)
        if value not in (None, ()):
            yield name, value


def _bounds(when: Condition) -> Iterator[Holds]:
    for name in AT_MOST:
        yield from _limit(name, when, le)
    for name in AT_LEAST:
        yield from _limit(name, when, ge)
    if when.earlier_posts is not None:
        yield lambda other: other.earlier_within <= when.earlier_within
    for name in ONE_OF:
        yield from _choice(name, when)


def _limit(name: str, when: Condition, is_within: Callable[[float, float], bool]) -> Iterator[Holds]:
    of = attrgetter(name)
    limit = of(when)
    if limit is not None:
        yield lambda other: (value := of(other)) is not None and is_within(value, limit)


def _choice(name: str, when: Condition) -> Iterator[Holds]:
    of = attrgetter(name)
    allowed = of(when)
    if allowed:
        yield lambda other: bool(of(other)) and of(other) <= allowed
