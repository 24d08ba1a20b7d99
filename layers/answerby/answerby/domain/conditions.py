"""Conditions, taken apart once per desk: whether each part holds for a mention, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from operator import ge, le
from typing import TYPE_CHECKING, Any

from answerby.domain import calendar
from answerby.domain.links import hosts, is_within
from answerby.domain.phrases import fold

if TYPE_CHECKING:
    from answerby.domain.calendar import Calendar
    from answerby.domain.desk import Condition
    from answerby.domain.mention import Mention

NAMED = 12
"""Of a long list, so many are told."""


class Situation:
    """What conditions are held against: a mention at a time, and which of the desk's phrases it says."""

    def __init__(self, mention: Mention, now: datetime, said: set[str], calendars: Mapping[str, Calendar]) -> None:
        self.mention, self.post, self.now, self.said = mention, mention.post, now, said
        self._calendars = calendars

    @cached_property
    def author(self) -> set[str]:
        """As authors are listed."""
        return {fold(name).lstrip("@") for name in (self.post.author.id, self.post.author.handle) if name}

    @cached_property
    def linked(self) -> tuple[str, ...]:
        return hosts(self.post.text)

    def is_open(self, name: str) -> bool:
        return calendar.is_open(self._calendars.get(name), self.now)


@dataclass(frozen=True, slots=True)
class Part:
    """`says` is asked only if it holds, `lacks` only if it does not."""

    holds: Callable[[Situation], bool]
    says: Callable[[Situation], str]
    lacks: Callable[[Situation], str]


Parts = tuple[Part, ...]


def parts(when: Condition) -> Parts:
    """All of them must hold."""
    return tuple(chain(_origin(when), _text(when), _numbers(when), _author(when), _time(when), _nested(when)))


def failing(of: Parts, situation: Situation) -> Part | None:
    for part in of:
        if not part.holds(situation):
            return part
    return None


def reasons(of: Parts, situation: Situation) -> str:
    return "; ".join(part.says(situation) for part in of)


def with_nested(when: Condition) -> Iterator[Condition]:
    yield when
    for child in (*when.any_of, *when.all_of, *when.none_of):
        yield from with_nested(child)


def required(when: Condition) -> list[frozenset[str]]:
    """Groups of phrases: who says none of a group's does not meet the condition."""
    groups = [frozenset(when.phrases)] if when.phrases else []
    groups += [frozenset({phrase}) for phrase in when.all_phrases]
    for child in when.all_of:
        groups += required(child)
    branches = [required(child) for child in when.any_of]
    if branches and all(branches):
        groups.append(frozenset(chain.from_iterable(branch[0] for branch in branches)))
    return groups


def _origin(when: Condition) -> Iterator[Part]:
    if when.networks:
        yield _one_of("network", when.networks, lambda seen: seen.post.network)
    if when.sources:
        yield _one_of("source", when.sources, lambda seen: seen.post.source)
    if when.kinds:
        yield _one_of("kind", when.kinds, lambda seen: seen.post.kind)


def _text(when: Condition) -> Iterator[Part]:
    phrases, every, none = when.phrases, when.all_phrases, when.no_phrases
    if phrases:
        any_ = frozenset(phrases)
        yield Part(
            lambda seen: not seen.said.isdisjoint(any_),
            lambda seen: f'it says "{next(phrase for phrase in phrases if phrase in seen.said)}"',
            lambda _: f"it does not say {'any of ' if len(phrases) > 1 else ''}{_named(phrases)}",
        )
    if every:
        all_ = frozenset(every)
        yield Part(
            lambda seen: seen.said >= all_,
            lambda _: f"it says {_named(every, ' and ')}",
            lambda seen: f"it does not say {_named([phrase for phrase in every if phrase not in seen.said], ' or ')}",
        )
    if none:
        neither = frozenset(none)
        yield Part(
            lambda seen: seen.said.isdisjoint(neither),
            lambda _: f"it does not say {_named(none, ' or ')}",
            lambda seen: f'it says "{next(phrase for phrase in none if phrase in seen.said)}"',
        )
    if when.languages:
        yield _one_of("language", when.languages, lambda seen: seen.post.language_code)
    if when.sentiments:
        yield _one_of("sentiment", when.sentiments, lambda seen: seen.post.sentiment)
    yield from _links(when)


def _links(when: Condition) -> Iterator[Part]:
    wanted, domains = when.has_link, when.link_domains

    def told(seen: Situation) -> str:
        return f"it links to {_listed(seen.linked)}" if seen.linked else "it has no link"

    if wanted is not None:
        yield Part(lambda seen: bool(seen.linked) is wanted, told, told)
    if domains:
        yield Part(
            lambda seen: any(is_within(host, domains) for host in seen.linked),
            lambda seen: f"it links to {next(host for host in seen.linked if is_within(host, domains))}",
            lambda seen: f"{told(seen)}, not to {_listed(sorted(domains))}",
        )


