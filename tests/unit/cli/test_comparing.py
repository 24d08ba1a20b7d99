from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.cli.comparing import Aspect, differences
from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Condition, Desk, Ladder, Manners, Person, Rule, Rung, Team, Topic
from answerby.domain.mention import Channel, Priority
from answerby.domain.rotation import Change, Layer, Override, Rotation
from answerby.domain.source import Source
from tests.builders import ANA, BEN, CATCH_ALL, CLEO, HOUR, MINUTE, NOW, REFUND, a_desk

OFFICE = Calendar(id="office", time_zone="Europe/Madrid", week=((Span(start=540, end=1020),),) * 5 + ((),) * 2)
NIGHT = Rotation(id="night", time_zone="Europe/Madrid", layers=(Layer(people=("ana", "ben"), starts=date(2026, 3, 2)),))
ON_X = replace(REFUND, id="x", when=Condition(networks=frozenset({"x"})), topic="praise")


def told(before: Desk, after: Desk) -> list[str]:
    return [each.text for each in differences(before, after, NOW)]


def with_rules(*rules: Rule, **changes: Any) -> Desk:
    return a_desk(rules=(*rules, CATCH_ALL), **changes)


def test_equal_desks_do_not_differ() -> None:
    assert told(a_desk(), a_desk(version=7)) == []


def test_posts_that_change_their_owner_are_told_with_both() -> None:
    cancelled = replace(REFUND, topic="cancellation", when=Condition(networks=frozenset({"facebook"})), person="ben")
    assert told(with_rules(cancelled), with_rules(replace(cancelled, person="ana"))) == [
        "cancellation posts on Facebook now go to Ana Ruiz, not Ben Okafor"
    ]


def test_a_teams_new_order_is_told_by_the_posts_that_change_their_owner() -> None:
    turned = a_desk(teams={"care": Team(id="care", members=("ben", "ana"), lead="cleo")})
    assert told(a_desk(), turned) == [
        "refund posts now go to Ben Okafor, not Ana Ruiz",
        "all other posts now go to Ben Okafor, not Ana Ruiz",
        "team care: members ben, ana, was ana, ben",
    ]


def test_a_policys_new_time_is_told_by_its_posts() -> None:
    policies = a_desk().policies
    slower = a_desk(policies={**policies, "quick": replace(policies["quick"], answer_within=2 * HOUR)})
    assert told(a_desk(), slower) == ["refund posts: answer within 2h, was 15m"]


def test_a_rules_new_policy_is_told_by_its_times() -> None:
    assert told(with_rules(REFUND), with_rules(replace(REFUND, policy="hour"))) == [
        "refund posts: answer within 1h, was 15m (policy hour, was quick)"
    ]


def test_reminders_are_told_as_people_say_them() -> None:
    policies = a_desk().policies
    reminded = replace(policies["quick"], reminders=(0.5, 5 * MINUTE))
    assert told(a_desk(), a_desk(policies={**policies, "quick": reminded})) == [
        "refund posts: reminders at 50% of the time and 5m before, was none"
    ] or told(a_desk(), a_desk(policies={**policies, "quick": reminded})) == [
        "refund posts: reminders at 50% of the time and 5m before, were none"
    ]


def test_a_new_rule_is_told_with_its_place_and_effect() -> None:
    assert told(a_desk(), with_rules(ON_X, REFUND)) == [
        "new rule x, tried before refunds: praise posts on X go to Ana Ruiz, answer within 15m, priority urgent"
    ]


def test_a_rule_that_is_gone_is_told() -> None:
    assert told(with_rules(REFUND), with_rules()) == ["rule refunds is gone: refund posts go by the rules after it"]


def test_a_move_that_a_post_can_tell_is_told() -> None:
    other = replace(ON_X, person="ben")
    assert told(with_rules(REFUND, other), with_rules(other, REFUND)) in (
        ["rule x is now tried before refunds: it now takes what both take"],
        ["rule refunds is now tried after x: it no longer takes what both take"],
    )


def test_a_move_that_no_post_can_tell_comes_last() -> None:
    facebook = replace(ON_X, id="f", when=Condition(networks=frozenset({"facebook"})), person="ben")
    found = differences(with_rules(ON_X, facebook), with_rules(facebook, ON_X), NOW)
    assert [each.aspect for each in found] == [Aspect.ORDER]


def test_other_words_of_a_rule_are_told() -> None:
    more = replace(REFUND, when=Condition(phrases=("money back",)))
    assert told(with_rules(REFUND), with_rules(more)) == [
        "refund posts: takes phrases also money back, no longer refund"
    ]


