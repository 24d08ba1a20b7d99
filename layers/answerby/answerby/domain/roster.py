"""Who would be called now: for each kind of post the people of each rung, and until when it will be they."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerby.domain import ladder
from answerby.domain.calendar import openings
from answerby.domain.desk import Desk, Rule
from answerby.domain.mention import PlannedRung, Priority
from answerby.domain.rotation import shifts

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
    passed_over: tuple[str, ...]
    until: datetime | None


def roster(desk: Desk, at: datetime) -> list[Duty]:
    """In the order of the rules; those of one topic that call the same people are told together."""
    duties: list[Duty] = []
    ways: dict[tuple[str | None, Priority, tuple[PlannedRung, ...]], list[str]] = {}
    for rule in desk.rules:
        ways.setdefault((rule.topic, rule.priority, _rungs(rule, desk, at)), []).append(rule.id)
    changes = _changes(desk, at, at + AHEAD)
    for (topic, priority, rungs), rules in ways.items():
        for number, rung in enumerate(rungs, 1):
            called = ladder.called(rung, desk, priority, at)
            duty = Duty(
                topic=topic,
                rules=tuple(rules),
                priority=priority,
                rung=number,
                of=rung,
                people=called.people,
                passed_over=tuple(map(str, called.passed_over)),
                until=next((time for time in changes if _people(rung, desk, priority, time) != called.people), None),
            )
            duties.append(duty)
    return duties


def _rungs(rule: Rule, desk: Desk, at: datetime) -> tuple[PlannedRung, ...]:
    policy, team, topic = desk.policies[rule.policy], desk.teams[rule.team], desk.topics.get(rule.topic or "")
    owner = ladder.owner_of(rule, desk, at)
    return ladder.plan(policy, team, owner, rule.priority, topic, desk).rungs


def _people(rung: PlannedRung, desk: Desk, priority: Priority, at: datetime) -> Mapping[str, str]:
    return ladder.called(rung, desk, priority, at).people


def _changes(desk: Desk, start: datetime, end: datetime) -> list[datetime]:
    """Whenever a shift, an absence or somebody's working hours begin or end."""
    edges = {edge for override in desk.overrides for edge in (override.starts, override.ends)}
    for rotation in desk.rotations.values():
        edges |= {shift.start for shift in shifts(rotation, desk.overrides, start, end)}
    for person in desk.people.values():
        if person.working_hours:
            edges |= {edge for opening in openings(person.working_hours, start, end) for edge in opening}
    return sorted(edge for edge in edges if start < edge < end)
