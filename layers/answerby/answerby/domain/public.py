"""A mention as everyone outside sees it: the one shape of API, command line and events. Absent values are null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from answerby.domain.mention import Entry, Mention


def public_mention(mention: Mention) -> dict[str, Any]:
    post, author = mention.post, mention.post.author
    return {
        "id": post.id,
        "network": post.network,
        "kind": str(post.kind),
        "source": post.source,
        "brand_account": post.brand_account,
        "author": {
            "id": author.id,
            "handle": author.handle,
            "name": author.name,
            "followers": author.followers,
            "url": author.url,
        },
        "text": post.text,
        "language": post.language,
        "rating": post.rating,
        "url": post.url,
        "conversation_id": post.conversation_id,
        "in_reply_to": post.in_reply_to,
        "posted_at": time(post.posted_at),
        "received_at": time(post.received_at),
        "edited_at": time(post.edited_at),
        "state": str(mention.state),
        "priority": str(mention.priority) if mention.priority else None,
        "topic": mention.topic,
        "tags": list(mention.tags),
        "crisis": mention.crisis,
        "team": mention.team,
        "assignee": mention.assignee,
        "rule": mention.rule,
        "policy": mention.policy,
        "answer_by": time(mention.answer_by),
        "remind_at": [time(at) for at in mention.remind_at],
        "resolve_by": time(mention.resolve_by),
        "next_check_at": time(mention.next_check_at),
        "acknowledged_by": mention.acknowledged_by,
        "acknowledged_until": time(mention.acknowledged_until),
        "snoozed": mention.snoozed,
        "rung": mention.rung,
        "round": mention.round,
        "answered_at": time(mention.answered_at),
        "answered_by": mention.answered_by,
        "answer_url": mention.answer_url,
        "resolved_at": time(mention.resolved_at),
        "breached": mention.breached,
        "version": mention.version,
    }


def public_entry(entry: Entry) -> dict[str, Any]:
    return {"at": time(entry.at), "event": str(entry.event), "by": entry.by, "note": entry.note}


def time(at: datetime | None) -> str | None:
    """UTC ISO 8601 with `Z`, to the millisecond where there are any."""
    if at is None:
        return None
    precision = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"
