"""A mention's targets: on calendars, for a next post, reminders before them, and the end of the matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.calendar import Calendar, Span, is_open
from answerby.domain.decide import decide, followed_up, reconsidered
from answerby.domain.desk import Condition, Desk, Ladder, Policy, Rule, Rung, Team
from answerby.domain.mention import Channel, Event, Mention, Priority, Reason, State
from answerby.domain.rotation import Change, Override
from answerby.domain.transitions import (
    Dismissal,
    StateConflictError,
    acknowledge,
    alert_failed,
    alert_sent,
    answer,
    assign,
    dismiss,
    edited,
    resolve,
)
from tests.builders import ANA, BEN, CLEO, HOUR, MINUTE, NOW, a_desk, a_mention, a_post

DAY = timedelta(days=1)
OFFICE = Calendar(id="office", time_zone="UTC", week=((Span(start=540, end=1020),),) * 5 + ((),) * 2)
NIGHT = Calendar(id="night", time_zone="UTC", week=((Span(start=1200, end=1320),),) * 7)
NEVER = Calendar(id="never", time_zone="UTC", week=((),) * 7)
FRIDAY, NEXT_MONDAY = datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
SLOW = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=30 * DAY), Rung(who=("lead",), wait=30 * DAY)))


def desk_with(hours: Calendar | None = OFFICE, *, ladder: Ladder = SLOW, **policy: Any) -> Desk:
    """One policy, an hour to answer unless said otherwise, and a ladder that nothing else is called by."""
    times = {"answer_within": HOUR, **policy}
    return a_desk(
        policies={"hour": Policy(id="hour", ladder="standard", **times)},
        rules=(Rule(id="otherwise", when=Condition(), team="care", policy="hour", priority=Priority.HIGH),),
        teams={"care": Team(id="care", members=("ana", "ben"), lead="cleo", calendar=hours.id if hours else None)},
        calendars={each.id: each for each in (OFFICE, NEVER)},
        ladders={"standard": ladder},
    )


def routed(desk: Desk, at: datetime = NOW, native_id: str = "1", **changes: Any) -> Mention:
    return decide(a_mention(native_id, **{"posted_at": at, "received_at": at, **changes}), desk, at)


def sent(mention: Mention, now: datetime) -> Mention:
    for alert in mention.outbox:
        mention = alert_sent(mention, alert, "m-1", now)
    return mention


def step(mention: Mention, desk: Desk) -> Mention:
    assert mention.next_check_at
    return decide(mention, desk, mention.next_check_at)


def waiting(mention: Mention) -> list[tuple[str, Reason]]:
    return [(alert.person, alert.reason) for alert in mention.outbox]


def events(mention: Mention) -> list[Event]:
    return [entry.event for entry in mention.history]


def test_the_deadline_is_on_the_calendar_of_the_team() -> None:
    assert routed(desk_with(), FRIDAY + 16.5 * HOUR).answer_by == NEXT_MONDAY + 9.5 * HOUR


def test_the_calendar_of_the_policy_goes_before_that_of_the_team() -> None:
    desk = desk_with(NEVER, calendar="office")
    assert routed(desk, FRIDAY + 16.5 * HOUR).answer_by == NEXT_MONDAY + 9.5 * HOUR


def test_a_policy_may_run_around_the_clock_though_its_team_does_not() -> None:
    assert routed(desk_with(calendar="always"), FRIDAY + 16.5 * HOUR).answer_by == FRIDAY + 17.5 * HOUR


def test_it_is_breached_only_when_its_open_time_is_over() -> None:
    desk = desk_with(answer_within=30 * MINUTE)
    mention = sent(routed(desk, FRIDAY + 16.75 * HOUR), FRIDAY + 17 * HOUR)
    deadline = NEXT_MONDAY + 9.25 * HOUR
    assert mention.next_check_at == deadline
    assert not answer(mention, "ana", deadline).breached
    assert answer(mention, "ana", deadline + MINUTE).breached
    assert decide(mention, desk, deadline).breached


def test_the_networks_window_ends_the_time_whatever_the_calendar_says() -> None:
    """Meta takes no reply after 24 hours, be it a Saturday."""
    mention = routed(desk_with(), FRIDAY + 16.5 * HOUR, reply_until=FRIDAY + 40.5 * HOUR)
    assert mention.answer_by == FRIDAY + 40.5 * HOUR


def test_on_a_calendar_that_never_opens_the_clock_runs_all_the_same() -> None:
    mention = routed(desk_with(NEVER, reminders=(0.5,)))
    assert mention.answer_by == NOW + HOUR
    assert mention.remind_at == (NOW + 30 * MINUTE,)


def test_what_is_heard_of_a_week_late_has_its_time_from_then_on_the_calendar() -> None:
    mention = routed(desk_with(reminders=(0.5,)), FRIDAY + 16.5 * HOUR, posted_at=FRIDAY - 30 * DAY)
    assert mention.answer_by == NEXT_MONDAY + 9.5 * HOUR
    assert not mention.remind_at


def test_a_post_after_an_answer_has_the_time_of_a_next_post() -> None:
    desk = desk_with(None, next_within=15 * MINUTE)
    first = answer(routed(desk), "ana", NOW + MINUTE)
    later = a_mention("2", posted_at=NOW + 2 * MINUTE, received_at=NOW + 2 * MINUTE)
    assert decide(later, desk, NOW + 2 * MINUTE, [first]).answer_by == NOW + 17 * MINUTE
    assert decide(later, desk, NOW + 2 * MINUTE).answer_by == NOW + 62 * MINUTE


def test_a_post_from_before_the_answer_is_no_next_post() -> None:
    desk = desk_with(None, next_within=15 * MINUTE)
    first = answer(routed(desk), "ana", NOW + 5 * MINUTE)
    assert decide(a_mention("2"), desk, NOW + 5 * MINUTE, [first]).answer_by == NOW + HOUR


def test_editing_a_next_post_leaves_it_its_time() -> None:
    desk = desk_with(None, next_within=3 * HOUR)
    first = answer(routed(desk), "ana", NOW)
    second = decide(a_mention("2"), desk, NOW, [first])
    newer = edited(second, a_post("2", text="Hello?", edited_at=NOW + MINUTE), NOW + MINUTE)
    assert reconsidered(second, newer, desk, NOW + MINUTE, [first]).answer_by == NOW + 3 * HOUR


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


def test_who_is_never_at_work_is_called_at_any_time() -> None:
    desk = desk_with(None)
    desk = replace(
        desk,
        rules=(replace(desk.rules[0], priority=Priority.NORMAL),),
        people={**desk.people, "ana": replace(ANA, working_hours=NEVER)},
    )
    assert waiting(routed(desk)) == [("ana", Reason.ROUTED)]


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


def test_routing_anew_never_lengthens_a_promise() -> None:
    desk = desk_with(None, reminders=(0.5,), resolve_within=DAY)
    mention = sent(routed(desk), NOW)
    longer = desk_with(None, answer_within=9 * HOUR, reminders=(0.5,), resolve_within=9 * DAY)
    unstaffed = replace(longer, people={"ben": BEN}, teams={"care": Team(id="care", members=("ben",), lead="ben")})
    anew = decide(replace(mention, next_check_at=NOW + MINUTE), unstaffed, NOW + MINUTE)
    assert (anew.assignee, anew.answer_by, anew.resolve_by) == ("ben", NOW + HOUR, NOW + DAY)
    assert anew.remind_at == (NOW + 30 * MINUTE,)


def resolving(**policy: Any) -> tuple[Desk, Mention]:
    desk = desk_with(None, resolve_within=DAY, **policy)
    return desk, sent(routed(desk), NOW)


def test_an_answered_mention_with_a_resolution_target_waits_for_it() -> None:
    _, mention = resolving()
    answered = answer(mention, "ana", NOW + MINUTE)
    assert answered.state is State.ANSWERED
    assert (answered.resolve_by, answered.next_check_at) == (NOW + DAY, NOW + DAY)


def test_a_resolution_target_is_on_the_calendar() -> None:
    mention = routed(desk_with(resolve_within=10 * HOUR), FRIDAY + 16 * HOUR)
    assert mention.resolve_by == NEXT_MONDAY + DAY + 10 * HOUR


def test_its_owner_is_asked_at_the_target_and_then_daily_until_it_is_resolved() -> None:
    desk, mention = resolving()
    mention = answer(mention, "ben", NOW + MINUTE)
    for day in range(1, 4):
        assert mention.next_check_at == NOW + day * DAY
        asked = step(mention, desk)
        assert waiting(asked) == [("ana", Reason.UNRESOLVED)]
        assert asked.state is State.ANSWERED
        assert asked.next_check_at == NOW + day * DAY + MINUTE
        assert decide(asked, desk, NOW + day * DAY + MINUTE).outbox == asked.outbox
        mention = sent(asked, NOW + day * DAY)
        assert not mention.outbox
    resolved = resolve(mention, "ana", NOW + 3 * DAY)
    assert (resolved.resolved_at, resolved.next_check_at) == (NOW + 3 * DAY, None)
    assert decide(resolved, desk, NOW + 9 * DAY) is resolved


def test_its_owner_is_asked_in_opening_hours_only() -> None:
    desk = desk_with(resolve_within=4 * HOUR)
    mention = answer(sent(routed(desk, FRIDAY + 12 * HOUR), FRIDAY + 12 * HOUR), "ana", FRIDAY + 13 * HOUR)
    asked = sent(decide(mention, desk, FRIDAY + 16 * HOUR), FRIDAY + 16 * HOUR)
    assert asked.next_check_at == FRIDAY + DAY + 16 * HOUR
    saturday = step(asked, desk)
    assert not saturday.outbox
    assert saturday.next_check_at == NEXT_MONDAY + 9 * HOUR
    assert waiting(step(saturday, desk)) == [("ana", Reason.UNRESOLVED)]


def test_after_an_answer_past_the_target_its_owner_is_asked_a_day_later() -> None:
    _, mention = resolving()
    assert answer(mention, "ana", NOW + 2 * DAY).next_check_at == NOW + 3 * DAY


def test_somebody_else_is_asked_when_its_owner_has_left() -> None:
    desk, mention = resolving()
    left = replace(
        desk,
        people={"ben": BEN, "cleo": CLEO},
        teams={"care": Team(id="care", members=("ben",), lead="cleo")},
    )
    assert waiting(step(answer(mention, "ana", NOW + MINUTE), left)) == [("ben", Reason.UNRESOLVED)]


def test_a_question_that_cannot_be_delivered_is_asked_again_the_next_day() -> None:
    desk, mention = resolving()
    asked = step(answer(mention, "ana", NOW + MINUTE), desk)
    failed = alert_failed(asked, asked.outbox[0], "no contact", NOW + DAY)
    assert (failed.outbox, failed.next_check_at) == ((), NOW + 2 * DAY)


def test_resolving_drops_the_question_that_waits() -> None:
    desk, mention = resolving()
    resolved = resolve(step(answer(mention, "ana", NOW + MINUTE), desk), "ana", NOW + DAY)
    assert not resolved.outbox
    assert events(resolved)[-2:] == [Event.ALERT_DROPPED, Event.RESOLVED]


def test_what_joined_a_chain_is_not_asked_about_besides_its_head() -> None:
    desk, head = resolving()
    later = decide(a_mention("2", posted_at=NOW + MINUTE, received_at=NOW + MINUTE), desk, NOW + MINUTE, [head])
    assert answer(later, "ana", NOW + 2 * MINUTE).next_check_at is None


@pytest.mark.parametrize("state", ["open", "dismissed", "resolved", "without a target"])
def test_only_what_waits_for_it_can_be_resolved(state: str) -> None:
    _, mention = resolving()
    mentions = {
        "open": mention,
        "dismissed": dismiss(mention, "ana", Dismissal.SPAM, NOW),
        "resolved": resolve(answer(mention, "ana", NOW), "ana", NOW),
        "without a target": answer(routed(desk_with()), "ana", NOW),
    }
    with pytest.raises(StateConflictError):
        resolve(mentions[state], "ana", NOW + MINUTE)


@given(st.data())
def test_an_open_mention_always_has_a_next_check_that_is_not_behind_its_last(data: st.DataObject) -> None:
    """P2, with every clock running at once and checks that come early, late and again."""
    desk = desk_with(
        data.draw(st.sampled_from([None, OFFICE])),
        ladder=Ladder(id="standard", rungs=(Rung(who=("owner",), wait=20 * MINUTE), Rung(who=("lead",), wait=HOUR))),
        reminders=(0.5, 10 * MINUTE),
        resolve_within=2 * HOUR,
    )
    now = NOW + data.draw(st.integers(0, 10_000)) * MINUTE
    mention = routed(desk, now)
    promised = mention.answer_by
    for _ in range(data.draw(st.integers(1, 12))):
        now += data.draw(st.integers(0, 300)) * MINUTE
        match data.draw(st.sampled_from(["check", "check", "send", "acknowledge", "assign"])):
            case "check":
                mention = decide(mention, desk, now)
                assert mention.next_check_at
                assert mention.next_check_at > now
            case "send":
                mention = sent(mention, now)
            case "acknowledge":
                mention = acknowledge(mention, mention.acknowledged_by or "ana", now)
            case "assign":
                mention = assign(mention, "ben", "cleo", now, desk)
        assert mention.next_check_at
        assert mention.answer_by == promised
        assert all(at < (mention.answer_by or now) for at in mention.remind_at)
