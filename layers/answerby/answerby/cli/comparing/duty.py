"""Who will be on call otherwise within the next two weeks, and who is away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from answerby.cli.comparing.difference import Aspect, Difference, name_of, names, wall
from answerby.domain.desk import Desk
from answerby.domain.rotation import Change, Override, Rotation, Shift, shifts

AHEAD = timedelta(days=14)
_NAMED_SHIFTS = 6

_Handover = tuple[datetime, datetime, tuple[str, ...], tuple[str, ...]]


def rotations(before: Desk, after: Desk, now: datetime) -> Iterator[Difference]:
    for id_, rotation in after.rotations.items():
        for text in _rotation(rotation, before, after, now):
            yield Difference(aspect=Aspect.DUTY, id=id_, text=f"rotation {id_}{text}")
    for id_ in before.rotations:
        if id_ not in after.rotations:
            yield Difference(aspect=Aspect.DUTY, id=id_, text=f"rotation {id_} is gone")


def overrides(before: Desk, after: Desk, now: datetime) -> Iterator[Difference]:
    for override in after.overrides:
        if override not in before.overrides:
            yield _told(override, after, "", now)
    for override in before.overrides:
        if override not in after.overrides:
            yield _told(override, before, "no longer planned: ", now)


def _rotation(rotation: Rotation, before: Desk, after: Desk, now: datetime) -> Iterator[str]:
    known = before.rotations.get(rotation.id)
    is_ = shifts(rotation, after.overrides, now, now + AHEAD)
    was = shifts(known, before.overrides, now, now + AHEAD) if known else []
    zone = rotation.time_zone
    if known is None:
        first = next((shift for shift in is_ if shift.people), None)
        yield (
            f" is new: {names(first.people, after)} until {wall(first.end, zone, now)} ({zone})" if first else " is new"
        )
        return
    differing = list(_differing(was, is_))
    for start, end, had, has in differing[:_NAMED_SHIFTS]:
        who = f"{names(has, after)}, not {names(had, before, after)}"
        yield f", {wall(start, zone, now)} to {wall(end, zone, now)} ({zone}): {who}"
    if len(differing) > _NAMED_SHIFTS:
        yield f": {len(differing) - _NAMED_SHIFTS} more shifts differ until {wall(now + AHEAD, zone, now)} ({zone})"
    if known != rotation and not differing:
        yield f" is another, but not before {wall(now + AHEAD, zone, now)} ({zone})"


def _differing(was: Sequence[Shift], is_: Sequence[Shift]) -> Iterator[_Handover]:
    edges = sorted({at for shift in (*was, *is_) for at in (shift.start, shift.end)})
    merged: list[_Handover] = []
    for start, end in pairwise(edges):
        had, has = _at(was, start), _at(is_, start)
        if had == has:
            continue
        if merged and merged[-1][1:] == (start, had, has):
            merged[-1] = (merged[-1][0], end, had, has)
        else:
            merged.append((start, end, had, has))
    yield from merged


def _at(of: Sequence[Shift], at: datetime) -> tuple[str, ...]:
    return next((shift.people for shift in of if shift.start <= at < shift.end), ())


def _told(override: Override, desk: Desk, before: str, now: datetime) -> Difference:
    person = name_of(override.person, desk)
    zone = desk.people[override.person].time_zone if override.person in desk.people else "UTC"
    on = f" on rotation {override.rotation}" if override.rotation else ""
    if override.change is Change.ADD:
        what = f"{person} is added{on}"
    elif override.change is Change.REPLACE and override.by:
        what = f"{name_of(override.by, desk)} stands in for {person}{on}"
    else:
        what = f"{person} is taken off{on}" if on else f"{person} is away"
    when = f"from {wall(override.starts, zone, now)} to {wall(override.ends, zone, now)} ({zone})"
    text = f"{before}{what} {when}{'' if override.ends > now else ', which is past'}"
    return Difference(aspect=Aspect.DUTY, id=override.person, text=text)
