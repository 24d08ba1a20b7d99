"""Ladders: whom a mention's plan calls, in which order, and which of them can be called at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from answerby.domain.calendar import NeverOpenError, opens
from answerby.domain.desk import BACKUP, LEAD, OWNER, Desk, Policy, Rule, Team, Topic
from answerby.domain.mention import Plan, PlannedRung, Priority
from answerby.domain.rotation import away, on_call, shifts, stand_in

REPEAT_EVERY = timedelta(minutes=30)
REPEAT_URGENT_EVERY = timedelta(minutes=10)
LOOK_AHEAD = timedelta(days=1)
"""For the end of a gap in a rotation."""


class Reach(StrEnum):
    AWAKE = "awake"
    ASLEEP = "asleep"
    AWAY = "away"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Whom a name in a plan, a person's or a rotation's, stands for at a time; `until` when that ends, where known."""

    name: str
    person: str | None
    reach: Reach
    until: datetime | None = None

    def __str__(self) -> str:
        until = f" until {self.until:%Y-%m-%dT%H:%MZ}" if self.until else ""
        if self.person is None:
            return f"nobody is on call in {self.name}{until}" if until else f"{self.name} is no longer on the desk"
        return f"{named(self.person, self.name)} is {self.reach}{until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """`people` by id, each with the name in the plan for which they are called: their own, that of a rotation, or that
    of somebody for whom they stand in. `passed_over` are those who cannot be called."""

    people: Mapping[str, str]
    passed_over: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The rung to call, and whom of it. `looked_at` holds every rung that was considered."""

    rung: int
    people: Mapping[str, str]
    looked_at: Mapping[int, Called]
    quiet: bool = False
    """Nobody is awake, so it waits for them in their mail."""
    again_at: datetime | None = None
    """When the first of those who cannot be called now can."""


def named(person: str, name: str) -> str:
    return person if person == name else f"{person} for {name}"


def owner_of(rule: Rule, desk: Desk, now: datetime, language: str | None = None) -> str:
    """The rule's person, else the first of its team who is there, best one who speaks the language (by its ISO 639-1
    code). Whoever replaces a member takes their place."""
    team = desk.teams[rule.team]
    if rule.person and rule.person not in desk.rotations:
        return rule.person
    names = (rule.person,) if rule.person else team.members
    there = [
        each.person
        for name in names
        for each in candidates(name, desk, now)
        if each.person and each.reach in (Reach.AWAKE, Reach.ASLEEP)
    ]
    speakers = [person for person in there if language in desk.people[person].languages]
    anyone = [name for name in names if name in desk.people]
    return next(iter([*speakers, *there, *anyone]), team.lead)


def backups_of(owner: str, team: Team, topic: Topic | None, desk: Desk) -> tuple[str, ...]:
    """The topic's, then the owner's own, then the next of the team after them, and its lead."""
    person = desk.people.get(owner)
    place = team.members.index(owner) + 1 if owner in team.members else 0
    others = [*team.members[place:], *team.members[:place]]
    following = next((name for name in others if name != owner and not _takes_turns(owner, name, desk)), team.lead)
    backups = [*(topic.backups if topic else ()), *(person.backups if person else ()), following, team.lead]
    return tuple(name for name in dict.fromkeys(backups) if name != owner)


def plan(policy: Policy, team: Team, owner: str, priority: Priority, topic: Topic | None, desk: Desk) -> Plan:
    """The ladder with its roles resolved. Nobody is called on two rungs in a row for the same thing: a rung that
    adds no one to the one before it is left out, so its wait delays nothing."""
    ladder = desk.ladders[policy.ladder]
    rungs: list[PlannedRung] = []
    for rung in ladder.rungs:
        who = list(_names(rung.who, owner, team, topic, desk))
        if topic and topic.crisis and not rungs:
            who.append(team.lead)
        adds = not rungs or rung.channels != rungs[-1].channels or not {*who} <= {*rungs[-1].who}
        if who and adds:
            instead = backups_of(owner, team, topic, desk)[1:] if BACKUP in rung.who else ()
            rungs.append(
                PlannedRung(
                    who=tuple(dict.fromkeys(who)),
                    wait=rung.wait,
                    instead=tuple(name for name in instead if name not in who),
                    rounds=rung.rounds,
                    channels=rung.channels,
                )
            )
    if not rungs:
        rungs.append(PlannedRung(who=(owner,), wait=REPEAT_EVERY))
    top = rungs[-1]
    if desk.rotations.keys() >= {*top.who, *top.instead}:
        # A rotation may have a gap, and above the top there is nobody.
        rungs[-1] = replace(top, instead=(*top.instead, team.lead))
    default = REPEAT_URGENT_EVERY if priority is Priority.URGENT else REPEAT_EVERY
    return Plan(rungs=tuple(rungs), repeat_every=ladder.repeat_every or default, ack_for=policy.ack_for)


def replaced(found: Called, desk: Desk) -> dict[str, str]:
    """Those who are called in the place of another person, and that person."""
    return {person: name for person, name in found.people.items() if name in desk.people and name != person}


