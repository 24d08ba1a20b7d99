"""Who would be called now: for each kind of post the people of each rung, and until when it will be they."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerby.domain import ladder
from answerby.domain.calendar import openings
from answerby.domain.desk import Desk, Rule
from answerby.domain.mention import PlannedRung, Priority

AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """`rules` are those whose posts go the same way. `people` by id, each with the name in the plan for which they are
    called. Without any this rung is passed over, for the reasons in `passed_over`; without `until` nothing changes
    within two weeks."""

    topic: str | None
    rules: tuple[str, ...]
    priority: Priority
    rung: int
    of: PlannedRung
    people: Mapping[str, str]
    passed_over: tuple[ladder.Candidate, ...]
    until: datetime | None


def roster(desk: Desk, at: datetime) -> list[Duty]:
    """In the order of the rules; those whose posts go the same way are told together."""
    ways: dict[tuple[str | None, Priority, str, str | None, str], list[Rule]] = {}
    for rule in desk.rules:
        ways.setdefault((rule.topic, rule.priority, rule.team, rule.person, rule.policy), []).append(rule)
    changes = _changes(desk, at, at + AHEAD)
    return [duty for rules in ways.values() for duty in _duties(rules, desk, at, changes)]


def _duties(rules: list[Rule], desk: Desk, at: datetime, changes: list[datetime]) -> Iterator[Duty]:
    first = rules[0]
    for number, rung in enumerate(ladder.rungs_of(first, desk, at), 1):
        called = ladder.called(rung, desk, first.priority, at)
        yield Duty(
            topic=first.topic,
            rules=tuple(rule.id for rule in rules),
            priority=first.priority,
            rung=number,
            of=rung,
            people=called.people,
            passed_over=called.passed_over,
            until=next((time for time in changes if _people(first, number, desk, time) != called.people), None),
        )


def _people(rule: Rule, number: int, desk: Desk, at: datetime) -> Mapping[str, str]:
    """Of a rung at another time, when somebody else may own the rule's posts."""
    rungs = ladder.rungs_of(rule, desk, at)
    return ladder.called(rungs[number - 1], desk, rule.priority, at).people if number <= len(rungs) else {}


def _changes(desk: Desk, start: datetime, end: datetime) -> list[datetime]:
    """Whenever a shift, an absence or somebody's working hours begin or end."""
    edges = ladder.changes(desk, start, end)
    for person in desk.people.values():
        if person.working_hours:
            edges |= {edge for opening in openings(person.working_hours, start, end) for edge in opening}
    return sorted(edge for edge in edges if start < edge < end)
