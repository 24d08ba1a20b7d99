"""Who wrote before: an item per author, with the latest of their posts, kept only where a rule asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from answerby.adapters import bodies, tables
from answerby.adapters.items import expiry, ms, time
from answerby.domain.mention import EARLIER_POSTS_KEPT, Post
from answerby.ports import ConflictError

if TYPE_CHECKING:
    from answerby.adapters.dynamodb import _Record as Record

AUTHOR = "author"
TRIES = 5

Written = tuple[int, str]
"""When, in epoch milliseconds, and the post's id."""


def author_key(post: Post) -> str | None:
    """None for an unknown author, who is never taken for one that wrote before."""
    return f"{AUTHOR}:{post.network}:{post.author.id}" if post.author.id else None


def recorded(known: Iterable[Written], post: Post) -> list[Written]:
    """The latest posts with this one among them, newest first. Once recorded, it changes nothing."""
    return sorted({*known, _written(post)}, reverse=True)[: EARLIER_POSTS_KEPT + 1]


def before(known: Sequence[Written], post: Post) -> tuple[datetime, ...]:
    """When those of them were written that came before this one, newest first."""
    earlier = [at for at, id_ in known if (at, id_) < _written(post)]
    return tuple(time(at) for at in earlier[:EARLIER_POSTS_KEPT])


def earlier_posts(stored: type[Record], post: Post, retention: timedelta) -> tuple[datetime, ...]:
    """As ports.Mentions has it: one read, and one write unless the post is recorded already."""
    key = author_key(post)
    if key is None:
        return ()
    for _ in range(TRIES):
        record = _get(stored, key)
        known = [(int(at), id_) for at, id_ in bodies.unpack(record.body)["posts"]] if record else []
        posts = recorded(known, post)
        if posts == known or _put(stored, key, posts, record, retention):
            return before(posts, post)
    raise ConflictError(f"others kept recording posts of the author of {post.id}")


def _get(stored: type[Record], key: str) -> Record | None:
    with tables.reaching():
        try:
            return stored.get(key, AUTHOR, consistent_read=True)
        except stored.DoesNotExist:
            return None


def _put(stored: type[Record], key: str, posts: list[Written], read: Record | None, retention: timedelta) -> bool:
    """Whether it was written: not if another post of the author was since `read`."""
    record = stored(
        key,
        AUTHOR,
        version=int(read.version or 0) + 1 if read else 1,
        expires_at=expiry(time(posts[0][0]), retention),
        body=bodies.pack({"posts": posts}),
    )
    unchanged = stored.version == read.version if read else stored.mention_id.does_not_exist()
    refusal = tables.put(record, unchanged)
    return refusal is None or refusal.same


def _written(post: Post) -> Written:
    return ms(post.said_at), post.id
