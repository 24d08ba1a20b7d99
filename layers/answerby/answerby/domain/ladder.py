"""Ladders: whom a mention's plan calls, in which order."""

from __future__ import annotations

from datetime import datetime, timedelta

from answerby.domain.desk import BACKUP, LEAD, OWNER, Desk, Policy, Rule, Team, Topic
from answerby.domain.mention import Plan, PlannedRung, Priority

REPEAT_EVERY = timedelta(minutes=30)
REPEAT_URGENT_EVERY = timedelta(minutes=10)


def owner_of(rule: Rule, desk: Desk, now: datetime, language: str | None = None) -> str:  # noqa: ARG001
    return rule.person or desk.teams[rule.team].members[0]


def backup_of(owner: str, team: Team, desk: Desk) -> str:
    """The owner's own back-up, else the next of the team after them, else its lead."""
    person = desk.people.get(owner)
    if person and person.backups:
        return person.backups[0]
    others = [member for member in team.members if member != owner]
    if owner in team.members:
        place = team.members.index(owner)
        others = [*team.members[place + 1 :], *team.members[:place]]
    return others[0] if others else team.lead


def plan(policy: Policy, team: Team, owner: str, priority: Priority, topic: Topic | None, desk: Desk) -> Plan:  # noqa: ARG001
    """The ladder with its roles resolved. Nobody is called on two rungs in a row for the same thing: a rung that
    adds no one to the one before it is left out, so its wait delays nothing."""
    ladder = desk.ladders[policy.ladder]
    rungs: list[PlannedRung] = []
    for rung in ladder.rungs:
        people = _people(rung.who, owner, team, desk)
        if people and (not rungs or people != rungs[-1].who):
            rungs.append(PlannedRung(who=people, wait=rung.wait))
    if not rungs:
        rungs.append(PlannedRung(who=(owner,), wait=REPEAT_EVERY))
    default = REPEAT_URGENT_EVERY if priority is Priority.URGENT else REPEAT_EVERY
    return Plan(rungs=tuple(rungs), repeat_every=ladder.repeat_every or default, ack_for=policy.ack_for)


def called(rung: PlannedRung, desk: Desk, priority: Priority | None, now: datetime) -> tuple[str, ...]:  # noqa: ARG001
    """The people whom a rung calls at a time, by the desk as it is then."""
    return tuple(name for name in rung.who if name in desk.people) or rung.who


def _people(who: tuple[str, ...], owner: str, team: Team, desk: Desk) -> tuple[str, ...]:
    people: list[str] = []
    for name in who:
        if name == OWNER:
            people.append(owner)
        elif name == BACKUP:
            people.append(backup_of(owner, team, desk))
        elif name == LEAD:
            people.append(team.lead)
        elif name in desk.teams:
            people.extend(desk.teams[name].members)
        elif name in desk.people:
            people.append(name)
    return tuple(dict.fromkeys(people))