def _numbers(when: Condition) -> Iterator[Part]:
    if when.rating_at_most is not None:
        yield _limit(_rating, le, when.rating_at_most, "rating {:g} is at most {:g}", "rating {:g} is above {:g}")
    if when.rating_at_least is not None:
        yield _limit(_rating, ge, when.rating_at_least, "rating {:g} is at least {:g}", "rating {:g} is below {:g}")
    has = "its author has {:,} followers"
    if when.followers_at_least is not None:
        yield _limit(_followers, ge, when.followers_at_least, has, has + ", fewer than {:,}")
    if when.followers_at_most is not None:
        yield _limit(_followers, le, when.followers_at_most, has, has + ", more than {:,}")


def _rating(seen: Situation) -> float | None:
    return seen.post.rating


def _followers(seen: Situation) -> float | None:
    return seen.post.author.followers


def _limit(
    of: Callable[[Situation], float | None],
    holds: Callable[[float, float], bool],
    limit: float,
    says: str,
    lacks: str,
) -> Part:
    """What is unknown is within no limit."""
    unknown = "it has no rating" if of is _rating else "the number of its author's followers is unknown"

    def holds_for(seen: Situation) -> bool:
        value = of(seen)
        return value is not None and holds(value, limit)

    def missed(seen: Situation) -> str:
        value = of(seen)
        return unknown if value is None else lacks.format(value, limit)

    return Part(holds_for, lambda seen: says.format(of(seen), limit), missed)


def _author(when: Condition) -> Iterator[Part]:
    authors, least, within = when.authors, when.earlier_posts, when.earlier_within
    if authors:
        yield Part(
            lambda seen: not seen.author.isdisjoint(authors),
            lambda _: "its author is listed",
            lambda _: "its author is not listed",
        )
    if least is not None:

        def earlier(seen: Situation) -> int:
            return sum(at >= seen.post.said_at - within for at in seen.mention.earlier_posts)

        def told(seen: Situation) -> str:
            return f"its author wrote {earlier(seen)} posts in the {_span(within)} before"

        yield Part(lambda seen: earlier(seen) >= least, told, lambda seen: f"{told(seen)}, fewer than {least}")


def _time(when: Condition) -> Iterator[Part]:
    during, outside = when.during, when.outside
    if during is not None:
        yield Part(
            lambda seen: seen.is_open(during),
            lambda _: f"calendar {during} is open",
            lambda _: f"calendar {during} is closed",
        )
    if outside is not None:
        yield Part(
            lambda seen: not seen.is_open(outside),
            lambda _: f"calendar {outside} is closed",
            lambda _: f"calendar {outside} is open",
        )


def _nested(when: Condition) -> Iterator[Part]:
    for child in when.all_of:
        yield from parts(child)
    for child in when.none_of:
        yield _not(parts(child))
    if when.any_of:
        yield _any(tuple(parts(child) for child in when.any_of))


def _any(branches: tuple[Parts, ...]) -> Part:
    return Part(
        lambda seen: any(failing(branch, seen) is None for branch in branches),
        lambda seen: next(_reasons_or_always(branch, seen) for branch in branches if failing(branch, seen) is None),
        lambda seen: "none of these holds: " + _listed([_failure(branch, seen) for branch in branches], "; "),
    )


def _not(of: Parts) -> Part:
    return Part(
        lambda seen: failing(of, seen) is not None,
        lambda seen: _failure(of, seen),
        lambda seen: f"excluded: {_reasons_or_always(of, seen)}",
    )


def _reasons_or_always(of: Parts, seen: Situation) -> str:
    return reasons(of, seen) or "a condition without parts always holds"


def _failure(of: Parts, seen: Situation) -> str:
    part = failing(of, seen)
    return part.lacks(seen) if part else ""


def _one_of(name: str, values: frozenset[Any], of: Callable[[Situation], str | None]) -> Part:
    return Part(
        lambda seen: of(seen) in values,
        lambda seen: f"{name} is {of(seen)}",
        lambda seen: f"{name} is {of(seen) or 'unknown'}, not {_listed(sorted(values), ' or ')}",
    )


def _named(phrases: Sequence[str], between: str = ", ") -> str:
    return _listed([f'"{phrase}"' for phrase in phrases], between)


def _listed(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return between.join(names[:NAMED]) + more


def _span(span: timedelta) -> str:
    return f"{span.days} days" if span.days > 1 and not span.seconds else f"{span / timedelta(hours=1):g} hours"
