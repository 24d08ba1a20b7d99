"""What an event turned out to be: a post to answer, news of a conversation, or nothing anybody answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from answerby.domain.mention import ROUTE_WITHIN, Notice, NoticeKind, Post
from answerby.domain.source import Source

Found = Post | Notice | str
"""A text is the kind of an ignored event."""

OWN_POST = "own_post"


def found(post: Post, *, own: bool, now: datetime) -> Found:
    """The brand's own reply closes, its own post is nobody's to answer; anyone else's is a mention or its edit."""
    if own:
        return notice(NoticeKind.OWN_REPLY, post, now) if post.in_reply_to else OWN_POST
    return notice(NoticeKind.EDIT, post, now) if post.edited_at else post


def notice(kind: NoticeKind, post: Post, now: datetime) -> Notice:
    """The brand's own reply needs no check of its own: the checks of the post that it answers find it."""
    return Notice(kind=kind, post=post, next_check_at=None if kind is NoticeKind.OWN_REPLY else now + ROUTE_WITHIN)


def is_brand(source: Source, *ids: str | None) -> bool:
    """Whether one of the ids or handles is the brand's. Handles are spelled in any case, with or without an @."""
    brand = {_bare(name) for name in (source.brand_account, *source.aliases)}
    return any(_bare(name) in brand for name in ids if name)


def reply_window(posted_at: datetime | None, now: datetime, window: timedelta) -> datetime:
    """When a network's reply window closes that opens as the post is written."""
    return min(posted_at or now, now) + window


def one_of_each(posts: Iterable[Post]) -> list[Post]:
    """One post an id: a batch may bring it by two subscriptions, of which one leaves out author and text."""
    best: dict[str, Post] = {}
    for post in posts:
        known = best.get(post.id)
        if known is None or _told(post) > _told(known):
            best[post.id] = post
    return list(best.values())


def _told(post: Post) -> tuple[bool, int]:
    return post.author.id is not None, len(post.text)


def _bare(name: str) -> str:
    return name.removeprefix("@").casefold()
