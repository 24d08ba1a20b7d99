"""Calls that leave the ladder where it is: a reminder before the deadline, and the question after the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from answerby.domain import ladder
from answerby.domain.calendar import opens
from answerby.domain.clock import calendar_of, open_from, with_next_check
from answerby.domain.desk import Desk
from answerby.domain.mention import Event, Mention, Plan, PlannedRung, Reason
from answerby.domain.paging import ANSWERBY, alerts_of, plan_of, told, unreachable, with_alerts
from answerby.domain.versions import replace

ASK_EVERY = timedelta(days=1)


def remind(before: Mention, after: Mention, desk: Desk, now: datetime) -> Mention:
    """`after` a step of the ladder, with the reminder that was due `before` it: one, though several were overdue.

    It goes to whoever has acknowledged the mention, else to the people of the rung it was on; not to those whom the
    step has called anyway, and to nobody after the deadline or while the mention is snoozed.
    """
    due = max((at for at in before.remind_at if at <= now), default=None)
    if due is None or after.snoozed:
        return after
    rest = replace(after, remind_at=tuple(at for at in after.remind_at if at > now))
    if after.breached or before.snoozed:
        return with_next_check(rest, now)
    call = _holding(before, desk, now)
    busy = {alert.person for alert in after.outbox if alert not in before.outbox}
    idle = {person: name for person, name in call.people.items() if person not in busy}
    return _alerted(rest, desk, replace(call, people=idle), Reason.REMINDER, due, now)


def ask_whether_resolved(mention: Mention, desk: Desk, now: datetime) -> Mention:
    """Ask the owner of an answered mention, or who is there instead, whether its matter is at its end: at its target,
    then daily, on its calendar."""
    due = mention.escalate_at
    if due is None or now < due:
        return with_next_check(mention, now)
    policy, team = desk.policies.get(mention.policy or ""), desk.teams.get(mention.team or "")
    calendar = open_from(calendar_of(policy, team, desk), now, timedelta(minutes=1))
    opening = opens(calendar, now)
    if opening > now:
        return with_next_check(replace(mention, escalate_at=opening), now)
    asked = replace(mention, escalate_at=now + ASK_EVERY)
    call = _called(_to_be_asked(mention, desk, now), mention, desk, now)
    return _alerted(asked, desk, call, Reason.UNRESOLVED, due, now)


def _to_be_asked(mention: Mention, desk: Desk, now: datetime) -> str:
    """The owner, else the first of their back-ups who is there and whom the last alert has reached."""
    owner = mention.assignee
    if owner is None or owner not in desk.people:
        owner = ladder.owner_of(desk.matcher.match(mention, now).rule, desk, now, mention.post.language_code)
    team, topic = desk.teams.get(mention.team or ""), desk.topics.get(mention.topic or "")
    names = (owner, *(ladder.backups_of(owner, team, topic, desk) if team else ()))
    silent = unreachable(mention)
    there = (
        name
        for name in names
        for each in ladder.candidates(name, desk, now)
        if each.reach in (ladder.Reach.AWAKE, ladder.Reach.ASLEEP) and each.person not in silent
    )
    return next(there, owner)


def _holding(mention: Mention, desk: Desk, now: datetime) -> ladder.Call:
    """Whoever it is with."""
    holder = mention.acknowledged_by
    if holder and holder in desk.people:
        return _called(holder, mention, desk, now)
    return ladder.call(plan_of(mention), (mention.rung or 1,), desk, mention.priority, now)


def _called(name: str, mention: Mention, desk: Desk, now: datetime) -> ladder.Call:
    """The person, or whoever replaces them; quietly while they are asleep."""
    alone = Plan(rungs=(PlannedRung(who=(name,), wait=ASK_EVERY),), repeat_every=ASK_EVERY)
    return ladder.call(alone, (1,), desk, mention.priority, now)


def _alerted(mention: Mention, desk: Desk, call: ladder.Call, reason: Reason, due: datetime, now: datetime) -> Mention:
    if not call.people:
        return with_next_check(mention, now)
    alerts = alerts_of(mention, desk, call, mention.round or 0, reason, due, now)
    known = with_alerts(mention, alerts, now)
    what = "not yet answered" if reason is Reason.REMINDER else "not yet resolved"
    names = ", ".join(ladder.named(person, name) for person, name in call.people.items())
    return with_next_check(told(known, now, Event.REMINDED, ANSWERBY, f"{names}: {what}"), now)
