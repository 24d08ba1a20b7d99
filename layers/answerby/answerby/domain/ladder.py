"""Ladders: whom a mention's plan calls, in which order."""

from __future__ import annotations

from datetime import timedelta

from answerby.domain.desk import BACKUP, LEAD, OWNER, Desk, Ladder, Rule
from answerby.domain.mention import Plan, PlannedRung, Priority

REPEAT_EVERY = timedelta(minutes=30)
REPEAT_URGENT_EVERY = timedelta(minutes=10)


def owner_of(rule: Rule, desk: Desk) -> str:
    return rule.person or desk.teams[rule.team].members[0]


def backup_of(owner: str, team_id: str, desk: Desk) -> str:
    """The owner's own back-up, else the next of the team after them, else its lead."""
    person = desk.people.get(owner)
    if person and person.backups:
        return person.backups[0]
    team = desk.teams[team_id]
    others = [member for member in team.members if member != owner]
    if owner in team.members:
        place = team.members.index(owner)
        others = [*team.members[place + 1 :], *team.members[:place]]
    return others[0] if others else team.lead


def plan(ladder: Ladder, owner: str, team_id: str, priority: Priority, ack_for: timedelta | None, desk: Desk) -> Plan:
    """The ladder with its roles resolved. Nobody is called on two rungs in a row for the same thing: a rung that
    adds no one to the one before it is left out, so its wait delays nothing."""
    rungs: list[PlannedRung] = []
    for rung in ladder.rungs:
        people = _people(rung.who, owner, team_id, desk)
        if people and (not rungs or people != rungs[-1].who):
            rungs.append(PlannedRung(who=people, wait=rung.wait))
    if not rungs:
        rungs.append(PlannedRung(who=(owner,), wait=REPEAT_EVERY))
    default = REPEAT_URGENT_EVERY if priority is Priority.URGENT else REPEAT_EVERY
    return Plan(rungs=tuple(rungs), repeat_every=ladder.repeat_every or default, ack_for=ack_for)


def _people(who: tuple[str, ...], owner: str, team_id: str, desk: Desk) -> tuple[str, ...]:
    people: list[str] = []
    for name in who:
        if name == OWNER:
            people.append(owner)
        elif name == BACKUP:
            people.append(backup_of(owner, team_id, desk))
        elif name == LEAD:
            people.append(desk.teams[team_id].lead)
        elif name in desk.teams:
            people.extend(desk.teams[name].members)
        elif name in desk.people:
            people.append(name)
    return tuple(dict.fromkeys(people))
