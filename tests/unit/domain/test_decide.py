"""The one decision, over a mention's life."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from answerby.domain.decide import decide, followed_up, reconsidered
from answerby.domain.desk import Desk, Ladder, Rung
from answerby.domain.mention import Event, Mention, Plan, Priority, Reason, State
from answerby.domain.transitions import (
    Dismissal,
    StateConflictError,
    acknowledge,
    alert_sent,
    answer,
    dismiss,
    edited,
    released,
    removed,
)
from tests.builders import HOUR, MINUTE, NOW, a_desk, a_mention, a_post, a_reply

DAY = timedelta(days=1)


def routed(desk: Desk | None = None, **changes: Any) -> Mention:
    return decide(a_mention(**changes), desk or a_desk(), NOW)


def sent(mention: Mention, now: datetime) -> Mention:
    for alert in mention.outbox:
        mention = alert_sent(mention, alert, "m-1", now)
    return mention


def events(mention: Mention) -> list[Event]:
    return [entry.event for entry in mention.history]


def people(mention: Mention) -> list[str]:
    return [alert.person for alert in mention.outbox]


def step(mention: Mention, desk: Desk | None = None) -> Mention:
    """What the next check makes of it, with its alerts sent."""
    assert mention.next_check_at
    now = mention.next_check_at
    return sent(decide(mention, desk or a_desk(), now), now)


def joined_to(head: Mention) -> Mention:
    more = a_mention("2", posted_at=NOW + MINUTE, received_at=NOW + MINUTE)
    return decide(more, a_desk(), NOW + MINUTE, [head])


def test_a_new_mention_is_routed_to_its_owner_with_a_deadline_and_an_alert() -> None:
    mention = routed()
    assert (mention.state, mention.assignee, mention.rule) == (State.OPEN, "ana", "otherwise")
    assert mention.answer_by == NOW + HOUR
    assert people(mention) == ["ana"]
    assert events(mention) == [Event.RECEIVED, Event.ROUTED]


def test_the_first_matching_rule_gives_priority_topic_and_deadline() -> None:
    mention = routed(text="I want a REFUND, now")
    assert (mention.rule, mention.priority, mention.topic) == ("refunds", Priority.URGENT, "refund")
    assert mention.answer_by == NOW + 15 * MINUTE


def test_the_plan_is_resolved_to_people_when_the_mention_is_routed() -> None:
    plan = routed().plan
    assert plan
    assert [rung.who for rung in plan.rungs] == [("ana",), ("ben",), ("cleo",)]


def test_a_late_delivery_grants_no_extra_time() -> None:
    mention = routed(posted_at=NOW - 20 * MINUTE)
    assert mention.answer_by == NOW + 40 * MINUTE


def test_a_network_time_in_the_future_grants_no_extra_time() -> None:
    assert routed(posted_at=NOW + HOUR).answer_by == NOW + HOUR


def test_the_networks_reply_window_ends_the_time_to_answer() -> None:
    assert routed(reply_until=NOW + 5 * MINUTE).answer_by == NOW + 5 * MINUTE


def test_a_post_overdue_on_arrival_is_breached_and_calls_its_owner_only() -> None:
    mention = routed(posted_at=NOW - 2 * HOUR)
    assert mention.breached
    assert people(mention) == ["ana"]


def test_an_unsent_alert_is_checked_within_a_minute() -> None:
    mention = routed()
    assert mention.next_check_at == NOW + MINUTE


def test_after_the_alert_is_sent_the_next_check_is_the_next_rung() -> None:
    assert sent(routed(), NOW).next_check_at == NOW + 10 * MINUTE


def test_an_alert_still_unsent_at_the_check_is_written_again_and_not_doubled() -> None:
    mention = routed()
    again = decide(mention, a_desk(), NOW + MINUTE)
    assert again is not mention
    assert again.outbox == mention.outbox
    assert again.next_check_at == NOW + 2 * MINUTE


def test_an_early_timer_changes_nothing() -> None:
    mention = sent(routed(), NOW)
    assert decide(mention, a_desk(), NOW + 10 * MINUTE - timedelta(milliseconds=1)) is mention


def test_the_ladder_goes_from_owner_to_backup_to_lead_and_repeats_its_top() -> None:
    mention = sent(routed(), NOW)
    called = []
    for _ in range(5):
        mention = step(mention)
        called += [(entry.by, entry.note) for entry in mention.history[-1:] if entry.event is Event.ALERTED]
    assert [by for by, _ in called] == ["ben", "cleo", "cleo", "cleo", "cleo"]
    assert (mention.rung, mention.round) == (3, 4)


@pytest.mark.parametrize("minutes", [0, 10, 60])
def test_the_same_decision_taken_later_is_the_same_alert(minutes: int) -> None:
    mention = sent(routed(), NOW) if minutes else a_mention()
    early, late = (decide(mention, a_desk(), NOW + each * MINUTE) for each in (minutes, minutes + 1))
    assert early.outbox
    assert [alert.id for alert in early.outbox] == [alert.id for alert in late.outbox]


def test_every_alert_of_a_long_chain_has_an_id_of_its_own() -> None:
    mention, ids = routed(), set()
    for _ in range(50):
        ids |= {alert.id for alert in mention.outbox}
        now = mention.next_check_at
        assert now
        mention = decide(sent(mention, now), a_desk(), now + 31 * MINUTE)
    assert len(ids) == 50


def test_the_top_of_an_urgent_ladder_repeats_every_ten_minutes() -> None:
    plan = routed(text="refund").plan
    assert plan
    assert plan.repeat_every == 10 * MINUTE


def test_the_deadline_escalates_at_once_and_is_told_once() -> None:
    slow = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=5 * HOUR), Rung(who=("lead",), wait=HOUR)))
    desk = a_desk(ladders={"standard": slow})
    mention = step(sent(routed(desk), NOW), desk)
    assert mention.breached
    assert mention.history[-1].by == "cleo"
    assert events(step(mention, desk)).count(Event.BREACHED) == 1


def test_a_check_long_overdue_moves_one_rung_not_all() -> None:
    late = decide(sent(routed(), NOW), a_desk(), NOW + 3 * DAY)
    assert people(late) == ["ben"]
    assert late.breached


def test_the_top_rung_never_stops() -> None:
    mention = sent(routed(), NOW)
    for _ in range(500):
        mention = replace(step(mention), history=())
        assert mention.next_check_at
        assert mention.is_open


def test_an_acknowledgement_stops_the_calling_for_half_of_what_is_left() -> None:
    mention = acknowledge(sent(routed(), NOW), "ana", NOW)
    assert mention.acknowledged_until == NOW + 30 * MINUTE
    assert decide(mention, a_desk(), NOW + 29 * MINUTE) is mention


def test_after_the_acknowledgement_the_chain_resumes_at_its_rung() -> None:
    mention = step(sent(routed(), NOW))
    assert mention.rung == 2
    resumed = step(acknowledge(mention, "ben", NOW + 11 * MINUTE))
    assert resumed.history[-2].event is Event.ACKNOWLEDGEMENT_EXPIRED
    assert (resumed.history[-1].by, resumed.rung, resumed.round) == ("ben", 2, 2)
    assert resumed.acknowledged_until is None


def test_an_acknowledgement_never_reaches_past_the_deadline() -> None:
    mention = acknowledge(sent(routed(), NOW), "ana", NOW, timedelta(days=30))
    assert mention.acknowledged_until == NOW + HOUR


def test_acknowledging_again_and_again_buys_ten_minutes_at_most_after_the_deadline() -> None:
    mention = step(sent(routed(), NOW))
    late = NOW + 2 * HOUR
    mention = acknowledge(mention, "ben", late)
    assert mention.acknowledged_until == late + 10 * MINUTE


def test_the_deadline_passing_under_an_acknowledgement_is_told_and_calls_nobody() -> None:
    mention = acknowledge(sent(routed(text="refund"), NOW), "ana", NOW + 10 * MINUTE)
    assert mention.acknowledged_until == NOW + 20 * MINUTE
    breached = decide(mention, a_desk(), NOW + 15 * MINUTE)
    assert breached.breached
    assert not breached.outbox
    assert breached.next_check_at == NOW + 20 * MINUTE


def test_a_second_person_cannot_acknowledge_what_another_has() -> None:
    mention = acknowledge(routed(), "ana", NOW)
    with pytest.raises(StateConflictError, match="ana has acknowledged"):
        acknowledge(mention, "ben", NOW + MINUTE)


def test_an_acknowledgement_drops_the_waiting_alert_and_says_so() -> None:
    mention = acknowledge(routed(), "ana", NOW)
    assert not mention.outbox
    assert Event.ALERT_DROPPED in events(mention)


@pytest.mark.parametrize("after", [NOW + MINUTE, NOW + 3 * HOUR])
def test_a_closed_mention_is_never_touched_again(after: datetime) -> None:
    closed = answer(routed(), "ana", NOW)
    assert closed.next_check_at is None
    assert decide(closed, a_desk(), after) is closed


def test_an_answer_after_the_deadline_is_a_breach_even_if_no_check_saw_it() -> None:
    assert answer(routed(), "ana", NOW + 2 * HOUR).breached


def test_closing_what_is_closed_is_a_conflict_that_carries_the_current_mention() -> None:
    closed = answer(routed(), "ana", NOW)
    with pytest.raises(StateConflictError) as conflict:
        dismiss(closed, "ben", Dismissal.SPAM, NOW)
    assert conflict.value.mention is closed


def test_the_brands_reply_in_the_thread_answers_the_mention() -> None:
    mention = sent(routed(), NOW)
    answered = decide(mention, a_desk(), NOW + 10 * MINUTE, [a_reply()])
    assert (answered.state, answered.answered_at) == (State.ANSWERED, NOW + MINUTE)


def test_a_post_delivered_after_its_answer_is_not_called_out() -> None:
    answered = decide(a_mention(), a_desk(), NOW + 2 * MINUTE, [a_reply()])
    assert answered.state is State.ANSWERED
    assert not answered.outbox


def test_a_reply_to_nobody_in_particular_from_before_the_post_does_not_answer_it() -> None:
    mention = decide(a_mention(), a_desk(), NOW, [a_reply(to=None, at=NOW - MINUTE)])
    assert mention.state is State.OPEN


def test_a_reply_to_the_post_answers_it_whatever_the_clocks_say() -> None:
    mention = decide(a_mention(), a_desk(), NOW, [a_reply(at=NOW - MINUTE)])
    assert mention.state is State.ANSWERED


def test_a_reply_to_the_first_post_does_not_answer_another_of_the_same_moment() -> None:
    """Instagram gives all comments of one delivery the same time."""
    mention = decide(a_mention("2"), a_desk(), NOW, [answer(routed(), "x", NOW), a_reply(at=NOW)])
    assert mention.state is State.OPEN


def test_a_reply_to_another_author_does_not_answer_this_one() -> None:
    mention = decide(a_mention(), a_desk(), NOW, [a_reply(to="facebook:someone-elses")])
    assert mention.state is State.OPEN


def test_a_further_post_joins_the_chain_and_calls_nobody() -> None:
    head = sent(routed(), NOW)
    later = joined_to(head)
    assert (later.joined, later.assignee, later.answer_by) == (head.id, "ana", head.answer_by)
    assert not later.outbox
    head = followed_up(head, later, a_desk(), NOW + MINUTE)
    assert head.followed_by == (later.id,)
    assert not head.outbox
    assert followed_up(head, later, a_desk(), NOW + MINUTE) is head


def test_a_further_post_of_higher_priority_pages_again_and_tightens_the_deadline() -> None:
    head = sent(routed(), NOW)
    more = a_mention("2", text="refund!", posted_at=NOW + MINUTE, received_at=NOW + MINUTE)
    later = decide(more, a_desk(), NOW + MINUTE, [head])
    raised = followed_up(head, later, a_desk(), NOW + MINUTE)
    assert raised.priority is Priority.URGENT
    assert raised.answer_by == NOW + 16 * MINUTE
    assert [alert.reason for alert in raised.outbox] == [Reason.RAISED]


def test_another_author_in_the_same_conversation_has_a_chain_of_their_own() -> None:
    head = routed()
    other = decide(a_mention("2", author=replace(a_post().author, id="8")), a_desk(), NOW, [head])
    assert other.joined is None


def test_two_posts_of_unknown_authors_are_not_taken_for_one() -> None:
    nobody = replace(a_post().author, id=None)
    head = routed(author=nobody)
    other = decide(a_mention("2", author=nobody), a_desk(), NOW, [head])
    assert other.joined is None


def test_a_new_post_after_an_answer_starts_a_new_chain() -> None:
    head = answer(routed(), "ana", NOW)
    later = decide(a_mention("2", posted_at=NOW + HOUR, received_at=NOW + HOUR), a_desk(), NOW + HOUR, [head])
    assert later.joined is None
    assert people(later) == ["ana"]


def test_two_chains_begun_at_once_are_merged_by_the_next_check() -> None:
    first, second = sent(routed(), NOW), sent(decide(a_mention("2"), a_desk(), NOW), NOW)
    now = NOW + 10 * MINUTE
    assert decide(second, a_desk(), now, [first]).joined == first.id
    assert decide(first, a_desk(), now, [second]).joined is None


def test_a_joined_mention_is_looked_after_half_way_to_its_deadline() -> None:
    head = sent(routed(), NOW)
    later = joined_to(head)
    assert later.next_check_at == NOW + MINUTE + 29.5 * MINUTE
    still = decide(later, a_desk(), NOW + HOUR, [head])
    assert still.joined == head.id
    assert still.next_check_at == NOW + HOUR + 10 * MINUTE


def test_a_joined_mention_closes_with_the_answer_to_its_head() -> None:
    head = sent(routed(), NOW)
    later = joined_to(head)
    assert decide(later, a_desk(), NOW + HOUR, [answer(head, "ana", NOW + 2 * MINUTE)]).state is State.ANSWERED


@pytest.mark.parametrize("gone", [True, False])
def test_a_joined_mention_whose_head_went_away_calls_for_itself(gone: bool) -> None:
    head = sent(routed(), NOW)
    later = joined_to(head)
    thread = [] if gone else [removed(head, NOW + 2 * MINUTE)]
    alone = decide(later, a_desk(), NOW + HOUR, thread)
    assert alone.joined is None
    assert people(alone) == ["ana"]
    assert alone.answer_by == NOW + HOUR


def test_a_released_mention_is_routed_anew_with_its_old_deadline() -> None:
    later = released(joined_to(sent(routed(), NOW)), "facebook:1", NOW + 5 * MINUTE)
    assert later.state is State.NEW
    assert later.next_check_at
    again = decide(later, a_desk(), NOW + 5 * MINUTE)
    assert again.answer_by == NOW + HOUR
    assert people(again) == ["ana"]


def test_an_edit_that_raises_the_priority_calls_again() -> None:
    mention = sent(routed(), NOW)
    newer = edited(mention, a_post(text="refund", edited_at=NOW + MINUTE), NOW + MINUTE)
    raised = reconsidered(mention, newer, a_desk(), NOW + MINUTE)
    assert raised.priority is Priority.URGENT
    assert people(raised) == ["ana"]


def test_an_edit_that_lowers_it_changes_the_words_only() -> None:
    mention = sent(routed(text="refund"), NOW)
    newer = edited(mention, a_post(text="never mind", edited_at=NOW + MINUTE), NOW + MINUTE)
    same = reconsidered(mention, newer, a_desk(), NOW + MINUTE)
    assert (same.post.text, same.priority) == ("never mind", Priority.URGENT)
    assert not same.outbox


def test_an_older_edit_changes_nothing() -> None:
    mention = edited(routed(), a_post(text="b", edited_at=NOW + 2 * MINUTE), NOW + 2 * MINUTE)
    assert edited(mention, a_post(text="a", edited_at=NOW + MINUTE), NOW + 3 * MINUTE) is mention


def test_an_edit_without_words_keeps_the_words() -> None:
    mention = routed()
    assert edited(mention, a_post(text="", edited_at=NOW + MINUTE), NOW + MINUTE) is mention


def test_a_post_first_heard_of_a_week_late_asks_for_a_digest() -> None:
    mention = routed(posted_at=NOW - 8 * DAY)
    assert not mention.breached
    assert [(alert.person, alert.reason) for alert in mention.outbox] == [("ana", Reason.DIGEST)]


def test_the_next_digest_is_a_day_later_on_the_quarter_hour_however_late_the_check() -> None:
    mention = sent(routed(posted_at=NOW - 8 * DAY), NOW)
    due = NOW + 15 * MINUTE
    assert mention.next_check_at == due + DAY
    late = due + DAY + 7 * MINUTE
    again = decide(mention, a_desk(), late)
    assert [alert.reason for alert in again.outbox] == [Reason.DIGEST]
    assert sent(again, late).next_check_at == due + 2 * DAY


def test_a_plan_is_kept_though_the_desk_changes() -> None:
    mention = sent(routed(), NOW)
    emptied = a_desk(ladders={"standard": Ladder(id="standard", rungs=(Rung(who=("ana",), wait=HOUR),))})
    assert people(decide(mention, emptied, NOW + 10 * MINUTE)) == ["ben"]


def test_a_rung_that_adds_nobody_is_left_out_so_its_wait_delays_nothing() -> None:
    desk = a_desk(people={**a_desk().people, "ana": replace(a_desk().people["ana"], backups=("cleo",))})
    plan = routed(desk).plan
    assert isinstance(plan, Plan)
    assert [rung.who for rung in plan.rungs] == [("ana",), ("cleo",)]


def test_a_post_whose_author_raised_it_does_not_become_a_digest_again_when_it_is_routed_anew() -> None:
    old = routed(posted_at=NOW - 8 * DAY)
    urgent = edited(old, a_post(text="refund", edited_at=NOW + MINUTE), NOW + MINUTE)
    called = sent(reconsidered(old, urgent, a_desk(), NOW + MINUTE), NOW + MINUTE)
    assert people(called) == []
    assert called.next_check_at
    without_lead = a_desk(people={name: a_desk().people[name] for name in ("ana", "ben")})
    anew = decide(called, without_lead, called.next_check_at)
    assert anew.plan
    assert not anew.plan.digest
    assert [alert.reason for alert in anew.outbox] == [Reason.ROUTED]
    assert anew.priority is Priority.URGENT
