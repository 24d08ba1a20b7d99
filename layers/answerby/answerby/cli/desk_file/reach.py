"""Rules that can never match because the rules before them take everything they would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from answerby.cli.desk_file.problems import Problems, quoted
from answerby.cli.desk_file.rules import ANY_NETWORK, Placed
from answerby.domain.desk import Condition
from answerby.domain.mention import Kind
from answerby.domain.phrases import Phrases
from answerby.domain.source import Source

Box = tuple[int, int, int, int]
"""A set of posts, as bit masks of: what they say, where they come from, their kinds, their authors."""

_STEPS = 2_000
_OTHER = "any other network"
_KINDS = {kind: 1 << at for at, kind in enumerate(Kind)}
_ALL_KINDS = sum(_KINDS.values())


def check_reach(rules: Sequence[Placed], sources: Mapping[str, Source], problems: Problems) -> None:
    """Report every rule whose posts earlier rules take. What cannot be decided cheaply counts as reachable."""
    sound = [placed for placed in rules if placed.sound]
    taken = _Taken(sound, sources)
    for at, placed in enumerate(sound):
        whole = taken.whole(at)
        boxes = list(taken.before(at))
        for earlier, box in boxes:
            if box == whole:
                what = f"rule {quoted(placed.rule.id)} never matches: {_name(earlier)} before it takes all of it"
                problems.error(placed.place, what, "Move it above that one, or remove it")
                break
        else:
            if not _leaves(whole, [box for _, box in boxes], _Budget()):
                what = f"rule {quoted(placed.rule.id)} never matches: the rules before it together take all of it"
                problems.error(placed.place, what, f"Move it above {_name(boxes[0][0])}, or remove it")


class _Budget:
    def __init__(self) -> None:
        self.steps = _STEPS


def _leaves(region: Box, boxes: Sequence[Box], budget: _Budget) -> bool:
    """Whether anything of the region lies outside all boxes: cut the first off, and look at each piece that is left."""
    budget.steps -= 1
    if budget.steps < 0:
        return True
    boxes = [box for box in boxes if all(a & b for a, b in zip(region, box, strict=True))]
    if not boxes:
        return True
    first, rest = boxes[0], boxes[1:]
    inside = list(region)
    for side, mask in enumerate(first):
        outside = region[side] & ~mask
        if outside:
            piece = (*inside[:side], outside, *region[side + 1 :])
            if _leaves(piece, rest, budget):  # type: ignore[arg-type]
                return True
        inside[side] &= mask
    return False


class _Taken:
    """What each rule takes of another's posts."""

    def __init__(self, rules: Sequence[Placed], sources: Mapping[str, Source]) -> None:
        self._rules = rules
        self._sources = sources
        self._rules_with: dict[str, list[int]] = defaultdict(list)
        for at, placed in enumerate(rules):
            for phrase in placed.rule.when.phrases:
                self._rules_with[phrase].append(at)
        self._index = Phrases(self._rules_with)
        self._asks_more = [_asks_more(placed.rule.when) for placed in rules]
        self._origins_of = [self._origins(placed.rule.when) for placed in rules]

    def whole(self, at: int) -> Box:
        when = self._rules[at].rule.when
        return _all(when.phrases), self._origins_of[at], _kinds(when), _all(sorted(when.authors))

    def before(self, at: int) -> Iterator[tuple[Placed, Box]]:
        """The earlier rules that take something of a rule's posts, and what."""
        when = self._rules[at].rule.when
        says = self._says(when.phrases)
        authors = sorted(when.authors)
        for earlier in range(at):
            other = self._rules[earlier].rule.when
            if self._asks_more[earlier] and not _as_wide(other, when):
                continue
            box = (
                says.get(earlier, 0) if other.phrases else _all(when.phrases),
                self._origins_of[at] & self._origins_of[earlier],
                _kinds(when) & _kinds(other),
                _mask(author in other.authors for author in authors) if other.authors else _all(authors),
            )
            if all(box):
                yield self._rules[earlier], box

    def _says(self, phrases: Sequence[str]) -> dict[int, int]:
        """By rule: which of the phrases cannot be said without saying one of that rule's."""
        says: dict[int, int] = defaultdict(int)
        for bit, phrase in enumerate(phrases):
            for implied in self._index.said_with(phrase):
                for rule in self._rules_with[implied]:
                    says[rule] |= 1 << bit
        return says

    def _origins(self, when: Condition) -> int:
        """A bit for each source and network a post may come from."""
        return _mask(
            (not when.sources or source in when.sources) and (not when.networks or network in when.networks)
            for source, network in self._all_origins
        )

    @cached_property
    def _all_origins(self) -> list[tuple[str, str]]:
        named = {network for placed in self._rules for network in placed.rule.when.networks}
        anything = sorted({*named, *(source.network for source in self._sources.values()), _OTHER})
        if not self._sources:
            return [("", network) for network in anything]
        return [
            (source.id, network)
            for source in self._sources.values()
            for network in (anything if source.network == ANY_NETWORK else [source.network])
        ]


def _asks_more(when: Condition) -> bool:
    """Whether it has other parts than those that a box tells."""
    nothing: frozenset[Any] = frozenset()
    more = replace(when, phrases=(), networks=nothing, sources=nothing, kinds=nothing, authors=nothing)
    return more != Condition()


def _as_wide(other: Condition, when: Condition) -> bool:
    """Whether what the other asks for, besides what a box tells, holds for whatever `when` takes."""
    return (
        _limits_hold(other, when)
        and set(other.all_phrases) <= set(when.all_phrases)
        and set(other.no_phrases) <= set(when.no_phrases)
        and all(not wide or (narrow and narrow <= wide) for wide, narrow in _choices(other, when))
        and set(other.all_of) <= set(when.all_of)
        and set(other.none_of) <= set(when.none_of)
        and all(value in (None, (), same) for value, same in _exactly(other, when))
    )


def _limits_hold(other: Condition, when: Condition) -> bool:
    at_most = ((other.rating_at_most, when.rating_at_most), (other.followers_at_most, when.followers_at_most))
    at_least = (
        (other.rating_at_least, when.rating_at_least),
        (other.followers_at_least, when.followers_at_least),
        (other.earlier_posts, when.earlier_posts),
    )
    return (
        all(wide is None or (narrow is not None and narrow <= wide) for wide, narrow in at_most)
        and all(wide is None or (narrow is not None and narrow >= wide) for wide, narrow in at_least)
        and (other.earlier_posts is None or when.earlier_within <= other.earlier_within)
    )


def _choices(other: Condition, when: Condition) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Parts of which any value does."""
    yield other.languages, when.languages
    yield frozenset(other.sentiments), frozenset(when.sentiments)
    yield other.link_domains, when.link_domains


def _exactly(other: Condition, when: Condition) -> Iterator[tuple[object, object]]:
    """Parts that are only known to hold where the same is asked for."""
    yield other.has_link, when.has_link
    yield other.during, when.during
    yield other.outside, when.outside
    yield other.any_of, when.any_of


def _kinds(when: Condition) -> int:
    return sum(_KINDS[kind] for kind in when.kinds) or _ALL_KINDS


def _all(values: Sequence[str]) -> int:
    """A bit for each value; for none, a condition that always holds, a single one."""
    return (1 << max(len(values), 1)) - 1


def _mask(bits: Iterator[bool]) -> int:
    return sum(1 << at for at, bit in enumerate(bits) if bit)


def _name(placed: Placed) -> str:
    return f"rule {quoted(placed.rule.id)} (line {placed.place.line})"
