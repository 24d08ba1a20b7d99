"""A mention's targets: on calendars, for a next post, and never later than promised."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.decide import decide, reconsidered
from answerby.domain.desk import Ladder, Rung, Team
from answerby.domain.mention import Priority, Reason
from answerby.domain.transitions import (
    acknowledge,
    answer,
    assign,
    edited,
)
from tests.builders import ANA, BEN, HOUR, MINUTE, NOW, a_mention, a_post
from tests.unit.domain.clocks import (
    DAY,
    FRIDAY,
    NEVER,
    NEXT_MONDAY,
    OFFICE,
    desk_with,
    routed,
    sent,
    waiting,
)


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


def test_who_is_never_at_work_is_called_at_any_time() -> None:
    desk = desk_with(None)
    desk = replace(
        desk,
        rules=(replace(desk.rules[0], priority=Priority.NORMAL),),
        people={**desk.people, "ana": replace(ANA, working_hours=NEVER)},
    )
    assert waiting(routed(desk)) == [("ana", Reason.ROUTED)]


def test_routing_anew_never_lengthens_a_promise() -> None:
    desk = desk_with(None, reminders=(0.5,), resolve_within=DAY)
    mention = sent(routed(desk), NOW)
    longer = desk_with(None, answer_within=9 * HOUR, reminders=(0.5,), resolve_within=9 * DAY)
    unstaffed = replace(longer, people={"ben": BEN}, teams={"care": Team(id="care", members=("ben",), lead="ben")})
    anew = decide(replace(mention, next_check_at=NOW + MINUTE), unstaffed, NOW + MINUTE)
    assert (anew.assignee, anew.answer_by, anew.resolve_by) == ("ben", NOW + HOUR, NOW + DAY)
    assert anew.remind_at == (NOW + 30 * MINUTE,)


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