def test_who_leaves_comes_first_and_who_joins_later() -> None:
    nova = Person(id="nova", name="Nova Lind", sms="+15550101004")
    after = a_desk(people={"ana": replace(ANA, backups=()), "cleo": CLEO, "nova": nova})
    after = replace(after, teams={"care": Team(id="care", members=("ana",), lead="cleo")})
    assert told(a_desk(), after) == [
        "Ben Okafor (ben) leaves the desk",
        "team care: members ana, was ana, ben",
        "Ana Ruiz: back-ups none, was ben",
        "Nova Lind (nova) joins the desk, called by +15550101004",
    ]


def test_a_new_number_is_told() -> None:
    moved = replace(BEN, sms="+15550101009")
    assert told(a_desk(), a_desk(people={"ana": ANA, "ben": moved, "cleo": CLEO})) == [
        "Ben Okafor: mobile number +15550101009, was +15550101002"
    ]


def test_a_ladder_is_told_by_its_rungs() -> None:
    rungs = a_desk().ladders["standard"].rungs
    after = a_desk(
        ladders={"standard": Ladder(id="standard", rungs=(rungs[0], Rung(who=("ben", "cleo"), wait=5 * MINUTE)))}
    )
    assert told(a_desk(), after) == [
        "rung 2 of ladder standard: ben, cleo, was backup",
        "rung 2 of ladder standard: waits 5m, was 10m",
        "ladder standard loses rung 3: lead, waits 10m",
    ]


def test_a_rotation_is_told_by_who_is_on_call_otherwise() -> None:
    layer = NIGHT.layers[0]
    turned = replace(NIGHT, layers=(replace(layer, people=("ben", "ana")),))
    assert told(a_desk(rotations={"night": NIGHT}), a_desk(rotations={"night": turned})) == [
        "rotation night, Mon 2 Mar 10:00 to Mon 9 Mar 00:00 (Europe/Madrid): Ben Okafor, not Ana Ruiz",
        "rotation night, Mon 9 Mar 00:00 to Mon 16 Mar 00:00 (Europe/Madrid): Ana Ruiz, not Ben Okafor",
        "rotation night, Mon 16 Mar 00:00 to Mon 16 Mar 10:00 (Europe/Madrid): Ben Okafor, not Ana Ruiz",
    ]


def test_a_rotation_that_changes_only_later_is_told_as_such() -> None:
    later = replace(NIGHT, layers=(*NIGHT.layers, Layer(people=("cleo",), starts=date(2027, 1, 4))))
    assert told(a_desk(rotations={"night": NIGHT}), a_desk(rotations={"night": later})) == [
        "rotation night is another, but not before Mon 16 Mar 10:00 (Europe/Madrid)"
    ]


def test_a_holiday_of_one_person_is_told_in_their_own_time() -> None:
    away = Override(change=Change.REPLACE, person="ana", by="cleo", starts=NOW + HOUR, ends=NOW + 25 * HOUR)
    assert told(a_desk(), a_desk(overrides=(away,))) == [
        "Cleo Laurent stands in for Ana Ruiz from Mon 2 Mar 11:00 to Tue 3 Mar 11:00 (Europe/Madrid)"
    ]


def test_a_time_of_another_year_is_told_with_it() -> None:
    newyear = NOW.replace(month=12, day=30)
    away = Override(change=Change.REMOVE, person="ana", starts=newyear, ends=newyear + timedelta(days=4))
    assert told(a_desk(), a_desk(overrides=(away,))) == [
        "Ana Ruiz is away from Wed 30 Dec 10:00 to Sun 3 Jan 2027 10:00 (Europe/Madrid)"
    ]


def test_an_absence_that_is_past_is_told_as_such() -> None:
    away = Override(change=Change.REMOVE, person="ana", starts=NOW - 2 * HOUR, ends=NOW - HOUR)
    absence = "Ana Ruiz is away from Mon 2 Mar 08:00 to Mon 2 Mar 09:00 (Europe/Madrid), which is past"
    assert told(a_desk(), a_desk(overrides=(away,))) == [absence]
    assert told(a_desk(overrides=(away,)), a_desk()) == [f"no longer planned: {absence}"]


def test_a_new_rotation_is_told_with_the_zone_of_its_times() -> None:
    assert told(a_desk(), a_desk(rotations={"night": NIGHT})) == [
        "rotation night is new: Ana Ruiz until Mon 9 Mar 00:00 (Europe/Madrid)"
    ]


