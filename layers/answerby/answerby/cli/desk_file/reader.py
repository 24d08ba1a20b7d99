"""Reads a desk file into a Desk, or says everything that keeps it from being one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from answerby.cli.desk_file import values
from answerby.cli.desk_file.advice import advise
from answerby.cli.desk_file.calendars import read_calendars
from answerby.cli.desk_file.circles import refuse_circles
from answerby.cli.desk_file.conditions import Scope
from answerby.cli.desk_file.defaults import everyone
from answerby.cli.desk_file.fields import Fields
from answerby.cli.desk_file.ladders import read_ladders, read_manners
from answerby.cli.desk_file.names import Names, names_of
from answerby.cli.desk_file.people import read_people, read_teams
from answerby.cli.desk_file.policies import read_policies
from answerby.cli.desk_file.problems import DeskFileError, Place, Problem, Problems, TooManyError
from answerby.cli.desk_file.reach import check_reach
from answerby.cli.desk_file.rotations import read_overrides, read_rotations
from answerby.cli.desk_file.rules import Around, read_catch_all, read_rules
from answerby.cli.desk_file.shapes import DESK
from answerby.cli.desk_file.sources import read_sources
from answerby.cli.desk_file.topics import read_lists, read_topics
from answerby.cli.desk_file.tree import LARGEST_FILE, read_tree
from answerby.cli.desk_file.tree import Mapping as Tree
from answerby.domain.desk import Desk, Person, Team
from answerby.networks import NETWORKS

_DIGEST_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`desk` is None if there is any error."""

    desk: Desk | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load(path: Path, today: date | None = None) -> tuple[Desk, tuple[Problem, ...]]:
    """The desk of a file as it is on a day (today's, in UTC), and what to look at again. Raises DeskFileError."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        what = f"the file cannot be read ({(error.strerror or type(error).__name__).lower()})"
        raise DeskFileError(str(path), [Problem(place=Place(), what=what, to_do="Check its name")]) from None
    reading = read(raw, today or datetime.now(UTC).date())
    if reading.desk is None:
        raise DeskFileError(str(path), reading.errors)
    return reading.desk, reading.warnings


def read(raw: bytes, today: date, networks: Collection[str] = tuple(NETWORKS)) -> Reading:
    """Everything is checked before anything is refused. Never raises, whatever the bytes are.

    `today` says which years' public holidays are looked up, and when "within a year" begins.
    """
    problems = Problems()
    desk = None
    try:
        tree = read_tree(raw, problems)
        desk = _desk(tree, today, networks, problems) if tree else None
    except TooManyError:
        pass
    errors = tuple(problems.errors)
    return Reading(desk=None if errors else desk, errors=errors, warnings=tuple(problems.warnings))


def _desk(tree: Tree, today: date, networks: Collection[str], problems: Problems) -> Desk | None:
    top = Fields(tree, "the desk", DESK, problems)
    names = names_of(top, networks)
    _refuse_empty(top, problems)
    people = _people(top, names, problems)
    calendars = read_calendars(top.node("calendars"), today, problems)
    rotations = read_rotations(top.node("rotations"), names, problems)
    overrides = read_overrides(top.node("overrides"), people, rotations, names, problems)
    teams = _teams(top, names, people, problems)
    ladders = read_ladders(top.node("ladders"), names, problems)
    policies = read_policies(top.node("policies"), names, problems)
    topics = read_topics(top.node("topics"), names, problems)
    lists = read_lists(top.node("lists"), problems)
    manners = read_manners(top.node("manners"), problems)
    before = problems.count
    sources = read_sources(top.node("sources"), names, problems)
    sources_sound = problems.count == before
    delivered = frozenset(source.network for source in sources.values()) if sources_sound else frozenset(networks)
    scope = Scope(names=names, sources=sources, lists=lists, delivered=delivered)
    around = Around(scope=scope, teams=teams, policies=policies, topics=topics if "topics" in top else None)
    catch_all = read_catch_all(top, around, problems)
    rules = read_rules(top.node("rules"), around, catch_all, problems)
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
        calendars=calendars,
        rotations=rotations,
        overrides=overrides,
        topics=topics,
        manners=manners,
        digest_after=digest_after,
    )
    advise(desk, top, rules, today, problems)
    return desk


def _refuse_empty(top: Fields, problems: Problems) -> None:
    """What may be left out may not be left empty: that would be no team, and not the usual one."""
    for section in ("people", "teams", "policies"):
        node = top.node(section)
        if isinstance(node, Tree) and not node.values:
            problems.error(node.place, f"there are no {section} here", "Add one, or remove the line")


def _people(top: Fields, names: Names, problems: Problems) -> dict[str, Person]:
    if "people" not in top:
        problems.error(top.place, "the desk has no `people`", "Add `people:`; a desk needs at least one")
    people = read_people(top.node("people"), names, problems)
    refuse_circles(top, people, problems)
    return people


def _teams(top: Fields, names: Names, people: dict[str, Person], problems: Problems) -> dict[str, Team]:
    if "teams" in top:
        return read_teams(top.node("teams"), names, problems)
    team = everyone(people, names.known["rotation"]) if people else None
    return {team.id: team} if team else {}
