"""A notifier in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerby.domain.desk import Desk, Person
from answerby.domain.mention import Alert, Mention
from answerby.ports import UnavailableError, UndeliverableError


@dataclass(slots=True)
class FakeNotifier:
    """People without a contact, and those in `unknown`, cannot be reached; nobody can while it is `away`."""

    sent: list[Alert] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    away: bool = False

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk) -> str:  # noqa: ARG002
        if self.away:
            raise UnavailableError("the notifier is away")
        if person.id in self.unknown or not (person.sms or person.email):
            raise UndeliverableError(f"{person.id} cannot be reached")
        self.sent.append(alert)
        return f"message-{len(self.sent)}"
