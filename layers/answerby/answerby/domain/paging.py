"""Putting alerts into a mention's outbox, and moving along its ladder."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from answerby.domain.clock import with_next_check
from answerby.domain.desk import Desk
from answerby.domain.ladder import called
from answerby.domain.mention import Alert, Entry, Event, Mention, Plan, Reason

ANSWERBY = "answerby"
DIGEST_EVERY = timedelta(hours=24)
DIGEST_SLOT = timedelta(minutes=15)


def told(mention: Mention, at: datetime, event: Event, by: str, note: str | None = None) -> Mention:
    """The mention with one more line of history."""
    return replace(mention, history=(*mention.history, Entry(at=at, event=event, by=by, note=note)))


def page(mention: Mention, desk: Desk, rung: int, round_: int, reason: Reason, due: datetime, now: datetime) -> Mention:
    """Call a rung's people, and plan the call after it: of the next rung, or of this one again if it is the top.

    `due` is when this call was due; with rung, round and person it makes the alert's id, so that the same decision
    taken twice is one alert.
    """
    plan = _plan(mention)
    top = rung == len(plan.rungs)
    alerts = tuple(
        Alert(
            id=alert_id(mention.id, reason, due, rung, round_, person),
            person=person,
            reason=reason,
            rung=rung,
            round=round_,
            decided_at=now,
        )
        for person in called(plan.rungs[rung - 1], desk, mention.priority, now)
    )
    paged = replace(
        mention,
        rung=rung,
        round=round_,
        outbox=mention.outbox + alerts,
        escalate_at=now + (plan.repeat_every if top else plan.rungs[rung - 1].wait),
        acknowledged_by=None,
        acknowledged_until=None,
    )
    return with_next_check(paged, now)


def page_next(mention: Mention, desk: Desk, reason: Reason, due: datetime, now: datetime) -> Mention:
    """Call the rung above; at the top call it again, in a new round. A ladder has no end but an answer."""
    rung, round_ = mention.rung or 1, mention.round or 1
    if rung < len(_plan(mention).rungs):
        moved = page(mention, desk, rung + 1, round_, reason, due, now)
        return told(moved, now, Event.ESCALATED, ANSWERBY, f"rung {rung + 1}: {_names(moved)}")
    again = page(mention, desk, rung, round_ + 1, Reason.REPEATED if reason is Reason.ESCALATED else reason, due, now)
    return told(again, now, Event.ESCALATED, ANSWERBY, f"rung {rung} again, round {round_ + 1}: {_names(again)}")


def digest(mention: Mention, desk: Desk, now: datetime) -> Mention:
    """List the mention in its owner's digest. All mentions of one owner and slot share one digest, by its id."""
    slot = mention.escalate_at or now
    rung = mention.rung or 1
    owner = (mention.assignee if rung == 1 else None) or called(
        _plan(mention).rungs[rung - 1], desk, mention.priority, now
    )[0]
    round_ = (mention.round or 0) + 1
    alert = Alert(
        id=f"digest:{owner}:{slot.astimezone(UTC):%Y-%m-%dT%H:%MZ}",
        person=owner,
        reason=Reason.DIGEST,
        rung=rung,
        round=round_,
        decided_at=now,
    )
    waiting = tuple(other for other in mention.outbox if other.id != alert.id)
    listed = replace(mention, rung=rung, round=round_, outbox=(*waiting, alert), escalate_at=_next_digest(slot, now))
    return with_next_check(listed, now)


def next_slot(now: datetime) -> datetime:
    """The next quarter of an hour, so that a back-fill meets in one digest."""
    seconds = DIGEST_SLOT.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, UTC)


def _next_digest(slot: datetime, now: datetime) -> datetime:
    """At the same time each day, however late a check comes, so that a back-fill stays one digest."""
    return slot + max(1, -((slot - now) // DIGEST_EVERY)) * DIGEST_EVERY


def alert_id(mention_id: str, reason: Reason, due: datetime, rung: int, round_: int, person: str) -> str:
    told_of = "|".join((mention_id, reason, due.astimezone(UTC).isoformat(), str(rung), str(round_), person))
    return hashlib.sha256(told_of.encode()).hexdigest()[:20]


def _names(mention: Mention) -> str:
    return ", ".join(_plan(mention).rungs[(mention.rung or 1) - 1].who)


def _plan(mention: Mention) -> Plan:
    if mention.plan is None:
        raise ValueError(f"{mention.id} has not been routed")
    return mention.plan
