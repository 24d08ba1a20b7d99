"""Who belongs together in a conversation: chains of one author's posts, and the replies that answer them."""

from __future__ import annotations

from collections.abc import Sequence

from answerby.domain.mention import Mention, Notice, NoticeKind, State

Thread = Sequence[Mention | Notice]


def by_same_author(mention: Mention, thread: Thread) -> list[Mention]:
    """The author's other mentions of the conversation, oldest first. Unknown authors are never taken for one."""
    author = mention.post.author.id
    return sorted(
        (
            other
            for other in thread
            if isinstance(other, Mention) and other.id != mention.id and author and other.post.author.id == author
        ),
        key=_age,
    )


def chain_head(mention: Mention, thread: Thread) -> Mention | None:
    """The open chain of the same author that is older than this mention's own, if there is one."""
    for other in by_same_author(mention, thread):
        runs = other.state is State.OPEN and other.joined is None and not (other.plan and other.plan.digest)
        if runs and _age(other) < _age(mention):
            return other
    return None


def answered_before(mention: Mention, thread: Thread) -> bool:
    """Whether an earlier post of the same author was answered before this one was written."""
    return any(
        other.answered_at is not None and other.answered_at <= mention.post.said_at
        for other in by_same_author(mention, thread)
    )


def answer_in(thread: Thread, mention: Mention) -> Notice | None:
    """The brand's first reply that answers this mention: said after it, to its author or to nobody in particular."""
    addressees = {None, *(other.id for other in by_same_author(mention, thread))}
    replies = [
        notice
        for notice in thread
        if isinstance(notice, Notice)
        and notice.kind is NoticeKind.OWN_REPLY
        and (
            notice.post.in_reply_to == mention.id
            or (notice.post.said_at > mention.post.said_at and notice.post.in_reply_to in addressees)
        )
    ]
    return min(replies, key=lambda notice: notice.post.said_at, default=None)


def _age(mention: Mention) -> tuple[object, str]:
    return mention.post.said_at, mention.id
