"""What a desk is put in force with, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from answerby.adapters.sources import KeyedSource
from answerby.cli.applying import Office
from answerby.cli.stack import Stack
from answerby.cli.topics import OURS, Contact
from answerby.domain.desk import Desk
from answerby.ports import ConflictError, NoDeskError

STACK = Stack(
    name="answerby",
    api_url="https://api.example.com",
    webhook_url="https://api.example.com/webhooks",
    mentions_table="mentions",
    desk_table="desk",
    sources_secret="secret",
    follow_ups_url="https://sqs.example.com/follow-ups",
    follow_ups_arn="arn:aws:sqs:eu-west-1:1:follow-ups",
    schedule_group="timers",
    scheduler_role="arn:aws:iam::1:role/timers",
    person_topic_prefix="arn:aws:sns:eu-west-1:1:answerby-person-",
    retention=timedelta(days=400),
)


class FakeTopics:
    def __init__(self) -> None:
        self.topics: dict[str, set[Contact]] = {}

    def arn(self, person: str) -> str:
        return f"arn:aws:sns:eu-west-1:1:answerby-person-{person}"

    def people(self) -> Sequence[str]:
        return list(self.topics)

    def contacts(self, person: str) -> dict[Contact, str] | None:
        known = self.topics.get(person)
        if known is None:
            return None
        return {each: f"{self.arn(person)}:{each.endpoint}" for each in known if each.protocol in OURS}

    def foreign(self, person: str) -> Sequence[Contact]:
        return [each for each in self.topics[person] if each.protocol not in OURS]

    def create(self, person: str) -> None:
        self.topics.setdefault(person, set())

    def subscribe(self, person: str, contact: Contact) -> None:
        self.topics[person].add(contact)

    def unsubscribe(self, subscription_arn: str) -> None:
        for person, contacts in self.topics.items():
            contacts -= {each for each in contacts if f"{self.arn(person)}:{each.endpoint}" == subscription_arn}

    def delete(self, person: str) -> None:
        del self.topics[person]


class FakeSourceStore:
    def __init__(self) -> None:
        self.stored: Mapping[str, KeyedSource] = {}

    def read(self) -> Mapping[str, KeyedSource]:
        return self.stored

    def write(self, sources: Mapping[str, KeyedSource]) -> None:
        self.stored = dict(sources)


class FakeDeskStore:
    def __init__(self) -> None:
        self.desk: Desk | None = None
        self.whys: list[tuple[str, str]] = []

    def current(self, *, fresh: bool = False) -> Desk:  # noqa: ARG002
        if self.desk is None:
            raise NoDeskError("no desk has been published")
        return self.desk

    def publish(self, desk: Desk, *, by: str, why: str, now: datetime, expected_version: int) -> int:  # noqa: ARG002
        if expected_version != (self.desk.version if self.desk else 0):
            raise ConflictError(f"version {expected_version} of the desk is no longer in force")
        self.desk = replace(desk, version=expected_version + 1)
        self.whys.append((by, why))
        return self.desk.version


class FakeOffice:
    def __init__(self) -> None:
        self.topics = FakeTopics()
        self.sources = FakeSourceStore()
        self.desks = FakeDeskStore()

    @property
    def office(self) -> Office:
        return Office(desks=self.desks, sources=self.sources, topics=self.topics)