def test_a_new_topic_says_if_it_is_a_crisis() -> None:
    topics = {"health": Topic(id="health", crisis=True), "praise": Topic(id="praise")}
    assert told(a_desk(), a_desk(topics=topics)) == ["new topic health, a crisis", "new topic praise"]


def test_a_calendar_is_told_by_its_hours_and_days() -> None:
    half = replace(
        OFFICE,
        week=((Span(start=540, end=780), Span(start=840, end=1020)),) * 4 + ((Span(start=540, end=840),),) + ((),) * 2,
        exceptions={date(2026, 12, 25): (), date(2026, 1, 1): ()},
    )
    assert told(a_desk(calendars={"office": OFFICE}), a_desk(calendars={"office": half})) == [
        "calendar office: open Mon-Thu 09:00-13:00 and 14:00-17:00, Fri 09:00-14:00; was Mon-Fri 09:00-17:00",
        "calendar office: Fri 25 Dec 2026 closed",
        "calendar office: 1 more dates differ",
    ]


def test_topics_sources_and_manners_are_told() -> None:
    topic = Topic(id="refund")
    before = a_desk(topics={"refund": topic}, manners=Manners())
    after = a_desk(
        topics={"refund": replace(topic, crisis=True, guidance="Say sorry.")},
        sources={**before.sources, "reviews": Source(id="reviews", network="standard", brand_account="1")},
        manners=Manners(channels={**Manners().channels, Priority.LOW: (Channel.SMS,)}, sms_every=timedelta(minutes=10)),
    )
    assert told(before, after) == [
        "topic refund: guidance Say sorry., was none",
        "topic refund: is a crisis: yes, was no",
        "new source reviews (standard, 1)",
        "low posts are alerted by sms, were by email",
        "a text message at most every 10m, was 5m",
    ]


CHANGES: list[dict[str, Any]] = [
    {"people": {"ana": replace(ANA, time_zone="UTC"), "ben": BEN, "cleo": CLEO}},
    {"people": {"ana": replace(ANA, working_hours=OFFICE), "ben": BEN, "cleo": CLEO}},
    {"teams": {"care": Team(id="care", members=("ana", "ben"), lead="ben")}},
    {"rules": (replace(REFUND, tags=("money",)), CATCH_ALL)},
    {"rules": (replace(REFUND, when=Condition(phrases=("refund",), any_of=(Condition(has_link=True),))), CATCH_ALL)},
    {"rules": (replace(REFUND, priority=Priority.HIGH), CATCH_ALL)},
    {"policies": {**a_desk().policies, "spare": replace(a_desk().policies["hour"], id="spare")}},
    {"policies": {**a_desk().policies, "hour": replace(a_desk().policies["hour"], resolve_within=HOUR)}},
    {"ladders": {**a_desk().ladders, "spare": Ladder(id="spare", rungs=(Rung(who=("owner",), wait=HOUR),))}},
    {"ladders": {"standard": replace(a_desk().ladders["standard"], repeat_every=HOUR)}},
    {"calendars": {"office": OFFICE}},
    {"rotations": {"night": NIGHT}},
    {"overrides": (Override(change=Change.REMOVE, person="ana", starts=NOW - 2 * HOUR, ends=NOW - HOUR),)},
    {"topics": {"refund": Topic(id="refund")}},
    {"sources": {"page": Source(id="page", network="facebook", brand_account="200")}},
    {"manners": Manners(bundle_for=HOUR)},
    {"digest_after": timedelta(days=1)},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_change_is_told_both_ways(change: dict[str, Any]) -> None:
    assert told(a_desk(), a_desk(**change))
    assert told(a_desk(**change), a_desk())


@given(st.permutations([replace(ON_X, id=str(n), person=("ana", "ben", "cleo")[n % 3]) for n in range(6)]))
def test_any_new_order_of_rules_is_told(order: list[Rule]) -> None:
    rules = sorted(order, key=lambda rule: rule.id)
    assert bool(told(with_rules(*rules), with_rules(*order))) == (rules != order)


def test_what_is_gone_is_told_in_the_desks_order() -> None:
    teams = {name: Team(id=name, members=("ana",), lead="cleo") for name in "hgfedcba"}
    policies = {name: replace(a_desk().policies["quick"], id=name) for name in "hgfedcba"}
    before = a_desk(teams={**a_desk().teams, **teams}, policies={**a_desk().policies, **policies})
    assert told(before, a_desk()) == [f"{kind} {name} is gone" for kind in ("policy", "team") for name in "hgfedcba"]
