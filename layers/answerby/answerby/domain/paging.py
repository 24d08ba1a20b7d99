"""Putting alerts into a mention's outbox, and moving along its ladder."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from answerby.domain import ladder
from answerby.domain.clock import with_next_check, without_pause
from answerby.domain.desk import Desk
from answerby.domain.mention import Alert, Channel, Entry, Event, Mention, Plan, Priority, Reason
from answerby.domain.versions import replace

ANSWERBY = "answerby"
DIGEST_EVERY = timedelta(hours=24)
DIGEST_SLOT = timedelta(minutes=15)
_MOMENT = timedelta(milliseconds=1)
_PAGING = (Event.ROUTED, Event.RAISED, Event.ESCALATED, Event.ASSIGNED, Event.ACKNOWLEDGEMENT_EXPIRED)


def told(mention: Mention, at: datetime, event: Event, by: str, note: str | None = None) -> Mention:
    """The mention with one more line of history."""
    return replace(mention, history=(*mention.history, Entry(at=at, event=event, by=by, note=note)))


def page(mention: Mention, desk: Desk, rung: int, round_: int, reason: Reason, due: datetime, now: datetime) -> Mention:
    """Call a rung's people; if none of them can be called, those of the next rung of which anybody can.

    `due` is when this call was due; with rung, round, person and what had happened before it makes the alert's id, so
    that the same decision taken twice is one alert.
    """
    plan = plan_of(mention)
    order = (*range(rung, len(plan.rungs) + 1), *range(1, rung))
    call = ladder.call(plan, order, desk, mention.priority, now)
    if call.rung == rung and not call.quiet:
        return _called(mention, desk, call, round_, reason, due, now)
    moved = _called(mention, desk, call, 1, Reason.ESCALATED if reason is Reason.ROUTED else reason, due, now)
    return told(moved, now, Event.ESCALATED, ANSWERBY, f"rung {call.rung}{_names(call)}")


def page_next(mention: Mention, desk: Desk, reason: Reason, due: datetime, now: datetime) -> Mention:
    """Call the rung above; at the top call it again, in a new round. A ladder has no end but an answer."""
    call = next_call(mention, desk, reason, now)
    again = call.rung == mention.rung
    round_ = (mention.round or 0) + 1 if again else 1
    if again and reason is Reason.ESCALATED:
        reason = Reason.REPEATED
    moved = _called(mention, desk, call, round_, reason, due, now)
    which = f" again, round {round_}" if again and not call.quiet else ""
    return told(moved, now, Event.ESCALATED, ANSWERBY, f"rung {call.rung}{which}{_names(call)}")


def next_call(mention: Mention, desk: Desk, reason: Reason, at: datetime) -> ladder.Call:
    """Whom the mention's next step calls, if it comes at this time.

    When nobody above can be called, the rungs up to this one are, as though it were the top; but not right after
    its alerts have failed, lest those fail without an end. A quiet call counts as no round: after it the rung itself
    is due.
    """
    plan, rung = plan_of(mention), mention.rung or 1
    rounds = 1 if reason is Reason.BREACHED else plan.rungs[rung - 1].rounds
    first = min(rung + 1, len(plan.rungs)) if (mention.round or 0) >= rounds else rung
    below = range(1, first) if may_hear(mention) else ()
    return ladder.call(plan, (*range(first, len(plan.rungs) + 1), *below), desk, mention.priority, at)


def may_hear(mention: Mention) -> bool:
    """Whether an alert of the last call was delivered, or still may be."""
    if any((alert.rung, alert.round) == (mention.rung, mention.round) for alert in mention.outbox):
        return True
    # By their order, because the clocks of those who wrote them differ.
    since = takewhile(lambda entry: entry.event not in _PAGING, reversed(mention.history))
    return any(entry.event is Event.ALERTED for entry in since)


def unreachable(mention: Mention) -> set[str]:
    """The people whose last alert of this mention failed."""
    last = {entry.by: entry.event for entry in mention.history if entry.event in (Event.ALERTED, Event.ALERT_FAILED)}
    return {person for person, event in last.items() if event is Event.ALERT_FAILED}


def _called(
    mention: Mention, desk: Desk, call: ladder.Call, round_: int, reason: Reason, due: datetime, now: datetime
) -> Mention:
    """The alerts of a call, what is to be told of those passed over, and when the call after it is due."""
    plan, round_ = plan_of(mention), 0 if call.quiet else round_
    alerts = alerts_of(mention, desk, call, round_, reason, due, now)
    mention = with_alerts(mention, alerts, now)
    for number, found in call.looked_at.items():
        mention = _skipped(mention, desk, number, found, now)
    goes_up = next(iter(call.looked_at)) <= call.rung < len(plan.rungs)
    paged = replace(
        without_pause(mention),
        rung=call.rung if alerts else None,
        round=round_,
        escalate_at=call.again_at or now + (plan.rungs[call.rung - 1].wait if goes_up else plan.repeat_every),
    )
    return with_next_check(paged, now)


def alerts_of(
    mention: Mention, desk: Desk, call: ladder.Call, round_: int, reason: Reason, due: datetime, now: datetime
) -> tuple[Alert, ...]:
    """One for each person that is called."""
    channels = _channels(mention, desk, call)
    # Two calls of one moment may both begin the same rung.
    after = mention.archived + len(mention.history)
    return tuple(
        Alert(
            id=alert_id(mention.id, reason, due, call.rung, round_, person, after),
            person=person,
            reason=reason,
            rung=call.rung,
            round=round_,
            decided_at=now,
            channels=channels,
        )
        for person in call.people
    )


def with_alerts(mention: Mention, alerts: tuple[Alert, ...], now: datetime) -> Mention:
    """With these in its outbox, which does not grow however often somebody is called whose alert is still held."""
    for alert in alerts:
        mention = _with_alert(mention, alert, now)
    return mention


def _with_alert(mention: Mention, alert: Alert, now: datetime) -> Mention:
    """A held alert goes for the newer one to the same person, too: it is registered by its id, so that whoever has the
    next turn names it. An urgent one waits for none."""
    held = [
        each
        for each in mention.outbox
        if each.person == alert.person
        and each.not_before
        and each.not_before > now
        and each.reason is not Reason.DIGEST
        and mention.priority is not Priority.URGENT
    ]
    waits_by = {channel: each for each in held for channel in each.channels if channel in alert.channels}
    if not waits_by:
        return replace(mention, outbox=(*mention.outbox, alert))
    for channel, each in waits_by.items():
        note = f"{channel} held until {each.not_before:%H:%M:%S}, with the call before"
        mention = told(mention, now, Event.ALERT_DELAYED, alert.person, note)
    waiting = tuple(
        replace(each, reason=alert.reason, rung=alert.rung, round=alert.round) if each in waits_by.values() else each
        for each in mention.outbox
    )
    left = tuple(channel for channel in alert.channels if channel not in waits_by)
    return replace(mention, outbox=(*waiting, replace(alert, channels=left)) if left else waiting)


def _channels(mention: Mention, desk: Desk, call: ladder.Call) -> tuple[Channel, ...]:
    if call.quiet:
        return (Channel.EMAIL,)
    if mention.crisis:
        return tuple(Channel)
    of_priority = desk.manners.channels.get(mention.priority or Priority.NORMAL, tuple(Channel))
    return plan_of(mention).rungs[call.rung - 1].channels or of_priority


def _skipped(mention: Mention, desk: Desk, rung: int, found: ladder.Called, now: datetime) -> Mention:
    """With a line of history if somebody of the rung is not called, or another one for them."""
    why = skip_note(rung, found, desk)
    return told(mention, now, Event.SKIPPED, ANSWERBY, why) if why else mention


def skip_note(rung: int, found: ladder.Called, desk: Desk) -> str:
    """Empty if everybody of the rung is called."""
    replaced = ladder.replaced(found, desk)
    why = [*map(str, found.passed_over), *map(ladder.named, replaced, replaced.values())]
    return f"rung {rung}: {'; '.join(why)}" if why else ""


def digest(mention: Mention, desk: Desk, now: datetime) -> Mention:
    """List the mention in its owner's next digest: its alert is held until then, and named together with the others."""
    slot = next_slot(mention.escalate_at - _MOMENT if mention.escalate_at else now)
    rung = mention.rung or 1
    who = (mention.assignee,) if rung == 1 and mention.assignee else plan_of(mention).rungs[rung - 1].who
    # It waits for whoever is asleep as well in the morning.
    found = ladder.called(replace(plan_of(mention).rungs[rung - 1], who=who), desk, Priority.HIGH, now)
    owner = next(iter(found.people), who[0])
    round_ = (mention.round or 0) + 1
    alert = Alert(
        id=alert_id(mention.id, Reason.DIGEST, slot, rung, round_, owner),
        person=owner,
        reason=Reason.DIGEST,
        rung=rung,
        round=round_,
        decided_at=now,
    )
    waiting = tuple(other for other in mention.outbox if other.reason is not Reason.DIGEST)
    listed = replace(mention, rung=rung, round=round_, outbox=(*waiting, alert), escalate_at=_next_digest(slot, now))
    return with_next_check(listed, now)


def next_slot(now: datetime) -> datetime:
    """The next quarter of an hour, when all of a back-fill go out as one digest."""
    seconds = DIGEST_SLOT.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, UTC)


def _next_digest(slot: datetime, now: datetime) -> datetime:
    """At the same time each day, however late a check comes, so that a back-fill stays one digest."""
    return slot + max(1, -((slot - now) // DIGEST_EVERY)) * DIGEST_EVERY


def alert_id(
    mention_id: str, reason: Reason, due: datetime, rung: int, round_: int, person: str, after: int = 0
) -> str:
    """`after` how many entries of history the alert was decided."""
    what = (mention_id, reason, due.astimezone(UTC).isoformat(), rung, round_, person, after)
    told_of = "|".join(map(str, what))
    return hashlib.sha256(told_of.encode()).hexdigest()[:20]


def _names(call: ladder.Call) -> str:
    people = ", ".join(ladder.named(person, name) for person, name in call.people.items())
    return f"{' quietly' if call.quiet else ''}: {people or 'nobody'}"


def plan_of(mention: Mention) -> Plan:
    if mention.plan is None:
        raise ValueError(f"{mention.id} has not been routed")
    return mention.plan
