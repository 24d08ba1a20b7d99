"""Readiness: whether a desk can call people, and hear of posts, now and in the days to come.

Pure: from the desk, what is known of the world (`Facts`) and the time. What could not be found out is a warning, never
taken to be fine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from answerby.domain.calendar import Calendar
from answerby.domain.coverage import Rung, Times, covered, rotation_gaps
from answerby.domain.desk import Desk, Person
from answerby.domain.drill import Drills
from answerby.domain.mention import Channel
from answerby.domain.rotation import Rotation

T = TypeVar("T")

DAYS = 14
SILENT_AFTER = timedelta(days=3)
NEVER_HEARD_AFTER = timedelta(days=1)
HOLIDAYS_AHEAD = timedelta(days=60)
HOLIDAYS_AT_LEAST = 5
"""Dated exceptions of a calendar. Fewer are single days that somebody wrote down, not a country's holidays."""
TESTED_WITHIN = timedelta(days=30)
DEFAULT_SPEND_LIMIT = 1.0
"""US dollars a month, until AWS raises it on request; then SMS stop until the month ends.
https://docs.aws.amazon.com/sns/latest/dg/channels-sms-awssupport-spend-threshold.html"""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class ContactState(StrEnum):
    """What is known of one contact of a person."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    MISSING = "missing"
    GONE = "gone"
    OPTED_OUT = "opted_out"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsAccount:
    """What AWS lets this account send. None: it could not be found out."""

    in_sandbox: bool | None = None
    verified: frozenset[str] | None = None
    """Numbers that SMS go to while the account is in the sandbox."""
    monthly_limit: float | None = None
    """US dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`states` and `drills` by person, `heard` by source; a None could not be found out."""

    published_at: datetime
    states: Mapping[str, Mapping[Channel, ContactState]]
    account: SmsAccount
    heard: Mapping[str, datetime] | None
    drills: Mapping[str, Drills] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    severity: Severity
    about: str
    what: str
    to_do: str
    times: tuple[Times, ...] = ()
    """When it will be so, soonest first."""
    began: datetime | None = None
    """Since when a warning holds, where somebody is to be told of it once, without asking."""
    teams: tuple[str, ...] = ()
    """Whom it concerns; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fine:
    """`count` of `total` things were found to be well."""

    what: str
    count: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`findings` worst first."""

    findings: tuple[Finding, ...]
    fine: tuple[Fine, ...]

    @property
    def is_ready(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def report(desk: Desk, facts: Facts, now: datetime, ahead: timedelta = timedelta(days=DAYS)) -> Report:
    end = now + ahead
    found: list[Finding] = []
    fine: list[Fine] = []

    def look(what: str, things: Collection[T], check: Callable[[T], Iterator[Finding]]) -> None:
        well = 0
        for thing in things:
            about = list(check(thing))
            well += not about
            found.extend(about)
        if things:
            fine.append(Fine(what=what, count=well, total=len(things)))

    holidays = [calendar for calendar in desk.calendars.values() if len(calendar.exceptions) >= HOLIDAYS_AT_LEAST]
    people = desk.people.values()
    look("rungs always have somebody to call", list(covered(desk, now, end)), _rung)
    look("rotations have no gap", desk.rotations.values(), lambda each: _rotation(each, desk, now, end))
    look("people can be reached by every contact", people, lambda person: _person(person, desk, facts))
    if any(person.sms for person in people):
        look("limits on SMS are fine", (_sandbox, _spend_limit), lambda limit: limit(facts.account))
    look("sources are heard from", desk.sources, lambda source: _source(source, facts, now))
    look("calendars know their holidays", holidays, lambda calendar: _holidays(calendar, now))
    look("people acknowledged a test alert lately", desk.people, lambda person: _test(person, facts, now))
    order = list(Severity)
    worst_first = sorted(dict.fromkeys(found), key=lambda each: order.index(each.severity))
    return Report(findings=tuple(worst_first), fine=tuple(fine))


def is_news(finding: Finding, now: datetime, every: timedelta) -> bool:
    """Whether a check that runs `every` so often is to tell somebody: of errors each time, of what else has a beginning
    once."""
    return finding.severity is Severity.ERROR or bool(finding.began and now - every < finding.began <= now)


def state_of(person: Person, channel: Channel, facts: Facts) -> ContactState | None:
    """None if the desk gives no such contact."""
    if not (person.sms if channel is Channel.SMS else person.email):
        return None
    state = facts.states.get(person.id, {}).get(channel, ContactState.UNKNOWN)
    if channel is Channel.EMAIL or state is not ContactState.CONFIRMED or not facts.account.in_sandbox:
        return state
    if facts.account.verified is None:
        return ContactState.UNKNOWN
    return state if person.sms in facts.account.verified else ContactState.UNVERIFIED


def may_be_reached(person: Person, facts: Facts) -> bool:
    """Whether an alert comes to them by one of their contacts, as far as is known."""
    return any(
        state_of(person, channel, facts) in (ContactState.CONFIRMED, ContactState.UNKNOWN) for channel in Channel
    )


_NAME = {Channel.SMS: "the phone number", Channel.EMAIL: "the mail address"}
_BROKEN = {
    # https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
    ContactState.PENDING: (
        "has not been confirmed",
        "They follow the link in the mail from AWS; after two days it is void, and `answerby desk apply` sends another",
    ),
    ContactState.MISSING: ("is not subscribed", "Run `answerby desk apply`"),
    ContactState.GONE: ("was unsubscribed", "Ask them, then subscribe it again by `answerby desk apply`"),
    ContactState.OPTED_OUT: ("has opted out of SMS", "They answer START to the number that the SMS came from"),
    ContactState.UNVERIFIED: (
        "is not verified, which the SMS sandbox asks for",
        "Verify it (SNS, Text messaging, Sandbox destination phone numbers)",
    ),
    ContactState.UNKNOWN: ("could not be checked", "See whether these credentials may ask SNS about it"),
}


def _person(person: Person, desk: Desk, facts: Facts) -> Iterator[Finding]:
    states = {channel: state for channel in Channel if (state := state_of(person, channel, facts))}
    teams = tuple(team.id for team in desk.teams.values() if person.id in (*team.members, team.lead))
    about = f"person {person.id}"
    if not states:
        what = "has neither a phone number nor a mail address"
        yield Finding(
            severity=Severity.ERROR, about=about, what=what, to_do="Add `sms:` or `email:` to the desk", teams=teams
        )
    alone = not may_be_reached(person, facts)
    for channel, state in states.items():
        if state is ContactState.CONFIRMED:
            continue
        what, to_do = _BROKEN[state]
        yield Finding(
            severity=Severity.ERROR if alone else Severity.WARNING,
            about=about,
            what=f"{_NAME[channel]} {what}" + (", and nothing else reaches them" if alone and len(states) == 1 else ""),
            to_do=to_do,
            teams=teams,
        )


def _rung(rung: Rung) -> Iterator[Finding]:
    to_do = "Add an override, or somebody who stands in"
    if rung.alone:
        yield Finding(
            severity=Severity.ERROR,
            about=rung.name,
            what="nobody to call, here or above: posts would go to people who are away",
            to_do=to_do,
            times=rung.alone,
            teams=rung.teams,
        )
    if rung.empty:
        yield Finding(
            severity=Severity.WARNING,
            about=rung.name,
            what="nobody to call: the next rung is called at once",
            to_do=to_do,
            times=rung.empty,
            teams=rung.teams,
        )


def _rotation(rotation: Rotation, desk: Desk, start: datetime, end: datetime) -> Iterator[Finding]:
    gaps = rotation_gaps(rotation, desk, start, end)
    if gaps:
        yield Finding(
            severity=Severity.WARNING,
            about=f"rotation {rotation.id}",
            what="nobody is on call",
            to_do="Add an override, or a layer beneath",
            times=gaps,
        )


def _sandbox(account: SmsAccount) -> Iterator[Finding]:
    if account.in_sandbox is None:
        yield _unchecked("SMS sandbox", "whether SMS are in the sandbox")
    elif account.in_sandbox:
        yield Finding(
            severity=Severity.WARNING,
            about="SMS sandbox",
            what="SMS go only to numbers that were verified",
            to_do="Ask AWS to move the account out of the SMS sandbox (SNS, Text messaging, Exit SMS sandbox)",
        )


def _spend_limit(account: SmsAccount) -> Iterator[Finding]:
    if account.monthly_limit is None:
        yield _unchecked("SMS spend limit", "what SMS may cost in a month")
    elif account.monthly_limit <= DEFAULT_SPEND_LIMIT:
        yield Finding(
            severity=Severity.WARNING,
            about="SMS spend limit",
            what=f"SMS stop for the rest of the month when they have cost {account.monthly_limit:g} US dollars",
            to_do="Ask AWS for a higher limit, then set it (SNS, Text messaging, Edit account spend limit)",
        )


def _source(id_: str, facts: Facts, now: datetime) -> Iterator[Finding]:
    about, to_do = f"source {id_}", "Look in the network's settings whether the webhook is still there and active"
    if facts.heard is None:
        yield _unchecked(about, "when it was last heard from")
        return
    heard = facts.heard.get(id_)
    due = heard + SILENT_AFTER if heard else facts.published_at + NEVER_HEARD_AFTER
    if now >= due:
        what = f"nothing was heard since {heard.astimezone(UTC):%d %b %H:%M} UTC" if heard else "was never heard from"
        yield Finding(severity=Severity.WARNING, about=about, what=what, to_do=to_do, began=due)


def _holidays(calendar: Calendar, now: datetime) -> Iterator[Finding]:
    last = max(calendar.exceptions)
    due = datetime.combine(last, time(), UTC) - HOLIDAYS_AHEAD
    if now >= due:
        yield Finding(
            severity=Severity.WARNING,
            about=f"calendar {calendar.id}",
            what=f"knows no holidays after {last:%d %b %Y}",
            to_do="Publish the desk again, which looks them up: `answerby desk apply`",
            began=due,
        )


def _test(id_: str, facts: Facts, now: datetime) -> Iterator[Finding]:
    about, to_do = f"test of {id_}", f"`answerby desk test-alert {id_}`"
    if facts.drills is None:
        yield _unchecked(about, "when they last acknowledged a test alert")
        return
    drills = facts.drills.get(id_, Drills())
    passed, missed = drills.acknowledged_at, drills.missed_at
    if missed and (passed is None or missed > passed):
        what = f"the test alert of {missed.astimezone(UTC):%d %b %H:%M} UTC was not acknowledged"
        yield Finding(severity=Severity.WARNING, about=about, what=what, to_do=f"Ask them, and try {to_do}")
    elif passed is None or now - passed > TESTED_WITHIN:
        what = f"no test alert was acknowledged in the last {TESTED_WITHIN.days} days"
        yield Finding(severity=Severity.INFO, about=about, what=what, to_do=to_do)


def _unchecked(about: str, what: str) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        about=about,
        what=f"could not be checked: {what}",
        to_do="See what these credentials may ask AWS",
    )
