"""Ports of which one call fails, and a phone that refuses to ring for what is closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from answerby.domain.desk import Desk, Person
from answerby.domain.manners import Line
from answerby.domain.mention import Alert, Channel, Mention, Notice, Reason
from answerby.ports import Bundle, UnavailableError
from tests.fakes.mentions import FakeMentions
from tests.fakes.notifier import FakeNotifier
from tests.simulation.ports import NEVER_FAIL, CrashError

START = datetime(2026, 3, 27, 15, tzinfo=UTC)
"""A Friday afternoon: on Sunday the clocks of Madrid change."""


class Fault(StrEnum):
    REFUSED = "refused"
    NO_ANSWER = "done, and the answer is lost"
    CRASH_BEFORE = "the process dies before the call"
    CRASH_AFTER = "the process dies after the call"


@dataclass
class Faults:
    """What happens to the n-th call from now on, of all ports together."""

    fault: Fault | None = None
    calls: int = 0

    def meet(self, name: str, effect: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        fault = self._due()
        if fault is Fault.CRASH_BEFORE:
            raise CrashError(name)
        if fault is Fault.REFUSED:
            return self._unavailable(name)
        result = effect(*args, **kwargs)
        if fault is Fault.CRASH_AFTER:
            raise CrashError(name)
        return self._unavailable(name) if fault is Fault.NO_ANSWER else result

    def _due(self) -> Fault | None:
        self.calls -= 1
        return self.fault if self.calls == 0 else None

    def _unavailable(self, name: str) -> int:
        if name in NEVER_FAIL:
            return 0
        raise UnavailableError(name)


class Fragile:
    """A port in front of another."""

    def __init__(self, name: str, port: Any, faults: Faults) -> None:
        self._name, self._port, self._faults = name, port, faults

    def __getattr__(self, method: str) -> Callable[..., Any]:
        effect, name = getattr(self._port, method), f"{self._name}.{method}"
        return lambda *args, **kwargs: self._faults.meet(name, effect, *args, **kwargs)


@dataclass
class LateIndex(FakeMentions):
    """A table whose conversations do not know yet, while `late`, what was stored at this moment."""

    late: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def thread(
        self, conversation_id: str, author_id: str | None, besides: str | None = None
    ) -> Sequence[Mention | Notice]:
        return self._known(super().thread(conversation_id, author_id, besides))

    def conversation(self, conversation_id: str, besides: str | None = None) -> Sequence[Mention | Notice]:
        return self._known(super().conversation(conversation_id, besides))

    def _known(self, said: Sequence[Mention | Notice]) -> Sequence[Mention | Notice]:
        """The first post of a conversation is found by its key, which is never late."""
        return [each for each in said if each.post.id not in self.late or each.post.id == each.post.conversation_id]


@dataclass(frozen=True, slots=True)
class Ring:
    at: datetime
    person: str
    mention_id: str


@dataclass
class Phone(FakeNotifier):
    """Every message is about posts that are open, or asks whether the matter of an answered one is at its end."""

    table: FakeMentions = field(default_factory=FakeMentions)
    clock: Callable[[], datetime] = lambda: START
    rings: list[Ring] = field(default_factory=list)

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk, channels: Collection[Channel]) -> str:
        message_id = super().send(alert, mention, person, desk, channels)
        self._rang(person.id, mention.id, alert.reason)
        return message_id

    def send_bundle(
        self, lines: Sequence[Line], person: Person, channels: Collection[Channel], now: datetime
    ) -> Bundle:
        bundle = super().send_bundle(lines, person, channels, now)
        for line in lines[: bundle.named]:
            self._rang(person.id, line.mention_id, line.reason)
        return bundle

    def _rang(self, person: str, mention_id: str, reason: Reason) -> None:
        mention = self.table.get(mention_id)
        assert mention
        assert mention.is_open or reason is Reason.UNRESOLVED, f"{person} is called about {mention_id}: {mention.state}"
        assert mention.resolved_at is None, f"{person} is asked about {mention_id}, which is resolved"
        self.rings.append(Ring(self.clock(), person, mention_id))
