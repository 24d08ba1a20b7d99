"""Find out whether the published desk can call people and hear of posts; and tell its leads if it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerby.domain.desk import Desk, Person, Team
from answerby.domain.drill import Drills, conversation_of, outcome
from answerby.domain.mention import Mention
from answerby.domain.readiness import DAYS, Facts, Finding, Report, is_news, may_be_reached, report
from answerby.ports import Contacts, Heard, Mentions, Messenger, PublishedDesks, UnavailableError, UndeliverableError

EVERY = timedelta(days=1, minutes=10)
"""A day, and by how much a check may come late: what begins between two of them must not be told by neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where the facts are found."""

    desks: PublishedDesks
    contacts: Contacts
    heard: Heard
    mentions: Mentions


def examine(evidence: Evidence, now: datetime, ahead: timedelta = timedelta(days=DAYS)) -> Report:
    """Raises NoDeskError, and UnavailableError if the desk cannot be read; nothing else stops it."""
    desk = evidence.desks.current()
    return report(desk, _facts(desk, evidence), now, ahead)


def check_and_tell(evidence: Evidence, messenger: Messenger, now: datetime) -> Report:
    """The report, after whom it concerns were told what is news of it: the lead of each concerned team, or who can be
    reached in their stead.

    Raises what `examine` raises; and UnavailableError after trying everybody, if somebody could not be told.
    """
    desk = evidence.desks.current(fresh=True)
    facts = _facts(desk, evidence)
    found = report(desk, facts, now)
    news = [finding for finding in found.findings if is_news(finding, now, EVERY)]
    failure: UnavailableError | None = None
    untold: list[str] = []
    for person, findings in _told(news, desk, facts).items():
        try:
            messenger.tell(desk.people[person], findings, now)
        except UnavailableError as error:
            failure = error
        except UndeliverableError:
            untold.append(person)
    if failure or untold:
        raise failure or UnavailableError(f"{len(untold)} people could not be told that the desk is not ready")
    return found


def _told(news: Sequence[Finding], desk: Desk, facts: Facts) -> Mapping[str, Sequence[Finding]]:
    told: dict[str, list[Finding]] = {}
    for finding in news:
        teams = [desk.teams[id_] for id_ in finding.teams] or list(desk.teams.values())
        people = dict.fromkeys(person for team in teams for person in _who_hears(team, desk, facts))
        for person in people:
            told.setdefault(person, []).append(finding)
    return told


def _who_hears(team: Team, desk: Desk, facts: Facts) -> Sequence[str]:
    """The lead; if they cannot be reached, which may be what is to be told, the members; else anybody."""

    def reached(people: Sequence[str]) -> list[str]:
        return [id_ for id_ in people if id_ in desk.people and may_be_reached(desk.people[id_], facts)]

    return reached([team.lead]) or reached(team.members) or reached(list(desk.people)) or [team.lead]


def _facts(desk: Desk, evidence: Evidence) -> Facts:
    people = list(desk.people.values())
    return Facts(
        published_at=evidence.desks.published_at(),
        states={person.id: evidence.contacts.states(person) for person in people},
        account=evidence.contacts.account(),
        heard=_heard(evidence.heard),
        drills=_drills(people, evidence.mentions),
    )


def _heard(heard: Heard) -> Mapping[str, datetime] | None:
    try:
        return heard.all()
    except UnavailableError:
        return None


def _drills(people: Sequence[Person], mentions: Mentions) -> Mapping[str, Drills] | None:
    """None while the mentions cannot be read: the check does not depend on what it watches over."""
    try:
        known = {person.id: mentions.conversation(conversation_of(person.id)) for person in people}
    except UnavailableError:
        return None
    return {id_: outcome(each for each in said if isinstance(each, Mention)) for id_, said in known.items()}
