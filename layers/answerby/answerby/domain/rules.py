"""Which rule takes a post: the first that matches, in the desk's order.

Phrases are compared as whole words of folded text. They are indexed by their words once per desk, so that the time to
route a post grows with its length and not with the number of phrases, whatever its author wrote.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from answerby.domain.mention import Post

if TYPE_CHECKING:
    from answerby.domain.calendar import Calendar
    from answerby.domain.desk import Condition, Rule

_WORD = re.compile(r"\w+")
_BETWEEN_WORDS = {code: " " for code in range(128) if not _WORD.match(chr(code))}
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, and Han with its extensions.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Match:
    rule: Rule
    why: str


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms unified, case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> list[str]:
    return _words_of(fold(text))


def _words_of(folded: str) -> list[str]:
    # Most posts are ASCII when folded, and a translation is ten times as fast as a pattern.
    return folded.translate(_BETWEEN_WORDS).split() if folded.isascii() else _WORD.findall(folded)


def is_unspaced(phrase: str) -> bool:
    """Whether the phrase is looked for anywhere in a text, and not as whole words."""
    return bool(_UNSPACED.search(phrase))


class Rules:
    """A desk's rules, compiled once per publication."""

    def __init__(self, rules: Sequence[Rule], calendars: Mapping[str, Calendar] = MappingProxyType({})) -> None:  # noqa: ARG002
        self._rules = tuple(rules)
        self._by_words: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._unspaced: list[tuple[str, str]] = []
        self._by_phrase: dict[str, list[int]] = defaultdict(list)
        self._without_phrases = []
        for place, rule in enumerate(rules):
            if not rule.when.phrases:
                self._without_phrases.append(place)
            for phrase in rule.when.phrases:
                self._by_phrase[phrase].append(place)
        for phrase in self._by_phrase:
            if is_unspaced(phrase):
                self._unspaced.append((phrase, fold(phrase)))
            elif spelled := words(phrase):
                self._by_words[tuple(spelled)].append(phrase)
        self._lengths = sorted({len(spelled) for spelled in self._by_words})

    def match(self, post: Post) -> Match:
        """The first rule that takes the post, and why. Raises LookupError if none does (a desk ends in a catch-all)."""
        said = self._phrases_in(post.text)
        places = {*self._without_phrases, *(place for phrase in said for place in self._by_phrase[phrase])}
        for place in sorted(places):
            rule = self._rules[place]
            why = _reasons(rule.when, post, said)
            if why is not None:
                return Match(rule, "; ".join(why) or "it takes whatever no other rule took")
        raise LookupError("the desk has no catch-all rule")

    def _phrases_in(self, text: str) -> set[str]:
        folded = fold(text)
        spelled = _words_of(folded)
        found = {phrase for phrase, needle in self._unspaced if needle in folded}
        for length in self._lengths:
            runs = zip(*(spelled[start:] for start in range(length)), strict=False)
            for run in filter(self._by_words.__contains__, runs):
                found.update(self._by_words[run])
        return found


def _reasons(when: Condition, post: Post, said: set[str]) -> list[str] | None:
    """Why the condition holds, part by part; None when it does not."""
    why = []
    for holds, reason in chain(_post_parts(when, post, said), _author_parts(when, post)):
        if not holds:
            return None
        why.append(reason)
    return why


def _post_parts(when: Condition, post: Post, said: set[str]) -> Iterator[tuple[bool, str]]:
    if when.networks:
        yield post.network in when.networks, f"network is {post.network}"
    if when.sources:
        yield post.source in when.sources, f"source is {post.source}"
    if when.kinds:
        yield post.kind in when.kinds, f"kind is {post.kind}"
    if when.phrases:
        phrase = next((phrase for phrase in when.phrases if phrase in said), None)
        yield phrase is not None, f'it says "{phrase}"'
    if when.rating_at_most is not None:
        yield _at_most(post.rating, when.rating_at_most), f"rating {post.rating} is at most {when.rating_at_most:g}"
    if when.rating_at_least is not None:
        yield _at_least(post.rating, when.rating_at_least), f"rating {post.rating} is at least {when.rating_at_least:g}"


def _author_parts(when: Condition, post: Post) -> Iterator[tuple[bool, str]]:
    author = post.author
    if when.authors:
        names = {fold(name).lstrip("@") for name in (author.id, author.handle) if name}
        yield bool(names & when.authors), "its author is listed"
    if when.followers_at_least is not None:
        yield _at_least(author.followers, when.followers_at_least), f"its author has {author.followers} followers"


def _at_most(value: float | None, limit: float) -> bool:
    return value is not None and value <= limit


def _at_least(value: float | None, limit: float) -> bool:
    return value is not None and value >= limit
