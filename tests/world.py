"""The whole of Answerby over ports in memory: a stream, timers, a sweep and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from answerby.adapters.items import MENTION, notice_name
from answerby.domain.desk import Desk
from answerby.domain.mention import Mention, Notice, Post, State
from answerby.networks.webhook import Delivery
from answerby.ports import ConflictError, Mentions, Notifier, Pagers, Timers, UnavailableError
from answerby.usecases.attend import attend
from answerby.usecases.receive import receive
from answerby.usecases.send_alert import send_alerts
from answerby.usecases.sweep import sweep
from tests.builders import NOW, a_desk
from tests.fakes.desks import FakeDesks
from tests.fakes.mentions import FakeMentions
from tests.fakes.notifier import FakeNotifier
from tests.fakes.pagers import FakePagers
from tests.fakes.timers import FakeTimers

MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """`mentions`, `timers`, `notifier` are what the use cases see: a test may put something in front of the fakes."""

    desk: Desk = field(default_factory=a_desk)
    now: datetime = NOW
    table: FakeMentions = field(default_factory=FakeMentions)
    clock: FakeTimers = field(default_factory=FakeTimers)
    phone: FakeNotifier = field(default_factory=FakeNotifier)
    pager: FakePagers = field(default_factory=FakePagers)
    timers_work: bool = True
    mentions: Mentions = field(init=False)
    timers: Timers = field(init=False)
    notifier: Notifier = field(init=False)
    pagers: Pagers = field(init=False)
    _streamed: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mentions, self.timers, self.notifier, self.pagers = self.table, self.clock, self.phone, self.pager
        self.desks = FakeDesks(self.desk)

    def deliver(self, *events: Post | Notice) -> None:
        delivery = Delivery(
            posts=[event for event in events if isinstance(event, Post)],
            notices=[event for event in events if isinstance(event, Notice)],
        )
        receive(delivery, "page", self.mentions, self.now, lambda tasks: [task() for task in tasks])

    def stream(self) -> None:
        """Hand every change since the last time to the two consumers of the stream, until nothing changes."""
        while changed := self._changed():
            for mention_id, item in changed:
                self._attempt(lambda key=(mention_id, item): self.routed(*key))  # type: ignore[misc]
                self._attempt(lambda key=mention_id: self.alerted(key))  # type: ignore[misc]

    def lose_stream(self) -> None:
        """What changed since the last time is handed to nobody."""
        self._changed()

    def routed(self, mention_id: str, item: str) -> None:
        if self.table.items[mention_id, item].state == State.NEW:
            attend(mention_id, item, self.mentions, self.desks, self.timers, self.now)

    def alerted(self, mention_id: str) -> None:
        stored = self.table.items.get((mention_id, MENTION))
        if stored and stored.outbox_at is not None:
            send_alerts(mention_id, self.mentions, self.desks, self.timers, self.notifier, self.pagers, self.now)

    def pass_time(self, span: timedelta, step: timedelta = MINUTE) -> None:
        """Let time pass with timers (if they work) and the sweep each minute."""
        end = self.now + span
        while self.now < end:
            self.now = min(self.now + step, end)
            due = self.clock.fired(self.now) if self.timers_work else []
            if not self.timers_work:
                self.clock.waiting.clear()
            sweep(self.table, self.clock, self.now)
            for each in [*due, *self.clock.fired(self.now)]:
                self._attempt(
                    lambda key=each: attend(  # type: ignore[misc]
                        key.mention_id, key.item, self.mentions, self.desks, self.timers, self.now
                    )
                )
            self.stream()

    def get(self, native_id: str = "1") -> Mention:
        mention = self.table.get(f"facebook:{native_id}")
        assert mention
        return mention

    def called(self) -> list[str]:
        """Who got each message."""
        return [message.person for message in self.phone.messages]

    def _changed(self) -> list[tuple[str, str]]:
        items = self.table.items
        changed = [key for key, item in list(items.items()) if self._streamed.get(key) != item.version]
        self._streamed.update({key: items[key].version for key in changed})
        return changed

    def _attempt(self, work: Callable[[], None]) -> None:
        """As a stream or queue does: what fails is tried again at once, and then left to the sweep."""
        for _ in range(3):
            try:
                work()
            except (UnavailableError, ConflictError):
                continue
            return


def key_of(notice: Notice) -> tuple[str, str]:
    return notice.post.id, notice_name(notice)
