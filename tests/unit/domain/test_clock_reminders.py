"""Reminders before the deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.calendar import is_open
from answerby.domain.decide import decide, followed_up
from answerby.domain.desk import Condition, Ladder, Policy, Rule, Rung
from answerby.domain.mention import Channel, Event, Priority, Reason
from answerby.domain.rotation import Change, Override
from answerby.domain.transitions import (
    acknowledge,
    alert_failed,
)
from tests.builders import ANA, HOUR, MINUTE, NOW, a_mention
from tests.unit.domain.clocks import (
    DAY,
    FRIDAY,
    NEXT_MONDAY,
    NIGHT,
    OFFICE,
    desk_with,
    events,
    routed,
    sent,
    step,
    waiting,
)


def test_reminders_come_at_a_fraction_of_the_time_and_so_long_before_its_end() -> None:
    mention = routed(desk_with(None, reminders=(0.5, 10 * MINUTE)))
    assert mention.remind_at == (NOW + 30 * MINUTE, NOW + 50 * MINUTE)


def test_reminders_run_on_the_calendar() -> None:
    mention = routed(desk_with(reminders=(0.25, 0.75, 20 * MINUTE)), FRIDAY + 16.5 * HOUR)
    assert mention.remind_at == (
        FRIDAY + 16.75 * HOUR,
        NEXT_MONDAY + 9 * HOUR + 10 * MINUTE,
        NEXT_MONDAY + 9.25 * HOUR,
    )


def test_a_reminder_never_comes_at_midnight_nor_at_closing_time() -> None:
    """glpi#22678: one day before a Monday's deadline was Sunday, 00:00."""
    mention = routed(desk_with(answer_within=8 * HOUR, reminders=(0.5, DAY)), FRIDAY + 13 * HOUR)
    assert mention.answer_by == NEXT_MONDAY + 13 * HOUR
    assert mention.remind_at == (NEXT_MONDAY + 9 * HOUR,)


@given(
    st.lists(st.floats(0.01, 0.99) | st.integers(1, 600).map(lambda each: each * MINUTE), max_size=4),
    st.integers(0, 14 * 1440),
    st.integers(1, 6000),
)
def test_no_reminder_comes_outside_hours_or_after_the_deadline(
    reminders: list[float | timedelta], start: int, within: int
) -> None:
    desk = desk_with(answer_within=within * MINUTE, reminders=tuple(reminders))
    mention = routed(desk, NOW + start * MINUTE)
    assert mention.answer_by
    assert [*mention.remind_at] == sorted({*mention.remind_at})
    for at in mention.remind_at:
        assert is_open(OFFICE, at)
        assert NOW + start * MINUTE < at < mention.answer_by


def test_before_the_networks_window_reminders_come_in_plain_time() -> None:
    at = FRIDAY + 16.5 * HOUR
    mention = routed(desk_with(reminders=(0.5, HOUR)), at, reply_until=at + 20 * MINUTE)
    assert mention.remind_at == (at + 10 * MINUTE,)


def test_a_reminder_that_would_be_over_already_is_left_out() -> None:
    mention = decide(a_mention(posted_at=NOW - 40 * MINUTE), desk_with(None, reminders=(0.5, 10 * MINUTE)), NOW)
    assert mention.remind_at == (NOW + 10 * MINUTE,)


def test_a_reminder_goes_to_the_rung_and_leaves_the_ladder_where_it_is() -> None:
    desk = desk_with(None, reminders=(0.5,))
    mention = sent(routed(desk), NOW)
    assert mention.next_check_at == NOW + 30 * MINUTE
    reminded = step(mention, desk)
    assert waiting(reminded) == [("ana", Reason.REMINDER)]
    assert reminded.history[-1].event is Event.REMINDED
    assert (reminded.rung, reminded.round, reminded.escalate_at) == (mention.rung, mention.round, mention.escalate_at)
    assert reminded.next_check_at == NOW + 31 * MINUTE
    assert sent(reminded, NOW + 31 * MINUTE).next_check_at == NOW + HOUR


def test_two_reminders_both_come() -> None:
    """zammad#4348: one notice a day and kind lost the second."""
    desk = desk_with(None, reminders=(0.5, 10 * MINUTE))
    mention, ids = sent(routed(desk), NOW), set()
    for due in (NOW + 30 * MINUTE, NOW + 50 * MINUTE):
        assert mention.next_check_at == due
        mention = step(mention, desk)
        ids |= {alert.id for alert in mention.outbox}
        mention = sent(mention, due)
    assert len(ids) == 2
    assert events(mention).count(Event.REMINDED) == 2
    assert mention.next_check_at == NOW + HOUR


def test_a_late_check_reminds_once_of_several_overdue_reminders() -> None:
    desk = desk_with(None, reminders=(0.25, 0.5, 0.75, 5 * MINUTE))
    late = decide(sent(routed(desk), NOW), desk, NOW + 50 * MINUTE)
    assert waiting(late) == [("ana", Reason.REMINDER)]
    assert late.remind_at == (NOW + 55 * MINUTE,)


