"""What is to be done about a mention now: the one decision behind routing, every check and every escalation.

Pure: the same mention, desk, time and conversation always give the same result, and a mention for which nothing is to
be done is returned as it is. That makes every late, early, lost or repeated timer harmless.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from answerby.domain import clock, ladder
from answerby.domain.conversation import Thread, answer_in, answered_before, by_same_author, chain_head
from answerby.domain.desk import Desk
from answerby.domain.drill import UNHEARD, is_drill
from answerby.domain.leaving import handed_over, successor
from answerby.domain.mention import Event, Mention, Reason, State
from answerby.domain.paging import ANSWERBY, digest, page, page_next, told
from answerby.domain.reminders import ask_whether_resolved, remind
from answerby.domain.transitions import answer_natively, close, raised, without_waiting_alerts
from answerby.domain.versions import replace

LOOK_AFTER_JOINED = timedelta(minutes=10)


def decide(mention: Mention, desk: Desk, now: datetime, thread: Thread = (), *, owner_left: bool = False) -> Mention:
    """The mention as it should be from now on.

    `thread` holds the conversation's own replies and the same author's mentions, as far as they are known. A mention
    that comes back with another `joined` has become part of that chain: its head is to be told by `followed_up`.
    `owner_left`: its owner is not on the desk in force, of which `desk` alone, a copy, cannot tell.
    """
    if not is_due(mention, now):
        return mention
    if not mention.is_open:
        return ask_whether_resolved(mention, desk, now)
    return _drilled(mention, now) if is_drill(mention) else _decided(mention, desk, now, thread, owner_left)


def _decided(mention: Mention, desk: Desk, now: datetime, thread: Thread, owner_left: bool) -> Mention:
    reply = answer_in(thread, mention)
    if reply:
        # One that is delivered after its answer has targets too: whether it was in time, and when its matter is to end.
        known = assigned(mention, desk, now, thread) if mention.state is State.NEW else mention
        return answer_natively(known, reply, now)
    if mention.state is State.NEW:
        return _join_or_page(assigned(mention, desk, now, thread), desk, thread, now)
    if mention.joined:
        return _look_after_joined(mention, desk, now, thread, owner_left)
    # Two posts that arrived at once have started two chains: the younger joins the older.
    head = chain_head(mention, thread)
    if head:
        return _join(mention, head, now)
    if _is_staffed(mention, desk, now):
        return _advance(mention, desk, now, owner_left and not _is_paused(mention, now))
    free = _expired(mention, now) if mention.acknowledged_until else mention
    return _join_or_page(assigned(free, desk, now, thread), desk, (), now)


def is_due(mention: Mention, now: datetime) -> bool:
    """A new mention always is; a closed one only if it waits to be resolved."""
    if mention.state is State.NEW:
        return True
    if mention.next_check_at is None:
        return mention.is_open
    return now >= mention.next_check_at


def followed_up(head: Mention, mention: Mention, desk: Desk, now: datetime) -> Mention:
    """The chain's head after a further post joined it. Pages again only if that raises the priority."""
    if mention.id in head.followed_by or head.state is not State.OPEN or head.joined:
        return head
    known = replace(head, followed_by=(*head.followed_by, mention.id, *mention.followed_by))
    noted = told(known, now, Event.FOLLOWED_UP, ANSWERBY, mention.id)
    return raised(noted, mention, desk, now)


def assigned(mention: Mention, desk: Desk, now: datetime, thread: Thread, owner: str | None = None) -> Mention:
    """The mention with its rule, plan, targets, and owner, unless one is given. Neither is a deadline once promised
    lengthened, nor a priority once reached lowered, nor one whose author has raised it put into a digest again."""
    match = desk.matcher.match(mention, now)
    rule, policy = match.rule, desk.policies[match.rule.policy]
    owner = owner or ladder.owner_of(rule, desk, now, mention.post.language_code)
    priority = max(rule.priority, mention.priority or rule.priority, key=lambda each: each.rank)
    team, topic = desk.teams[rule.team], desk.topics.get(rule.topic or "")
    plan = ladder.plan(policy, team, owner, priority, topic, desk)
    late = mention.post.received_at - mention.post.said_at > desk.digest_after
    routed = replace(
        mention,
        state=State.OPEN,
        priority=priority,
        topic=rule.topic,
        tags=rule.tags,
        crisis=mention.crisis or (topic is not None and topic.crisis),
        team=rule.team,
        assignee=owner,
        rule=rule.id,
        policy=policy.id,
        desk_version=desk.version,
        plan=replace(plan, digest=mention.plan.digest if mention.plan else late),
    )
    calendar = clock.calendar_of(policy, team, desk)
    timed = clock.timed(routed, policy, calendar, now, late=late, again=answered_before(mention, thread))
    return told(timed, now, Event.ROUTED, f"rule {rule.id}", f"to {owner}: {match.why}")


def _join_or_page(routed: Mention, desk: Desk, thread: Thread, now: datetime) -> Mention:
    head = chain_head(routed, thread)
    if head:
        return _join(routed, head, now)
    if routed.plan and routed.plan.digest:
        return digest(replace(routed, rung=1, round=0, escalate_at=None), desk, now)
    due = routed.next_check_at or routed.post.received_at
    paged = page(routed, desk, 1, (routed.round or 0) + 1, Reason.ROUTED, due, now)
    return clock.with_next_check(_breached_by(paged, now), now)


