"""Every id that a desk file mentions as one of its own, readable or not: so that one fault is reported once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.defaults import DEFAULT_LADDER, DEFAULT_POLICIES, EVERYONE
from answerby.cli.desk_file.fields import Fields, Reader
from answerby.cli.desk_file.problems import Place, Problems, quoted
from answerby.cli.desk_file.tree import Mapping as Tree
from answerby.cli.desk_file.tree import Node
from answerby.domain.desk import ALWAYS, ROLES

_CALLABLE = ("person", "team", "rotation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """By kind (person, team, …). `offered` are those without the refused: advice names nothing that cannot stay."""

    known: Mapping[str, Collection[str]]
    offered: Mapping[str, Collection[str]]

    def reader(self, *kinds: str) -> Reader[str]:
        """Of a reference to one of these kinds."""
        known = {name: None for kind in kinds for name in self.known[kind]}
        offered = [name for kind in kinds for name in self.offered[kind]]
        said = [kind for kind in kinds if self.known[kind]] or kinds
        what = " or ".join(filter(None, (", ".join(said[:-1]), said[-1])))
        return partial(_name, known, offered, what)

    def refuse_second_meaning(self, id_: str, kind: str, place: Place, problems: Problems) -> None:
        """Rungs call people, teams, rotations and roles alike: an id stands for one of them. Told once, where it comes
        first."""
        later = _CALLABLE[_CALLABLE.index(kind) + 1 :]
        other = next((other for other in ("role", *later) if id_ in self.known[other]), None)
        if other:
            meant = "a role on every ladder" if other == "role" else f"a {other}"
            problems.error(place, f"{quoted(id_)} is {meant} too", f"Give the {kind} another id")


def _name(known: Collection[str], offered: Collection[str], what: str, node: Node, problems: Problems) -> str | None:
    return values.name_of(node, known, what, problems, offered)


def names_of(top: Fields, networks: Collection[str]) -> Names:
    def ids(section: str, default: Collection[str] = ()) -> Collection[str]:
        node = top.node(section)
        if node is None:
            return dict.fromkeys(default)
        return dict.fromkeys(node.values) if isinstance(node, Tree) else {}

    callable_ = {
        "role": dict.fromkeys(ROLES),
        "person": ids("people"),
        "team": ids("teams", [EVERYONE]),
        "rotation": ids("rotations"),
    }
    known: dict[str, Collection[str]] = {
        **callable_,
        "calendar": {ALWAYS: None, **dict.fromkeys(ids("calendars"))},
        "ladder": {**dict.fromkeys(ids("ladders")), DEFAULT_LADDER.id: None},
        "policy": ids("policies", DEFAULT_POLICIES),
        "source": ids("sources"),
        "topic": ids("topics"),
        "list": ids("lists"),
        "network": dict.fromkeys(networks),
    }
    offered = {kind: [id_ for id_ in names if values.is_identifier(id_)] for kind, names in known.items()}
    for kind in _CALLABLE:
        others = [names for other, names in callable_.items() if other != kind]
        offered[kind] = [id_ for id_ in offered[kind] if not any(id_ in names for names in others)]
    return Names(known=known, offered=offered)
