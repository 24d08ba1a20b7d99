"""What people, authors and deliveries do to a mention. Each returns the mention as it is afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from answerby.domain import clock, ladder
from answerby.domain.desk import Desk
from answerby.domain.drill import is_drill
from answerby.domain.manners import Hold
from answerby.domain.mention import Alert, Event, Mention, Notice, Plan, Post, Reason, State
from answerby.domain.paging import ANSWERBY, may_hear, page, plan_of, told, unreachable
from answerby.domain.reminders import ASK_EVERY
from answerby.domain.versions import replace

QUOTED_IN_HISTORY = 500


class StateConflictError(Exception):
    """Someone was faster: the mention is no longer in a state in which this can be done."""

    def __init__(self, mention: Mention, message: str) -> None:
        super().__init__(message)
        self.mention = mention


class SnoozeError(ValueError):
    """It cannot be snoozed until then; the message says how long it can."""


class Dismissal(StrEnum):
    """The only reasons for closing a mention without an answer."""

    SPAM = "spam"
    GROUND_RULE = "ground_rule"
    DUPLICATE = "duplicate"
    NEEDS_NO_ANSWER = "needs_no_answer"


def acknowledge(mention: Mention, by: str, now: datetime, wanted: timedelta | None = None) -> Mention:
    """Pause the ladder for a bounded time. Not an answer: the deadline stays. A test alert asks for no more."""
    _must_be_free(mention, by, now)
    if is_drill(mention):
        return answer(mention, by, now)
    return _paused(mention, Event.ACKNOWLEDGED, by, clock.ack_until(mention, wanted, now), now)


def snooze(mention: Mention, by: str, until: datetime, now: datetime) -> Mention:
    """Pause the ladder, reminders too, until a time of choice: within 7 days, and not past the deadline of an urgent
    mention. Raises SnoozeError."""
    _must_be_free(mention, by, now)
    latest = clock.snooze_until_at_most(mention, now)
    if latest <= now:
        raise SnoozeError("it is urgent and past its deadline: it can be acknowledged, but not snoozed")
    if until <= now:
        raise SnoozeError(f"this is not in the future; it can be snoozed until {_utc(latest)} at the latest")
    if until > latest:
        raise SnoozeError(f"it can be snoozed until {_utc(latest)} at the latest")
    return _paused(mention, Event.SNOOZED, by, until, now)


def _paused(mention: Mention, event: Event, by: str, until: datetime, now: datetime) -> Mention:
    calm = without_waiting_alerts(mention, now, f"{event} by {by}")
    paused = replace(calm, acknowledged_by=by, acknowledged_until=until, snoozed=event is Event.SNOOZED)
    return clock.with_next_check(told(paused, now, event, by, f"until {_utc(until)}"), now)


def without_longer_pause(mention: Mention, now: datetime) -> Mention:
    """The mention with its pause cut to what its deadline allows, which may be earlier than when the pause began."""
    by, until = mention.acknowledged_by, mention.acknowledged_until
    latest = (clock.snooze_until_at_most if mention.snoozed else clock.ack_until_at_most)(mention, now)
    if by is None or until is None or until <= latest:
        return mention
    event = Event.SNOOZED if mention.snoozed else Event.ACKNOWLEDGED
    return told(replace(mention, acknowledged_until=latest), now, event, by, f"until {_utc(latest)}")


def _must_be_free(mention: Mention, by: str, now: datetime) -> None:
    """Open, and not paused by somebody else."""
    _must_be_open(mention)
    other, until = mention.acknowledged_by, mention.acknowledged_until
    if other and other != by and until and now < until:
        did = Event.SNOOZED if mention.snoozed else Event.ACKNOWLEDGED
        raise StateConflictError(mention, f"{other} has {did} it until {until:%H:%M} UTC")


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def answer(mention: Mention, by: str, now: datetime, url: str | None = None) -> Mention:
    _must_be_open(mention)
    return close(mention, State.ANSWERED, now, by, url=url, at=now)


def answer_natively(mention: Mention, reply: Notice, now: datetime) -> Mention:
    """Answered by the brand's own reply on the network."""
    author = reply.post.author
    by = author.name or author.handle or f"the brand on {reply.post.network}"
    return close(mention, State.ANSWERED, now, by, note=reply.post.id, url=reply.post.url, at=reply.post.said_at)


def resolve(mention: Mention, by: str, now: datetime) -> Mention:
    """Its matter is at its end: nobody is asked about it any more."""
    if mention.is_open:
        raise StateConflictError(mention, "it has not been answered yet")
    if mention.resolved_at:
        raise StateConflictError(mention, f"it was resolved at {_utc(mention.resolved_at)}")
    if mention.next_check_at is None:
        raise StateConflictError(mention, f"it is {mention.state}, and nothing more is to be said about it")
    calm = without_waiting_alerts(mention, now, "resolved")
    resolved = replace(calm, resolved_at=now, escalate_at=None, next_check_at=None)
    return told(resolved, now, Event.RESOLVED, by)


