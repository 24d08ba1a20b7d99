"""A notifier in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from answerby.domain.desk import Desk, Person
from answerby.domain.manners import Line
from answerby.domain.mention import Alert, Channel, Mention
from answerby.ports import Bundle, UnavailableError, UndeliverableError


@dataclass(frozen=True, slots=True)
class Message:
    """What one person got by some channels, and the alerts and mentions it names."""

    person: str
    channels: tuple[Channel, ...]
    alerts: tuple[str, ...]
    mentions: tuple[str, ...]


@dataclass(slots=True)
class FakeNotifier:
    """People without a contact, and those in `unknown`, cannot be reached; nobody can while it is `away`. A bundle by
    mail names `room` posts at most."""

    sent: list[Alert] = field(default_factory=list)
    """Those with a message of their own."""
    messages: list[Message] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    away: bool = False
    room: int = 400

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk, channels: Collection[Channel]) -> str:  # noqa: ARG002
        self._reach(person)
        self.sent.append(alert)
        self.messages.append(Message(person.id, tuple(channels), (alert.id,), (mention.id,)))
        return f"{len(self.messages)}"

    def send_bundle(
        self,
        lines: Sequence[Line],
        person: Person,
        channels: Collection[Channel],
        now: datetime,  # noqa: ARG002
    ) -> Bundle:
        self._reach(person)
        named = lines[: self.room] if Channel.EMAIL in channels else lines
        told = tuple(line.alert_id for line in named), tuple(line.mention_id for line in named)
        self.messages.append(Message(person.id, tuple(channels), *told))
        return Bundle(f"{len(self.messages)}", len(named))

    def _reach(self, person: Person) -> None:
        if self.away:
            raise UnavailableError("the notifier is away")
        if person.id in self.unknown or not (person.sms or person.email):
            raise UndeliverableError(f"{person.id} cannot be reached")
