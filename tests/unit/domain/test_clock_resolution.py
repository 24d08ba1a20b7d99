"""Asking after an answer whether its matter is at its end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from answerby.domain.decide import decide
from answerby.domain.desk import Desk, Team
from answerby.domain.mention import Event, Mention, Reason, State
from answerby.domain.rotation import Change, Override
from answerby.domain.transitions import (
    Dismissal,
    StateConflictError,
    alert_failed,
    answer,
    dismiss,
    resolve,
)
from tests.builders import BEN, CLEO, HOUR, MINUTE, NOW, a_mention
from tests.unit.domain.clocks import (
    DAY,
    FRIDAY,
    NEXT_MONDAY,
    desk_with,
    events,
    routed,
    sent,
    step,
    waiting,
)


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


def test_a_back_up_is_asked_while_its_owner_is_away() -> None:
    desk, mention = resolving()
    absence = Override(change=Change.REMOVE, person="ana", starts=NOW, ends=NOW + 36 * HOUR)
    answered = answer(mention, "ana", NOW + MINUTE)
    asked = step(answered, replace(desk, overrides=(absence,)))
    assert waiting(asked) == [("ben", Reason.UNRESOLVED)]
    assert waiting(step(sent(asked, NOW + DAY), replace(desk, overrides=(absence,)))) == [("ana", Reason.UNRESOLVED)]


def test_a_question_that_cannot_be_delivered_goes_to_the_next_at_once_and_when_all_have_failed_daily() -> None:
    desk, mention = resolving()
    asked = answer(mention, "ana", NOW + MINUTE)
    for person in ("ana", "ben", "cleo"):
        asked = step(asked, desk)
        assert waiting(asked) == [(person, Reason.UNRESOLVED)]
        asked = alert_failed(asked, asked.outbox[0], "no contact", NOW + DAY)
        assert (asked.outbox, asked.next_check_at) == ((), NOW + DAY)
    asked = step(asked, desk)
    assert waiting(asked) == [("ana", Reason.UNRESOLVED)]
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