def dismiss(mention: Mention, by: str, reason: Dismissal, now: datetime, note: str | None = None) -> Mention:
    _must_be_open(mention)
    return close(mention, State.DISMISSED, now, by, note=f"{reason}: {note}" if note else str(reason))


def assign(mention: Mention, to: str, by: str, now: datetime, desk: Desk, why: str | None = None) -> Mention:
    """Hand the mention to another person, and call them. The deadline stays. `why` if nobody chose that person."""
    _must_be_open(mention)
    plan = _plan_for(mention, to, desk)
    calm = without_waiting_alerts(mention, now, f"assigned to {to}")
    assigned = told(
        replace(calm, assignee=to, plan=plan), now, Event.ASSIGNED, by, f"to {to}: {why}" if why else f"to {to}"
    )
    return page(assigned, desk, 1, (mention.round or 0) + 1, Reason.ASSIGNED, now, now)


def edited(mention: Mention, post: Post, now: datetime) -> Mention:
    """The mention with its author's newer words; the history keeps the older ones.

    An older edit changes nothing, and neither does one without words: Facebook sends none for an edited picture.
    """
    seen = mention.post.edited_at
    is_older = seen and post.edited_at and post.edited_at <= seen
    if is_older or not post.text or post.text == mention.post.text:
        return mention
    newer = replace(
        mention.post,
        text=post.text,
        edited_at=post.edited_at,
        url=post.url or mention.post.url,
        rating=post.rating,
        sentiment=None,
    )
    by = mention.post.author.name or mention.post.author.handle or "its author"
    return told(replace(mention, post=newer), now, Event.EDITED, by, f"was: {mention.post.text[:QUOTED_IN_HISTORY]}")


def removed(mention: Mention, now: datetime) -> Mention:
    """Its author or the network took the post away. What was closed before stays as it was closed."""
    if mention.is_open:
        return close(mention, State.REMOVED, now, mention.post.network)
    if any(entry.event is Event.REMOVED for entry in mention.history):
        return mention
    return told(mention, now, Event.REMOVED, mention.post.network)


def released(mention: Mention, head: str, now: datetime) -> Mention:
    """On its own again, to be routed anew, because the chain it had joined closed without answering it.

    One that is only just joining is written too: so its joining is refused, and decided again.
    """
    if mention.state is not State.NEW and not (mention.is_open and mention.joined == head):
        return mention
    alone = replace(mention, state=State.NEW, joined=None, next_check_at=now + clock.RESEND_AFTER)
    return told(alone, now, Event.RELEASED, ANSWERBY)


def raised(mention: Mention, to: Mention, desk: Desk, now: datetime) -> Mention:
    """The mention with the targets of `to` that are earlier, and called again if `to` has the higher priority or is the
    first to be a crisis."""
    tightened = clock.tightened(mention, to)
    is_new_crisis = to.crisis and not mention.crisis
    is_higher = to.priority and (mention.priority is None or to.priority.rank > mention.priority.rank)
    if not to.plan or not (is_higher or is_new_crisis):
        return clock.with_next_check(without_longer_pause(tightened, now), now)
    priority = to.priority if is_higher else mention.priority
    higher = replace(tightened, priority=priority, topic=to.topic, rule=to.rule, policy=to.policy)
    plan = to.plan if is_new_crisis or mention.plan is None else _quicker(mention.plan, to.plan)
    planned = replace(higher, plan=replace(plan, digest=False), crisis=mention.crisis or to.crisis)
    rung = 1 if is_new_crisis else mention.rung or 1
    noted = told(planned, now, Event.RAISED, f"rule {to.rule}", f"{mention.priority} to {priority}, rung {rung}")
    return page(noted, desk, rung, (mention.round or 0) + 1, Reason.RAISED, now, now)


def _quicker(plan: Plan, other: Plan) -> Plan:
    """The same calls, sooner where the other plan's are."""
    pairs = zip(plan.rungs, other.rungs, strict=False)
    rungs = tuple(replace(rung, wait=min(rung.wait, sooner.wait)) for rung, sooner in pairs)
    repeat_every = min(plan.repeat_every, other.repeat_every)
    return replace(plan, rungs=rungs + plan.rungs[len(rungs) :], repeat_every=repeat_every)


def alert_sent(mention: Mention, alert: Alert, how: str, now: datetime) -> Mention:
    return _alert_left(mention, alert, Event.ALERTED, now, _alerted(alert, how))


