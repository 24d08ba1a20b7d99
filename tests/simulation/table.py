"""The mentions table, its indexes and what else is stored or read, as the services have it when nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from answerby.adapters.items import (
    MENTION,
    THREAD_LIMIT,
    Item,
    mention_item,
    mention_keys,
    mention_of,
    ms,
    notice_item,
    notice_of,
    time,
)
from answerby.adapters.shards import listed_in
from answerby.domain.mention import Mention, Notice, NoticeKind, Sentiment, State
from answerby.domain.versions import replace
from answerby.ports import SHARDS, Due, Page, Reading
from tests.fakes.mentions import RETENTION, FakeMentions

Key = tuple[str, str]
ROUND_TRIPS = 64
_MS = timedelta(milliseconds=1)
_COMPUTED = ("next_check_at", "escalate_at", "acknowledged_until", "answer_by", "resolve_by")
_computed = attrgetter(*_COMPUTED)


class SimulatedTable(FakeMentions):
    """The fake, with index copies that come late. What is read is immutable, so nothing needs copying."""

    def __init__(self, committed: Callable[[Key, Mention | Notice | None, Item], None]) -> None:
        super().__init__()
        self.read: dict[Key, Mention | Notice] = {}
        self.waiting: dict[Key, Item] = {}
        """What has a next check."""
        self.conversations: dict[str, dict[Key, Item]] = {}
        self.shards: dict[int, dict[Key, Item]] = {shard: {} for shard in range(SHARDS)}
        self._indexed: dict[Key, Item] = {}
        self._committed = committed
        self.writes = 0

    def get(self, mention_id: str) -> Mention | None:
        found = self.read.get((mention_id, MENTION))
        return found if isinstance(found, Mention) else None

    def get_each(self, mention_ids: Collection[str]) -> Mapping[str, Mention]:
        return {mention_id: found for mention_id in mention_ids if (found := self.get(mention_id))}

    def get_notice(self, mention_id: str, item: str) -> Notice | None:
        found = self.read.get((mention_id, item))
        return found if isinstance(found, Notice) else None

    def _said(
        self, conversation_id: str, besides: str | None, takes: Callable[[Item], bool]
    ) -> Sequence[Mention | Notice]:
        entries = self.conversations.get(conversation_id, {})
        newest = sorted(entries, key=lambda key: (entries[key].posted_at or 0, key))[-THREAD_LIMIT:]
        known = [
            self.read[key]
            for key in newest
            if key[0] != besides and (key[1] == NoticeKind.OWN_REPLY or (key[1] == MENTION and takes(entries[key])))
        ]
        # The post that begins a conversation is in no index: it is found by its own key, and never late.
        first = self.items.get((conversation_id, MENTION))
        if first and conversation_id != besides and takes(first):
            known.append(self.read[conversation_id, MENTION])
        here = [each for each in known if each.post.conversation_id == conversation_id]
        return sorted(here, key=lambda each: (each.post.said_at, each.post.id))

    def due(self, shard: int, now: datetime, limit: int) -> Sequence[Due]:
        until = ms(now)
        overdue = [
            (item.next_check_at, key)
            for key, item in self.shards[shard].items()
            if item.next_check_at is not None and item.next_check_at <= until
        ]
        overdue.sort()
        return [Due(mention_id=key[0], item=key[1], next_check_at=time(at)) for at, key in overdue[:limit]]

    def inbox(
        self,
        *,
        state: State | None,
        assignee: str | None,
        network: str | None,
        cursor: str | None,
        limit: int,  # noqa: ARG002
    ) -> Page:
        """All on one page."""
        assert (state, network, cursor) == (None, None, None)
        shards, owners = listed_in(assignee), (None, assignee)
        found = [
            item.mention_id
            for item in self._indexed.values()
            if item.due_shard in shards and (assignee is None or item.assignee in owners)
        ]
        known = self.get_each(found).values()
        return Page(
            mentions=tuple(each for each in known if each.is_open and assignee in (None, each.assignee)), cursor=None
        )

    def index(self, item: Item) -> None:
        """The index copies of one item arrive, unless newer ones are there already."""
        key = item.mention_id, item.item
        before = self._indexed.get(key)
        if before and before.version >= item.version:
            return
        if before and before.conversation_id is not None:
            self.conversations[before.conversation_id].pop(key, None)
        if before and before.due_shard is not None:
            self.shards[before.due_shard].pop(key, None)
        if item.conversation_id is not None:
            self.conversations.setdefault(item.conversation_id, {})[key] = item
        if item.due_shard is not None:
            self.shards[item.due_shard][key] = item
        self._indexed[key] = item

    def _write(self, value: Mention | Notice, version: int | None) -> bool:
        item = mention_keys(value, RETENTION) if isinstance(value, Mention) else notice_item(value, RETENTION)
        key = item.mention_id, item.item
        stored = self.items.get(key)
        if (stored.version if stored else None) != version:
            return False
        if isinstance(value, Mention):
            value = _in_whole_ms(value)
        # To pack and unpack each version takes as long as all the rest of a run.
        self.writes += 1
        if self.writes % ROUND_TRIPS == 0:
            value = _stored_and_read(value)
        before = self.read.get(key)
        self.items[key] = item
        self.read[key] = value
        if item.next_check_at is None:
            self.waiting.pop(key, None)
        else:
            self.waiting[key] = item
        self._committed(key, before, item)
        return True


def _in_whole_ms(mention: Mention) -> Mention:
    """As times are stored."""
    finer: dict[str, Any] = {
        name: at.replace(microsecond=at.microsecond // 1000 * 1000)
        for name, at in zip(_COMPUTED, _computed(mention), strict=True)
        if at and at.microsecond % 1000
    }
    if mention.remind_at and any(at.microsecond % 1000 for at in mention.remind_at):
        finer["remind_at"] = tuple(time(ms(at)) for at in mention.remind_at)
    return replace(mention, **finer) if finer else mention


def _stored_and_read(value: Mention | Notice) -> Mention | Notice:
    read = (
        mention_of(mention_item(value, RETENTION))
        if isinstance(value, Mention)
        else notice_of(notice_item(value, RETENTION))
    )
    assert read == value
    return read


class SimulatedReader:
    """Knows two languages and one sign of anger."""

    def read(self, text: str, language: str | None) -> Reading:
        guessed = "es" if "¿" in text else "en"
        return Reading(
            language=language or guessed, sentiment=Sentiment.NEGATIVE if "never" in text else Sentiment.NEUTRAL
        )


class SimulatedHeard:
    """When each source was last heard from."""

    def __init__(self) -> None:
        self.at: dict[str, datetime] = {}

    def note(self, source: str, now: datetime) -> None:
        self.at[source] = now
