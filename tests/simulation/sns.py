"""SNS as it is: what it takes it may not deliver, and it tells nobody."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from answerby.domain.desk import Desk, Person
from answerby.domain.manners import Line
from answerby.domain.mention import Alert, Channel, Mention
from answerby.ports import Bundle, UndeliverableError
from tests.fakes.notifier import FakeNotifier
from tests.simulation.engine import SECOND, Engine
from tests.simulation.faults import Faults

MUTES_ABOVE = 10
"""Mails a second to one address, above which SNS disables its subscription for good:
https://repost.aws/knowledge-center/sns-email-subscription-disabled"""
KEPT_BELOW = 5
"""Mails a second to one address that the product allows itself at most."""

SMALL_MAIL, LARGE_MAIL = 4, 400
"""Posts that a bundle by mail has room for: in a small one not for all that may wait."""


@dataclass
class SimulatedSns(FakeNotifier):
    """A topic for each person, with a subscription for each of their contacts.

    `opted_out` have answered STOP to a text message. From the time in `muted` on, an address has no subscription any
    more, as after a mail scanner has followed the link to unsubscribe. Both stay so.
    """

    engine: Engine = field(kw_only=True)
    faults: Faults = field(kw_only=True)
    too_fast: Callable[[str], None] = field(kw_only=True)
    """Told when the product mails somebody faster than it may."""
    opted_out: set[str] = field(default_factory=set)
    muted: dict[str, int] = field(default_factory=dict)
    refused: str | None = None
    """Whom SNS refuses to call while that fault lasts."""
    arrived: int = 0
    vanished: int = 0
    _mails: dict[str, deque[int]] = field(default_factory=dict)

    def afflict(self, people: Sequence[str], chance: Random) -> None:
        """Draw whom the faults of this run are about."""
        if self.faults.opted_out:
            self.opted_out = set(chance.sample(people, chance.randint(1, len(people))))
        if self.faults.muted:
            self.muted = {chance.choice(people): chance.randrange(self.faults.until)}
        self.refused = chance.choice(people)

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk, channels: Collection[Channel]) -> str:
        message_id = super().send(alert, mention, person, desk, channels)
        self._fan_out(person, channels)
        return message_id

    def send_bundle(
        self, lines: Sequence[Line], person: Person, channels: Collection[Channel], now: datetime
    ) -> Bundle:
        bundle = super().send_bundle(lines, person, channels, now)
        self._fan_out(person, channels)
        return bundle

    def _reach(self, person: Person) -> None:
        """As the sandbox refuses a number that was never verified, and SNS what it holds for invalid."""
        super()._reach(person)
        if person.id == self.refused and self.faults.lasts("sns refusal", self.engine.now):
            raise UndeliverableError(f"SNS refuses to call {person.id}")

    def _fan_out(self, person: Person, channels: Iterable[Channel]) -> None:
        if self.faults.happens("message lost", self.engine.now):
            self._vanishes(person, "all channels")
            return
        for channel in channels:
            why = self._lost_sms(person) if channel is Channel.SMS else self._lost_mail(person)
            if why:
                self._vanishes(person, f"{channel}: {why}")
            else:
                self.arrived += 1

    def _vanishes(self, person: Person, how: str) -> None:
        self.vanished += 1
        self.engine.tell(f"  what {person.id} was sent is not delivered by {how}")

    def _lost_sms(self, person: Person) -> str | None:
        now, faults = self.engine.now, self.faults
        if person.id in self.opted_out:
            faults.counts["sms opt-out"] += 1
            return "opted out"
        if faults.lasts("sms spend limit", now):
            return "the month's limit is spent"
        return "lost" if faults.happens("sms lost", now) else None

    def _lost_mail(self, person: Person) -> str | None:
        now, faults = self.engine.now, self.faults
        if now >= self.muted.get(person.id, now + 1):
            faults.counts["mail muted"] += 1
            return "no longer subscribed"
        mails = self._mails.setdefault(person.id, deque())
        mails.append(now)
        while mails[0] <= now - SECOND:
            mails.popleft()
        if len(mails) > MUTES_ABOVE:
            self.muted[person.id] = now
        if len(mails) > KEPT_BELOW:
            self.too_fast(f"{person.id} gets {len(mails)} mails within a second")
        return "lost" if faults.happens("mail lost", now) else None