def rungs_of(rule: Rule, desk: Desk, at: datetime) -> tuple[PlannedRung, ...]:
    """Of a post that the rule takes at that time."""
    policy, team, topic = desk.policies[rule.policy], desk.teams[rule.team], desk.topics.get(rule.topic or "")
    return plan(policy, team, owner_of(rule, desk, at), rule.priority, topic, desk).rungs


def changes(desk: Desk, start: datetime, end: datetime) -> set[datetime]:
    """When, between the two, somebody begins or ceases to be on call or away."""
    times = {shift.start for each in desk.rotations.values() for shift in shifts(each, desk.overrides, start, end)}
    times |= {time for override in desk.overrides for time in (override.starts, override.ends)}
    return {time for time in times if start < time < end}


def called(rung: PlannedRung, desk: Desk, priority: Priority | None, at: datetime) -> Called:
    """Whom a rung calls at a time, by the desk as it is then. Who is asleep is passed over, unless it is pressing."""
    able = (Reach.AWAKE, Reach.ASLEEP) if _is_pressing(priority) else (Reach.AWAKE,)
    who = [each for name in rung.who for each in candidates(name, desk, at)]
    people: dict[str, str] = {}
    for each in who:
        if each.person and each.reach in able:
            people.setdefault(each.person, each.name)
    passed_over = [each for each in who if each.reach not in able]
    if people:
        return Called(people=people, passed_over=tuple(passed_over))
    for each in (each for name in rung.instead for each in candidates(name, desk, at)):
        if each.person and each.reach in able:
            return Called(people={each.person: rung.who[0]}, passed_over=tuple(passed_over))
        passed_over.append(each)
    return Called(people={}, passed_over=tuple(passed_over))


def call(plan: Plan, order: Iterable[int], desk: Desk, priority: Priority | None, at: datetime) -> Call:
    """The first rung in an order of which anybody can be called. If there is none, those who are asleep are called
    quietly, and when all are away those. Of a plan whose people have all left the desk there is nobody to call."""
    looked_at: dict[int, Called] = {}
    for number in order:
        looked_at[number] = found = called(plan.rungs[number - 1], desk, priority, at)
        if found.people:
            return Call(rung=number, people=found.people, looked_at=looked_at)
    untils = [each.until for found in looked_at.values() for each in found.passed_over if each.until]
    for reach in (Reach.ASLEEP, Reach.AWAY):
        for number, found in looked_at.items():
            such = [each for each in found.passed_over if each.reach is reach]
            if such:
                of_rung = [each for each in such if each.name in plan.rungs[number - 1].who]
                return Call(
                    rung=number,
                    people={each.person: each.name for each in of_rung or such[:1] if each.person},
                    looked_at=looked_at,
                    quiet=not _is_pressing(priority),
                    again_at=min(untils, default=None) if reach is Reach.ASLEEP else None,
                )
    return Call(rung=min(looked_at), people={}, looked_at=looked_at)


def is_staffed(rung: PlannedRung, desk: Desk, at: datetime) -> bool:
    """Whether anybody of it is on the desk, though they may be away."""
    return any(each.person for name in (*rung.who, *rung.instead) for each in candidates(name, desk, at))


def candidates(name: str, desk: Desk, at: datetime) -> list[Candidate]:
    rotation = desk.rotations.get(name)
    if rotation:
        people = [person for person in on_call(rotation, desk.overrides, at) if person in desk.people]
        if people:
            return [_candidate(name, person, desk, at) for person in people]
        gap = shifts(rotation, desk.overrides, at, at + LOOK_AHEAD)[0]
        return [Candidate(name=name, person=None, reach=Reach.NOBODY, until=gap.end)]
    if name not in desk.people:
        return [Candidate(name=name, person=None, reach=Reach.NOBODY)]
    override = away(name, desk.overrides, at)
    standing = stand_in(name, desk.overrides, at)
    if override and standing not in desk.people:
        return [Candidate(name=name, person=name, reach=Reach.AWAY, until=override.ends)]
    return [_candidate(name, standing or name, desk, at)]


def _candidate(name: str, person: str, desk: Desk, at: datetime) -> Candidate:
    try:
        wakes = opens(desk.people[person].working_hours, at)
    except NeverOpenError:
        # Hours that never come must not leave a post without anybody to call.
        wakes = at
    if wakes <= at:
        return Candidate(name=name, person=person, reach=Reach.AWAKE)
    return Candidate(name=name, person=person, reach=Reach.ASLEEP, until=wakes)


def _is_pressing(priority: Priority | None) -> bool:
    return priority in (Priority.HIGH, Priority.URGENT)


def _takes_turns(person: str, name: str, desk: Desk) -> bool:
    """Whether the name is of a rotation that may call the person too."""
    rotation = desk.rotations.get(name)
    return rotation is not None and any(person in layer.people for layer in rotation.layers)


def _names(who: tuple[str, ...], owner: str, team: Team, topic: Topic | None, desk: Desk) -> Iterator[str]:
    for name in who:
        if name == OWNER:
            yield owner
        elif name == BACKUP:
            yield from backups_of(owner, team, topic, desk)[:1]
        elif name == LEAD:
            yield team.lead
        elif name in desk.teams:
            yield from desk.teams[name].members
        elif name in desk.people or name in desk.rotations:
            yield name
