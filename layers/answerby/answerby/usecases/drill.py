"""Send a person a test alert, the way every alert goes."""

from __future__ import annotations

from datetime import datetime

from answerby.domain.drill import ANSWER_WITHIN, drill
from answerby.domain.mention import Mention
from answerby.ports import Desks, Mentions, Timers
from answerby.usecases.answering import UnknownPersonError


class NoContactError(ValueError):
    """The desk gives no way to reach the person."""


def send_test(person: str, by: str, mentions: Mentions, desks: Desks, timers: Timers, now: datetime) -> Mention:
    """The mention that they are to acknowledge. Raises UnknownPersonError, NoContactError and UnavailableError."""
    desk = desks.current(fresh=True)
    known = desk.people.get(person)
    if known is None:
        raise UnknownPersonError(f"nobody on the desk has this id; it has {', '.join(sorted(desk.people))}")
    if not (known.sms or known.email):
        raise NoContactError(f"{person} has neither a phone number nor a mail address")
    test = drill(known, by, now)
    mentions.add(test)
    timers.set(test.id, now + ANSWER_WITHIN, now)
    return test
