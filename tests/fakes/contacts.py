"""What SNS knows of people's contacts, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from answerby.domain.desk import Person
from answerby.domain.mention import Channel
from answerby.domain.readiness import ContactState, SmsAccount

FREE = SmsAccount(in_sandbox=False, monthly_limit=50.0)


@dataclass(slots=True)
class FakeContacts:
    """Every contact is confirmed, but those that `known` tells otherwise."""

    known: dict[tuple[str, Channel], ContactState] = field(default_factory=dict)
    sms: SmsAccount = FREE

    def states(self, person: Person) -> Mapping[Channel, ContactState]:
        given = {Channel.SMS: person.sms, Channel.EMAIL: person.email}
        return {
            channel: self.known.get((person.id, channel), ContactState.CONFIRMED)
            for channel, contact in given.items()
            if contact
        }

    def account(self) -> SmsAccount:
        return self.sms
