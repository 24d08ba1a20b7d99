"""Deliver what waits in a mention's outbox."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from answerby.domain.mention import Alert, Mention, Reason
from answerby.domain.transitions import alert_failed, alert_sent
from answerby.ports import Claim, Desks, Mentions, Notifier, Timers, UnavailableError, UndeliverableError
from answerby.usecases.check import set_timer
from answerby.usecases.update import update


def send_alerts(
    mention_id: str, mentions: Mentions, desks: Desks, notifier: Notifier, timers: Timers, now: datetime
) -> int:
    """Send each waiting alert and mark it sent; the number of those that reach nobody, ever.

    The mention is read afresh before each, so that an alert overtaken by an answer is not sent. A crash between the
    sending and the mark repeats that one alert. Raises UnavailableError after trying every alert, if one of them could
    not be handed over.
    """
    tried: set[str] = set()
    failed = 0
    failure: UnavailableError | None = None
    while (mention := mentions.get(mention_id)) and (alert := _next_alert(mention, tried)):
        tried.add(alert.id)
        try:
            message_id = _hand_over(alert, mention, mentions, desks, notifier, now)
        except UnavailableError as error:
            failure = error
        except UndeliverableError as error:
            failed += 1
            mark = partial(alert_failed, alert=alert, why=str(error), now=now)
            set_timer(*update(mention_id, mentions, mark, mention), timers, now)
        else:
            if message_id:
                update(mention_id, mentions, partial(alert_sent, alert=alert, message_id=message_id, now=now), mention)
    if failure:
        raise failure
    return failed


def _next_alert(mention: Mention, tried: set[str]) -> Alert | None:
    return next((alert for alert in mention.outbox if alert.id not in tried), None)


def _hand_over(
    alert: Alert, mention: Mention, mentions: Mentions, desks: Desks, notifier: Notifier, now: datetime
) -> str | None:
    """The message's id; None while another process is sending it, after whose death the next check finds it waiting."""
    desk = desks.current()
    if alert.person not in desk.people:
        # The desk at hand may be older than the one that the alert was decided by.
        desk = desks.current(fresh=True)
    person = desk.people.get(alert.person)
    if person is None:
        raise UndeliverableError(f"{alert.person} is no longer on the desk")
    if alert.reason is not Reason.DIGEST:
        return notifier.send(alert, mention, person, desk)
    claim = mentions.claim_digest(alert.id, now)
    if claim is Claim.YOURS:
        try:
            message_id = notifier.send(alert, mention, person, desk)
        except UndeliverableError:
            mentions.release_digest(alert.id)
            raise
        mentions.confirm_digest(alert.id)
        return message_id
    return alert.id if claim is Claim.SENT else None
