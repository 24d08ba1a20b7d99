"""Putting a mention off: a pause with a chosen, bounded end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from answerby.domain.decide import decide
from answerby.domain.desk import Desk, Policy
from answerby.domain.mention import Event, Mention, Priority, Reason, State
from answerby.domain.transitions import SnoozeError, StateConflictError, acknowledge, alert_sent, answer, assign, snooze
from tests.builders import CATCH_ALL, HOUR, MINUTE, NOW, a_desk, a_mention

DAY = timedelta(days=1)


def desk_with(**policy: Any) -> Desk:
    return a_desk(
        policies={
            "hour": Policy(id="hour", answer_within=HOUR, ladder="standard", **policy),
            "quick": Policy(id="quick", answer_within=15 * MINUTE, ladder="standard"),
        }
    )


def routed(desk: Desk | None = None, **changes: Any) -> Mention:
    return sent(decide(a_mention(**changes), desk or a_desk(), NOW), NOW)


def sent(mention: Mention, now: datetime) -> Mention:
    for alert in mention.outbox:
        mention = alert_sent(mention, alert, "m-1", now)
    return mention


def waiting(mention: Mention) -> list[tuple[str, Reason]]:
    return [(alert.person, alert.reason) for alert in mention.outbox]


def test_a_snooze_pauses_the_calling_until_the_chosen_time() -> None:
    mention = snooze(routed(), "ana", NOW + 50 * MINUTE, NOW)
    assert (mention.acknowledged_by, mention.acknowledged_until, mention.snoozed) == ("ana", NOW + 50 * MINUTE, True)
    assert mention.next_check_at == NOW + 50 * MINUTE
    assert mention.history[-1].event is Event.SNOOZED


def test_when_a_snooze_ends_the_chain_resumes_at_its_rung() -> None:
    mention = snooze(routed(), "ana", NOW + 50 * MINUTE, NOW)
    resumed = decide(mention, a_desk(), NOW + 50 * MINUTE)
    assert waiting(resumed) == [("ana", Reason.ACKNOWLEDGEMENT_EXPIRED)]
    assert (resumed.snoozed, resumed.acknowledged_by) == (False, None)


def test_a_deadline_that_passes_in_a_snooze_is_told_and_calls_nobody_until_its_end() -> None:
    mention = snooze(routed(), "ana", NOW + DAY, NOW)
    assert mention.next_check_at == NOW + HOUR
    breached = decide(mention, a_desk(), NOW + HOUR)
    assert breached.breached
    assert not breached.outbox
    assert breached.next_check_at == NOW + DAY
    assert waiting(decide(breached, a_desk(), NOW + DAY)) == [("ana", Reason.ACKNOWLEDGEMENT_EXPIRED)]


def test_no_reminder_comes_during_a_snooze_and_those_missed_are_not_made_up_for() -> None:
    desk = desk_with(reminders=(0.5, 15 * MINUTE))
    mention = snooze(routed(desk), "ana", NOW + 40 * MINUTE, NOW)
    assert mention.next_check_at == NOW + 40 * MINUTE
    resumed = decide(mention, desk, NOW + 40 * MINUTE)
    assert waiting(resumed) == [("ana", Reason.ACKNOWLEDGEMENT_EXPIRED)]
    assert resumed.remind_at == (NOW + 45 * MINUTE,)


def test_a_snooze_lasts_seven_days_at_most() -> None:
    assert snooze(routed(), "ana", NOW + 7 * DAY, NOW).acknowledged_until == NOW + 7 * DAY
    with pytest.raises(SnoozeError, match="until 2026-03-09T09:00:00Z at the latest"):
        snooze(routed(), "ana", NOW + 7 * DAY + MINUTE, NOW)


def test_an_urgent_mention_is_never_snoozed_past_its_deadline() -> None:
    urgent = routed(text="refund")
    assert snooze(urgent, "ana", NOW + 15 * MINUTE, NOW).acknowledged_until == NOW + 15 * MINUTE
    with pytest.raises(SnoozeError, match="until 2026-03-02T09:15:00Z at the latest"):
        snooze(urgent, "ana", NOW + 16 * MINUTE, NOW)


def test_an_urgent_mention_past_its_deadline_cannot_be_snoozed() -> None:
    with pytest.raises(SnoozeError, match="acknowledged, but not snoozed"):
        snooze(routed(text="refund"), "ana", NOW + HOUR, NOW + 20 * MINUTE)


@pytest.mark.parametrize("until", [NOW, NOW - MINUTE])
def test_a_snooze_ends_in_the_future(until: datetime) -> None:
    with pytest.raises(SnoozeError, match="not in the future; it can be snoozed until 2026-03-09"):
        snooze(routed(), "ana", until, NOW)


def test_a_mention_that_turns_urgent_ends_its_snooze() -> None:
    mention = snooze(routed(), "ana", NOW + DAY, NOW)
    to = decide(a_mention(text="refund"), a_desk(), NOW + MINUTE)
    assert to.priority is Priority.URGENT
    handed = assign(replace(mention, priority=to.priority), "ben", "cleo", NOW + MINUTE, a_desk())
    assert not handed.snoozed
    assert waiting(handed) == [("ben", Reason.ASSIGNED)]


def test_answering_a_snoozed_mention_is_an_answer() -> None:
    """zammad#3551: what fulfils goes before what pauses."""
    answered = answer(snooze(routed(), "ana", NOW + DAY, NOW), "ana", NOW + MINUTE)
    assert (answered.state, answered.snoozed, answered.breached) == (State.ANSWERED, False, False)
    assert answered.next_check_at is None


def test_what_is_answered_cannot_be_snoozed() -> None:
    with pytest.raises(StateConflictError, match="answered already"):
        snooze(answer(routed(), "ana", NOW), "ana", NOW + HOUR, NOW)


def test_a_second_person_cannot_snooze_or_acknowledge_what_another_has_snoozed() -> None:
    mention = snooze(routed(), "ana", NOW + DAY, NOW)
    with pytest.raises(StateConflictError, match="ana has snoozed it"):
        snooze(mention, "ben", NOW + HOUR, NOW)
    with pytest.raises(StateConflictError, match="ana has snoozed it"):
        acknowledge(mention, "ben", NOW)


def test_an_acknowledgement_in_place_of_ones_own_snooze_is_none() -> None:
    mention = acknowledge(snooze(routed(), "ana", NOW + DAY, NOW), "ana", NOW)
    assert (mention.snoozed, mention.acknowledged_until) == (False, NOW + 30 * MINUTE)


def test_a_snooze_drops_the_waiting_alert_and_says_so() -> None:
    mention = snooze(decide(a_mention(), a_desk(), NOW), "ana", NOW + HOUR, NOW)
    assert not mention.outbox
    assert mention.history[-2].event is Event.ALERT_DROPPED


def test_the_digest_leaves_out_what_is_snoozed_until_the_snooze_ends() -> None:
    mention = snooze(routed(posted_at=NOW - 8 * DAY), "ana", NOW + 2 * DAY, NOW)
    assert mention.next_check_at == NOW + 2 * DAY
    assert waiting(decide(mention, a_desk(rules=(CATCH_ALL,)), NOW + 2 * DAY)) == [("ana", Reason.DIGEST)]