def alert_delayed(
    mention: Mention, alert: Alert, holds: Sequence[Hold], not_before: datetime, how: str | None, now: datetime
) -> Mention:
    """It waits in the outbox for the channels that hold it back; `how` is how it went out by others."""
    if how:
        mention = told(mention, now, Event.ALERTED, alert.person, _alerted(alert, how))
    if all(waiting.id != alert.id for waiting in mention.outbox):
        return mention
    known = [entry.note or "" for entry in mention.history if entry.event is Event.ALERT_DELAYED]
    news = [hold for hold in map(str, holds) if not any(hold in note for note in known)]
    if news:
        mention = told(mention, now, Event.ALERT_DELAYED, alert.person, "; ".join(news))
    channels = tuple(hold.channel for hold in holds)
    outbox = tuple(
        replace(waiting, channels=channels, not_before=not_before) if waiting.id == alert.id else waiting
        for waiting in mention.outbox
    )
    return clock.with_next_check(replace(mention, outbox=outbox), now)


def alert_failed(mention: Mention, alert: Alert, why: str, now: datetime) -> Mention:
    """No retry will help: the ladder moves on at once, and so does the question whether a matter is at its end, once
    for each person."""
    failed = _alert_left(mention, alert, Event.ALERT_FAILED, now, why)
    if alert.reason is Reason.UNRESOLVED:
        is_news = failed.escalate_at and alert.person not in unreachable(mention)
        return clock.with_next_check(replace(failed, escalate_at=now), now) if is_news else failed
    plan = failed.plan
    if plan is None or not failed.is_open or failed.acknowledged_until or alert.rung != failed.rung:
        return failed
    if failed.rung == len(plan.rungs):
        # Nobody further is there to be called at once: the top's own wait keeps the rounds apart. The next one begins
        # at the bottom, lest it calls for ever who cannot be reached.
        return failed if may_hear(failed) else replace(failed, rung=None)
    if plan.digest:
        return clock.with_next_check(replace(failed, rung=alert.rung + 1, escalate_at=now), now)
    if may_hear(failed):
        return failed
    over = max(failed.round or 0, plan.rungs[alert.rung - 1].rounds)
    return clock.with_next_check(replace(failed, round=over, escalate_at=now), now)


def close(
    mention: Mention,
    state: State,
    now: datetime,
    by: str,
    *,
    note: str | None = None,
    url: str | None = None,
    at: datetime | None = None,
) -> Mention:
    """Stop the clock. `at` is when it was answered, where it was. The answer to a mention that has a resolution target
    leaves that: somebody is asked by then, or a day later if it has passed."""
    calm = without_waiting_alerts(mention, now, str(state))
    if state is State.ANSWERED:
        calm = replace(calm, answered_at=at, answered_by=by, answer_url=url)
        # The answer, not our hearing of it, meets or misses the deadline.
        digested = calm.plan is not None and calm.plan.digest
        missed = bool(at and calm.answer_by and at > calm.answer_by and not digested)
        if missed and not calm.breached:
            calm = told(calm, now, Event.BREACHED, ANSWERBY)
        calm = replace(calm, breached=missed)
    resolve_by = None if calm.joined or state is not State.ANSWERED else calm.resolve_by
    closed = replace(
        clock.without_pause(calm),
        state=state,
        remind_at=(),
        escalate_at=resolve_by and (resolve_by if resolve_by > now else now + ASK_EVERY),
    )
    return told(clock.with_next_check(closed, now), now, Event(state), by, note)


def _alerted(alert: Alert, how: str) -> str:
    return f"{alert.reason}, rung {alert.rung}, {how}"


def _alert_left(mention: Mention, alert: Alert, event: Event, now: datetime, note: str) -> Mention:
    """Told even if the outbox was emptied meanwhile: the history says what happened, not what was wanted."""
    outbox = tuple(waiting for waiting in mention.outbox if waiting.id != alert.id)
    return clock.with_next_check(told(replace(mention, outbox=outbox), now, event, alert.person, note), now)


def without_waiting_alerts(mention: Mention, now: datetime, why: str) -> Mention:
    for alert in mention.outbox:
        mention = told(mention, now, Event.ALERT_DROPPED, alert.person, why)
    return replace(mention, outbox=()) if mention.outbox else mention


def _plan_for(mention: Mention, owner: str, desk: Desk) -> Plan:
    policy = desk.policies.get(mention.policy or "")
    if policy and mention.team and mention.team in desk.teams and mention.priority:
        topic = desk.topics.get(mention.topic or "")
        return ladder.plan(policy, desk.teams[mention.team], owner, mention.priority, topic, desk)
    plan = plan_of(mention)
    return replace(plan, rungs=(replace(plan.rungs[0], who=(owner,)), *plan.rungs[1:]))


def _must_be_open(mention: Mention) -> None:
    if not mention.is_open:
        raise StateConflictError(mention, f"it is {mention.state} already")
