"""What must hold of a table after each step, and at the end of a story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from answerby.adapters.items import MENTION
from answerby.domain.desk import Desk
from answerby.domain.drill import is_drill
from answerby.domain.mention import Alert, Mention, Post, Reason, State
from answerby.domain.paging import DIGEST_EVERY
from tests.builders import HOUR
from tests.fakes.mentions import FakeMentions
from tests.simulation.fold import differences
from tests.state_machine.fragile import Phone

ASKED_WITHIN = timedelta(seconds=65)
CALLED_WITHIN = 2 * HOUR
"""The whole ladder and a round of its top, with what manners hold back."""


@dataclass
class Promises:
    table: FakeMentions
    phone: Phone
    accepted: dict[tuple[str, str], Post] = field(default_factory=dict)
    """What a sender heard 2xx for, by its key."""
    closed: dict[str, State] = field(default_factory=dict)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)

    def mentions(self) -> Iterator[Mention]:
        for mention_id, item in list(self.table.items):
            if item == MENTION:
                mention = self.table.get(mention_id)
                assert mention
                yield mention

    def hold(self, now: datetime) -> None:
        for key in self.accepted:
            assert key in self.table.items, f"{key} was accepted and is not stored"
        for key, item in self.table.items.items():
            assert item.version >= self.versions.get(key, 1), f"{key} has gone back"
            self.versions[key] = item.version
        assert self.versions.keys() == self.table.items.keys(), "something stored has gone"
        for mention in self.mentions():
            self._of(mention, now)

    def _of(self, mention: Mention, now: datetime) -> None:
        which = f"{mention.id}, {mention.state}"
        wrong = differences(self.table.history(mention))
        assert not wrong, f"{which}: its history tells another story: {wrong}"
        was = self.closed.setdefault(mention.id, mention.state) if not mention.is_open else self.closed.get(mention.id)
        assert was in (None, mention.state), f"{which}: it was {was}"
        if mention.is_open:
            assert mention.next_check_at, f"{which}: nothing will ever look at it"
        else:
            called = [alert for alert in mention.outbox if alert.reason is not Reason.UNRESOLVED]
            assert not called, f"{which}: {called} wait though it is closed"
        if mention.outbox:
            asked_for = max(now + ASKED_WITHIN, *map(_wakes, mention.outbox))
            assert mention.next_check_at, f"{which}: an alert waits and nothing will ask for it"
            assert mention.next_check_at <= asked_for, f"{which}: an alert waits until {mention.next_check_at}"

    def silent(self, since: datetime) -> list[tuple[Mention, datetime]]:
        """The open chains of which nobody who can hear it was told since, and by when somebody is to be."""
        told = {ring.mention_id for ring in self.phone.rings if ring.at >= since}
        heads = {
            head.id: head
            for mention in self.mentions()
            if mention.is_open and not is_drill(mention) and (head := self._head(mention)).id not in told
        }
        return [
            (head, max(since, head.acknowledged_until or since) + CALLED_WITHIN + _until_its_digest(head))
            for head in heads.values()
        ]

    def kept(self, desk: Desk) -> None:
        """At the end, when nothing is left to do."""
        for mention in self.mentions():
            if mention.is_open and not is_drill(mention):
                assert self._head(mention).assignee in desk.people, f"{mention.id} is with {mention.assignee}, who left"
        for (_, item), post in self.accepted.items():
            notice = self.table.get_notice(post.id, item)
            answered = notice and item.startswith("own_reply") and self.table.get(notice.post.in_reply_to or "")
            assert not (answered and answered.is_open), f"the brand has replied to {answered}, and people are called"

    def _head(self, mention: Mention) -> Mention:
        seen = {mention.id}
        while mention.joined:
            head = self.table.get(mention.joined)
            assert head
            assert head.id not in seen, f"{head.id} joined in a circle"
            seen.add(head.id)
            mention = head
        return mention


def _until_its_digest(mention: Mention) -> timedelta:
    return DIGEST_EVERY if mention.plan and mention.plan.digest else timedelta()


def _wakes(alert: Alert) -> datetime:
    return alert.not_before or alert.decided_at
