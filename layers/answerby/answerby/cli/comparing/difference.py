"""One thing that differs between two desks, and the words it is told in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from answerby.cli.output import length
from answerby.domain.calendar import Calendar, Span, Week
from answerby.domain.desk import Desk
from answerby.domain.ladder import Candidate

_MIDNIGHT = 24 * 60
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Aspect(StrEnum):
    """What a difference is about, the most important first."""

    LEFT = "left"
    OWNER = "owner"
    RULE = "rule"
    POLICY = "policy"
    LADDER = "ladder"
    DUTY = "duty"
    TEAM = "team"
    PERSON = "person"
    TOPIC = "topic"
    CALENDAR = "calendar"
    SOURCE = "source"
    MANNERS = "manners"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`id` is of the rule, person, policy … it is about, `text` one sentence without a full stop."""

    aspect: Aspect
    id: str
    text: str


def by_importance(differences: Collection[Difference]) -> list[Difference]:
    order = list(Aspect)
    return sorted(differences, key=lambda each: order.index(each.aspect))


def changed_fields(before: Any, after: Any, called: Mapping[str, str], besides: Collection[str] = ()) -> Iterator[str]:
    """One phrase for every field of a dataclass that differs, whatever fields it may get: `priority high, was low`."""
    for field in fields(before):
        was, is_ = getattr(before, field.name), getattr(after, field.name)
        if was != is_ and field.name not in besides:
            name = called.get(field.name, field.name.replace("_", " "))
            yield f"{name} {value(is_)}, was {value(was)}".strip()


def value(of: Any) -> str:
    """As it is said in a sentence."""
    if of is None:
        return "none"
    said = next((say for kind, say in _SAID if isinstance(of, kind)), str)
    return said(of)


def _collection(of: Collection[Any]) -> str:
    return ", ".join(sorted(map(value, of)) if isinstance(of, frozenset) else map(value, of)) or "none"


def names(people: Collection[str], *desks: Desk) -> str:
    return ", ".join(name_of(person, *desks) for person in people) or "nobody"


def name_of(person: str, *desks: Desk) -> str:
    """By the first of the desks that knows them; `person` may be a rotation."""
    if any(person in desk.rotations for desk in desks):
        return f"whoever is on call ({person})"
    return next((desk.people[person].name for desk in desks if person in desk.people), person)


def passed_over(each: Candidate, desk: Desk, zone: str, now: datetime) -> str:
    """`Ana Ruiz is asleep until Fri 25 Dec 09:00`"""
    until = f" until {wall(each.until, zone, now)}" if each.until else ""
    if each.person is None:
        return f"nobody is on call in {each.name}{until}" if until else f"{each.name} is no longer on the desk"
    return f"{in_place_of(each.person, each.name, desk)} is {each.reach}{until}"


def in_place_of(person: str, name: str, desk: Desk) -> str:
    """A person, and for which name of a plan they are called, if it is another than their own."""
    known = desk.people[name].name if name in desk.people else name
    return name_of(person, desk) + (f" for {known}" if name != person else "")


def wall(at: datetime, zone: str, now: datetime) -> str:
    """With its year, if that is another than that of `now`."""
    there, here = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    return f"{there:%a %-d %b %H:%M}" if there.year == here.year else f"{there:%a %-d %b %Y %H:%M}"


def day(of: date) -> str:
    return f"{of:%a %-d %b %Y}"


def hours(week: Week) -> str:
    """`Mon-Fri 09:00-17:00, Sat 10:00-14:00`"""
    groups = [list(days) for _, days in groupby(zip(_DAYS, week, strict=True), key=lambda each: each[1])]
    open_ = [(days[0][0], days[-1][0], days[0][1]) for days in groups if days[0][1]]
    return ", ".join(f"{a if a == b else f'{a}-{b}'} {spans(of)}" for a, b, of in open_) or "never"


def spans(of: tuple[Span, ...]) -> str:
    return " and ".join(f"{_clock(span.start)}-{_clock(span.end)}" for span in of) or "closed"


def _clock(minutes: int) -> str:
    past = minutes % _MIDNIGHT if minutes > _MIDNIGHT else minutes
    return f"{past // 60:02}:{past % 60:02}"


_SAID: tuple[tuple[type[Any], Callable[[Any], str]], ...] = (
    (bool, lambda of: "yes" if of else "no"),
    (float, lambda of: f"{of:g}"),
    (timedelta, length),
    (Calendar, lambda of: f"{hours(of.week)} ({of.time_zone})"),
    (tuple, _collection),
    (frozenset, _collection),
)
