"""Calendars, rotations, overrides, topics, lists, conditions and manners become what the domain works with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Condition, Desk, Policy, Rule, Rung, Team, Topic
from answerby.domain.mention import Channel, Kind, Priority, Sentiment
from answerby.domain.rotation import Change, Layer, Override, Rotation, Unit
from tests.unit.desk_file.files import FULL, SOUND, changed, read

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def desk_of(text: str) -> Desk:
    reading = read(text)
    assert not reading.errors, [problem.line("desk.yaml") for problem in reading.errors]
    assert reading.desk
    return reading.desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    return desk_of(FULL)


def opening(start: str, end: str, days: int = 0) -> Span:
    return Span(start=minute(start), end=minute(end) + days * 1440)


def minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def test_people_have_back_ups_in_order_and_languages(desk: Desk) -> None:
    assert (desk.people["ana"].backups, desk.people["ana"].languages) == (("ben", "cleo"), ("es", "en"))


def test_working_hours_have_several_spans_and_pass_midnight(desk: Desk) -> None:
    day = (opening("09:00", "12:00"), opening("13:00", "17:00"))
    night = (opening("22:00", "06:00", days=1),)
    assert desk.people["ben"].working_hours == Calendar(
        id="ben", time_zone="UTC", week=(day, day, day, day, night, night, ())
    )
    assert desk.people["cleo"].working_hours is None


def test_public_holidays_close_a_calendar_for_four_years(desk: Desk) -> None:
    exceptions = desk.calendars["office"].exceptions
    assert exceptions[date(2026, 6, 4)] == ()  # Corpus Christi, in Bavaria
    assert exceptions[date(2029, 12, 26)] == ()
    assert max(exceptions).year == 2029


def test_the_day_off_for_a_holiday_on_a_weekend_is_closed_too(desk: Desk) -> None:
    assert desk.calendars["office"].exceptions[date(2026, 12, 28)] == ()  # for Boxing Day in Great Britain


def test_dates_win_over_holidays_and_half_days_are_shorter(desk: Desk) -> None:
    exceptions = desk.calendars["office"].exceptions
    assert exceptions[date(2026, 12, 24)] == (opening("09:00", "13:00"),)
    assert exceptions[date(2027, 1, 1)] == (opening("10:00", "12:00"),)
    assert [day.day for day in exceptions if day.year == 2026 and day.month == 12 and day.day > 26] == [
        28,
        27,
        29,
        30,
        31,
    ]


def test_a_calendar_to_midnight_ends_at_24(desk: Desk) -> None:
    text = SOUND + "calendars:\n  all-day: {time_zone: UTC, hours: {daily: 00:00-24:00}}\n"
    assert desk_of(text).calendars["all-day"].week == ((Span(start=0, end=1440),),) * 7


@pytest.mark.parametrize(
    ("days", "open_on"),
    [
        ("mon", [0]),
        ("Monday", [0]),
        ("mon-wed", [0, 1, 2]),
        ("sat-mon", [0, 5, 6]),
        ("mon, wed, fri-sat", [0, 2, 4, 5]),
        ("daily", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_days(days: str, open_on: list[int]) -> None:
    text = SOUND + f'calendars:\n  some: {{time_zone: UTC, hours: {{"{days}": 9:00 - 17:00}}}}\n'
    week = desk_of(text).calendars["some"].week
    assert [day for day in range(7) if week[day]] == open_on


def test_a_rotation_of_one_layer_is_written_short(desk: Desk) -> None:
    assert desk.rotations["shifts"] == Rotation(
        id="shifts",
        time_zone="Europe/Madrid",
        layers=(
            Layer(people=("ana", "ben"), starts=date(2026, 1, 5), hand_over=minute("08:00"), every=3, unit=Unit.DAYS),
        ),
    )


def test_a_rotation_has_several_layers(desk: Desk) -> None:
    week, night = desk.rotations["helpers"].layers
    assert week == Layer(people=("ana", "ben", "ana"), starts=date(2026, 1, 5), hand_over=minute("09:00"))
    assert (night.people, night.every, night.unit) == (("cleo",), 12, Unit.HOURS)
    assert night.during == ((opening("22:00", "06:00", days=1),),) * 7


@pytest.mark.parametrize(
    ("written", "every", "unit"),
    [
        ("weekly", 1, Unit.WEEKS),
        ("2 weeks", 2, Unit.WEEKS),
        ("daily", 1, Unit.DAYS),
        ("1 day", 1, Unit.DAYS),
        ("12 hours", 12, Unit.HOURS),
        ("8h", 8, Unit.HOURS),
        ("2w", 2, Unit.WEEKS),
    ],
)
def test_turns(written: str, every: int, unit: Unit) -> None:
    text = FULL.replace("every: 3 days", f"every: {written}")
    layer = desk_of(text).rotations["shifts"].layers[0]
    assert (layer.every, layer.unit) == (every, unit)


def test_overrides_are_instants_in_the_rotations_zone(desk: Desk) -> None:
    assert desk.overrides[0] == Override(
        change=Change.REPLACE,
        person="ana",
        by="cleo",
        rotation="shifts",
        starts=datetime(2026, 12, 20, 8, tzinfo=UTC),
        ends=datetime(2026, 12, 27, 23, tzinfo=UTC),
    )


def test_a_date_alone_is_a_whole_day(desk: Desk) -> None:
    assert desk.overrides[1].ends - desk.overrides[1].starts == DAY


def test_whoever_is_away_is_replaced_everywhere_or_not_called(desk: Desk) -> None:
    replaced, removed = desk.overrides[3:]
    assert (replaced.change, replaced.person, replaced.by, replaced.rotation) == (Change.REPLACE, "ana", "ben", None)
    assert replaced.starts == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert (removed.change, removed.person, removed.by, removed.rotation) == (Change.REMOVE, "ben", None, None)


def test_an_override_across_the_end_of_summer_time_keeps_the_hour_that_comes_twice() -> None:
    text = FULL.replace(
        "{away: ben, from: 2026-08-01, until: 2026-08-02}",
        "{away: ana, from: 2026-10-25 02:30, until: 2026-10-25 02:30}",
    )
    override = desk_of(text).overrides[-1]
    assert (override.starts, override.ends - override.starts) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), HOUR)


def test_teams_name_rotations_and_calendars(desk: Desk) -> None:
    assert desk.teams["care"] == Team(id="care", members=("shifts", "ana", "ben"), lead="cleo", calendar="office")
    assert desk.teams["press"].calendar is None


def test_rungs_have_rounds_and_channels(desk: Desk) -> None:
    assert desk.ladders["steps"].rungs == (
        Rung(who=("owner",), wait=10 * MINUTE, rounds=3, channels=(Channel.EMAIL,)),
        Rung(who=("helpers", "press", "backup", "lead"), wait=5 * MINUTE),
    )


def test_policies_have_further_targets_and_reminders(desk: Desk) -> None:
    assert desk.policies["day"] == Policy(
        id="day",
        answer_within=8 * HOUR,
        next_within=4 * HOUR,
        resolve_within=3 * DAY,
        ladder="steps",
        calendar="always",
        reminders=(0.5, 15 * MINUTE),
    )


def test_a_rule_takes_from_its_topic_what_it_leaves_out(desk: Desk) -> None:
    illness, refunds = desk.rules[:2]
    assert (illness.team, illness.priority, illness.policy, illness.tags) == (
        "press",
        Priority.URGENT,
        "urgent",
        ("quality", "call-back"),
    )
    assert (refunds.topic, refunds.team, refunds.priority, refunds.policy) == ("refunds", "care", Priority.HIGH, "day")


def test_what_a_rule_says_itself_wins_over_its_topic() -> None:
    text = FULL.replace("    topic: refunds\n", "    topic: refunds\n    priority: low\n    team: press\n", 1)
    rule = desk_of(text).rules[1]
    assert (rule.priority, rule.team) == (Priority.LOW, "press")


def test_the_catch_all_takes_from_its_topic_too(desk: Desk) -> None:
    assert desk.rules[-1] == Rule(
        id="otherwise", when=Condition(), team="care", policy="day", priority=Priority.NORMAL, topic="refunds"
    )


def test_topics_carry_guidance_and_back_ups(desk: Desk) -> None:
    assert desk.topics["health"] == Topic(
        id="health", team="press", backups=("cleo", "ben"), guidance="Say sorry.", crisis=True
    )


def test_a_condition_holds_every_part(desk: Desk) -> None:
    assert desk.rules[1].when == Condition(
        phrases=("refund",),
        networks=frozenset({"facebook"}),
        sources=frozenset({"page"}),
        kinds=frozenset({Kind.COMMENT}),
        languages=frozenset({"en", "es"}),
        sentiments=frozenset({Sentiment.NEGATIVE}),
        rating_at_most=3,
        rating_at_least=1,
        authors=frozenset({"sam", "lena", "beanbag"}),
        followers_at_least=1,
        followers_at_most=50,
        link_domains=frozenset({"shop.example.com"}),
        during="office",
        earlier_posts=3,
        earlier_within=7 * DAY,
    )


def test_text_is_asked_for_by_any_all_and_none(desk: Desk) -> None:
    assert desk.rules[0].when == Condition(phrases=("allerg*",), all_phrases=("coffee", "shop"), no_phrases=("joke",))


def test_conditions_nest(desk: Desk) -> None:
    assert desk.rules[2].when == Condition(
        outside="office",
        any_of=(
            Condition(has_link=True),
            Condition(
                all_of=(
                    Condition(kinds=frozenset({Kind.POST})),
                    Condition(kinds=frozenset({Kind.COMMENT, Kind.REPLY})),
                )
            ),
        ),
        none_of=(Condition(earlier_posts=1),),
    )


def test_manners_are_kept_by_priority(desk: Desk) -> None:
    assert desk.manners.channels == {
        Priority.LOW: (Channel.EMAIL,),
        Priority.NORMAL: (Channel.EMAIL,),
        Priority.HIGH: (Channel.SMS, Channel.EMAIL),
        Priority.URGENT: (Channel.SMS,),
    }
    assert (desk.manners.bundle_for, desk.manners.sms_every) == (3 * MINUTE, 10 * MINUTE)


SMALL = """\
people:
  ana: {name: Ana, sms: "+12025550141"}
  ben: {name: Ben, sms: "+12025550142"}
