"""Facebook Pages: comments, visitors' posts, mentions of the Page and its ratings.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from answerby.domain.mention import Author, Kind, NoticeKind, Post
from answerby.domain.source import Source
from answerby.networks import meta
from answerby.networks.fields import (
    FieldError,
    account_id,
    label,
    line,
    mapping,
    native_id,
    optional,
    rating,
    required,
    sane,
    text,
    unix_time,
)
from answerby.networks.meta import Change, Dialect, handshake, sign, verify
from answerby.networks.reading import Found, found, notice, reply_window
from answerby.networks.webhook import Delivery

__all__ = ["handshake", "parse", "sign", "verify"]

_OBJECTS = frozenset({"page"})
_POSTS = frozenset({"post", "status", "photo", "video", "share"})
_ITEMS = {
    "feed": _POSTS | {"comment"},
    "mention": _POSTS | {"comment"},
    "ratings": frozenset({"rating", "comment"}),
}
_EDITS = frozenset({"edited", "edit"})  # `edit` in posts by visitors and in ratings
_REMOVALS = frozenset({"remove", "delete"})
_VERBS = {"add"} | _EDITS | _REMOVALS
_RECOMMENDATIONS = {"POSITIVE": 5.0, "NEGATIVE": 1.0}
_SITE = "https://www.facebook.com"


class _Place(NamedTuple):
    """Where a post stands: native ids, and its address."""

    kind: Kind
    id: str
    in_reply_to: str | None
    conversation: str
    url: str


def parse(document: Any, source: Source, now: datetime) -> Delivery:
    return meta.parse(document, source, now, Dialect(_OBJECTS, _ITEMS, _read))


def _read(change: Change) -> Found:
    item, verb = _item(change), change.value.get("verb", "add")
    if item not in _ITEMS[change.field] or not isinstance(verb, str) or verb not in _VERBS:
        return label(change.field, item, verb)
    author = _author(change)
    own = change.is_own(author.id)
    post = _post(change, item, author, own)
    if verb in _REMOVALS:
        return notice(NoticeKind.REMOVAL, post, change.now)
    return found(post, own=own, now=change.now)


def _item(change: Change) -> str:
    item = change.value.get("item")
    if isinstance(item, str):
        return item
    if change.field == "mention" and item is None:
        return "comment" if change.value.get("comment_id") else "post"
    raise FieldError("item: must be text")


def _author(change: Change) -> Author:
    """`from`, or as older versions of the API spell it; a mention has neither."""
    sender = optional(change.value, "from", mapping) or {}
    prefix = "reviewer" if "reviewer_id" in change.value else "sender"
    return Author(
        id=optional(sender, "id", account_id) or optional(change.value, f"{prefix}_id", account_id),
        name=optional(sender, "name", line) or optional(change.value, f"{prefix}_name", line),
    )


def _post(change: Change, item: str, author: Author, own: bool) -> Post:
    value, source, now = change.value, change.source, change.now
    is_rating = item == "rating"
    posted_at = sane(optional(value, "created_time", unix_time), now)
    said = optional(value, "review_text" if is_rating else "message", text) or ""
    place = (
        _rating_place(value, said) if is_rating else _comment_place(change, own) if item == "comment" else _top(value)
    )
    return Post(
        id=f"facebook:{place.id}",
        network="facebook",
        kind=place.kind,
        source=source.id,
        brand_account=change.account or source.brand_account,
        author=author,
        text=said,
        rating=_stars(value) if is_rating else None,
        url=place.url,
        conversation_id=f"facebook:{place.conversation}",
        in_reply_to=f"facebook:{place.in_reply_to}" if place.in_reply_to else None,
        received_at=now,
        posted_at=posted_at,
        edited_at=(change.sent_at or now) if value.get("verb") in _EDITS else None,
        reply_until=None if is_rating else reply_window(posted_at, now, meta.PRIVATE_REPLY_WINDOW),
    )


def _top(value: Mapping[str, Any]) -> _Place:
    post = required(value, "post_id", native_id)
    return _Place(Kind.POST, post, None, post, f"{_SITE}/{post}")


def _rating_place(value: Mapping[str, Any], said: str) -> _Place:
    story = required(value, "open_graph_story_id", native_id)
    return _Place(Kind.REVIEW if said else Kind.RATING, story, None, story, f"{_SITE}/{story}")


def _comment_place(change: Change, own: bool) -> _Place:
    """A comment on a post starts a thread of its own, a reply belongs to the comment it stands under.

    The brand's comment on a visitor's post belongs to that post, which it answers.
    """
    value = change.value
    comment = required(value, "comment_id", native_id)
    post = optional(value, "post_id", native_id)
    parent = optional(value, "parent_id", native_id)
    url = f"{_SITE}/{post or comment}?comment_id={_last(comment)}"
    if parent is not None and post is not None and parent not in (post, _last(post)):
        return _Place(Kind.REPLY, comment, parent, parent, url)
    target = post or parent
    if change.field == "ratings" and target is not None:
        # A review's own events name it by its story, which is the second half of its post id.
        target = optional(value, "open_graph_story_id", native_id) or _last(target)
    return _Place(Kind.COMMENT, comment, target, target if own and target else comment, url)


def _last(native: str) -> str:
    """COMMENT of POST_COMMENT, POST of PAGE_POST."""
    return native.rpartition("_")[2]


def _stars(value: Mapping[str, Any]) -> float | None:
    """Older ratings have stars, newer ones only recommend or not."""
    recommendation = optional(value, "recommendation_type", line)
    stars = optional(value, "rating", rating)
    return _RECOMMENDATIONS.get(recommendation or "") if stars is None else stars
