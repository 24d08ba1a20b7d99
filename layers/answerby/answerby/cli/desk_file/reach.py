"""Rules that can never match because the rules before them take everything they would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import takewhile

from answerby.cli.desk_file.conditions import ANY_NETWORK
from answerby.cli.desk_file.problems import Problems, quoted
from answerby.cli.desk_file.rules import Placed
from answerby.cli.desk_file.width import Width
from answerby.domain.desk import Condition
from answerby.domain.mention import Kind
from answerby.domain.phrases import Phrases
from answerby.domain.source import Source

Box = tuple[int, int, int, int]
"""A set of posts, as bit masks of: what they say, where they come from, their kinds, their authors."""

_LOOKS = 50_000
"""At boxes, for all rules of a file together: more would take too long."""
_OTHER = "any other network"
_KINDS = {kind: 1 << at for at, kind in enumerate(Kind)}
_ALL_KINDS = sum(_KINDS.values())


def check_reach(rules: Sequence[Placed], sources: Mapping[str, Source], problems: Problems) -> None:
    """Report every rule whose posts earlier rules take. What cannot be decided cheaply counts as reachable."""
    sound = [placed for placed in rules if placed.sound]
    taken = _Taken(sound, sources)
    budget = _Budget()
    for at, placed in enumerate(sound):
        whole = taken.whole(at)
        boxes = list(taken.before(at))
        for earlier, box in boxes:
            if box == whole:
                what = f"rule {quoted(placed.rule.id)} never matches: {_name(earlier)} before it takes all of it"
                problems.error(placed.place, what, "Move it above that one, or remove it")
                break
        else:
            if not _leaves(whole, [box for _, box in boxes], budget):
                what = f"rule {quoted(placed.rule.id)} never matches: the rules before it together take all of it"
                problems.error(placed.place, what, f"Move it above {_name(boxes[0][0])}, or remove it")


class _Budget:
    def __init__(self) -> None:
        self.looks = _LOOKS


def _leaves(region: Box, boxes: Sequence[Box], budget: _Budget) -> bool:
    """Whether anything of the region lies outside all boxes: cut the first off, and look at each piece that is left."""
    budget.looks -= len(boxes)
    if budget.looks < 0:
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
        self._unphrased = [at for at, placed in enumerate(rules) if not placed.rule.when.phrases]
        self._index = Phrases(self._rules_with)
        width = Width()
        self._asked = [width.asked(placed.rule.when) for placed in rules]
        self._kinds_of = [_kinds(placed.rule.when) for placed in rules]
        self._origins_of = [self._origins(placed.rule.when) for placed in rules]

    def whole(self, at: int) -> Box:
        when = self._rules[at].rule.when
        return _all(when.phrases), self._origins_of[at], self._kinds_of[at], _all(sorted(when.authors))

    def before(self, at: int) -> Iterator[tuple[Placed, Box]]:
        """The earlier rules that take something of a rule's posts, and what."""
        when = self._rules[at].rule.when
        says = self._says(when.phrases)
        phrases, origins, kinds, authors = self.whole(at)
        asked = self._asked[at].parts
        bits = {author: 1 << bit for bit, author in enumerate(sorted(when.authors))}
        for earlier in sorted([*takewhile(at.__gt__, self._unphrased), *filter(at.__gt__, says)]):
            theirs = self._rules[earlier].rule.when.authors
            # Most pairs part here, and a thousand rules make half a million of them.
            if not self._asked[earlier].parts <= asked or (theirs and theirs.isdisjoint(when.authors)):
                continue
            if not all(holds(when) for holds in self._asked[earlier].bounds):
                continue
            box = (
                says.get(earlier, phrases),
                origins & self._origins_of[earlier],
                kinds & self._kinds_of[earlier],
                sum(bits[author] for author in theirs & when.authors) if theirs else authors,
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


def _kinds(when: Condition) -> int:
    return sum(_KINDS[kind] for kind in when.kinds) or _ALL_KINDS


def _all(values: Sequence[str]) -> int:
    """A bit for each value; for none, a condition that always holds, a single one."""
    return (1 << max(len(values), 1)) - 1


def _mask(bits: Iterator[bool]) -> int:
    return sum(1 << at for at, bit in enumerate(bits) if bit)


def _name(placed: Placed) -> str:
    return f"rule {quoted(placed.rule.id)} (line {placed.place.line})"