"""


def test_without_teams_all_people_are_one_led_by_the_last() -> None:
    assert desk_of(SMALL).teams == {"everyone": Team(id="everyone", members=("ana", "ben"), lead="ben")}


def test_without_teams_whoever_is_on_call_comes_first() -> None:
    text = SMALL + "rotations:\n  shifts: {time_zone: UTC, people: [ana, ben], starts: 2026-01-05}\n"
    assert desk_of(text).teams["everyone"].members == ("shifts", "ana", "ben")


def test_without_policies_the_priority_says_how_soon() -> None:
    rules = "".join(
        f"  - {{id: {priority}-words, when: {{phrases: [{priority}]}}, priority: {priority}}}\n"
        for priority in Priority
    )
    desk = desk_of(SMALL + "rules:\n" + rules)
    assert [desk.policies[rule.policy].answer_within for rule in desk.rules] == [
        24 * HOUR,
        8 * HOUR,
        2 * HOUR,
        30 * MINUTE,
        8 * HOUR,
    ]


def test_a_policy_named_like_a_priority_is_for_that_priority() -> None:
    text = changed("  hour: ", "  high: {answer_within: 2h}\n  hour: ").replace("    policy: hour\n", "")
    assert [rule.policy for rule in desk_of(text).rules] == ["high", "day", "day"]


def test_without_otherwise_the_only_team_and_policy_take_the_rest() -> None:
    text = changed("otherwise: {team: care, policy: day}\n", "").replace("  hour: {", "  #").replace("policy: hour", "")
    assert (desk_of(text).rules[-1].team, desk_of(text).rules[-1].policy) == ("care", "day")


def test_a_rule_that_names_nobody_goes_where_the_rest_goes() -> None:
    assert desk_of(changed("    person: ana\n", "")).rules[1].team == "care"


def test_without_topics_any_topic_may_be_named() -> None:
    assert desk_of(changed("topic: refunds", "topic: Money & more")).rules[0].topic == "Money & more"


def test_a_person_of_several_teams_answers_to_the_topics() -> None:
    text = changed("ladders:", "  press: {members: [ana], lead: cleo}\ntopics:\n  stars: {team: press}\nladders:")
    text = text.replace("    person: ana", "    person: ana\n    topic: stars").replace("    topic: refunds\n", "")
    assert (desk_of(text).rules[1].person, desk_of(text).rules[1].team) == ("ana", "press")


def test_one_list_is_not_copied_for_every_rule() -> None:
    text = (
        SOUND.replace(
            "otherwise:",
            "  - {id: a, when: {authors: {list: f}, kinds: post}}\n"
            "  - {id: b, when: {authors: {list: f}, kinds: story}}\notherwise:",
        )
        + "lists: {f: [sam, kim]}\n"
    )
    a, b = desk_of(text).rules[2:4]
    assert a.when.authors is b.when.authors


def test_nothing_is_held_back_where_manners_say_so() -> None:
    desk = desk_of(SOUND + "manners: {bundle_for: 0s, sms_every: 0s}\n")

    assert (desk.manners.bundle_for, desk.manners.sms_every) == (timedelta(), timedelta())


@pytest.mark.parametrize("name", ["bundle_for", "sms_every"])
def test_nobody_is_kept_waiting_for_longer_than_held_alerts_are_remembered(name: str) -> None:
    assert not read(SOUND + f"manners: {{{name}: 24h}}\n").errors
    (problem,) = read(SOUND + f"manners: {{{name}: 8d}}\n").errors
    assert "longer than a day" in problem.line("desk.yaml")
