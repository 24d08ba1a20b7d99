"""Rotations: who is on call when, by layers of shifts handed over at wall times, and by overrides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, pairwise, takewhile
from zoneinfo import ZoneInfo

from answerby.domain.calendar import Calendar, Week, instant, is_open, openings


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """`people` take turns of `every` units, handed over at `hand_over` (minutes of wall time since midnight), the first
    of them from `starts` on. `during` limits the layer to hours of the week.

    Turns are counted in wall time, so a hand-over at 9:00 stays at 9:00 when the clocks change, and a turn of hours is
    then an hour longer or shorter. A hand-over at a time that the clocks skip comes right after the gap; at one that
    they repeat, the first time.
    """

    people: tuple[str, ...]
    starts: date
    hand_over: int = 0
    every: int = 1
    unit: Unit = Unit.WEEKS
    during: Week | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Of its layers the last that has somebody at a time counts."""

    id: str
    time_zone: str
    layers: tuple[Layer, ...]


class Change(StrEnum):
    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """For a time, `person` is added to a rotation, removed, or replaced by `by`. Without a rotation they are removed or
    replaced wherever they would be called: they are away."""

    change: Change
    person: str
    starts: datetime
    ends: datetime
    rotation: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """`people` is empty in a gap."""

    start: datetime
    end: datetime
    people: tuple[str, ...]


def on_call(rotation: Rotation, overrides: Sequence[Override], at: datetime) -> tuple[str, ...]:
    """Who is on call. Whom an override takes out of a layer leaves it to the layers before."""
    zone = ZoneInfo(rotation.time_zone)
    scheduled: list[str] = []
    for layer in reversed(rotation.layers):
        person = _turn(layer, zone, at)
        standing = person and stand_in(person, overrides, at, rotation.id)
        if standing:
            scheduled = [standing]
            break
    added = [
        stand_in(each.person, overrides, at, rotation.id)
        for each in overrides
        if each.change is Change.ADD and each.rotation == rotation.id and each.starts <= at < each.ends
    ]
    return tuple(dict.fromkeys([*scheduled, *filter(None, added)]))


def shifts(rotation: Rotation, overrides: Sequence[Override], start: datetime, end: datetime) -> list[Shift]:
    """Who is on call from `start` to `end`, without a hole: a gap is a shift of nobody."""
    merged: list[Shift] = []
    changes = {at for at in _changes(rotation, overrides, start, end) if start < at < end}
    for begin, until in pairwise([start, *sorted(changes), end]):
        people = on_call(rotation, overrides, begin)
        since = merged.pop().start if merged and merged[-1].people == people else begin
        merged.append(Shift(start=since, end=until, people=people))
    return merged


def stand_in(person: str, overrides: Sequence[Override], at: datetime, rotation: str | None = None) -> str | None:
    """Who is called for a person: themselves, whoever replaces them, or nobody while they are away.

    An override of the rotation goes before one without, and the last of several before the others. Whoever is
    replaced in a circle is away.
    """
    seen: set[str] = set()
    while override := away(person, overrides, at, rotation):
        seen.add(person)
        if override.change is Change.REMOVE or override.by is None or override.by in seen:
            return None
        person = override.by
    return person


def away(person: str, overrides: Sequence[Override], at: datetime, rotation: str | None = None) -> Override | None:
    """The override that keeps the person from being called, if one does."""
    found = None
    for each in overrides:
        takes = each.person == person and each.change is not Change.ADD and each.starts <= at < each.ends
        if takes and each.rotation in (None, rotation) and (found is None or each.rotation or not found.rotation):
            found = each
    return found


def _turn(layer: Layer, zone: ZoneInfo, at: datetime) -> str | None:
    """Whose turn it is in a layer. Found by division, however long ago the layer started."""
    if layer.during and not is_open(_hours(layer.during, zone), at):
        return None
    number = _number(layer, zone, at)
    return layer.people[number % len(layer.people)] if number >= 0 else None


def _number(layer: Layer, zone: ZoneInfo, at: datetime) -> int:
    """Of the turn at this time, from 0; below it before the first."""
    number = (at.astimezone(zone).replace(tzinfo=None) - _first(layer)) // _length(layer)
    while _begins(layer, zone, number + 1) <= at:
        number += 1
    return number


def _begins(layer: Layer, zone: ZoneInfo, number: int) -> datetime:
    wall = _first(layer) + number * _length(layer)
    return instant(zone, wall.date(), wall.hour * 60 + wall.minute, 0)


def _first(layer: Layer) -> datetime:
    return datetime.combine(layer.starts, time()) + timedelta(minutes=layer.hand_over)


def _length(layer: Layer) -> timedelta:
    """In wall time."""
    return layer.every * timedelta(**{layer.unit: 1})


def _hours(week: Week, zone: ZoneInfo) -> Calendar:
    return Calendar(id="during", time_zone=zone.key, week=week)


def _changes(rotation: Rotation, overrides: Sequence[Override], start: datetime, end: datetime) -> Iterator[datetime]:
    """Every time at which somebody else may be on call."""
    zone = ZoneInfo(rotation.time_zone)
    for each in overrides:
        yield from (each.starts, each.ends)
    for layer in rotation.layers:
        turns = (_begins(layer, zone, number) for number in count(max(_number(layer, zone, start), 0)))
        yield from takewhile(lambda at: at < end, turns)
        if layer.during:
            for opening in openings(_hours(layer.during, zone), start, end):
                yield from opening
