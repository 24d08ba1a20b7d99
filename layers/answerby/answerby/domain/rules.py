"""Which rule takes a mention: the first that matches, in the desk's order.

Rules are indexed by the phrases they cannot do without, so that the time to route a post grows with its length and
with the rules whose phrases it says, and not with their number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from answerby.domain.conditions import Parts, Situation, failing, parts, reasons, required, with_nested
from answerby.domain.phrases import Phrases

if TYPE_CHECKING:
    from answerby.domain.calendar import Calendar
    from answerby.domain.desk import Rule
    from answerby.domain.mention import Mention


@dataclass(frozen=True, slots=True)
class Match:
    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """`why` tells all reasons of a rule that holds, and of another the first thing that failed."""

    rule: Rule
    holds: bool
    why: str


class Rules:
    """A desk's rules, compiled once per publication."""

    def __init__(self, rules: Sequence[Rule], calendars: Mapping[str, Calendar] = MappingProxyType({})) -> None:
        self._rules = tuple(rules)
        self._calendars = calendars
        self._parts: list[Parts] = [parts(rule.when) for rule in rules]
        asked = [condition for rule in rules for condition in with_nested(rule.when)]
        self.reads_language = any(condition.languages for condition in asked)
        self.reads_sentiment = any(condition.sentiments for condition in asked)
        self.counts_authors = any(condition.earlier_posts is not None for condition in asked)
        self._phrases = Phrases(chain.from_iterable((*c.phrases, *c.all_phrases, *c.no_phrases) for c in asked))
        self._groups: list[int] = []
        self._wanting: dict[str, list[tuple[int, int]]] = defaultdict(list)
        """By phrase: which rules want it, and in which of their groups."""
        for place, rule in enumerate(rules):
            groups = required(rule.when)
            self._groups.append(len(groups))
            for number, group in enumerate(groups):
                for phrase in group:
                    self._wanting[phrase].append((place, number))
        unphrased = [place for place, groups in enumerate(self._groups) if not groups]
        self._unphrased = {
            network: [place for place in unphrased if network in (rules[place].when.networks or (network,))]
            for network in {"", *chain.from_iterable(rules[place].when.networks for place in unphrased)}
        }
        """By network; under "" for all that no rule names."""

    def match(self, mention: Mention, now: datetime) -> Match:
        """The first rule that takes the mention. Raises LookupError if none does: a desk ends in a catch-all."""
        situation = self._situation(mention, now)
        for place in self._candidates(situation):
            if failing(self._parts[place], situation) is None:
                return Match(self._rules[place], _why(self._parts[place], situation))
        raise LookupError("the desk has no catch-all rule")

    def trials(self, mention: Mention, now: datetime) -> list[Trial]:
        """Every rule up to the one that takes the mention, and why it does or does not."""
        situation = self._situation(mention, now)
        tried: list[Trial] = []
        for rule, of in zip(self._rules, self._parts, strict=True):
            failed = failing(of, situation)
            tried.append(Trial(rule, failed is None, failed.lacks(situation) if failed else _why(of, situation)))
            if failed is None:
                break
        return tried

    def _situation(self, mention: Mention, now: datetime) -> Situation:
        return Situation(mention, now, self._phrases.found(mention.post.text), self._calendars)

    def _candidates(self, situation: Situation) -> list[int]:
        """In order: of rules without phrases those for its network, of the others those whose phrases it says."""
        wanted = [self._wanting[phrase] for phrase in situation.said if phrase in self._wanting]
        met = Counter(place for place, _ in set(chain.from_iterable(wanted)))
        unphrased = self._unphrased.get(situation.post.network, self._unphrased[""])
        return sorted([*unphrased, *(place for place, groups in met.items() if groups == self._groups[place])])


def _why(of: Parts, situation: Situation) -> str:
    return reasons(of, situation) or "it takes whatever no other rule took"
