"""A storm of posts within a minute, told with manners: the real use cases over a table and timers in memory."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from answerby.adapters.items import MENTION, Item
from answerby.adapters.sns import LINES_OF_A_MAIL
from answerby.domain.desk import Desk, Ladder, Manners, Person, Rung
from answerby.domain.manners import Line
from answerby.domain.mention import Alert, Author, Channel, Mention, Notice, State
from answerby.networks.webhook import Delivery
from answerby.ports import Bundle, Due
from answerby.usecases.attend import attend
from answerby.usecases.receive import receive
from answerby.usecases.send_alert import send_alerts
from answerby.usecases.sweep import sweep
from tests.bench.measure import Measure, exactly
from tests.builders import HOUR, MINUTE, NOW, a_desk, a_post
from tests.fakes.desks import FakeDesks
from tests.fakes.pagers import FakePagers
from tests.simulation.table import Key, SimulatedTable

SMS_EVERY = 5 * MINUTE
BATCH = 100


@dataclass
class Phones:
    """ports.Notifier: when each person got a message, and what all of theirs together name."""

    storm: Storm
    at: dict[tuple[str, Channel], list[datetime]] = field(default_factory=lambda: defaultdict(list))
    named: dict[tuple[str, Channel], set[str]] = field(default_factory=lambda: defaultdict(set))

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk, channels: Collection[Channel]) -> str:  # noqa: ARG002
        return self._sent(person, channels, {mention.id})

    def send_bundle(
        self,
        lines: Sequence[Line],
        person: Person,
        channels: Collection[Channel],
        now: datetime,  # noqa: ARG002
    ) -> Bundle:
        named = lines[:LINES_OF_A_MAIL] if Channel.EMAIL in channels else lines
        return Bundle(self._sent(person, channels, {line.mention_id for line in named}), len(named))

    def _sent(self, person: Person, channels: Collection[Channel], mentions: set[str]) -> str:
        for channel in channels:
            self.at[person.id, channel].append(self.storm.now)
            self.named[person.id, channel] |= mentions
        return "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Of all posts: `lost` are those that some channel of the owner's has not named, `waiting` those not yet marked."""

    posts: int
    lost: int
    waiting: int
    messages: dict[tuple[str, Channel], int]
    sms_in_5_minutes: int
    """The most that any person got."""


class Storm:
    """ports.Timers too: they fire in time, and the sweep runs each minute."""

    def __init__(self, desk: Desk) -> None:
        self.now = NOW
        self.desks = FakeDesks(desk)
        self.table = SimulatedTable(self._committed)
        self.pagers = FakePagers()
        self.phones = Phones(self)
        self._changed: list[Key] = []
        self._timers: list[tuple[datetime, str, str]] = []

    def blow(self, posts: int, until: timedelta) -> Aftermath:
        """All posts come within a minute, each by another author; nobody answers any."""
        end = NOW + until
        arrivals = [
            (NOW + MINUTE * (start / posts), range(start, min(start + BATCH, posts)))
            for start in range(0, posts, BATCH)
        ]
        for at, numbers in arrivals:
            self._pass_time(at)
            self._deliver(numbers)
        self._pass_time(end)
        return self._aftermath(posts)

    def set(self, mention_id: str, at: datetime, now: datetime) -> None:
        heapq.heappush(self._timers, (max(at, now), mention_id, MENTION))

    def check_now(self, due: Sequence[Due]) -> int:
        for each in due:
            heapq.heappush(self._timers, (self.now, each.mention_id, each.item))
        return len(due)

    def _deliver(self, numbers: Collection[int]) -> None:
        posts = [
            a_post(
                str(n),
                author=Author(id=str(n)),
                conversation_id=f"facebook:{n}",
                posted_at=self.now,
                received_at=self.now,
            )
            for n in numbers
        ]
        delivery = Delivery(posts=posts)
        receive(delivery, "page", self.table, self.now, lambda tasks: [task() for task in tasks])
        self._stream()

    def _pass_time(self, end: datetime) -> None:
        while True:
            minute = self.now.replace(second=0, microsecond=0) + MINUTE
            at = min(minute, end, *(timer[0] for timer in self._timers[:1]))
            self.now = max(at, self.now)
            if self._timers and self._timers[0][0] <= self.now:
                _, mention_id, item = heapq.heappop(self._timers)
                attend(mention_id, item, self.table, self.desks, self, self.now)
                self._stream()
            elif self.now >= end:
                return
            else:
                sweep(self.table, self, self.now)

    def _committed(self, key: Key, before: Mention | Notice | None, after: Item) -> None:  # noqa: ARG002
        self.table.index(after)
        self._changed.append(key)

    def _stream(self) -> None:
        while self._changed:
            changed, self._changed = self._changed, []
            for mention_id, item in changed:
                stored = self.table.items[mention_id, item]
                if stored.state == State.NEW:
                    attend(mention_id, item, self.table, self.desks, self, self.now)
                elif stored.outbox_at is not None:
                    send_alerts(mention_id, self.table, self.desks, self, self.phones, self.pagers, self.now)

    def _aftermath(self, posts: int) -> Aftermath:
        everyone = {f"facebook:{n}" for n in range(posts)}
        owner = self.desks.current().teams["care"].members[0]
        told = set.intersection(*(self.phones.named[owner, channel] for channel in Channel))
        mentions = [mention for mention_id in everyone if (mention := self.table.get(mention_id))]
        return Aftermath(
            posts=len(mentions),
            lost=len(everyone - told),
            waiting=sum(any(alert.person == owner for alert in mention.outbox) for mention in mentions),
            messages={key: len(times) for key, times in self.phones.at.items()},
            sms_in_5_minutes=max(
                _most_within(times, SMS_EVERY)
                for (_, channel), times in self.phones.at.items()
                if channel is Channel.SMS
            ),
        )


def _most_within(times: Sequence[datetime], span: timedelta) -> int:
    return max((sum(start <= at < start + span for at in times) for start in times), default=0)


def storm_10k() -> list[Measure]:
    """All to one person, the worst case; until every post is told by every channel, nobody else is called."""
    posts = 10_000
    alone = a_desk(
        manners=Manners(), ladders={"standard": Ladder(id="standard", rungs=(Rung(who=("owner",), wait=HOUR),))}
    )
    after = Storm(alone).blow(posts, 27 * MINUTE)
    told = ", ".join(f"{person} {count} by {channel}" for (person, channel), count in sorted(after.messages.items()))
    return [
        exactly("storm_10k", after.sms_in_5_minutes, "SMS", 1, f"in 5 min, after {posts:,} posts in one minute"),
        exactly("storm_10k_messages", max(after.messages.values()), "messages", None, f"in 27 min: {told}"),
        exactly("storm_10k_lost", after.lost + posts - after.posts, "posts", 0, "not told by some channel"),
    ]
