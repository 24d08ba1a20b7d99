"""A test alert: a mention of Answerby's own, sent the way of every other one, for which nobody else is ever called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from answerby.domain import clock
from answerby.domain.desk import Person
from answerby.domain.mention import (
    Alert,
    Author,
    Channel,
    Entry,
    Event,
    Kind,
    Mention,
    Plan,
    PlannedRung,
    Post,
    Priority,
    Reason,
    State,
)
from answerby.domain.paging import ANSWERBY, alert_id

ANSWER_WITHIN = timedelta(hours=1)
TEXT = "This is a test of your alerts. Say that it has reached you: acknowledge it."
UNHEARD = "nobody acknowledged the test"
"""Why a test is closed when its hour is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drills:
    """A person's test alerts: when the last one was acknowledged, and when the last one was not."""

    acknowledged_at: datetime | None = None
    missed_at: datetime | None = None


def drill(person: Person, by: str, now: datetime) -> Mention:
    """Ready to be stored: it is open, and its one alert waits."""
    until = now + ANSWER_WITHIN
    post = Post(
        id=f"{ANSWERBY}:test-{person.id}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        network=ANSWERBY,
        kind=Kind.POST,
        source=ANSWERBY,
        brand_account=ANSWERBY,
        author=Author(name="Answerby"),
        text=TEXT,
        conversation_id=conversation_of(person.id),
        received_at=now,
    )
    alert = Alert(
        id=alert_id(post.id, Reason.TEST, now, 1, 1, person.id),
        person=person.id,
        reason=Reason.TEST,
        rung=1,
        round=1,
        decided_at=now,
        channels=tuple(Channel),
    )
    return Mention(
        post=post,
        next_check_at=now + clock.RESEND_AFTER,
        state=State.OPEN,
        priority=Priority.NORMAL,
        assignee=person.id,
        plan=Plan(rungs=(PlannedRung(who=(person.id,), wait=ANSWER_WITHIN),), repeat_every=ANSWER_WITHIN),
        answer_by=until,
        rung=1,
        round=1,
        outbox=(alert,),
        history=(Entry(at=now, event=Event.RECEIVED, by=by, note=f"test alert to {person.id}"),),
    )


def conversation_of(person: str) -> str:
    return f"{ANSWERBY}:test-{person}"


def is_drill(mention: Mention) -> bool:
    """A delivered post may claim any network, but is never open without a rule that routed it."""
    return mention.post.network == ANSWERBY and mention.rule is None and mention.state is not State.NEW


def outcome(drills: Iterable[Mention]) -> Drills:
    """What a person's drills, in any order, tell."""
    known = [mention for mention in drills if is_drill(mention)]
    acknowledged = [mention.answered_at for mention in known if mention.answered_at]
    missed = [
        mention.post.received_at
        for mention in known
        if any(entry.event is Event.DISMISSED and entry.note == UNHEARD for entry in mention.history)
    ]
    return Drills(acknowledged_at=max(acknowledged, default=None), missed_at=max(missed, default=None))