def _join(mention: Mention, head: Mention, now: datetime) -> Mention:
    """Part of the head's chain: it alerts nobody itself, and is looked after in case the head closes without it."""
    deadlines = [time for time in (mention.answer_by, head.answer_by) if time]
    joined = replace(
        clock.without_pause(without_waiting_alerts(mention, now, f"joined {head.id}")),
        joined=head.id,
        team=head.team,
        assignee=head.assignee,
        answer_by=min(deadlines, default=None),
        rung=None,
        escalate_at=None,
        next_check_at=_after_head(head, now),
    )
    return told(joined, now, Event.JOINED, ANSWERBY, head.id)


def _look_after_joined(mention: Mention, desk: Desk, now: datetime, thread: Thread, owner_left: bool) -> Mention:
    head = next((other for other in by_same_author(mention, thread) if other.id == mention.joined), None)
    if head and head.state is State.OPEN:
        # The head's own check finds its owner a successor, who is the follower's as well from its next one on.
        is_moved = owner_left and head.assignee != mention.assignee
        known = _handed_over(mention, desk, now, head.assignee) if is_moved else mention
        return replace(known, next_check_at=_after_head(head, now))
    if head and head.state is State.ANSWERED and head.answered_at and head.answered_at >= mention.post.said_at:
        return close(
            mention, State.ANSWERED, now, head.answered_by or ANSWERBY, url=head.answer_url, at=head.answered_at
        )
    return _join_or_page(assigned(replace(mention, joined=None), desk, now, thread), desk, thread, now)


def _after_head(head: Mention, now: datetime) -> datetime:
    """Half-way to the deadline, so that a release that was lost is noticed in time."""
    left = (head.answer_by or now) - now
    return now + max(left / 2, LOOK_AFTER_JOINED)


def _is_staffed(mention: Mention, desk: Desk, now: datetime) -> bool:
    """Whether somebody is left on the top rung, which is called until there is an answer, and can be reached; of a
    mention that somebody has taken on, that is asked when their time is over."""
    if _is_paused(mention, now) or mention.plan is None:
        return True
    return mention.rung is not None and ladder.is_staffed(mention.plan.rungs[-1], desk, now)


def _is_paused(mention: Mention, now: datetime) -> bool:
    return mention.acknowledged_until is not None and now < mention.acknowledged_until


def _handed_over(mention: Mention, desk: Desk, now: datetime, to: str | None = None) -> Mention:
    left = mention.assignee or ""
    return handed_over(mention, left, to or successor(mention, (), desk, now), desk, ANSWERBY, now)


def _advance(mention: Mention, desk: Desk, now: datetime, owner_left: bool) -> Mention:
    """One step of the clock: its owner has left, a reminder is due, an acknowledgement runs out, the deadline passes,
    or the next rung is due. An alert that still waits in the outbox is sent again by the write itself."""
    if mention.plan and mention.plan.digest:
        mention = _handed_over(mention, desk, now) if owner_left else mention
        if mention.acknowledged_until and now >= mention.acknowledged_until:
            mention = _expired(mention, now)
        due = not mention.acknowledged_until and (mention.escalate_at is None or mention.escalate_at <= now)
        return digest(mention, desk, now) if due else clock.with_next_check(mention, now)
    if owner_left:
        # Whoever has it now is called, and not reminded as well.
        to_come = tuple(at for at in mention.remind_at if at > now)
        return _handed_over(_breached_by(replace(mention, remind_at=to_come), now), desk, now)
    return remind(mention, _climbed(mention, desk, now), desk, now)


def _climbed(mention: Mention, desk: Desk, now: datetime) -> Mention:
    was_breached = mention.breached
    mention = _breached_by(mention, now)
    if mention.acknowledged_until:
        if now < mention.acknowledged_until:
            return clock.with_next_check(mention, now)
        return _resume(mention, desk, mention.acknowledged_until, now)
    if mention.breached and not was_breached:
        return page_next(mention, desk, Reason.BREACHED, mention.answer_by or now, now)
    if mention.escalate_at and mention.escalate_at <= now:
        return page_next(mention, desk, Reason.ESCALATED, mention.escalate_at, now)
    return clock.with_next_check(mention, now)


def _resume(mention: Mention, desk: Desk, due: datetime, now: datetime) -> Mention:
    expired = _expired(mention, now)
    round_ = (mention.round or 0) + 1
    return page(expired, desk, mention.rung or 1, round_, Reason.ACKNOWLEDGEMENT_EXPIRED, due, now)


def _drilled(mention: Mention, now: datetime) -> Mention:
    """A test waits for its person until its hour is over, and calls nobody else."""
    if mention.answer_by is None or now >= mention.answer_by:
        return close(mention, State.DISMISSED, now, ANSWERBY, note=UNHEARD)
    return clock.with_next_check(mention, now)


def _expired(mention: Mention, now: datetime) -> Mention:
    return told(clock.without_pause(mention), now, Event.ACKNOWLEDGEMENT_EXPIRED, ANSWERBY, mention.acknowledged_by)


def _breached_by(mention: Mention, now: datetime) -> Mention:
    if mention.breached or not mention.answer_by or now < mention.answer_by:
        return mention
    return told(replace(mention, breached=True, remind_at=()), now, Event.BREACHED, ANSWERBY)


def reconsidered(before: Mention, after: Mention, desk: Desk, now: datetime, thread: Thread = ()) -> Mention:
    """A mention whose author changed its words: called again only if the rules now give it a higher priority."""
    if after is before or after.state is not State.OPEN or after.joined:
        return after
    return raised(after, assigned(after, desk, now, thread), desk, now)


def raised_by(head: Mention, mention: Mention, desk: Desk, now: datetime, thread: Thread = ()) -> Mention:
    """The head of a chain after the words of a mention that had joined it have changed."""
    if head.state is not State.OPEN or head.joined:
        return head
    return raised(head, assigned(mention, desk, now, thread), desk, now)
