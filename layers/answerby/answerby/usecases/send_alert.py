"""Deliver what waits in a mention's outbox."""

from __future__ import annotations

from datetime import datetime

from answerby.domain.desk import Desk
from answerby.domain.mention import Alert, Mention, Reason
from answerby.domain.transitions import alert_failed, alert_sent
from answerby.ports import Claim, Desks, Mentions, Notifier, Timers, UnavailableError, UndeliverableError
from answerby.usecases.check import set_timer
from answerby.usecases.update import update


def send_alerts(
    mention_id: str, mentions: Mentions, desks: Desks, notifier: Notifier, timers: Timers, now: datetime
) -> None:
    """Send each waiting alert and mark it sent. The mention is read afresh before each, so that an alert overtaken by
    an answer is not sent. A crash between the sending and the mark repeats that one alert.

    Raises UnavailableError after trying every alert, if one of them could not be handed over.
    """
    tried: set[str] = set()
    failure: UnavailableError | None = None
    while True:
        mention = mentions.get(mention_id)
        waiting = [alert for alert in mention.outbox if alert.id not in tried] if mention else []
        if mention is None or not waiting:
            break
        tried.add(waiting[0].id)
        try:
            _send(waiting[0], mention, mentions, desks.current(), notifier, timers, now)
        except UnavailableError as error:
            failure = error
    if failure:
        raise failure


def _send(
    alert: Alert, mention: Mention, mentions: Mentions, desk: Desk, notifier: Notifier, timers: Timers, now: datetime
) -> None:
    person = desk.people.get(alert.person)
    try:
        if person is None:
            raise UndeliverableError(f"{alert.person} is no longer on the desk")  # noqa: TRY301
        if alert.reason is not Reason.DIGEST:
            message_id = notifier.send(alert, mention, person, desk)
        elif (claim := mentions.claim_digest(alert.id, now)) is Claim.YOURS:
            message_id = notifier.send(alert, mention, person, desk)
            mentions.confirm_digest(alert.id)
        elif claim is Claim.SENT:
            message_id = alert.id
        else:
            raise UnavailableError(f"{alert.id} is being sent")
    except UndeliverableError as error:
        why = str(error)
        before, after = update(mention.id, mentions, lambda newest: alert_failed(newest, alert, why, now), mention)
        set_timer(before, after, timers, now)
        return
    update(mention.id, mentions, lambda newest: alert_sent(newest, alert, message_id, now), mention)
