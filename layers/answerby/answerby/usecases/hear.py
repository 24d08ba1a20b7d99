"""Act on a notice: the brand's own reply, an author's edit, a removal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from answerby.domain.conversation import answer_in
from answerby.domain.decide import reconsidered
from answerby.domain.mention import Mention, Notice, NoticeKind, Post
from answerby.domain.transitions import answer_natively, edited, removed
from answerby.ports import Desks, Mentions, Timers
from answerby.usecases.check import release_followers, set_timer
from answerby.usecases.receive import accepted
from answerby.usecases.update import update


def hear(mention_id: str, item: str, mentions: Mentions, desks: Desks, timers: Timers, now: datetime) -> None:
    """Act on a stored notice once. Every step may be repeated, so a crash before the last write only repeats them."""
    notice = mentions.get_notice(mention_id, item)
    if notice is None or notice.next_check_at is None:
        return
    post = notice.post
    match notice.kind:
        case NoticeKind.OWN_REPLY:
            post = _own_reply(notice, mentions, now)
        case NoticeKind.EDIT:
            _edit(post, mentions, desks, timers, now)
        case NoticeKind.REMOVAL:
            _removal(post, mentions, now)
    mentions.save_notice(replace(notice, post=post, next_check_at=None))


def _own_reply(notice: Notice, mentions: Mentions, now: datetime) -> Post:
    """Close what the reply answers (P6). The reply stays in its conversation, so that a post delivered after its answer
    is not called out; so it moves to the conversation of the post it answers, should the networks' routes differ."""
    target = mentions.get(notice.post.in_reply_to) if notice.post.in_reply_to else None
    post = replace(notice.post, conversation_id=target.post.conversation_id) if target else notice.post
    reply = replace(notice, post=post)
    # The index may not know the target yet.
    known = {other.id: other for other in mentions.thread(post.conversation_id) if isinstance(other, Mention)}
    if target:
        known[target.id] = target
    thread: list[Mention | Notice] = [*known.values(), reply]
    for mention in known.values():
        if mention.is_open and answer_in(thread, mention):
            update(mention.id, mentions, lambda newest: _answered(newest, reply, now))
    return post


def _answered(mention: Mention, reply: Notice, now: datetime) -> Mention:
    return answer_natively(mention, reply, now) if mention.is_open else mention


def _edit(post: Post, mentions: Mentions, desks: Desks, timers: Timers, now: datetime) -> None:
    """The author's newer words. An edit heard before its post, or instead of it, is the post."""
    if mentions.get(post.id) is None and mentions.add(accepted(post)):
        return
    desk = desks.current()
    before, after = update(
        post.id, mentions, lambda mention: reconsidered(mention, edited(mention, post, now), desk, now)
    )
    set_timer(before, after, timers, now)


def _removal(post: Post, mentions: Mentions, now: datetime) -> None:
    """A removal heard before its post leaves a tombstone in its place, so that the late post is a duplicate."""
    if mentions.get(post.id) is None and mentions.add(removed(accepted(post), now)):
        return
    _, after = update(post.id, mentions, lambda mention: removed(mention, now))
    release_followers(after, mentions, now)
