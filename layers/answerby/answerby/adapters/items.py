"""How mentions and notices lie in the table: what indexes and stream filters need as attributes, the rest as `body`.

Times are epoch milliseconds: whatever is finer is cut off when it is stored. Nulls and defaults are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from answerby.adapters import shards
from answerby.domain.mention import (
    Alert,
    Author,
    Channel,
    Entry,
    Event,
    Kind,
    Mention,
    Notice,
    NoticeKind,
    Plan,
    PlannedRung,
    Post,
    Priority,
    Reason,
    Sentiment,
    State,
)

MENTION = "mention"
HANDLED = "handled"
IN_ITEM, IN_ARCHIVE = 100, 50
"""History entries that a mention's item holds, and how many of them move to an item of their own when it is full."""

THREAD_LIMIT = 2_000
LISTED = (None, State.NEW, State.OPEN)
"""States that a list of mentions can be asked for: closed ones are in no index."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Attributes that are None are absent, and so is the item from the index they are a key of."""

    mention_id: str
    item: str
    state: str
    version: int
    body: dict[str, Any]
    due_shard: int | None = None
    next_check_at: int | None = None
    assignee: str | None = None
    conversation_id: str | None = None
    posted_at: int | None = None
    author_id: str | None = None
    outbox_at: int | None = None
    expires_at: int | None = None
    """Epoch seconds, as DynamoDB's time to live wants them."""


def mention_item(mention: Mention, retention: timedelta) -> Item:
    """An open mention never expires: the retention runs from the last thing that happened to a closed one."""
    return replace(mention_keys(mention, retention), body=_mention_body(mention))


def mention_keys(mention: Mention, retention: timedelta) -> Item:
    """The item without its body: all that indexes and streams know of it.

    A post that begins its conversation is found there by its own key, and needs no entry in the index.
    """
    post, history = mention.post, mention.history
    last = history[-1].at if history else post.received_at
    owner = shards.known_owner(mention)
    return Item(
        mention_id=post.id,
        item=MENTION,
        state=mention.state,
        version=mention.version,
        body={},
        due_shard=None if mention.next_check_at is None else shards.of_mention(mention, owner),
        next_check_at=_ms_or_none(mention.next_check_at),
        assignee=owner,
        conversation_id=None if post.conversation_id == post.id else post.conversation_id,
        posted_at=ms(post.said_at),
        author_id=post.author.id,
        outbox_at=min((ms(alert.decided_at) for alert in mention.outbox if _is_ready(alert, mention)), default=None),
        expires_at=None if mention.is_open else expiry(last, retention),
    )


def _is_ready(alert: Alert, mention: Mention) -> bool:
    """Whether it is to be sent now. A held alert is not before a check has come after its time, and has been moved."""
    return not (alert.not_before and mention.next_check_at and mention.next_check_at <= alert.not_before)


def notice_item(notice: Notice, retention: timedelta) -> Item:
    """Of notices only own replies are found through their conversation. The stream tells of a `new` one, which is one
    that nobody has written again, or that waits to be looked at again."""
    post = notice.post
    reply = notice.kind is NoticeKind.OWN_REPLY
    waiting = notice.next_check_at is not None
    return Item(
        mention_id=post.id,
        item=notice_name(notice),
        state=State.NEW if waiting or notice.version == 1 else HANDLED,
        version=notice.version,
        body=_post_body(post) if reply else {**_post_body(post), "conversation_id": post.conversation_id},
        due_shard=shards.of_notice(post.id) if waiting else None,
        next_check_at=_ms_or_none(notice.next_check_at),
        conversation_id=post.conversation_id if reply else None,
        posted_at=ms(post.said_at) if reply else None,
        author_id=post.author.id,
        expires_at=None if waiting else expiry(post.received_at, retention),
    )


