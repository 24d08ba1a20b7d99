"""When an alert may go, and what a bundle tells first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.decide import decide
from answerby.domain.desk import Manners
from answerby.domain.manners import (
    JITTER,
    Hold,
    Lane,
    Line,
    Spacing,
    Turn,
    first_in_turn,
    held_by,
    line_of,
    most_urgent_first,
    reachable,
    spacing,
    still_waits,
    wakes_at,
)
from answerby.domain.mention import Alert, Channel, Priority, Reason
from tests.builders import ANA, CLEO, HOUR, MINUTE, NOW, a_desk, a_mention

SECOND = timedelta(seconds=1)
SMS, EMAIL = Channel.SMS, Channel.EMAIL
BOTH = {SMS: Spacing(Lane.SMS, 5 * MINUTE), EMAIL: Spacing(Lane.EMAIL, 2 * MINUTE)}
HALF_A_SECOND = timedelta(milliseconds=500)


def an_alert(**changes: object) -> Alert:
    return replace(decide(a_mention(), a_desk(), NOW).outbox[0], **changes)  # type: ignore[arg-type]


def wanted(priority: Priority, **changes: object) -> dict[Channel, Spacing]:
    return spacing(an_alert(**changes), priority, Manners())


@pytest.mark.parametrize("priority", [Priority.LOW, Priority.NORMAL, Priority.HIGH])
def test_mails_are_two_minutes_apart_and_text_messages_five(priority: Priority) -> None:
    assert wanted(priority) == BOTH


def test_urgent_alerts_and_tests_wait_for_no_text_message_and_only_for_each_others_mails() -> None:
    pressing = {EMAIL: Spacing(Lane.URGENT_EMAIL, HALF_A_SECOND)}
    assert wanted(Priority.URGENT) == pressing
    assert wanted(Priority.NORMAL, reason=Reason.TEST) == pressing


def test_a_digest_is_never_as_quick_as_an_urgent_alert() -> None:
    assert wanted(Priority.URGENT, reason=Reason.DIGEST) == BOTH


def test_a_desk_may_hold_nothing_back_but_mails_that_would_mute_an_address() -> None:
    none = Manners(bundle_for=timedelta(), sms_every=timedelta())
    assert spacing(an_alert(), Priority.NORMAL, none) == {EMAIL: Spacing(Lane.EMAIL, HALF_A_SECOND)}


def test_text_messages_are_no_closer_than_mails() -> None:
    often = Manners(sms_every=timedelta())
    assert {each.span for each in spacing(an_alert(), Priority.NORMAL, often).values()} == {2 * MINUTE}


def test_who_was_never_called_is_called_by_all_channels() -> None:
    assert held_by({}, BOTH, "a", NOW) == {}


def test_a_channel_is_free_exactly_when_its_time_is_over() -> None:
    slot = {Lane.SMS: Turn(NOW - 5 * MINUTE, "x"), Lane.EMAIL: Turn(NOW - 2 * MINUTE + timedelta(milliseconds=1), "x")}
    held = held_by(slot, BOTH, "a", NOW)
    assert list(held) == [EMAIL]
    assert held[EMAIL].until == NOW + timedelta(milliseconds=1)


def test_an_alert_is_not_held_by_its_own_message() -> None:
    """Its process died before it went out, or before that was written down."""
    assert held_by({Lane.SMS: Turn(NOW, "a"), Lane.EMAIL: Turn(NOW, "b")}, BOTH, "a", NOW).keys() == {EMAIL}


def test_a_hold_says_until_when_and_why() -> None:
    hold = Hold(channel=SMS, until=NOW + 5 * MINUTE, last=NOW)
    assert str(hold) == "sms held until 09:05:00: one was sent at 09:00:00"
    assert str(replace(hold, last=None)) == "sms held until 09:05:00, with other older posts"


@given(st.text(max_size=20), st.integers(1, 3600))
def test_a_held_alert_wakes_soon_after_its_time(alert_id: str, seconds: int) -> None:
    hold = Hold(channel=SMS, until=NOW + seconds * SECOND, last=NOW)
    at = wakes_at([hold, replace(hold, until=NOW + 2 * HOUR)], alert_id, NOW)
    assert hold.until <= at <= hold.until + min(JITTER, timedelta(seconds=seconds) / 4)
    assert at == wakes_at([hold], alert_id, NOW)


def test_held_alerts_do_not_all_wake_at_once() -> None:
    hold = Hold(channel=SMS, until=NOW + 5 * MINUTE, last=NOW)
    seconds = {wakes_at([hold], str(n), NOW).replace(microsecond=0) for n in range(1000)}
    assert len(seconds) == 30


def test_an_alert_goes_by_what_it_wants_or_else_by_what_the_person_has() -> None:
    assert reachable(an_alert(), ANA) == (SMS, EMAIL)
    assert reachable(an_alert(channels=(EMAIL,)), ANA) == (EMAIL,)
    assert reachable(an_alert(channels=(SMS,)), CLEO) == (EMAIL,)
    assert reachable(an_alert(), replace(CLEO, email=None)) == ()


def a_line(mention_id: str, **changes: object) -> Line:
    line = Line(
        alert_id=mention_id,
        mention_id=mention_id,
        reason=Reason.ROUTED,
        priority=Priority.NORMAL,
        about="x",
        since=NOW,
    )
    return replace(line, **changes)  # type: ignore[arg-type]


def test_the_most_urgent_comes_first_and_older_posts_last() -> None:
    lines = [
        a_line("older", reason=Reason.DIGEST, priority=Priority.URGENT),
        a_line("without deadline"),
        a_line("later", answer_by=NOW + HOUR),
        a_line("sooner", answer_by=NOW + MINUTE),
        a_line("high", priority=Priority.HIGH, answer_by=NOW + 2 * HOUR),
    ]
    assert [line.mention_id for line in most_urgent_first(lines)] == [
        "high",
        "sooner",
        "later",
        "without deadline",
        "older",
    ]


def test_a_message_with_too_little_room_tells_the_more_urgent_first_unless_the_other_has_waited_long() -> None:
    lines = [
        a_line("low", priority=Priority.LOW),
        a_line("older", reason=Reason.DIGEST, priority=Priority.URGENT),
        a_line("normal, soon after", since=NOW + 14 * MINUTE),
        a_line("normal, long after", since=NOW + 16 * MINUTE),
        a_line("high, soon after", priority=Priority.HIGH, since=NOW + 13 * MINUTE),
    ]
    assert [line.mention_id for line in first_in_turn(lines)] == [
        "high, soon after",
        "normal, soon after",
        "low",
        "normal, long after",
        "older",
    ]


def test_a_mention_with_two_alerts_has_the_turn_of_the_first() -> None:
    lines = [a_line("1", alert_id="a", since=NOW + MINUTE), a_line("2"), a_line("1", alert_id="b", since=NOW - MINUTE)]
    assert [line.alert_id for line in first_in_turn(lines)] == ["b", "2"]


def test_a_mention_with_two_alerts_is_told_once() -> None:
    assert most_urgent_first([a_line("1", alert_id="a"), a_line("2"), a_line("1", alert_id="b")]) == [
        a_line("1", alert_id="a"),
        a_line("2"),
    ]


def test_what_left_the_outbox_waits_no_longer() -> None:
    mention = decide(a_mention(), a_desk(), NOW)
    line = line_of(mention.outbox[0], mention)
    assert still_waits(line, mention)
    assert not still_waits(line, replace(mention, outbox=()))
    assert not still_waits(line, None)


def test_a_line_is_short_whatever_the_post() -> None:
    mention = decide(a_mention(text="word \n" * 500), a_desk(), NOW)
    about = line_of(mention.outbox[0], mention).about
    assert about.startswith("facebook comment, Sam Carter: word word")
    assert len(about) <= 200
