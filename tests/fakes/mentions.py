"""The mentions table in memory: the same items under the same keys, so the same index entries."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock

from answerby.adapters.authors import Written, author_key, before, recorded
from answerby.adapters.cursors import Criteria, Position, decode, encode
from answerby.adapters.items import (
    IN_ARCHIVE,
    IN_ITEM,
    LISTED,
    MENTION,
    THREAD_LIMIT,
    Item,
    is_notice,
    mention_item,
    mention_of,
    ms,
    notice_item,
    notice_of,
    time,
)
from answerby.adapters.shards import listed_in
from answerby.domain.mention import Entry, Mention, Notice, NoticeKind, Post, State
from answerby.domain.versions import replace
from answerby.ports import ConflictError, Due, Page

RETENTION = timedelta(days=400)


class FakeMentions:
    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.unreadable: dict[str, tuple[str, bytes, str]] = {}
        self.archives: dict[str, dict[int, tuple[Entry, ...]]] = {}
        self.authors: dict[str, list[Written]] = {}
        self._lock = Lock()

    def add(self, mention: Mention) -> bool:
        return self._write(mention, None)

    def add_notice(self, notice: Notice) -> bool:
        return self._write(notice, None)

    def keep_unreadable(self, source: str, raw: bytes, reason: str, now: datetime) -> bool:  # noqa: ARG002
        digest = hashlib.sha256(source.encode() + b"\0" + raw).hexdigest()
        with self._lock:
            known = digest in self.unreadable
            self.unreadable.setdefault(digest, (source, raw, reason))
        return not known

    def get(self, mention_id: str) -> Mention | None:
        item = self.items.get((mention_id, MENTION))
        return mention_of(copy.deepcopy(item)) if item else None

    def get_each(self, mention_ids: Collection[str]) -> Mapping[str, Mention]:
        return {mention_id: found for mention_id in mention_ids if (found := self.get(mention_id))}

    def get_notice(self, mention_id: str, item: str) -> Notice | None:
        stored = self.items.get((mention_id, item)) if is_notice(item) else None
        return notice_of(copy.deepcopy(stored)) if stored else None

    def save(self, mention: Mention) -> Mention:
        saved = replace(mention, version=mention.version + 1)
        while len(saved.history) > IN_ITEM:
            oldest, newer = saved.history[:IN_ARCHIVE], saved.history[IN_ARCHIVE:]
            self.archives.setdefault(saved.id, {})[saved.archived] = oldest
            saved = replace(saved, history=newer, archived=saved.archived + IN_ARCHIVE)
        self._replace(saved, mention.version)
        return saved

    def save_notice(self, notice: Notice) -> Notice:
        saved = replace(notice, version=notice.version + 1)
        self._replace(saved, notice.version)
        return saved

    def conversation(self, conversation_id: str, besides: str | None = None) -> Sequence[Mention | Notice]:
        return self._said(conversation_id, besides, lambda _: True)

    def thread(
        self, conversation_id: str, author_id: str | None, besides: str | None = None
    ) -> Sequence[Mention | Notice]:
        return self._said(conversation_id, besides, lambda item: author_id is not None and item.author_id == author_id)

    def _said(
        self, conversation_id: str, besides: str | None, takes: Callable[[Item], bool]
    ) -> Sequence[Mention | Notice]:
        # The post that begins a conversation is in no index: it is found by its own key.
        entries = self._index(
            lambda item: conversation_id in (item.conversation_id, item.mention_id), lambda item: item.posted_at
        )
        known: list[Mention | Notice] = []
        for item in entries[-THREAD_LIMIT:]:
            if item.mention_id == besides:
                continue
            if item.item == NoticeKind.OWN_REPLY:
                known.append(notice_of(item))
            elif item.item == MENTION and takes(item):
                known.append(mention_of(item))
        here = [each for each in known if each.post.conversation_id == conversation_id]
        return sorted(here, key=lambda each: (each.post.said_at, each.post.id))

    def due(self, shard: int, now: datetime, limit: int) -> Sequence[Due]:
        overdue = self._index(
            lambda item: item.due_shard == shard and item.next_check_at is not None and item.next_check_at <= ms(now),
            lambda item: item.next_check_at,
        )
        return [
            Due(mention_id=item.mention_id, item=item.item, next_check_at=time(item.next_check_at or 0))
            for item in overdue[:limit]
        ]

    def history(self, mention: Mention) -> Mention:
        archives = self.archives.get(mention.id, {})
        older = [entry for start in range(0, mention.archived, IN_ARCHIVE) for entry in archives[start]]
        return replace(mention, history=(*older, *mention.history), archived=0)

    def earlier_posts(self, post: Post) -> tuple[datetime, ...]:
        key = author_key(post)
        if key is None:
            return ()
        with self._lock:
            self.authors[key] = recorded(self.authors.get(key, ()), post)
            return before(self.authors[key], post)

    def inbox(
        self, *, state: State | None, assignee: str | None, network: str | None, cursor: str | None, limit: int
    ) -> Page:
        if state not in LISTED:
            raise ValueError(f"only new and open mentions are listed, not {state} ones")
        if limit < 1:
            raise ValueError("a page holds at least one mention")
        criteria = Criteria(state=state, assignee=assignee, network=network)
        after = decode(cursor, criteria) if cursor else None
        found = [
            (position, mention_of(item))
            for position, item in self._listed(assignee)
            if (after is None or _order(position, assignee) > _order(after, assignee))
            and state in (None, item.state)
            and network in (None, item.body["network"])
        ]
        return Page(
            mentions=tuple(mention for _, mention in found[:limit]),
            cursor=encode(found[limit - 1][0], criteria) if len(found) > limit else None,
        )

    def _put(self, item: Item, version: int | None) -> bool:
        """Put if this version is stored (None: nothing at all)."""
        with self._lock:
            stored = self.items.get((item.mention_id, item.item))
            if (stored.version if stored else None) != version:
                return False
            self.items[item.mention_id, item.item] = copy.deepcopy(item)
            return True

    def _write(self, value: Mention | Notice, version: int | None) -> bool:
        return self._put(
            mention_item(value, RETENTION) if isinstance(value, Mention) else notice_item(value, RETENTION), version
        )

    def _replace(self, value: Mention | Notice, version: int) -> None:
        if not self._write(value, version):
            raise ConflictError(f"{version} is no longer the version stored")

    def _index(self, has: Callable[[Item], bool], sort: Callable[[Item], int | None]) -> list[Item]:
        entries = (copy.deepcopy(item) for item in list(self.items.values()) if has(item))
        return sorted(entries, key=lambda item: (sort(item) or 0, item.mention_id, item.item))

    def _listed(self, assignee: str | None) -> list[tuple[Position, Item]]:
        entries = [
            (
                Position(
                    partition=item.due_shard,
                    sort=item.next_check_at or 0,
                    mention_id=item.mention_id,
                    item=item.item,
                ),
                item,
            )
            for item in self.items.values()
            if item.due_shard in listed_in(assignee) and assignee in (None, item.body.get("assignee"))
        ]
        return sorted(entries, key=lambda entry: _order(entry[0], assignee))


def _order(position: Position, assignee: str | None) -> tuple[int, int, str]:
    return listed_in(assignee).index(position.partition), position.sort, position.mention_id