def notice_name(notice: Notice) -> str:
    """The notice's sort key. Two edits are the same one if they say the same at the same time."""
    if notice.kind is not NoticeKind.EDIT:
        return notice.kind
    post = notice.post
    said = f"{_ms_or_none(post.edited_at)}|{post.rating}|{post.url}|{post.text}"
    return "edit#" + hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def mention_of(item: Item) -> Mention:
    body = item.body
    get = body.get
    return Mention(
        post=_post(item),
        next_check_at=_time_or_none(item.next_check_at),
        state=State(item.state),
        version=item.version,
        priority=Priority(body["priority"]) if "priority" in body else None,
        topic=get("topic"),
        tags=tuple(get("tags", ())),
        crisis=get("crisis", False),
        team=get("team"),
        assignee=get("assignee"),
        rule=get("rule"),
        policy=get("policy"),
        plan=_plan(body["plan"]) if "plan" in body else None,
        desk_version=get("desk_version"),
        earlier_posts=_times(get("earlier_posts")),
        answer_by=_time_or_none(get("answer_by")),
        remind_at=_times(get("remind_at")),
        escalate_at=_time_or_none(get("escalate_at")),
        rung=get("rung"),
        round=get("round"),
        acknowledged_by=get("acknowledged_by"),
        acknowledged_until=_time_or_none(get("acknowledged_until")),
        snoozed=get("snoozed", False),
        answered_at=_time_or_none(get("answered_at")),
        answered_by=get("answered_by"),
        answer_url=get("answer_url"),
        resolve_by=_time_or_none(get("resolve_by")),
        resolved_at=_time_or_none(get("resolved_at")),
        breached=get("breached", False),
        joined=get("joined"),
        followed_by=tuple(get("followed_by", ())),
        outbox=tuple(_alert(alert) for alert in get("outbox", ())),
        history=entries_of(get("history", ())),
        archived=get("archived", 0),
    )


def notice_of(item: Item) -> Notice:
    return Notice(
        kind=NoticeKind(item.item.partition("#")[0]),
        post=_post(item),
        next_check_at=_time_or_none(item.next_check_at),
        version=item.version,
    )


def is_notice(name: str) -> bool:
    return name.partition("#")[0] in frozenset(NoticeKind)


def history_documents(history: tuple[Entry, ...]) -> list[list[Any]]:
    """[[at, event, by, note?], …]"""
    return [
        [ms(entry.at), entry.event, entry.by]
        if entry.note is None
        else [ms(entry.at), entry.event, entry.by, entry.note]
        for entry in history
    ]


def entries_of(documents: Any) -> tuple[Entry, ...]:
    return tuple(
        Entry(at=time(at), event=Event(event), by=by, note=note[0] if note else None)
        for at, event, by, *note in documents
    )


def ms(at: datetime) -> int:
    return (at - _EPOCH) // _MS


def time(at: int) -> datetime:
    return _EPOCH + at * _MS


def expiry(at: datetime, retention: timedelta) -> int:
    return ms(at + retention) // 1000


def _ms_or_none(at: datetime | None) -> int | None:
    return None if at is None else ms(at)


def _time_or_none(at: int | None) -> datetime | None:
    return None if at is None else time(at)


def _times(at: list[int] | None) -> tuple[datetime, ...]:
    return tuple(map(time, at or ()))


def _mention_body(mention: Mention) -> dict[str, Any]:
    return _without_defaults(
        {
            **_post_body(mention.post),
            "priority": mention.priority,
            "topic": mention.topic,
            "tags": list(mention.tags) or None,
            "crisis": mention.crisis or None,
            "team": mention.team,
            "assignee": mention.assignee,
            "rule": mention.rule,
            "policy": mention.policy,
            "plan": mention.plan and _plan_document(mention.plan),
            "desk_version": mention.desk_version,
            "earlier_posts": [ms(at) for at in mention.earlier_posts] or None,
            "answer_by": _ms_or_none(mention.answer_by),
            "remind_at": [ms(at) for at in mention.remind_at] or None,
            "escalate_at": _ms_or_none(mention.escalate_at),
            "rung": mention.rung,
            "round": mention.round,
            "acknowledged_by": mention.acknowledged_by,
            "acknowledged_until": _ms_or_none(mention.acknowledged_until),
            "snoozed": mention.snoozed or None,
            "answered_at": _ms_or_none(mention.answered_at),
            "answered_by": mention.answered_by,
            "answer_url": mention.answer_url,
            "resolve_by": _ms_or_none(mention.resolve_by),
            "resolved_at": _ms_or_none(mention.resolved_at),
            "breached": mention.breached or None,
            "joined": mention.joined,
            "followed_by": list(mention.followed_by) or None,
            "outbox": [_alert_document(alert) for alert in mention.outbox] or None,
            "archived": mention.archived or None,
            "history": history_documents(mention.history) or None,
        }
    )


