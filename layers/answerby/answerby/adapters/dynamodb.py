"""The mentions table. A decision is one conditional write of a whole item: no update, no transaction."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import RESPONSES, UNPROCESSED_KEYS
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from answerby.adapters import authors, bodies, tables
from answerby.adapters.cursors import Criteria, Position, decode, encode
from answerby.adapters.items import (
    IN_ARCHIVE,
    IN_ITEM,
    LISTED,
    MENTION,
    THREAD_LIMIT,
    Item,
    entries_of,
    expiry,
    history_documents,
    is_notice,
    mention_item,
    mention_of,
    ms,
    notice_item,
    notice_of,
    time,
)
from answerby.adapters.shards import listed_in
from answerby.domain.mention import Mention, Notice, NoticeKind, Post, State
from answerby.networks.webhook import Unreadable
from answerby.ports import ConflictError, Due, Page, UnavailableError

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition

EXAMINED_PER_PAGE = 1_000
UNREADABLE_LIMIT = 350 * 1024
"""Of the raw event, compressed: an item may hold 400 KB."""

_BATCH = 100
_BATCH_TRIES = 3
_PASSED_OVER = 1_000
"""Entries that a query for a person's own looks through: they may share their shard with somebody who owns far more."""


class _DueIndex(GlobalSecondaryIndex["_Record"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "due"
        projection = IncludeProjection(["assignee"])

    due_shard = NumberAttribute(hash_key=True)
    next_check_at = NumberAttribute(range_key=True)
    assignee = UnicodeAttribute(null=True)


class _ConversationIndex(GlobalSecondaryIndex["_Record"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "conversation"
        projection = IncludeProjection(["author_id"])

    conversation_id = UnicodeAttribute(hash_key=True)
    posted_at = NumberAttribute(range_key=True)


class _Record(Model):
    """An Item with its body packed. `raw` is an unreadable event's."""

    mention_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    state = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    due_shard = NumberAttribute(null=True)
    next_check_at = NumberAttribute(null=True)
    assignee = UnicodeAttribute(null=True)
    conversation_id = UnicodeAttribute(null=True)
    posted_at = NumberAttribute(null=True)
    author_id = UnicodeAttribute(null=True)
    outbox_at = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    body = BinaryAttribute(null=True, legacy_encoding=False)
    raw = BinaryAttribute(null=True, legacy_encoding=False)

    due = _DueIndex()
    conversation = _ConversationIndex()


_PLAIN = tuple(field.name for field in fields(Item) if field.name != "body")
_NUMBERS = frozenset(name for name, attribute in _Record.get_attributes().items() if attribute.attr_type == "N")


class MentionsTable:
    """ports.Mentions on DynamoDB; `retention` is how long closed mentions are kept. Threads may share it."""

    def __init__(self, table_name: str, retention: timedelta) -> None:
        self._record = tables.bound(_Record, table_name)
        self._table_name = table_name
        self._retention = retention

    def add(self, mention: Mention) -> bool:
        return self._add(mention_item(mention, self._retention))

    def add_notice(self, notice: Notice) -> bool:
        return self._add(notice_item(notice, self._retention))

    def keep_unreadable(self, source: str, raw: bytes, reason: str, now: datetime) -> bool:
        digest = hashlib.sha256(source.encode() + b"\0" + raw).hexdigest()
        packed = bodies.pack_bytes(raw)
        body = {"source": source, "reason": reason, "size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        record = self._record(
            f"unreadable:{digest}",
            "unreadable",
            state="unreadable",
            # Found through the conversation index: no network's conversation is called that.
            conversation_id="unreadable",
            posted_at=ms(now),
            expires_at=expiry(now, self._retention),
            body=bodies.pack(body),
            raw=packed[:UNREADABLE_LIMIT],
        )
        return tables.put(record, _is_new()) is None

    def unreadable(self, limit: int) -> Sequence[Unreadable]:
        """The newest events that could not be read; of a very large one only the beginning."""
        with tables.reaching():
            found = list(self._record.conversation.query("unreadable", scan_index_forward=False, limit=limit))
        records = self._fetch([(record.mention_id, record.item) for record in found])
        return [Unreadable(raw=bodies.unpack_bytes(r.raw), reason=bodies.unpack(r.body)["reason"]) for r in records]

    def get(self, mention_id: str) -> Mention | None:
        record = self._get(mention_id, MENTION)
        return mention_of(_item(record)) if record else None

    def get_each(self, mention_ids: Collection[str]) -> Mapping[str, Mention]:
        records = self._fetch([(mention_id, MENTION) for mention_id in mention_ids])
        return {record.mention_id: mention_of(_item(record)) for record in records}

    def get_notice(self, mention_id: str, item: str) -> Notice | None:
        record = self._get(mention_id, item) if is_notice(item) else None
        return notice_of(_item(record)) if record else None

    def save(self, mention: Mention) -> Mention:
        saved = replace(mention, version=mention.version + 1)
        while len(saved.history) > IN_ITEM:
            saved = self._archived(saved)
        self._replace(mention_item(saved, self._retention), mention.version)
        return saved

    def save_notice(self, notice: Notice) -> Notice:
        saved = replace(notice, version=notice.version + 1)
        self._replace(notice_item(saved, self._retention), notice.version)
        return saved

    def conversation(self, conversation_id: str, besides: str | None = None) -> Sequence[Mention | Notice]:
        return self._said(conversation_id, besides, conversation_id, lambda _: True)

    def thread(
        self, conversation_id: str, author_id: str | None, besides: str | None = None
    ) -> Sequence[Mention | Notice]:
        return self._said(
            conversation_id,
            besides,
            None if author_id is None else conversation_id,
            lambda record: author_id is not None and record.author_id == author_id,
        )

    def _said(
        self, conversation_id: str, besides: str | None, first: str | None, takes: Callable[[_Record], bool]
    ) -> Sequence[Mention | Notice]:
        """`first` is the id of the post that begins the conversation, which is not in the index."""

        def belongs(record: _Record) -> bool:
            return record.mention_id != besides and (
                record.item == NoticeKind.OWN_REPLY or (record.item == MENTION and takes(record))
            )

        with tables.reaching():
            newest = self._record.conversation.query(conversation_id, scan_index_forward=False, limit=THREAD_LIMIT)
            keys = [(record.mention_id, record.item) for record in newest if belongs(record)]
        if first and first != besides and (first, MENTION) not in keys:
            keys.append((first, MENTION))
        known = [_read(_item(record)) for record in self._fetch(keys) if belongs(record)]
        # The index lags: a reply may have moved to another conversation since.
        here = [each for each in known if each.post.conversation_id == conversation_id]
        return sorted(here, key=lambda each: (each.post.said_at, each.post.id))

    def due(self, shard: int, now: datetime, limit: int) -> Sequence[Due]:
        with tables.reaching():
            return [
                Due(mention_id=record.mention_id, item=record.item, next_check_at=time(int(record.next_check_at)))
                for record in self._record.due.query(shard, _Record.next_check_at <= ms(now), limit=limit)
            ]

    def scan(self, since: datetime) -> Iterator[tuple[int, Mention]]:
        """All mentions said since then, each with the number of items read so far. It reads the whole table, which
        takes its time and its price: for operators."""
        with tables.reaching():
            found = self._record.scan((_Record.item == MENTION) & (_Record.posted_at >= ms(since)))
            for record in found:
                yield found.page_iter.total_scanned_count, mention_of(_item(record))

    def size(self) -> int:
        """About how many items there are: DynamoDB counts them every six hours."""
        return int(tables.connection().describe_table(self._table_name).get("ItemCount", 0))

    def history(self, mention: Mention) -> Mention:
        if not mention.archived:
            return mention
        names = [_archive_name(start) for start in range(0, mention.archived, IN_ARCHIVE)]
        archives = self._fetch([(mention.id, name) for name in names])
        older = [entry for archive in archives for entry in entries_of(bodies.unpack(archive.body)["history"])]
        return replace(mention, history=(*older, *mention.history), archived=0)

    def earlier_posts(self, post: Post) -> tuple[datetime, ...]:
        return authors.earlier_posts(self._record, post, self._retention)

    def inbox(
        self, *, state: State | None, assignee: str | None, network: str | None, cursor: str | None, limit: int
    ) -> Page:
        if state not in LISTED:
            raise ValueError(f"only new and open mentions are listed, not {state} ones")
        if limit < 1:
            raise ValueError("a page holds at least one mention")
        criteria = Criteria(state=state, assignee=assignee, network=network)
        entries = self._listed(assignee, decode(cursor, criteria) if cursor else None)
        found: list[tuple[Position, Mention]] = []
        # A mention that changes hands while it is listed may be met in both shards.
        listed: set[str] = set()
        examined = 0
        # One more than asked for: then the last page is known to be the last.
        while batch := list(islice(entries, min(_BATCH, max(limit + 1 - len(found), limit // 10)))):
            mentions = self.get_each([position.mention_id for position in batch])
            for position in batch:
                mention = mentions.get(position.mention_id)
                if mention and mention.id not in listed and _fits(mention, criteria):
                    listed.add(mention.id)
                    found.append((position, mention))
            if len(found) > limit:
                return Page(
                    mentions=tuple(mention for _, mention in found[:limit]),
                    cursor=encode(found[limit - 1][0], criteria),
                )
            examined += len(batch)
            if examined >= EXAMINED_PER_PAGE:
                return Page(mentions=tuple(mention for _, mention in found), cursor=encode(batch[-1], criteria))
        return Page(mentions=tuple(mention for _, mention in found), cursor=None)

    def _add(self, item: Item) -> bool:
        return tables.put(self._packed(item), _is_new()) is None

    def _replace(self, item: Item, version: int) -> None:
        refusal = tables.put(self._packed(item), _Record.version == version)
        if refusal is not None and not refusal.same:
            raise ConflictError(f"{item.mention_id} is no longer at version {version}")

    def _archived(self, mention: Mention) -> Mention:
        """Move the oldest entries to an item of their own, before the mention goes without them. Whoever does so from
        the same version writes the same, so a crash or a lost race in between leaves nothing wrong behind."""
        oldest, newer = mention.history[:IN_ARCHIVE], mention.history[IN_ARCHIVE:]
        record = self._record(
            mention.id,
            _archive_name(mention.archived),
            expires_at=expiry(oldest[-1].at, self._retention),
            body=bodies.pack({"history": history_documents(oldest)}),
        )
        tables.put(record)
        return replace(mention, history=newer, archived=mention.archived + IN_ARCHIVE)

    def _packed(self, item: Item) -> _Record:
        return self._record(body=bodies.pack(item.body), **{name: getattr(item, name) for name in _PLAIN})

    def _get(self, mention_id: str, item: str) -> _Record | None:
        with tables.reaching():
            try:
                return self._record.get(mention_id, item, consistent_read=True)
            except self._record.DoesNotExist:
                return None

    def _fetch(self, keys: Sequence[tuple[str, str]]) -> list[_Record]:
        """The items of these keys as last written, in the keys' order; gone ones are left out."""
        keys = list(dict.fromkeys(keys))
        found: dict[tuple[str, str], _Record] = {}
        for start in range(0, len(keys), _BATCH):
            for record in self._fetch_batch(keys[start : start + _BATCH]):
                found[record.mention_id, record.item] = record
        return [found[key] for key in keys if key in found]

    def _fetch_batch(self, keys: Iterable[tuple[str, str]]) -> Iterator[_Record]:
        wanted: Any = [{"mention_id": mention_id, "item": item} for mention_id, item in keys]
        for _ in range(_BATCH_TRIES):
            with tables.reaching():
                answer = tables.connection().batch_get_item(self._table_name, wanted, consistent_read=True)
            for raw in answer[RESPONSES].get(self._table_name, ()):
                yield self._record.from_raw_data(raw)
            wanted = answer.get(UNPROCESSED_KEYS, {}).get(self._table_name, {}).get("Keys")
            if not wanted:
                return
        raise UnavailableError("DynamoDB left keys of a batch unread")

    def _listed(self, assignee: str | None, after: Position | None) -> Iterator[Position]:
        """Shard by shard, those whose check comes next first. Of what is new, `assignee` is not known yet."""
        shards = listed_in(assignee)
        if after:
            shards = shards[shards.index(after.partition) :]
        for shard in shards:
            yield from self._entries(shard, assignee, after if after and after.partition == shard else None)

    def _entries(self, shard: int, assignee: str | None, after: Position | None) -> Iterator[Position]:
        start: dict[str, dict[str, Any]] | None = None
        if after:
            start = {
                "due_shard": {"N": str(shard)},
                "next_check_at": {"N": str(after.sort)},
                "mention_id": {"S": after.mention_id},
                "item": {"S": after.item},
            }
        theirs, size = None, _BATCH
        if assignee is not None:
            theirs, size = (_Record.assignee == assignee) | _Record.assignee.does_not_exist(), _PASSED_OVER
        with tables.reaching():
            for record in self._record.due.query(shard, None, theirs, last_evaluated_key=start, page_size=size):
                yield Position(
                    partition=shard,
                    sort=int(record.next_check_at),
                    mention_id=record.mention_id,
                    item=record.item,
                )


def stored(image: Mapping[str, Mapping[str, str]]) -> Mention | Notice:
    """The mention or notice in a stream record's image, where binary values are base64 text.

    Raises KeyError or ValueError for the image of anything else.
    """
    values: dict[str, Any] = {
        name: int(text) if name in _NUMBERS else text
        for name, value in image.items()
        if name in _PLAIN
        for text in value.values()
    }
    return _read(Item(body=bodies.unpack(base64.b64decode(image["body"]["B"])), **values))


def _read(item: Item) -> Mention | Notice:
    return mention_of(item) if item.item == MENTION else notice_of(item)


def _item(record: _Record) -> Item:
    return Item(body=bodies.unpack(record.body), **{name: getattr(record, name) for name in _PLAIN})


def _fits(mention: Mention, criteria: Criteria) -> bool:
    """The index lags behind, so all criteria are held against the mention itself."""
    return (
        mention.is_open
        and criteria.state in (None, mention.state)
        and criteria.assignee in (None, mention.assignee)
        and criteria.network in (None, mention.post.network)
    )


def _is_new() -> Condition:
    return _Record.mention_id.does_not_exist()


def _archive_name(start: int) -> str:
    return f"history#{start:06}"
