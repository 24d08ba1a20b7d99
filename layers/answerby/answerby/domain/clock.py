"""A mention's clock: when it must be answered, when it is looked at next, and how far an acknowledgement reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from answerby.domain.mention import Mention, Post, State

RESEND_AFTER = timedelta(seconds=60)
"""An alert not yet known to be sent is itself a reason for the next check."""
ACK_AT_LEAST = timedelta(minutes=10)


def answer_by(post: Post, answer_within: timedelta, *, first_heard_late: bool) -> datetime:
    """The policy's target, or the end of the network's reply window if that comes first."""
    if first_heard_late:
        return post.received_at + answer_within
    target = post.said_at + answer_within
    return min(target, post.reply_until) if post.reply_until else target


def planned_check(mention: Mention) -> datetime | None:
    """When the ladder or the deadline next asks for something, sent or unsent alerts aside."""
    if not mention.is_open:
        return None
    if mention.state is State.NEW or mention.joined:
        return mention.next_check_at
    ladder = mention.acknowledged_until or mention.escalate_at
    deadline = None if mention.breached or (mention.plan and mention.plan.digest) else mention.answer_by
    times = [time for time in (ladder, deadline) if time]
    return min(times) if times else mention.next_check_at


def with_next_check(mention: Mention, now: datetime) -> Mention:
    """The mention with `next_check_at` set from its clock and outbox.

    A check already set within the next minute is kept for a waiting alert: moving it would cost two index writes.
    """
    check = planned_check(mention)
    if mention.outbox and check:
        at = mention.next_check_at
        resend = at if at and now < at <= now + RESEND_AFTER else now + RESEND_AFTER
        check = min(check, resend)
    return mention if check == mention.next_check_at else replace(mention, next_check_at=check)


def ack_until(mention: Mention, wanted: timedelta | None, now: datetime) -> datetime:
    """How long an acknowledgement pauses the ladder: what was asked for, else the policy's time, else half of what is
    left; at least 10 minutes, and beyond those never past `answer_by`."""
    latest = max(mention.answer_by or now, now + ACK_AT_LEAST)
    if wanted is not None:
        return min(now + wanted, latest)
    fixed = mention.plan.ack_for if mention.plan else None
    left = (mention.answer_by - now) / 2 if mention.answer_by else ACK_AT_LEAST
    return min(now + max(fixed or left, ACK_AT_LEAST), latest)
