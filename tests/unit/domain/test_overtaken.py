"""What is done to a mention that is no longer as it was when it was asked for."""

from __future__ import annotations

import pytest

from answerby.domain.decide import decide, raised_by
from answerby.domain.manners import Hold
from answerby.domain.mention import Channel, Event, Reason, State
from answerby.domain.paging import page
from answerby.domain.transitions import acknowledge, alert_delayed, alert_failed, answer, assign, removed
from tests.builders import HOUR, MINUTE, NOW, a_desk, a_mention

ROUTED = decide(a_mention(), a_desk(), NOW)


def test_nobody_can_be_called_about_what_was_not_routed() -> None:
    with pytest.raises(ValueError, match="has not been routed"):
        page(a_mention(), a_desk(), 1, 1, Reason.ROUTED, NOW, NOW)


def test_words_that_get_worse_call_nobody_in_a_chain_that_has_closed() -> None:
    head = answer(ROUTED, "ana", NOW)
    assert raised_by(head, a_mention("2", text="a refund!"), a_desk(), NOW) is head


def test_a_post_whose_policy_the_desk_has_no_longer_is_assigned_by_its_own_plan() -> None:
    assigned = assign(ROUTED, "cleo", "ana", NOW, a_desk(policies={}))
    assert assigned.plan
    assert [rung.who for rung in assigned.plan.rungs] == [("cleo",), ("ben",), ("cleo",)]
    assert [alert.person for alert in assigned.outbox] == ["cleo"]


def test_an_alert_that_fails_after_its_rung_was_left_moves_nothing() -> None:
    later = NOW + 10 * MINUTE
    climbed = decide(ROUTED, a_desk(), later)
    failed = alert_failed(climbed, ROUTED.outbox[0], "no topic", later)
    assert (failed.rung, failed.escalate_at) == (climbed.rung, climbed.escalate_at) == (2, later + 10 * MINUTE)


def test_an_alert_that_is_held_after_it_was_dropped_stays_dropped() -> None:
    calm = acknowledge(ROUTED, "ana", NOW)
    hold = Hold(channel=Channel.SMS, until=NOW + MINUTE)
    assert alert_delayed(calm, ROUTED.outbox[0], [hold], NOW + MINUTE, None, NOW) is calm


def test_a_removal_after_the_answer_is_told_of_once_and_leaves_it_answered() -> None:
    gone = removed(answer(ROUTED, "ana", NOW), NOW)
    assert (gone.state, gone.history[-1].event) == (State.ANSWERED, Event.REMOVED)
    assert removed(gone, NOW + HOUR) is gone
