"""A messenger in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from answerby.domain.desk import Person
from answerby.domain.readiness import Finding
from answerby.ports import UnavailableError, UndeliverableError


@dataclass(slots=True)
class FakeMessenger:
    """People without a contact, and those in `unknown`, cannot be told anything; nobody can while it is `away`."""

    told: dict[str, Sequence[Finding]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)

    def tell(self, person: Person, findings: Sequence[Finding], now: datetime) -> None:  # noqa: ARG002
        if person.id in self.away:
            raise UnavailableError("the messenger is away")
        if person.id in self.unknown or not (person.sms or person.email):
            raise UndeliverableError(f"{person.id} cannot be reached")
        self.told[person.id] = findings
