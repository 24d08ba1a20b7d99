"""Back-ups that lead back to where they began: when all of them are away, nobody is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from answerby.cli.desk_file.fields import Fields
from answerby.cli.desk_file.problems import Problems
from answerby.cli.desk_file.tree import Mapping as Tree
from answerby.domain.desk import Person

_SHOWN = 5


def refuse_circles(top: Fields, people: Mapping[str, Person], problems: Problems) -> None:
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
