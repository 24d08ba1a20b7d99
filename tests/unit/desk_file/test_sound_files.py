from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from answerby.cli import desk_file
from answerby.domain.desk import Condition, Desk, Person, Policy, Rule, Rung, Team
from answerby.domain.mention import Kind, Priority
from answerby.domain.source import Source
from tests.unit.desk_file.files import SOUND, TODAY, changed, read

ROOT = Path(__file__).parents[3]
MINUTE = timedelta(minutes=1)


def desk_of(text: str) -> Desk:
    reading = read(text)
    assert not reading.errors, [problem.line("desk.yaml") for problem in reading.errors]
    assert reading.desk
    return reading.desk


def test_people_teams_policies_and_sources_are_read() -> None:
    desk = desk_of(SOUND)
    assert desk.people["ana"] == Person(
        id="ana",
        name="Ana Ruiz",
        time_zone="Europe/Madrid",
        sms="+12025550141",
        email="ana@example.com",
        backups=("ben",),
    )
    assert desk.people["cleo"].time_zone == "UTC"
    assert desk.teams == {"care": Team(id="care", members=("ana", "ben"), lead="cleo")}
    assert desk.policies["hour"] == Policy(id="hour", answer_within=60 * MINUTE, ladder="default", ack_for=15 * MINUTE)
    assert desk.sources["page"] == Source(id="page", network="facebook", brand_account="100", aliases=("brand",))
    assert desk.digest_after == timedelta(days=3)


def test_ladders_are_read_and_a_default_one_is_there() -> None:
    ladders = desk_of(SOUND).ladders
    assert ladders["steps"].rungs == (
        Rung(who=("owner",), wait=10 * MINUTE),
        Rung(who=("backup", "care"), wait=90 * MINUTE),
    )
    assert ladders["steps"].repeat_every == 20 * MINUTE
    assert [rung.who for rung in ladders["default"].rungs] == [("owner",), ("backup",), ("lead",)]


def test_rules_keep_their_order_and_end_in_the_catch_all() -> None:
    refunds, stars, catch_all = desk_of(SOUND).rules
    assert refunds == Rule(
        id="refunds",
        when=Condition(phrases=("refund", "money back")),
        team="care",
        policy="hour",
        priority=Priority.HIGH,
        topic="refunds",
    )
    assert stars.when == Condition(networks=frozenset({"facebook"}), rating_at_most=2)
    assert catch_all == Rule(id="otherwise", when=Condition(), team="care", policy="day")


def test_a_rule_for_a_person_takes_their_team_and_the_usual_policy() -> None:
    stars = desk_of(SOUND).rules[1]
    assert (stars.person, stars.team, stars.policy) == ("ana", "care", "day")


def test_authors_are_folded_as_posts_are() -> None:
    text = changed("networks: [facebook], rating_at_most: 2", 'authors: ["@SamCarter", STRASSE, "straße2"]')
    assert desk_of(text).rules[1].when.authors == {"samcarter", "strasse", "strasse2"}


def test_one_value_stands_for_a_list_of_one() -> None:
    rule = desk_of(changed("networks: [facebook], rating_at_most: 2", "kinds: review, sources: page")).rules[1]
    assert rule.when.kinds == {Kind.REVIEW}
    assert rule.when.sources == {"page"}


@pytest.mark.parametrize("word", ["no", "on", "1e3", "0x1f", "12:30", "2026-01-01"])
def test_words_that_yaml_would_turn_into_something_else_stay_words(word: str) -> None:
    assert desk_of(changed("[refund, money back]", f"[{word}]")).rules[0].when.phrases == (word,)


def test_a_source_of_standard_webhooks_may_deliver_any_network() -> None:
    assert desk_of(changed("networks: [facebook], rating", "networks: [tiktok], rating")).rules[1].when.networks == {
        "tiktok"
    }


def test_windows_line_ends_and_a_byte_order_mark_are_taken() -> None:
    assert desk_file.read(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode(), TODAY).desk == desk_of(SOUND)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("20s", 20), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("1d1h1m1s", 90_061), ("90s", 90), ("1h 30m", 5400)],
)
def test_durations(written: str, meant: int) -> None:
    assert desk_of(changed("answer_within: 8h", f"answer_within: {written}")).policies[
        "day"
    ].answer_within == timedelta(seconds=meant)


@pytest.mark.parametrize("file", ["examples/desk.yaml", "infra/local/desk.yaml"])
def test_the_desks_that_come_with_answerby_are_sound(file: str) -> None:
    desk, warnings = desk_file.load(ROOT / file, TODAY)
    assert not warnings
    assert len(desk.people) >= 4
    assert len(desk.teams) >= 2
    assert set(desk.sources) == {"facebook", "instagram", "x", "standard"}


def test_the_demo_desk_has_people_and_sources_of_the_sample() -> None:
    sample, _ = desk_file.load(ROOT / "examples/desk.yaml", TODAY)
    demo, _ = desk_file.load(ROOT / "infra/local/desk.yaml", TODAY)
    assert {(person.id, person.name, person.sms, person.email) for person in demo.people.values()} < {
        (person.id, person.name, person.sms, person.email) for person in sample.people.values()
    }
    assert demo.sources.keys() == sample.sources.keys()
