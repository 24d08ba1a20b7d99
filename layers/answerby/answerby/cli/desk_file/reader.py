"""Reads a desk file into a Desk, or says everything that keeps it from being one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from answerby.cli.desk_file import values
from answerby.cli.desk_file.advice import advise
from answerby.cli.desk_file.fields import Fields
from answerby.cli.desk_file.problems import DeskFileError, Place, Problem, Problems, TooManyError
from answerby.cli.desk_file.reach import check_reach
from answerby.cli.desk_file.rules import CATCH_ALL, Around, read_catch_all, read_rules
from answerby.cli.desk_file.sections import (
    names_of,
    read_ladders,
    read_people,
    read_policies,
    read_sources,
    read_teams,
)
from answerby.cli.desk_file.tree import LARGEST_FILE, read_tree
from answerby.cli.desk_file.tree import Mapping as Tree
from answerby.domain.desk import Desk, Person
from answerby.networks import NETWORKS

_SECTIONS = ("people", "teams", "ladders", "policies", "rules", CATCH_ALL, "sources", "digest_after")
_DIGEST_AFTER = timedelta(days=7)
_MOST_SOURCES = 50
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`desk` is None if there is any error."""

    desk: Desk | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load(path: Path) -> tuple[Desk, tuple[Problem, ...]]:
    """The desk of a file, and what to look at again. Raises DeskFileError."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        what = f"the file cannot be read ({(error.strerror or type(error).__name__).lower()})"
        raise DeskFileError(str(path), [Problem(place=Place(), what=what, to_do="Check its name")]) from None
    reading = read(raw)
    if reading.desk is None:
        raise DeskFileError(str(path), reading.errors)
    return reading.desk, reading.warnings


def read(raw: bytes, networks: Collection[str] = tuple(NETWORKS)) -> Reading:
    """Everything is checked before anything is refused. Never raises, whatever the bytes are."""
    problems = Problems()
    desk = None
    try:
        tree = read_tree(raw, problems)
        desk = _desk(tree, networks, problems) if tree else None
    except TooManyError:
        pass
    errors = tuple(problems.errors)
    return Reading(desk=None if errors else desk, errors=errors, warnings=tuple(problems.warnings))


def _desk(tree: Tree, networks: Collection[str], problems: Problems) -> Desk | None:
    top = Fields(tree, "the desk", _SECTIONS, problems)
    names = names_of(top, networks)
    for section in ("people", "teams", "policies"):
        if top.node(section) is None:
            problems.error(top.place, f"the desk has no `{section}`", f"Add `{section}:`; a desk needs at least one")
    people = read_people(top.node("people"), names, problems)
    _refuse_circles(top, people, problems)
    teams = read_teams(top.node("teams"), names, problems)
    ladders = read_ladders(top.node("ladders"), names, problems)
    policies = read_policies(top.node("policies"), names, problems)
    before = problems.count
    sources = read_sources(top.node("sources"), names, problems)
    sources_sound = problems.count == before
    if len(sources) > _MOST_SOURCES:
        problems.error(top.place_of("sources"), f"more than {_MOST_SOURCES} sources", "Remove what is not used")
        return None
    catch_all = read_catch_all(top, names, problems)
    around = Around(
        names=names,
        teams=teams,
        sources=sources,
        default_policy=catch_all.policy if catch_all else "",
        delivered=frozenset(source.network for source in sources.values()) if sources_sound else frozenset(networks),
    )
    rules = read_rules(top.node("rules"), around, problems)
    if sources_sound:
        check_reach(rules, sources, problems)
    digest_after = top.optional("digest_after", values.duration) or _DIGEST_AFTER
    if catch_all is None or problems.count:
        return None
    desk = Desk(
        people=people,
        teams=teams,
        ladders=ladders,
        policies=policies,
        rules=(*(placed.rule for placed in rules), catch_all),
        sources=sources,
        digest_after=digest_after,
    )
    advise(desk, top, rules, problems)
    return desk


def _refuse_circles(top: Fields, people: Mapping[str, Person], problems: Problems) -> None:
    """Back-ups that lead back to where they began: when all of them are away, nobody is left."""
    node = top.node("people")
    followed: set[str] = set()
    for start in people:
        path: list[str] = []
        at: str | None = start
        while at and at in people and at not in followed:
            followed.add(at)
            path.append(at)
            at = next(iter(people[at].backups), None)
        if not at or at not in path or people[at].backups == (at,):
            continue
        circle = path[path.index(at) :]
        place = node.values[circle[0]][0].place if isinstance(node, Tree) else top.place
        shown = " → ".join([*circle[:_SHOWN], *(["…"] if len(circle) > _SHOWN else []), circle[0]])
        problems.error(place, f"the back-ups go in a circle: {shown}", "Leave one of them without a back-up")
