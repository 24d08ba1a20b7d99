"""Small bodies in each network's own format, for the command line, the demo and the tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerby.domain.mention import Author, Kind
from answerby.domain.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a network shall tell `source` at `now`: somebody said `text`.

    `event_id` becomes the post's native id. `kind` is one of those the network has; None: its most usual one.
    `in_reply_to` is a mention's id, with or without its network. `own` makes it the brand's own.
    """

    text: str
    author: Author
    source: Source
    now: datetime
    event_id: str
    kind: Kind | None = None
    in_reply_to: str | None = None
    own: bool = False
    rating: float | None = None

    @property
    def writer(self) -> Author:
        return Author(id=self.source.brand_account, handle="brand", name="The Brand") if self.own else self.author

    @property
    def target(self) -> str | None:
        """The native id of what is replied to."""
        return self.in_reply_to.rpartition(":")[2] if self.in_reply_to else None


def facebook(sample: Sample) -> bytes:
    page, sent, writer = sample.source.brand_account, int(sample.now.timestamp()), sample.writer
    value: dict[str, Any] = {"verb": "add", "created_time": sent}
    if sample.kind in (Kind.REVIEW, Kind.RATING):
        field = "ratings"
        value |= {
            "item": "rating",
            "open_graph_story_id": sample.event_id,
            "reviewer_id": writer.id,
            "reviewer_name": writer.name,
            "rating": 1 if sample.rating is None else sample.rating,
            "review_text": sample.text or None,
        }
    else:
        field = "feed"
        value |= {"from": {"id": writer.id, "name": writer.name}, "message": sample.text, **_facebook_place(sample)}
    change = {"field": field, "value": value}
    return _body({"object": "page", "entry": [{"id": page, "time": sent, "changes": [change]}]})


def instagram(sample: Sample) -> bytes:
    writer = sample.writer
    value: dict[str, Any] = {
        "id": sample.event_id,
        "text": sample.text,
        "from": {"id": writer.id, "username": writer.handle},
        "media": {"id": "17900000000000001", "media_product_type": "FEED"},
    }
    if sample.target:
        value["parent_id"] = sample.target
    entry = {"id": sample.source.brand_account, "time": int(sample.now.timestamp())}
    return _body({"object": "instagram", "entry": [{**entry, "changes": [{"field": "comments", "value": value}]}]})


def x(sample: Sample) -> bytes:
    writer, target = sample.writer, sample.target
    post: dict[str, Any] = {
        "id": sample.event_id,
        "text": sample.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "author_id": writer.id,
        "conversation_id": target or sample.event_id,
        "created_at": sample.now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "edit_history_tweet_ids": [sample.event_id],
    }
    kind = sample.kind or (Kind.REPLY if target else Kind.POST)
    if target:
        post["referenced_tweets"] = [{"type": "quoted" if kind is Kind.QUOTE else "replied_to", "id": target}]
    user = {
        "id": writer.id,
        "username": writer.handle,
        "name": writer.name,
        "public_metrics": {"followers_count": writer.followers or 0},
    }
    data = {
        "event_uuid": sample.event_id,
        "event_type": "post.create" if sample.own else _X_EVENTS.get(kind, "post.mention.create"),
        "filter": {"user_id": sample.source.brand_account},
        "payload": post,
        "includes": {"users": [user]},
    }
    return _body({"data": data})


def standard(sample: Sample) -> bytes:
    writer = sample.writer
    mention = {
        "id": sample.event_id,
        "kind": sample.kind,
        "author": {"id": writer.id, "handle": writer.handle, "name": writer.name, "followers": writer.followers},
        "text": sample.text,
        "rating": sample.rating,
        "in_reply_to": sample.in_reply_to,
        "posted_at": sample.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return _body({name: value for name, value in mention.items() if value is not None})


SAMPLES: Mapping[str, Callable[[Sample], bytes]] = {
    "facebook": facebook,
    "instagram": instagram,
    "x": x,
    "standard": standard,
}

_X_EVENTS = {Kind.REPLY: "post.reply.create", Kind.QUOTE: "post.quote.create"}


def _facebook_place(sample: Sample) -> dict[str, Any]:
    """A post of its own, or a comment: under another one, or directly on the post that is named or assumed."""
    if sample.kind is Kind.POST:
        return {"item": "post", "post_id": sample.event_id}
    assumed = f"{sample.source.brand_account}_1000"
    target = sample.target or assumed
    post = target if sample.kind is Kind.COMMENT else assumed
    return {"item": "comment", "comment_id": sample.event_id, "post_id": post, "parent_id": target}


def _body(document: dict[str, Any]) -> bytes:
    """ASCII with everything else escaped, which is how Meta signs and sends."""
    return json.dumps(document, separators=(",", ":")).encode()
