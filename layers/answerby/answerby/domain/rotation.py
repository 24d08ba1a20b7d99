"""Rotations: who is on call when, by layers of shifts handed over at wall times, and by overrides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from answerby.domain.calendar import Week


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """`people` take turns of `every` units, handed over at `hand_over` (minutes of wall time since midnight), the first
    of them from `starts` on. `during` limits the layer to hours of the week."""

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
