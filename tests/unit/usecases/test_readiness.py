"""The daily check: it finds out what it can, and tells whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from answerby.domain.desk import Team
from answerby.domain.mention import Channel
from answerby.domain.readiness import ContactState, Report, Severity, SmsAccount
from answerby.ports import NoDeskError, UnavailableError
from answerby.usecases import answering
from answerby.usecases.drill import send_test
from answerby.usecases.readiness import Evidence, check_and_tell, examine
from tests.builders import ANA, BEN, CLEO, NOW, a_desk
from tests.fakes.contacts import FakeContacts
from tests.fakes.desks import FakeDesks
from tests.fakes.heard import FakeHeard
from tests.fakes.mentions import FakeMentions
from tests.fakes.messenger import FakeMessenger
from tests.fakes.timers import FakeTimers

DAY = timedelta(days=1)
DORA = replace(CLEO, id="dora", name="Dora Wells")
EMIL = replace(CLEO, id="emil", name="Emil Berg")
TWO_TEAMS = a_desk(
    people={person.id: person for person in (ANA, BEN, CLEO, DORA, EMIL)},
    teams={**a_desk().teams, "sales": Team(id="sales", members=("dora",), lead="emil")},
)


class AwayMentions(FakeMentions):
    def conversation(self, conversation_id: str) -> list[object]:  # type: ignore[override]  # noqa: ARG002
        raise UnavailableError("the table is away")


@dataclass
class Office:
    desks: FakeDesks = field(default_factory=lambda: FakeDesks(TWO_TEAMS))
    contacts: FakeContacts = field(default_factory=FakeContacts)
    heard: FakeHeard = field(default_factory=lambda: FakeHeard({"page": NOW}))
    mentions: FakeMentions = field(default_factory=FakeMentions)
    messenger: FakeMessenger = field(default_factory=FakeMessenger)

    @property
    def evidence(self) -> Evidence:
        return Evidence(desks=self.desks, contacts=self.contacts, heard=self.heard, mentions=self.mentions)

    def broken(self, *people: str) -> Office:
        for person in people:
            for channel in Channel:
                self.contacts.known[person, channel] = ContactState.GONE
        return self

    def check(self) -> Report:
        return check_and_tell(self.evidence, self.messenger, NOW)


def test_nobody_is_told_when_all_is_well() -> None:
    office = Office()
    assert office.check().is_ready
    assert office.messenger.told == {}


def test_a_warning_alone_tells_nobody() -> None:
    office = Office(contacts=FakeContacts({("ana", Channel.SMS): ContactState.PENDING}, SmsAccount()))
    assert {finding.severity for finding in office.check().findings} > {Severity.WARNING}
    assert office.messenger.told == {}


def test_the_lead_of_the_concerned_team_is_told() -> None:
    office = Office().broken("ana")
    office.check()
    assert set(office.messenger.told) == {"cleo"}
    assert {finding.about for finding in office.messenger.told["cleo"]} == {"person ana"}


def test_a_source_that_fell_silent_is_told_to_every_lead_once() -> None:
    office = Office(heard=FakeHeard({"page": NOW - 3 * DAY - timedelta(hours=1)}))
    office.check()
    assert set(office.messenger.told) == {"cleo", "emil"}
    office.messenger.told.clear()
    check_and_tell(office.evidence, office.messenger, NOW + DAY)
    assert office.messenger.told == {}


def test_what_begins_between_two_checks_is_told_though_the_later_one_is_late() -> None:
    office = Office(heard=FakeHeard({"page": NOW - 3 * DAY + timedelta(seconds=2)}))
    office.check()
    assert office.messenger.told == {}
    check_and_tell(office.evidence, office.messenger, NOW + DAY + timedelta(seconds=5))
    assert set(office.messenger.told) == {"cleo", "emil"}


def test_of_a_lead_who_cannot_be_reached_the_team_is_told() -> None:
    office = Office().broken("cleo")
    office.check()
    assert set(office.messenger.told) == {"ana", "ben"}


def test_of_a_team_that_cannot_be_reached_anybody_is_told() -> None:
    office = Office().broken("dora", "emil")
    office.check()
    assert set(office.messenger.told) == {"ana", "ben", "cleo"}


def test_somebody_who_could_not_be_told_keeps_nobody_else_from_it_and_is_a_failure() -> None:
    office = Office().broken("ana", "dora")
    office.messenger.away = {"cleo"}
    with pytest.raises(UnavailableError):
        office.check()
    assert set(office.messenger.told) == {"emil"}


def test_somebody_who_can_never_be_told_is_a_failure_as_well() -> None:
    office = Office().broken("ana")
    office.messenger.unknown = {"cleo"}
    with pytest.raises(UnavailableError):
        office.check()


def test_it_does_not_need_the_mentions_nor_what_was_heard() -> None:
    office = Office(mentions=AwayMentions()).broken("ana")
    office.heard.away = True
    report = office.check()
    assert set(office.messenger.told) == {"cleo"}
    unchecked = {finding.about for finding in report.findings if "could not be checked" in finding.what}
    assert {"source page", "test of ana"} <= unchecked


def test_without_a_desk_there_is_nothing_to_check() -> None:
    with pytest.raises(NoDeskError):
        Office(desks=FakeDesks()).check()


def test_an_acknowledged_test_alert_is_found() -> None:
    office = Office()
    timers = FakeTimers()
    test = send_test("ana", "cleo", office.mentions, office.desks, timers, NOW)
    answering.acknowledge(test.id, "ana", office.mentions, office.desks, timers, NOW, None)
    untested = {finding.about for finding in examine(office.evidence, NOW).findings}
    assert untested == {"test of ben", "test of cleo", "test of dora", "test of emil"}
