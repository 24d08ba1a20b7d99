"""What a desk is put in force with, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from answerby.adapters.desks import Publication
from answerby.adapters.sources import KeyedSource
from answerby.cli.applying import Office, apply, plan
from answerby.cli.stack import Stack
from answerby.cli.topics import OURS, Contact
from answerby.domain.decide import decide
from answerby.domain.desk import Desk
from answerby.domain.mention import Mention
from answerby.ports import ConflictError, NoDeskError
from tests.builders import NOW
from tests.fakes.mentions import FakeMentions
from tests.fakes.reader import FakeReader
from tests.fakes.timers import FakeTimers

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
        self.loud: set[str] = set()

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

    def is_limited(self, subscription_arn: str, protocol: str) -> bool:  # noqa: ARG002
        return subscription_arn not in self.loud

    def limit(self, subscription_arn: str, protocol: str) -> None:  # noqa: ARG002
        self.loud.discard(subscription_arn)

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
        self.published: list[Publication] = []

    @property
    def desk(self) -> Desk | None:
        return self.published[-1].desk if self.published else None

    @property
    def whys(self) -> list[tuple[str, str]]:
        return [(each.by, each.why) for each in self.published]

    def current(self, *, fresh: bool = False) -> Desk:  # noqa: ARG002
        if self.desk is None:
            raise NoDeskError("no desk has been published")
        return self.desk

    def publish(self, desk: Desk, *, by: str, why: str, now: datetime, expected_version: int) -> int:
        version = self.desk.version if self.desk else 0
        if expected_version != version:
            raise ConflictError(f"version {expected_version} of the desk is no longer in force")
        self.published.append(Publication(desk=replace(desk, version=version + 1), at=now, by=by, why=why))
        return version + 1

    def publications(self, limit: int | None = None) -> Sequence[Publication]:
        return self.published[::-1][:limit]


class FakeOffice:
    def __init__(self) -> None:
        self.topics = FakeTopics()
        self.sources = FakeSourceStore()
        self.desks = FakeDeskStore()
        self.mentions = FakeMentions()
        self.timers = FakeTimers()
        self.reader = FakeReader()

    @property
    def office(self) -> Office:
        return Office(
            desks=self.desks,
            sources=self.sources,
            topics=self.topics,
            mentions=self.mentions,
            timers=self.timers,
            reader=self.reader,
        )

    def in_force(self, desk: Desk) -> None:
        """Put a desk in force with everything it needs."""
        planned = plan(desk, self.office, dict.fromkeys(desk.sources, "0123456789abcdef"), NOW)
        apply(planned, self.office, by="ana", why="because", now=NOW)

    def routed(self, mention: Mention, at: datetime = NOW) -> Mention:
        """Store a mention and route it by the desk in force."""
        self.mentions.add(mention)
        return self.mentions.save(decide(mention, self.desks.current(), at))

    def stored(self, mention_id: str) -> Mention:
        found = self.mentions.get(mention_id)
        assert found
        return found
