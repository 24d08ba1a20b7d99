"""What a desk that is not ready is told, and what one that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Desk, Ladder, Person, Rung
from answerby.domain.drill import Drills
from answerby.domain.mention import Channel
from answerby.domain.readiness import (
    ContactState,
    Facts,
    Finding,
    Report,
    Severity,
    SmsAccount,
    is_news,
    may_be_reached,
    report,
)
from answerby.domain.rotation import Change, Layer, Override, Rotation
from tests.builders import ANA, HOUR, NOW, a_desk

DAY = timedelta(days=1)
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
FREE = SmsAccount(in_sandbox=False, monthly_limit=50.0)


def some_facts(desk: Desk, **changes: Any) -> Facts:
    """Of a desk that is ready."""
    facts = Facts(
        published_at=NOW,
        states={person.id: states(person) for person in desk.people.values()},
        account=FREE,
        heard=dict.fromkeys(desk.sources, NOW),
        drills=dict.fromkeys(desk.people, Drills(acknowledged_at=NOW - DAY)),
    )
    return replace(facts, **changes)


def states(person: Person, **known: ContactState) -> dict[Channel, ContactState]:
    given = {Channel.SMS: person.sms, Channel.EMAIL: person.email}
    return {channel: known.get(channel.value, ContactState.CONFIRMED) for channel, contact in given.items() if contact}


def of_ana(**known: ContactState) -> dict[str, Any]:
    """Facts in which Ana's contacts are as given, and everybody else's are confirmed."""
    return {
        "states": {person.id: states(person) for person in a_desk().people.values()} | {"ana": states(ANA, **known)}
    }


def found(desk: Desk | None = None, **changes: Any) -> list[Finding]:
    desk = desk or a_desk()
    return list(report(desk, some_facts(desk, **changes), NOW).findings)


def told(findings: list[Finding]) -> list[tuple[Severity, str]]:
    return [(finding.severity, finding.about) for finding in findings]


def fine(known: Report) -> dict[str, tuple[int, int]]:
    return {each.what: (each.count, each.total) for each in known.fine}


def test_a_ready_desk_has_no_findings_and_every_healthy_thing_counted() -> None:
    desk = a_desk()
    known = report(desk, some_facts(desk), NOW)
    assert known.findings == ()
    assert known.is_ready
    assert fine(known)["people can be reached by every contact"] == (3, 3)
    assert all(count == total for count, total in fine(known).values())


def test_what_is_not_well_is_not_counted_as_healthy() -> None:
    desk = a_desk()
    known = report(desk, some_facts(desk, **of_ana(sms=ContactState.OPTED_OUT)), NOW)
    assert fine(known)["people can be reached by every contact"] == (2, 3)


# People


def test_somebody_without_any_contact_is_an_error() -> None:
    desk = a_desk(people={**a_desk().people, "ana": replace(ANA, sms=None, email=None)})
    assert told(found(desk)) == [(ERROR, "person ana")]


@pytest.mark.parametrize(
    "state", [ContactState.PENDING, ContactState.MISSING, ContactState.GONE, ContactState.OPTED_OUT]
)
def test_a_contact_that_does_not_work_is_a_warning_while_another_does(state: ContactState) -> None:
    assert told(found(**of_ana(sms=state))) == [(WARNING, "person ana")]


def test_somebody_whose_contacts_all_fail_is_an_error_of_their_teams() -> None:
    findings = found(**of_ana(sms=ContactState.GONE, email=ContactState.PENDING))
    assert told(findings) == [(ERROR, "person ana")] * 2
    assert {finding.teams for finding in findings} == {("care",)}


def test_what_could_not_be_checked_is_a_warning_and_never_fine() -> None:
    findings = found(**of_ana(sms=ContactState.UNKNOWN, email=ContactState.UNKNOWN))
    assert told(findings) == [(WARNING, "person ana")] * 2
    assert all("could not be checked" in finding.what for finding in findings)


def test_a_person_that_nothing_is_known_of_counts_as_unchecked() -> None:
    assert told(found(states={})) == [(WARNING, f"person {id_}") for id_ in ("ana", "ana", "ben", "ben", "cleo")]


def test_no_finding_shows_a_number_or_an_address() -> None:
    for state in (ContactState.PENDING, ContactState.UNKNOWN, ContactState.OPTED_OUT):
        for finding in found(**of_ana(sms=state, email=state)):
            assert "+1555" not in finding.what + finding.to_do
            assert "@" not in finding.what + finding.to_do


# SMS


def test_a_number_that_the_sandbox_does_not_know_gets_no_sms() -> None:
    account = SmsAccount(in_sandbox=True, verified=frozenset({"+15550101001"}), monthly_limit=50)
    assert told(found(account=account)) == [(WARNING, "person ben"), (WARNING, "SMS sandbox")]


def test_somebody_who_has_but_an_unverified_number_in_the_sandbox_is_an_error() -> None:
    desk = a_desk(people={**a_desk().people, "ana": replace(ANA, email=None)})
    account = SmsAccount(in_sandbox=True, verified=frozenset({"+15550101002"}), monthly_limit=50)
    assert (ERROR, "person ana") in told(found(desk, account=account))


def test_a_verified_number_may_be_reached_in_the_sandbox() -> None:
    only_sms = replace(ANA, email=None)
    desk = a_desk(people={**a_desk().people, "ana": only_sms})
    for verified, reached in ((frozenset({"+15550101001"}), True), (frozenset[str](), False), (None, True)):
        account = SmsAccount(in_sandbox=True, verified=verified, monthly_limit=50)
        assert may_be_reached(only_sms, some_facts(desk, account=account)) is reached


@pytest.mark.parametrize(("limit", "warned"), [(1.0, True), (0.0, True), (1.5, False), (None, True)])
def test_the_default_spend_limit_is_a_warning(limit: float | None, warned: bool) -> None:
    findings = found(account=SmsAccount(in_sandbox=False, monthly_limit=limit))
    assert told(findings) == ([(WARNING, "SMS spend limit")] if warned else [])


def test_a_desk_without_phone_numbers_is_not_told_of_sms() -> None:
    people = {id_: replace(person, sms=None) for id_, person in a_desk().people.items()}
    people = {id_: replace(person, email=f"{id_}@example.com") for id_, person in people.items()}
    assert found(a_desk(people=people), account=SmsAccount()) == []


# Sources


def test_a_source_that_fell_silent_is_a_warning_after_three_days() -> None:
    assert found(heard={"page": NOW - 3 * DAY + HOUR}) == []
    (finding,) = found(heard={"page": NOW - 3 * DAY})
    assert (finding.severity, finding.about) == (WARNING, "source page")


def test_a_source_never_heard_from_is_a_warning_a_day_after_publication() -> None:
    assert found(heard={}, published_at=NOW - DAY + HOUR) == []
    (finding,) = found(heard={}, published_at=NOW - DAY)
    assert (finding.severity, finding.what) == (WARNING, "was never heard from")


def test_sources_that_could_not_be_looked_up_are_a_warning() -> None:
    (finding,) = found(heard=None)
    assert "could not be checked" in finding.what


def test_a_daily_check_tells_of_a_silent_source_once() -> None:
    (finding,) = found(heard={"page": NOW - 3 * DAY - HOUR})
    assert is_news(finding, NOW, DAY)
    assert not is_news(finding, NOW + DAY, DAY)


def test_a_daily_check_tells_of_an_error_each_day() -> None:
    (finding, _) = found(**of_ana(sms=ContactState.GONE, email=ContactState.GONE))
    assert is_news(finding, NOW, DAY)
    assert is_news(finding, NOW + 9 * DAY, DAY)


# Calendars


def a_calendar(*dates: date) -> dict[str, Calendar]:
    week = ((Span(start=540, end=1020),),) * 7
    return {"office": Calendar(id="office", time_zone="UTC", week=week, exceptions=dict.fromkeys(dates, ()))}


def test_holidays_that_run_out_within_two_months_are_a_warning() -> None:
    holidays = [NOW.date() + each * DAY for each in (1, 8, 15, 22, 59)]
    assert told(found(a_desk(calendars=a_calendar(*holidays)))) == [(WARNING, "calendar office")]
    assert found(a_desk(calendars=a_calendar(*holidays, NOW.date() + 80 * DAY))) == []


def test_a_few_single_days_are_no_holidays_that_run_out() -> None:
    assert found(a_desk(calendars=a_calendar(NOW.date() + DAY))) == []


# Test alerts


def test_a_person_who_acknowledged_no_test_for_a_month_is_only_told_of() -> None:
    for drills in (Drills(), Drills(acknowledged_at=NOW - 31 * DAY)):
        known = dict.fromkeys(a_desk().people, Drills(acknowledged_at=NOW)) | {"ana": drills}
        assert told(found(drills=known)) == [(INFO, "test of ana")]


def test_a_test_that_nobody_acknowledged_is_a_warning_until_one_is() -> None:
    known = dict.fromkeys(a_desk().people, Drills(acknowledged_at=NOW))
    missed = {"ana": Drills(acknowledged_at=NOW - 2 * DAY, missed_at=NOW - DAY)}
    mended = {"ana": Drills(acknowledged_at=NOW, missed_at=NOW - DAY)}
    assert told(found(drills=known | missed)) == [(WARNING, "test of ana")]
    assert found(drills=known | mended) == []


def test_the_report_is_worst_first() -> None:
    account = SmsAccount(in_sandbox=False, monthly_limit=1)
    everything = found(**of_ana(sms=ContactState.GONE, email=ContactState.GONE), account=account, drills={})
    severities = [finding.severity for finding in everything]
    assert severities == sorted(severities, key=list(Severity).index)
    assert set(severities) == set(Severity)


# Rungs and rotations

NIGHTS = Rotation(
    id="nights",
    time_zone="UTC",
    layers=(Layer(people=("ana", "ben"), starts=NOW.date(), during=((Span(start=1200, end=1800),),) * 7),),
)


def away(person: str, *, days: int = 1, rotation: str | None = None, by: str | None = None) -> Override:
    change = Change.REPLACE if by else Change.REMOVE
    return Override(
        change=change, person=person, starts=NOW + DAY, ends=NOW + (1 + days) * DAY, rotation=rotation, by=by
    )


def a_ladder(*rungs: tuple[str, ...]) -> dict[str, Ladder]:
    return {"standard": Ladder(id="standard", rungs=tuple(Rung(who=who, wait=HOUR) for who in rungs))}


def test_a_rung_whose_people_are_all_away_is_a_warning_while_the_next_has_somebody() -> None:
    (finding,) = found(a_desk(overrides=(away("ana"),), ladders=a_ladder(("ana",), ("cleo",))))
    assert finding.severity is WARNING
    assert finding.about == "ladder standard, rung 1 (ana)"
    assert finding.times == ((NOW + DAY, NOW + 2 * DAY),)
    assert finding.teams == ("care",)


def test_a_ladder_that_calls_nobody_at_all_is_an_error() -> None:
    desk = a_desk(overrides=(away("ana"), away("cleo")), ladders=a_ladder(("ana",), ("cleo",)))
    assert [finding.severity for finding in found(desk)] == [ERROR, ERROR]


def test_an_empty_top_rung_is_an_error_though_the_one_below_has_somebody() -> None:
    (finding,) = found(a_desk(overrides=(away("cleo"),), ladders=a_ladder(("ana",), ("cleo",))))
    assert (finding.severity, finding.about) == (ERROR, "ladder standard, rung 2 (cleo)")


def test_somebody_who_is_replaced_leaves_no_gap() -> None:
    assert found(a_desk(overrides=(away("ana", by="ben"),), ladders=a_ladder(("ana",), ("cleo",)))) == []


def test_the_gaps_of_a_rotation_are_told_once_with_all_their_times() -> None:
    desk = a_desk(rotations={"nights": NIGHTS}, ladders=a_ladder(("nights",), ("cleo",)))
    rung, rotation = found(desk)
    assert {rung.about, rotation.about} == {"ladder standard, rung 1 (nights)", "rotation nights"}
    assert rotation.times[0] == (NOW, NOW + 11 * HOUR)
    assert rung.times == rotation.times
    assert len(rotation.times) == 15


def test_only_the_days_asked_for_are_looked_at() -> None:
    desk = a_desk(overrides=(away("ana"),), ladders=a_ladder(("ana",), ("cleo",)))
    assert report(desk, some_facts(desk), NOW, DAY).findings == ()


def test_a_rung_is_looked_at_once_for_all_rules_that_use_it() -> None:
    desk = a_desk()
    assert fine(report(desk, some_facts(desk), NOW))["rungs always have somebody to call"] == (3, 3)


def test_a_rotation_that_always_has_somebody_is_no_finding() -> None:
    always = Rotation(id="always", time_zone="UTC", layers=(Layer(people=("ana", "ben"), starts=date(2026, 1, 1)),))
    assert found(a_desk(rotations={"always": always}, ladders=a_ladder(("always",), ("cleo",)))) == []
