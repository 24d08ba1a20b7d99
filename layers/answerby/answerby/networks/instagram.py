"""Instagram: comments on the brand's media, and mentions of the brand in others' media and comments.

https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from answerby.domain.mention import Author, Kind, Post
from answerby.domain.source import Source
from answerby.networks import meta
from answerby.networks.fields import account_id, line, mapping, native_id, optional, required, text
from answerby.networks.meta import Change, Dialect, handshake, sign, verify
from answerby.networks.reading import Found, found, reply_window
from answerby.networks.webhook import Delivery

__all__ = ["handshake", "parse", "sign", "verify"]

_OBJECTS = frozenset({"instagram", "page"})  # documents differ on which of them it is
_FIELDS = frozenset({"comments", "live_comments", "mentions"})


class _Words(NamedTuple):
    """What an event tells of a post; ids are native."""

    kind: Kind
    id: str
    target: str | None
    conversation: str
    author: Author
    text: str


def parse(document: Any, source: Source, now: datetime) -> Delivery:
    return meta.parse(document, source, now, Dialect(_OBJECTS, _FIELDS, _read))


def _read(change: Change) -> Found:
    return _mention(change) if change.field == "mentions" else _comment(change)


def _comment(change: Change) -> Found:
    """A comment starts a thread, a reply stands under it; Instagram allows no deeper level.

    The brand's own comment on a medium answers whoever mentioned it there.
    """
    value = change.value
    sender = optional(value, "from", mapping) or {}
    author = Author(id=optional(sender, "id", account_id), handle=optional(sender, "username", line))
    # One account has two ids: Instagram's own, and one of the app that asks.
    own = change.is_own(author.id, author.handle, optional(sender, "self_ig_scoped_id", account_id))
    native = required(value, "id", native_id)
    parent = optional(value, "parent_id", native_id)
    medium = optional(optional(value, "media", mapping) or {}, "id", native_id)
    kind = Kind.REPLY if parent else Kind.COMMENT
    conversation = parent or (medium if own else None) or native
    said = optional(value, "text", text) or ""
    return found(
        _post(change, _Words(kind, native, parent or medium, conversation, author, said)), own=own, now=change.now
    )


def _mention(change: Change) -> Found:
    """Only ids: who wrote what is to be asked of the Graph API."""
    medium = required(change.value, "media_id", native_id)
    comment = optional(change.value, "comment_id", native_id)
    if comment is None:
        return _post(change, _Words(Kind.POST, medium, None, medium, Author(), ""))
    return _post(change, _Words(Kind.COMMENT, comment, medium, comment, Author(), ""))


def _post(change: Change, words: _Words) -> Post:
    posted_at = change.sent_at  # the events have no time of their own
    return Post(
        id=f"instagram:{words.id}",
        network="instagram",
        kind=words.kind,
        source=change.source.id,
        brand_account=change.account or change.source.brand_account,
        author=words.author,
        text=words.text,
        conversation_id=f"instagram:{words.conversation}",
        in_reply_to=f"instagram:{words.target}" if words.target else None,
        received_at=change.now,
        posted_at=posted_at,
        reply_until=reply_window(posted_at, change.now, meta.PRIVATE_REPLY_WINDOW),
    )
