"""What must hold of each alert that is decided: whom a reminder, a question or a test may reach, and who may sleep."""

from __future__ import annotations

from collections.abc import Collection

from answerby.domain.desk import Desk
from answerby.domain.drill import is_drill
from answerby.domain.mention import Alert, Channel, Mention, Priority, Reason, State
from tests.simulation.hours import Hours

LOUD_ANYWAY = (Reason.TEST, Reason.DIGEST)
"""A test is sent by whoever wants to know; a digest is for the morning, and comes once a day."""


def wrong_with(
    alert: Alert, mention: Mention, earlier: Collection[str], desks: Collection[Desk], hours: Hours
) -> str | None:
    """What is wrong with an alert that was just decided. `earlier` are the mention's before; `desks` are those by one
    of which it was decided."""
    if alert.id in earlier and alert.reason in (Reason.REMINDER, Reason.UNRESOLVED):
        return f"{alert.person} gets the same {alert.reason} twice"
    if alert.reason is Reason.REMINDER and (mention.breached or mention.snoozed or not mention.is_open):
        return f"{alert.person} is reminded after the deadline, a snooze or an answer"
    asks = mention.state is State.ANSWERED and mention.resolve_by is not None and mention.resolved_at is None
    if (alert.reason is Reason.UNRESOLVED) is not asks and (asks or alert.reason is Reason.UNRESOLVED):
        return f"{alert.person} is called for {alert.reason}, and it is {mention.state}"
    if is_drill(mention) and (alert.person, alert.reason) != (mention.assignee, Reason.TEST):
        return f"{alert.person} is called for the test of {mention.assignee}"
    if _sleeps(alert, mention, desks, hours) and Channel.SMS in alert.channels:
        return f"{alert.person} is asleep and called by {', '.join(alert.channels)}: {alert.reason}"
    return None


def _sleeps(alert: Alert, mention: Mention, desks: Collection[Desk], hours: Hours) -> bool:
    if alert.reason in LOUD_ANYWAY or mention.priority in (Priority.HIGH, Priority.URGENT):
        return False
    known = [desk.people[alert.person] for desk in desks if alert.person in desk.people]
    return bool(known) and not any(hours.is_awake(person, alert.decided_at) for person in known)