def test_after_the_deadline_no_reminder_comes() -> None:
    desk = desk_with(None, reminders=(0.5, 5 * MINUTE))
    late = decide(sent(routed(desk), NOW), desk, NOW + 2 * HOUR)
    assert waiting(late) == [("cleo", Reason.BREACHED)]
    assert not late.remind_at


def test_a_reminder_goes_to_whoever_acknowledged_and_does_not_wake_the_ladder() -> None:
    desk = desk_with(None, reminders=(0.5,))
    mention = acknowledge(sent(routed(desk), NOW), "ben", NOW, 50 * MINUTE)
    assert mention.next_check_at == NOW + 30 * MINUTE
    reminded = step(mention, desk)
    assert waiting(reminded) == [("ben", Reason.REMINDER)]
    assert reminded.acknowledged_until == NOW + 50 * MINUTE


def test_a_reminder_of_what_somebody_outside_the_desk_acknowledged_goes_to_the_rung() -> None:
    desk = desk_with(None, reminders=(0.5,))
    assert waiting(step(acknowledge(sent(routed(desk), NOW), "crm", NOW, 50 * MINUTE), desk)) == [
        ("ana", Reason.REMINDER)
    ]


def test_a_reminder_and_a_rung_due_at_once_both_come_in_one_decision() -> None:
    ladder = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=30 * MINUTE), Rung(who=("lead",), wait=DAY)))
    desk = desk_with(None, ladder=ladder, reminders=(0.5,))
    both = step(sent(routed(desk), NOW), desk)
    assert sorted(waiting(both)) == [("ana", Reason.REMINDER), ("cleo", Reason.ESCALATED)]


def test_whoever_is_called_anyway_is_not_reminded() -> None:
    ladder = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=DAY),), repeat_every=30 * MINUTE)
    desk = desk_with(None, ladder=ladder, reminders=(0.5,))
    both = step(sent(routed(desk), NOW), desk)
    assert waiting(both) == [("ana", Reason.REPEATED)]
    assert not both.remind_at


def test_a_reminder_decided_twice_is_one_alert() -> None:
    desk = desk_with(None, reminders=(0.5,))
    mention = sent(routed(desk), NOW)
    first, again = (decide(mention, desk, NOW + after * MINUTE) for after in (30, 31))
    assert first.outbox[0].id == again.outbox[0].id


def test_a_reminder_that_cannot_be_delivered_leaves_the_ladder_to_those_who_were_called() -> None:
    desk = desk_with(None, reminders=(0.5,))
    reminded = step(sent(routed(desk), NOW), desk)
    failed = alert_failed(reminded, reminded.outbox[0], "no contact", NOW + 30 * MINUTE)
    assert (failed.outbox, failed.escalate_at, failed.next_check_at) == ((), reminded.escalate_at, NOW + HOUR)


def test_a_reminder_waits_in_the_mail_of_who_is_asleep() -> None:
    asleep = replace(ANA, working_hours=NIGHT)
    desk = desk_with(None, reminders=(0.5,))
    desk = replace(desk, rules=(replace(desk.rules[0], priority=Priority.NORMAL),))
    mention = acknowledge(sent(routed(desk), NOW), "ana", NOW, 50 * MINUTE)
    reminded = step(mention, replace(desk, people={**desk.people, "ana": asleep}))
    assert [(alert.person, alert.channels) for alert in reminded.outbox] == [("ana", (Channel.EMAIL,))]


def test_a_reminder_goes_to_whoever_replaces_the_one_it_is_with() -> None:
    desk = desk_with(None, reminders=(0.5,))
    mention = acknowledge(sent(routed(desk), NOW), "ana", NOW, 50 * MINUTE)
    away = Override(change=Change.REPLACE, person="ana", by="ben", starts=NOW, ends=NOW + DAY)
    assert waiting(step(mention, replace(desk, overrides=(away,)))) == [("ben", Reason.REMINDER)]


def test_a_more_urgent_post_of_its_author_brings_its_reminders_along() -> None:
    urgent = Rule(
        id="urgent", when=Condition(phrases=("refund",)), team="care", policy="quick", priority=Priority.URGENT
    )
    desk = desk_with(None, reminders=(0.5,), resolve_within=3 * DAY)
    desk = replace(
        desk,
        rules=(urgent, *desk.rules),
        policies={
            **desk.policies,
            "quick": Policy(
                id="quick", answer_within=20 * MINUTE, ladder="standard", reminders=(0.5,), resolve_within=DAY
            ),
        },
    )
    head, now = sent(routed(desk), NOW), NOW + MINUTE
    later = decide(a_mention("2", text="refund", posted_at=now, received_at=now), desk, now, [head])
    raised = followed_up(head, later, desk, now)
    assert raised.answer_by == NOW + 21 * MINUTE
    assert raised.remind_at == (NOW + 11 * MINUTE,)
    assert raised.resolve_by == NOW + MINUTE + DAY


def test_a_post_that_joins_with_a_later_deadline_leaves_the_reminders() -> None:
    desk = desk_with(None, reminders=(0.5,))
    head, now = sent(routed(desk), NOW), NOW + MINUTE
    later = decide(a_mention("2", posted_at=now, received_at=now), desk, now, [head])
    assert followed_up(head, later, desk, now).remind_at == (NOW + 30 * MINUTE,)
