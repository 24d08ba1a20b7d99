"""Rotations and the overrides of who is called, as a desk file writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from answerby.cli.desk_file import hours, values
from answerby.cli.desk_file.fields import Fields, entries
from answerby.cli.desk_file.names import Names
from answerby.cli.desk_file.problems import Problems, quoted
from answerby.cli.desk_file.shapes import LAYER, OVERRIDE, ROTATION
from answerby.cli.desk_file.tree import Node, Scalar, Sequence
from answerby.domain.desk import Person
from answerby.domain.rotation import Change, Layer, Override, Rotation, Unit

MOST_ROTATIONS = 100
MOST_LAYERS = 10
MOST_TURNS = 100
MOST_OVERRIDES = 1_000

_HAND_OVER = 9 * 60
_EVERY = re.compile(r"(\d{1,3}) ?(hour|day|week|h|d|w)s?", re.ASCII)
_NAMED = {"hourly": (1, Unit.HOURS), "daily": (1, Unit.DAYS), "weekly": (1, Unit.WEEKS)}
_UNITS = {"h": Unit.HOURS, "d": Unit.DAYS, "w": Unit.WEEKS}
_CHANGES = {"replace": Change.REPLACE, "add": Change.ADD, "remove": Change.REMOVE}
_AWAY = "away"


def read_rotations(node: Node | None, names: Names, problems: Problems) -> dict[str, Rotation]:
    rotations = {}
    for id_, key, value in entries(node, "rotations", problems, MOST_ROTATIONS):
        fields = Fields(value, f"rotation {id_}", ROTATION, problems, key.place)
        names.refuse_second_meaning(id_, "rotation", key.place, problems)
        time_zone = fields.required("time_zone", values.time_zone)
        if "layers" in fields:
            for name in LAYER.fields:
                if name in fields:
                    problems.error(fields.place_of(name), f"rotation {id_} has layers too", "Write it in a layer")
            layers = fields.optional("layers", partial(_layers, names))
        else:
            layer = _layer(fields, names) if fields.readable else None
            layers = (layer,) if layer else None
        if time_zone and layers:
            rotations[id_] = Rotation(id=id_, time_zone=time_zone, layers=layers)
    return rotations


def read_overrides(
    node: Node | None,
    people: Mapping[str, Person],
    rotations: Mapping[str, Rotation],
    names: Names,
    problems: Problems,
) -> tuple[Override, ...]:
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        problems.error(node.place, "`overrides` is a list", "Write `- {away: …, from: …, until: …}` for each")
        return ()
    if len(node.items) > MOST_OVERRIDES:
        problems.error(node.items[MOST_OVERRIDES].place, f"more than {MOST_OVERRIDES} overrides", "Remove the old ones")
    found = (_override(item, people, rotations, names, problems) for item in node.items[:MOST_OVERRIDES])
    return tuple(override for override in found if override)


def _layers(names: Names, node: Node, problems: Problems) -> tuple[Layer, ...] | None:
    if not isinstance(node, Sequence) or not node.items:
        problems.error(node.place, "a rotation needs layers", "Write `- {people: [a, b], starts: 2026-01-05}` for each")
        return None
    if len(node.items) > MOST_LAYERS:
        problems.error(node.items[MOST_LAYERS].place, f"more than {MOST_LAYERS} layers", "Join some of them")
    found = [_layer(Fields(item, "a layer", LAYER, problems), names) for item in node.items[:MOST_LAYERS]]
    return tuple(layer for layer in found if layer)


def _layer(fields: Fields, names: Names) -> Layer | None:
    people = fields.required("people", partial(_turns, names))
    starts = fields.required("starts", hours.day)
    hand_over = fields.optional("hand_over", hours.time_of_day)
    every, unit = fields.optional("every", _every) or (1, Unit.WEEKS)
    during = fields.optional("during", hours.week)
    if not people or not starts:
        return None
    return Layer(
        people=people,
        starts=starts,
        hand_over=_HAND_OVER if hand_over is None else hand_over,
        every=every,
        unit=unit,
        during=during,
    )


def _turns(names: Names, node: Node, problems: Problems) -> tuple[str, ...]:
    """People in turn. One may be named twice: they then have two turns of a round."""
    person = names.reader("person")
    turns = values.items(node, "people", problems)
    if len(turns) > MOST_TURNS:
        problems.error(turns[MOST_TURNS].place, f"more than {MOST_TURNS} turns", "Shorten the list")
    return tuple(filter(None, (person(item, problems) for item in turns[:MOST_TURNS])))


def _every(node: Node, problems: Problems) -> tuple[int, Unit] | None:
    """`1 week`, `3 days`, `12 hours`, `2w`, `daily`."""
    written = values.text(node, problems)
    if written is None:
        return None
    if named := _NAMED.get(written.lower()):
        return named
    match = _EVERY.fullmatch(written.lower())
    if match and int(match[1]):
        return int(match[1]), _UNITS[match[2][0]]
    problems.error(
        node.place, f"{quoted(written)} is no length of a turn", "Write for instance 1 week, 3 days, 12 hours"
    )
    return None


def _override(
    node: Node,
    people: Mapping[str, Person],
    rotations: Mapping[str, Rotation],
    names: Names,
    problems: Problems,
) -> Override | None:
    fields = Fields(node, "an override", OVERRIDE, problems)
    before = problems.count
    said = [name for name in (*_CHANGES, _AWAY) if name in fields]
    if len(said) != 1:
        if fields.readable:
            what = f"an override says one of replace, add, remove and away, not {' and '.join(said) or 'none'}"
            problems.error(fields.place, what, "Write for instance `{away: ana, from: …, until: …}`")
        return None
    person = fields.optional(said[0], names.reader("person"))
    by = fields.optional("with", names.reader("person"))
    rotation = None
    if said[0] == _AWAY:
        _refuse(fields, "rotation", "away holds wherever they would be called", "Remove it, or write `remove:`")
        zone = people[person].time_zone if person and person in people else "UTC"
    else:
        rotation = fields.required("rotation", names.reader("rotation"))
        zone = rotations[rotation].time_zone if rotation and rotation in rotations else "UTC"
    if said[0] == "replace":
        fields.required("with", values.text)
    elif said[0] != _AWAY:
        _refuse(fields, "with", f"`{said[0]}` takes nobody else", "Remove it, or write `replace:`")
    if person is not None and person == by:
        problems.error(fields.value_place("with"), f"{person} cannot stand in for themselves", "Name somebody else")
    starts = fields.required("from", partial(_moment, zone, 0))
    ends = fields.required("until", partial(_moment, zone, 1))
    if starts and ends and ends <= starts:
        problems.error(fields.value_place("until"), "the override ends before it starts", "Exchange `from` and `until`")
    if not person or not starts or not ends or problems.count > before:
        return None
    change = _CHANGES.get(said[0], Change.REPLACE if by else Change.REMOVE)
    return Override(change=change, person=person, starts=starts, ends=ends, rotation=rotation, by=by)


def _refuse(fields: Fields, name: str, what: str, to_do: str) -> None:
    if name in fields:
        fields.problems.error(fields.place_of(name), what, to_do)


def _moment(zone: str, whole_days: int, node: Node, problems: Problems) -> datetime | None:
    """`2026-12-20 09:00` in the zone, in UTC. A date alone is its begin, or its end with `whole_days`. Of a wall time
    that comes twice a start takes the first and an end the last."""
    written = values.text(node, problems)
    if written is None or not isinstance(node, Scalar):
        return None
    day, _, clock = written.replace("T", " ").partition(" ")
    on = hours.day_of(day, node, problems)
    at = hours.time_of_day(Scalar(node.place, clock.strip(), plain=False), problems) if on and clock else 0
    if on is None or at is None:
        return None
    if not clock:
        on += timedelta(days=whole_days)
    return _instant(on, at, zone, whole_days)


def _instant(day: date, minute: int, zone: str, fold: int) -> datetime:
    wall = datetime.combine(day, time(minute // 60, minute % 60, fold=fold), ZoneInfo(zone))
    return wall.astimezone(UTC)
