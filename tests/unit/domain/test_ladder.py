"""Plans: whom a ladder calls for a rule, team and topic; owners and back-ups; and who of a rung can be called."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Desk, Ladder, Person, Policy, Rung, Team, Topic
from answerby.domain.ladder import backups_of, call, called, owner_of, plan
from answerby.domain.mention import Channel, Plan, PlannedRung, Priority
from answerby.domain.rotation import Change, Layer, Override, Rotation
from tests.builders import ANA, BEN, CATCH_ALL, CLEO, HOUR, MINUTE, NOW, a_desk

DORA = Person(id="dora", name="Dora Silva", email="dora@example.com")
NINE_TO_FIVE = Calendar(id="office", time_zone="UTC", week=((Span(start=9 * 60, end=17 * 60),),) * 7)
CARE = a_desk().teams["care"]
HOUR_POLICY = Policy(id="hour", answer_within=HOUR, ladder="standard")
NIGHT = NOW - 6 * HOUR


def a_rotation(*people: str, **changes: Any) -> Rotation:
    layer = Layer(people=people, starts=NOW.date() - timedelta(days=7), **changes)
    return Rotation(id="support", time_zone="UTC", layers=(layer,))


def with_people(*people: Person, **changes: Any) -> Desk:
    return a_desk(people={person.id: person for person in (ANA, BEN, CLEO, DORA, *people)}, **changes)


def on_call_desk(*people: str, **changes: Any) -> Desk:
    return with_people(rotations={"support": a_rotation(*people)}, **changes)


def away(person: str, by: str | None = None, **changes: Any) -> Override:
    change = Change.REPLACE if by else Change.REMOVE
    return Override(change=change, person=person, by=by, **{"starts": NOW - HOUR, "ends": NOW + HOUR, **changes})


def a_plan(*rungs: Rung, desk: Desk | None = None, owner: str = "ana", **changes: Any) -> Plan:
    desk = desk or a_desk()
    desk = replace(desk, ladders={"standard": Ladder(id="standard", rungs=rungs)})
    team, topic = changes.get("team", CARE), changes.get("topic")
    return plan(HOUR_POLICY, team, owner, changes.get("priority", Priority.NORMAL), topic, desk)


def a_rung(*who: str, **changes: Any) -> Rung:
    return Rung(who=who, wait=10 * MINUTE, **changes)


def who_is_called(rung: PlannedRung, desk: Desk, priority: Priority = Priority.NORMAL, at: datetime = NOW) -> list[str]:
    return list(called(rung, desk, priority, at).people)


def planned(*who: str, **changes: Any) -> PlannedRung:
    return PlannedRung(who=who, wait=10 * MINUTE, **changes)


# Owners


def owner(desk: Desk, language: str | None = None, person: str | None = None) -> str:
    return owner_of(replace(CATCH_ALL, person=person), desk, NOW, language)


def test_the_first_member_of_the_team_owns() -> None:
    assert owner(a_desk()) == "ana"


def test_the_first_member_who_speaks_the_language_owns() -> None:
    desk = with_people(replace(BEN, languages=("es", "en")))
    assert owner(desk, "es") == "ben"
    assert owner(desk, "fr") == "ana"
    assert owner(desk) == "ana"


def test_a_member_who_is_away_owns_nothing_new() -> None:
    assert owner(a_desk(overrides=(away("ana"),))) == "ben"


def test_whoever_replaces_a_member_owns_in_their_place() -> None:
    assert owner(with_people(overrides=(away("ana", by="dora"),))) == "dora"


def test_when_all_are_away_the_first_owns_all_the_same() -> None:
    assert owner(a_desk(overrides=(away("ana"), away("ben")))) == "ana"


def test_the_person_of_a_rule_owns_though_away() -> None:
    assert owner(a_desk(overrides=(away("ben"),)), person="ben") == "ben"


def test_whoever_is_on_call_owns_for_a_team_of_rotations() -> None:
    desk = on_call_desk("ben", "dora", teams={"care": Team(id="care", members=("support",), lead="cleo")})
    assert owner(desk) == "dora"
    assert owner(replace(desk, overrides=(away("dora", by="ana"),))) == "ana"


def test_the_lead_owns_while_nobody_is_on_call() -> None:
    desk = on_call_desk("dora", teams={"care": Team(id="care", members=("support",), lead="cleo")})
    assert owner(replace(desk, overrides=(away("dora"),))) == "cleo"


# Back-ups


def test_the_topics_backups_come_before_the_owners_own_and_the_lead_last() -> None:
    topic = Topic(id="refund", backups=("dora",))
    assert backups_of("ana", CARE, topic, with_people()) == ("dora", "ben", "cleo")


def test_without_backups_of_their_own_the_next_of_the_team_backs_up() -> None:
    team = Team(id="care", members=("dora", "ben", "ana"), lead="cleo")
    desk = with_people(replace(ANA, backups=()))
    assert backups_of("ben", team, None, desk) == ("ana", "cleo")
    assert backups_of("ana", team, None, desk) == ("dora", "cleo")


def test_the_rotation_that_called_the_owner_does_not_back_them_up() -> None:
    team = Team(id="care", members=("support", "ben"), lead="cleo")
    assert backups_of("dora", team, None, on_call_desk("dora")) == ("ben", "cleo")


def test_nobody_backs_up_whoever_is_alone() -> None:
    alone = Team(id="care", members=("cleo",), lead="cleo")
    assert backups_of("cleo", alone, None, a_desk()) == ()
    made = a_plan(a_rung("owner"), a_rung("backup"), a_rung("lead"), team=alone, owner="cleo")
    assert [rung.who for rung in made.rungs] == [("cleo",)]


# Plans


def test_the_first_backup_is_called_and_the_others_instead() -> None:
    made = a_plan(a_rung("owner"), a_rung("backup"), topic=Topic(id="refund", backups=("dora",)), desk=with_people())
    assert [(rung.who, rung.instead) for rung in made.rungs] == [(("ana",), ()), (("dora",), ("ben", "cleo"))]


def test_teams_become_their_members_and_rotations_stay() -> None:
    made = a_plan(a_rung("care", "support"), desk=on_call_desk("dora"))
    assert made.rungs[0].who == ("ana", "ben", "support")


def test_in_a_crisis_the_lead_is_called_with_the_first_rung() -> None:
    made = a_plan(a_rung("owner"), a_rung("backup"), a_rung("lead"), topic=Topic(id="recall", crisis=True))
    assert [rung.who for rung in made.rungs] == [("ana", "cleo"), ("ben",), ("cleo",)]


def test_a_rung_that_calls_part_of_the_one_before_it_is_left_out() -> None:
    made = a_plan(a_rung("care"), a_rung("owner"), a_rung("lead"))
    assert [rung.who for rung in made.rungs] == [("ana", "ben"), ("cleo",)]


def test_the_same_people_by_other_channels_are_another_rung() -> None:
    made = a_plan(a_rung("owner", channels=(Channel.EMAIL,)), a_rung("owner", channels=(Channel.SMS,)))
    assert [rung.channels for rung in made.rungs] == [(Channel.EMAIL,), (Channel.SMS,)]


def test_the_lead_stands_in_for_a_rotation_at_the_top() -> None:
    """It may have a gap, and nobody comes after it."""
    made = a_plan(a_rung("owner"), a_rung("support"), desk=on_call_desk("dora"))
    assert made.rungs[-1].instead == ("cleo",)


# Who can be called


def test_a_rotation_is_whoever_is_on_call_by_then() -> None:
    desk = on_call_desk("dora", "ben")
    assert who_is_called(planned("support"), desk) == ["ben"]
    assert who_is_called(planned("support"), desk, at=NOW - timedelta(days=7)) == ["dora"]


def test_a_gap_calls_whoever_is_named_instead() -> None:
    desk = on_call_desk("ben", overrides=(away("ben", rotation="support"),))
    assert who_is_called(planned("support"), desk) == []
    assert who_is_called(planned("support", instead=("cleo", "ana")), desk) == ["cleo"]
    told = [str(each) for each in called(planned("support"), desk, None, NOW).passed_over]
    assert told == ["nobody is on call in support until 2026-03-02T10:00Z"]


@pytest.mark.parametrize(
    ("priority", "people"),
    [(Priority.LOW, []), (Priority.NORMAL, []), (Priority.HIGH, ["ana"]), (Priority.URGENT, ["ana"])],
)
def test_who_is_asleep_is_skipped_for_low_and_normal_and_called_for_high_and_urgent(
    priority: Priority, people: list[str]
) -> None:
    desk = with_people(replace(ANA, working_hours=NINE_TO_FIVE))
    assert who_is_called(planned("ana"), desk, priority, NIGHT) == people


def test_working_hours_are_the_persons_own_local_time() -> None:
    tokyo = replace(NINE_TO_FIVE, time_zone="Asia/Tokyo")
    desk = with_people(replace(ANA, working_hours=tokyo))
    assert who_is_called(planned("ana"), desk, at=NOW) == []
    assert who_is_called(planned("ana"), desk, at=NIGHT) == ["ana"]


def test_of_a_rung_those_awake_are_called() -> None:
    desk = with_people(replace(ANA, working_hours=NINE_TO_FIVE))
    assert who_is_called(planned("ana", "ben"), desk, at=NIGHT) == ["ben"]


def test_whoever_left_the_desk_is_passed_over() -> None:
    found = called(planned("zoe", "ben"), a_desk(), None, NOW)
    assert list(found.people) == ["ben"]
    assert [str(each) for each in found.passed_over] == ["zoe is no longer on the desk"]


def test_a_replacement_is_called_for_whom_they_replace() -> None:
    found = called(planned("ana"), with_people(overrides=(away("ana", by="dora"),)), None, NOW)
    assert found.people == {"dora": "ana"}


def test_a_replacement_who_is_asleep_is_passed_over() -> None:
    desk = with_people(replace(DORA, working_hours=NINE_TO_FIVE), overrides=(away("ana", by="dora", starts=NIGHT),))
    found = called(planned("ana"), desk, None, NIGHT)
    assert found.people == {}
    assert [str(each) for each in found.passed_over] == ["dora for ana is asleep until 2026-03-02T09:00Z"]


def test_nobody_is_called_twice_on_one_rung() -> None:
    desk = on_call_desk("ana", overrides=(away("ben", by="ana"),))
    assert who_is_called(planned("ana", "support", "ben"), desk) == ["ana"]


def test_when_all_backups_but_the_last_are_away_the_last_is_called() -> None:
    desk = with_people(overrides=(away("ben"), away("dora")))
    assert who_is_called(planned("ben", instead=("dora", "cleo")), desk) == ["cleo"]


def test_a_ladder_of_nobody_who_is_on_the_desk_calls_the_owner() -> None:
    assert [rung.who for rung in a_plan(a_rung("gone"), a_rung("left")).rungs] == [("ana",)]


def test_of_a_plan_whose_people_have_all_left_nobody_is_called() -> None:
    gone = Plan(rungs=(planned("gone"), planned("left")), repeat_every=HOUR)
    found = call(gone, (2, 1), a_desk(), Priority.URGENT, NOW)
    assert (found.rung, dict(found.people), found.quiet) == (1, {}, False)
