"""Deliver what waits in a mention's outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from answerby.domain.desk import Desk, Person
from answerby.domain.mention import Alert, Mention
from answerby.domain.transitions import alert_delayed, alert_failed, alert_sent
from answerby.ports import Desks, Mentions, Notifier, Pagers, Timers, UnavailableError, UndeliverableError
from answerby.usecases.check import set_timer
from answerby.usecases.deliver import Call, Delivered, deliver
from answerby.usecases.update import update

A_SWEEP_IS_TOO_LATE = timedelta(minutes=1)
"""For what is held so briefly. What is held for longer may wait a minute more."""


def send_alerts(
    mention_id: str,
    mentions: Mentions,
    desks: Desks,
    timers: Timers,
    notifier: Notifier,
    pagers: Pagers,
    now: datetime,
) -> int:
    """Send each waiting alert whose time has come and mark it sent; the number of those that reach nobody, ever.

    Each goes out by the mention as it was just read or written, so that one overtaken by an answer is not sent. A crash
    between the sending and the mark repeats that one alert. Raises UnavailableError after trying every alert, if one
    of them could not be handed over.
    """
    tried: set[str] = set()
    failed = 0
    failure: UnavailableError | None = None
    mention = mentions.get(mention_id)
    while mention and (alert := _next_alert(mention, tried, now)):
        tried.add(alert.id)
        try:
            call = Call(alert, mention, *_person(alert, desks), now)
            delivered = deliver(call, mentions, notifier, pagers)
        except UnavailableError as error:
            failure = error
            mention = mentions.get(mention_id)
        except UndeliverableError as error:
            failed += 1
            mark = partial(alert_failed, alert=alert, why=str(error), now=now)
            before, mention = update(mention_id, mentions, mark, mention)
            set_timer(before, mention, timers, now)
        else:
            _, mention = update(mention_id, mentions, _marked(alert, delivered, now), mention)
            at = mention.next_check_at
            if delivered.wakes_at and at and at - now < A_SWEEP_IS_TOO_LATE:
                timers.set(mention_id, at, now)
    if failure:
        raise failure
    return failed


def _next_alert(mention: Mention, tried: set[str], now: datetime) -> Alert | None:
    return next(
        (
            alert
            for alert in mention.outbox
            if alert.id not in tried and (alert.not_before is None or alert.not_before <= now)
        ),
        None,
    )


def _person(alert: Alert, desks: Desks) -> tuple[Person, Desk]:
    desk = desks.current()
    if alert.person not in desk.people:
        # The desk at hand may be older than the one that the alert was decided by.
        desk = desks.current(fresh=True)
    person = desk.people.get(alert.person)
    if person is None:
        raise UndeliverableError(f"{alert.person} is no longer on the desk")
    return person, desk


def _marked(alert: Alert, delivered: Delivered, now: datetime) -> Callable[[Mention], Mention]:
    if delivered.wakes_at is None:
        return partial(alert_sent, alert=alert, how=delivered.how or "", now=now)
    return partial(
        alert_delayed,
        alert=alert,
        holds=delivered.holds,
        not_before=delivered.wakes_at,
        how=delivered.how,
        now=now,
    )