def _post_body(post: Post) -> dict[str, Any]:
    author = post.author
    return _without_defaults(
        {
            "network": post.network,
            "kind": post.kind,
            "source": post.source,
            "brand_account": post.brand_account,
            "author": _without_defaults(
                {
                    "handle": author.handle,
                    "name": author.name,
                    "followers": author.followers,
                    "url": author.url,
                }
            ),
            "text": post.text,
            "language": post.language,
            "rating": post.rating,
            "url": post.url,
            "in_reply_to": post.in_reply_to,
            "received_at": ms(post.received_at),
            "posted_at": _ms_or_none(post.posted_at),
            "edited_at": _ms_or_none(post.edited_at),
            "reply_until": _ms_or_none(post.reply_until),
            "sentiment": post.sentiment,
        }
    )


def _post(item: Item) -> Post:
    body = item.body
    get = body.get
    return Post(
        id=item.mention_id,
        network=body["network"],
        kind=Kind(body["kind"]),
        source=body["source"],
        brand_account=body["brand_account"],
        author=Author(id=item.author_id, **body["author"]),
        text=body["text"],
        conversation_id=item.conversation_id or get("conversation_id", item.mention_id),
        received_at=time(body["received_at"]),
        language=get("language"),
        rating=get("rating"),
        url=get("url"),
        in_reply_to=get("in_reply_to"),
        posted_at=_time_or_none(get("posted_at")),
        edited_at=_time_or_none(get("edited_at")),
        reply_until=_time_or_none(get("reply_until")),
        sentiment=Sentiment(body["sentiment"]) if "sentiment" in body else None,
    )


def _plan_document(plan: Plan) -> dict[str, Any]:
    """Rungs as [[who, wait, instead, rounds, channels], …]; durations in milliseconds."""
    return _without_defaults(
        {
            "rungs": [_rung_document(rung) for rung in plan.rungs],
            "repeat_every": plan.repeat_every // _MS,
            "ack_for": None if plan.ack_for is None else plan.ack_for // _MS,
            "digest": plan.digest or None,
        }
    )


def _plan(document: Mapping[str, Any]) -> Plan:
    ack_for = document.get("ack_for")
    return Plan(
        rungs=tuple(_rung(*rung) for rung in document["rungs"]),
        repeat_every=document["repeat_every"] * _MS,
        ack_for=None if ack_for is None else ack_for * _MS,
        digest=document.get("digest", False),
    )


def _rung_document(rung: PlannedRung) -> list[Any]:
    """Without the last values if they are the defaults: most rungs have nothing but people and a wait."""
    document: list[Any] = [list(rung.who), rung.wait // _MS, list(rung.instead), rung.rounds, list(rung.channels)]
    while len(document) > 2 and document[-1] in ([], 1):  # noqa: PLR2004
        document.pop()
    return document


def _rung(
    who: list[str], wait: int, instead: Sequence[str] = (), rounds: int = 1, channels: Sequence[str] = ()
) -> PlannedRung:
    return PlannedRung(
        who=tuple(who),
        wait=wait * _MS,
        instead=tuple(instead),
        rounds=rounds,
        channels=tuple(map(Channel, channels)),
    )


def _alert_document(alert: Alert) -> dict[str, Any]:
    document = {
        "id": alert.id,
        "person": alert.person,
        "reason": alert.reason,
        "rung": alert.rung,
        "round": alert.round,
        "decided_at": ms(alert.decided_at),
        "channels": None if alert.channels == tuple(Channel) else list(alert.channels),
        "not_before": _ms_or_none(alert.not_before),
    }
    return _without_defaults(document)


def _alert(document: Mapping[str, Any]) -> Alert:
    return Alert(
        id=document["id"],
        person=document["person"],
        reason=Reason(document["reason"]),
        rung=document["rung"],
        round=document["round"],
        decided_at=time(document["decided_at"]),
        channels=tuple(map(Channel, document.get("channels", Channel))),
        not_before=_time_or_none(document.get("not_before")),
    )


def _without_defaults(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
