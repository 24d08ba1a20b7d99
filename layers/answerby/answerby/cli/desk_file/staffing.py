"""Whether somebody can always be called: no back-ups in a circle, no ladder that comes to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from answerby.cli.desk_file.fields import Fields
from answerby.cli.desk_file.hours import DAY
from answerby.cli.desk_file.problems import Place, Problems
from answerby.cli.desk_file.rules import CATCH_ALL, Placed
from answerby.cli.desk_file.tree import Mapping as Tree
from answerby.domain.desk import BACKUP, LEAD, OWNER, Desk, Person, Rule
from answerby.domain.rotation import Rotation

_SHOWN = 5


def refuse_circles(top: Fields, people: Mapping[str, Person], problems: Problems) -> None:
    """Back-ups that lead back to where they began: when all of them are away, nobody is left."""
    node = top.node("people")
    done: set[str] = set()
    for start in people:
        circle = _circle(start, people, done)
        if circle:
            place = node.values[circle[0]][0].place if isinstance(node, Tree) else top.place
            shown = " → ".join([*circle[:_SHOWN], *(["…"] if len(circle) > _SHOWN else []), circle[0]])
            problems.error(place, f"the back-ups go in a circle: {shown}", "Leave one of them without a back-up")


def _circle(start: str, people: Mapping[str, Person], done: set[str]) -> Sequence[str]:
    """The first circle that can be reached from a person; `done` are those from whom none can.

    Walks in depth on a stack of its own: a chain of back-ups may be longer than Python calls.
    """
    path: list[str] = []
    on_path: set[str] = set()
    walk: list[tuple[str, Iterator[str]]] = []

    def enter(person: str) -> None:
        path.append(person)
        on_path.add(person)
        walk.append((person, iter(people[person].backups)))

    if start not in done:
        enter(start)
    circle: Sequence[str] = ()
    while walk:
        person, backups = walk[-1]
        following = next((one for one in backups if one in people and one not in done and one != person), None)
        if following is None:
            walk.pop()
            path.pop()
            on_path.discard(person)
            done.add(person)
        elif following in on_path:
            circle = circle or path[path.index(following) :]
        else:
            enter(following)
    return circle


def refuse_unstaffed(desk: Desk, top: Fields, rules: Sequence[Placed], today: date, problems: Problems) -> None:
    """A rule whose ladder calls rotations only, when those have hours without anybody."""
    gaps = {id_ for id_, rotation in desk.rotations.items() if not is_always_staffed(rotation, today)}
    if not gaps:
        return
    places: list[tuple[Rule, Place]] = [(placed.rule, placed.place) for placed in rules]
    told: set[tuple[str, str, str | None]] = set()
    for rule, place in (*places, (desk.rules[-1], top.place_of(CATCH_ALL))):
        ladder = desk.policies[rule.policy].ladder
        called = {one for rung in desk.ladders[ladder].rungs for name in rung.who for one in _called(name, rule, desk)}
        key = (ladder, rule.team, rule.person)
        if called <= gaps and key not in told:
            told.add(key)
            what = f"rule {rule.id} calls nobody while {' and '.join(sorted(called))} has nobody on call"
            problems.error(place, what, f"Add `lead` to a rung of ladder {ladder}, or hours to the rotation")


def is_always_staffed(rotation: Rotation, today: date) -> bool:
    """Whether its layers cover the week from today on, overrides aside."""
    week = 7 * DAY
    covered = bytearray(week + DAY)
    for layer in rotation.layers:
        if layer.starts > today:
            continue
        if layer.during is None:
            return True
        for at, day in enumerate(layer.during):
            for span in day:
                covered[at * DAY + span.start : at * DAY + span.end] = b"\1" * (span.end - span.start)
    return all(covered[DAY:week]) and all(a or b for a, b in zip(covered[:DAY], covered[week:], strict=True))


def _called(name: str, rule: Rule, desk: Desk) -> Sequence[str]:
    """The people and rotations that a name on a rung stands for."""
    team = desk.teams[rule.team]
    owner = rule.person or team.members[0]
    if name == OWNER:
        return [owner]
    if name == LEAD:
        return [team.lead]
    if name == BACKUP:
        topic = desk.topics.get(rule.topic or "")
        own = desk.people[owner].backups if owner in desk.people else ()
        others = tuple(member for member in team.members if member != owner)
        return (*(topic.backups if topic else ()), *own) or others[:1] or (team.lead,)
    return desk.teams[name].members if name in desk.teams else [name]
