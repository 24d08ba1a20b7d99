"""A mention's clock: when it must be answered, when it is looked at next, and how far an acknowledgement reaches."""

from __future__ import annotations

from datetime import datetime, timedelta

from answerby.domain.calendar import Calendar, NeverOpenError, after, opens
from answerby.domain.desk import Desk, Policy, Team
from answerby.domain.mention import Mention, Priority, State
from answerby.domain.versions import replace

RESEND_AFTER = timedelta(seconds=60)
"""An alert not yet known to be sent is itself a reason for the next check."""
ACK_AT_LEAST = timedelta(minutes=10)
SNOOZE_AT_MOST = timedelta(days=7)


def calendar_of(policy: Policy | None, team: Team | None, desk: Desk) -> Calendar | None:
    """The one that a mention's clocks run on; None: around the clock."""
    name = (policy and policy.calendar) or (team and team.calendar)
    return desk.calendars.get(name) if name else None


def open_from(calendar: Calendar | None, start: datetime, span: timedelta) -> Calendar | None:
    """The calendar if so much time is ever open on it. One that stays closed, as after the last of its dates, must not
    leave a post without a deadline: the clock then runs around the clock."""
    try:
        after(calendar, start, span)
    except NeverOpenError:
        return None
    return calendar


def timed(
    mention: Mention, policy: Policy, calendar: Calendar | None, now: datetime, *, late: bool, again: bool
) -> Mention:
    """The mention with its targets by the policy: none is later than one that was promised before.

    `late`: first heard of so late that its time begins with that. `again`: its author was answered before.
    """
    post = mention.post
    start = post.received_at if late else post.said_at
    within = (policy.next_within if again else None) or policy.answer_within
    calendar = open_from(calendar, start, max(within, policy.resolve_within or within))
    target = after(calendar, start, within)
    answer_by = min(filter(None, (target, mention.answer_by, None if late else post.reply_until)))
    resolve_by = after(calendar, start, policy.resolve_within) if policy.resolve_within else None
    if answer_by < target:
        # The end of the network's window, or what was promised, passes whatever the calendar says.
        calendar, within = None, answer_by - start
    digested = mention.plan is not None and mention.plan.digest
    remind_at = [] if digested else _reminders(policy, calendar, start, within)
    return replace(
        mention,
        answer_by=answer_by,
        remind_at=tuple(at for at in remind_at if now < at < answer_by),
        resolve_by=min(filter(None, (resolve_by, mention.resolve_by)), default=None),
    )


def tightened(mention: Mention, to: Mention) -> Mention:
    """The mention with those targets of another that are earlier than its own."""
    answer_by = min(filter(None, (mention.answer_by, to.answer_by)), default=None)
    return replace(
        mention,
        answer_by=answer_by,
        remind_at=mention.remind_at if answer_by == mention.answer_by else to.remind_at,
        resolve_by=min(filter(None, (mention.resolve_by, to.resolve_by)), default=None),
    )


def _reminders(policy: Policy, calendar: Calendar | None, start: datetime, within: timedelta) -> list[datetime]:
    """When to remind, earliest first. Never at closing time: what is due then comes when it opens next."""
    spans = [within - each if isinstance(each, timedelta) else within * each for each in policy.reminders]
    return sorted({opens(calendar, after(calendar, start, span)) for span in spans if timedelta() < span < within})


def planned_check(mention: Mention) -> datetime | None:
    """When the ladder, a reminder or a target next asks for something, sent or unsent alerts aside."""
    if not mention.is_open:
        return mention.escalate_at
    if mention.state is State.NEW or mention.joined:
        return mention.next_check_at
    ladder = mention.acknowledged_until or mention.escalate_at
    deadline = None if mention.breached or (mention.plan and mention.plan.digest) else mention.answer_by
    reminders = () if mention.snoozed else mention.remind_at
    return min(filter(None, (ladder, deadline, *reminders)), default=mention.next_check_at)


def with_next_check(mention: Mention, now: datetime) -> Mention:
    """The mention with `next_check_at` set from its clock and outbox.

    A check already set within the next minute is kept for a waiting alert: moving it would cost two index writes.
    """
    check = planned_check(mention)
    if mention.outbox and check:
        check = min(check, _next_try(mention, now))
    return mention if check == mention.next_check_at else replace(mention, next_check_at=check)


def _next_try(mention: Mention, now: datetime) -> datetime:
    """When the outbox asks to be looked at: a held alert when its time has come, any other within a minute."""
    held = [alert.not_before for alert in mention.outbox if alert.not_before and alert.not_before > now]
    if len(held) == len(mention.outbox):
        return min(held)
    at = mention.next_check_at
    resend = at if at and now < at <= now + RESEND_AFTER else now + RESEND_AFTER
    return min(*held, resend) if held else resend


def without_pause(mention: Mention) -> Mention:
    """Nobody has taken it on any longer."""
    if not (mention.acknowledged_by or mention.acknowledged_until or mention.snoozed):
        return mention
    return replace(mention, acknowledged_by=None, acknowledged_until=None, snoozed=False)


def ack_until(mention: Mention, wanted: timedelta | None, now: datetime) -> datetime:
    """How long an acknowledgement pauses the ladder: what was asked for, else the policy's time, else half of what is
    left; at least 10 minutes, and beyond those never past `answer_by`."""
    latest = ack_until_at_most(mention, now)
    if wanted is not None:
        return min(now + wanted, latest)
    fixed = mention.plan.ack_for if mention.plan else None
    left = (mention.answer_by - now) / 2 if mention.answer_by else ACK_AT_LEAST
    return min(now + max(fixed or left, ACK_AT_LEAST), latest)


def ack_until_at_most(mention: Mention, now: datetime) -> datetime:
    return max(mention.answer_by or now, now + ACK_AT_LEAST)


def snooze_until_at_most(mention: Mention, now: datetime) -> datetime:
    """An urgent mention never sleeps past its deadline."""
    latest = now + SNOOZE_AT_MOST
    urgent = mention.priority is Priority.URGENT
    return min(latest, mention.answer_by) if urgent and mention.answer_by else latest
