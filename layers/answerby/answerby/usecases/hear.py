"""Act on a notice: the brand's own reply, an author's edit, a removal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from answerby.domain.conversation import answer_in
from answerby.domain.decide import raised_by, reconsidered
from answerby.domain.mention import ROUTE_WITHIN, Event, Mention, Notice, NoticeKind, Post
from answerby.domain.transitions import answer_natively, edited, removed
from answerby.ports import ConflictError, Desks, Mentions, Reader, Timers
from answerby.usecases.check import head_of, release_followers, set_timer
from answerby.usecases.read import read
from answerby.usecases.receive import accepted
from answerby.usecases.update import update

TARGET_WITHIN = timedelta(days=1)
"""Networks deliver a post again for about a day and a half after a failure, mostly within minutes."""


def hear(
    mention_id: str,
    item: str,
    mentions: Mentions,
    desks: Desks,
    timers: Timers,
    now: datetime,
    seen: Notice | None = None,
    reader: Reader | None = None,
) -> None:
    """Act on a stored notice. Every step may be repeated, by a crash before the last write or by the stream."""
    notice = seen or mentions.get_notice(mention_id, item)
    if notice is None or not _is_due(notice, now):
        return
    heard = replace(notice, next_check_at=None)
    match notice.kind:
        case NoticeKind.OWN_REPLY:
            heard = _own_reply(heard, mentions, now)
        case NoticeKind.EDIT:
            _edit(notice.post, mentions, desks, timers, now, reader)
        case NoticeKind.REMOVAL:
            _removal(notice.post, mentions, now)
    if heard != notice:
        # Whoever has written it meanwhile had acted on it before.
        with suppress(ConflictError):
            mentions.save_notice(heard)


def _is_due(notice: Notice, now: datetime) -> bool:
    """One that was written again waits for its check, if it still has one."""
    return notice.version == 1 or (notice.next_check_at is not None and notice.next_check_at <= now)


def _own_reply(notice: Notice, mentions: Mentions, now: datetime) -> Notice:
    """Close what the reply answers (P6). It stays in its conversation, so that a post delivered after its answer is not
    called out; and it moves to the conversation of the post it answers, should the networks' routes differ."""
    known = _others(notice, mentions)
    target_id = notice.post.in_reply_to
    target = known.get(target_id) if target_id else None
    if target_id and target is None and (target := mentions.get(target_id)):
        # The index does not know it yet, or it is in another conversation.
        moved = replace(notice, post=replace(notice.post, conversation_id=target.post.conversation_id))
        known = known if moved == notice else _others(moved, mentions)
        notice, known = moved, {**known, target_id: target}
    reply = notice if target or not target_id else _looking_again(notice, now)
    thread: list[Mention | Notice] = [*known.values(), reply]
    answered = [mention for mention in known.values() if mention.is_open and answer_in(thread, mention)]
    closed = [update(each.id, mentions, lambda newest: _answered(newest, reply, now), each)[1] for each in answered]
    # An earlier try may have died before it released those whom the reply came too early for.
    earlier = [mention for mention in known.values() if mention.followed_by and _was_closed_by(reply, mention)]
    for head in (*closed, *earlier):
        release_followers(head, mentions, now)
    return reply


def _was_closed_by(reply: Notice, mention: Mention) -> bool:
    return any(entry.event is Event.ANSWERED and entry.note == reply.post.id for entry in mention.history)


def _others(notice: Notice, mentions: Mentions) -> dict[str, Mention]:
    """The mentions of its conversation, by id."""
    said = mentions.conversation(notice.post.conversation_id, besides=notice.post.id)
    return {other.id: other for other in said if isinstance(other, Mention)}


def _looking_again(notice: Notice, now: datetime) -> Notice:
    """What it answers may be delivered yet, and in another conversation than the reply knows of: it is looked for
    again, after a time that doubles, for a day."""
    age = max(now - notice.post.received_at, ROUTE_WITHIN)
    return replace(notice, next_check_at=now + age if age < TARGET_WITHIN else None)


def _answered(mention: Mention, reply: Notice, now: datetime) -> Mention:
    return answer_natively(mention, reply, now) if mention.is_open else mention


def _edit(post: Post, mentions: Mentions, desks: Desks, timers: Timers, now: datetime, reader: Reader | None) -> None:
    """The author's newer words. An edit heard before its post, or instead of it, is the post."""
    known = mentions.get(post.id)
    if known is None and mentions.add(accepted(post)):
        return
    desk, said = desks.current(), known.post if known else post
    thread = mentions.thread(said.conversation_id, said.author.id, besides=post.id)

    def changed(mention: Mention) -> Mention:
        newer = edited(mention, post, now)
        if newer is not mention and newer.is_open:
            newer = read(newer, desk, mentions, reader)
        return reconsidered(mention, newer, desk, now, thread)

    before, after = update(post.id, mentions, changed)
    set_timer(before, after, timers, now)
    if after.joined:
        head_id = head_of(after, mentions).id
        before, head = update(head_id, mentions, lambda head: raised_by(head, after, desk, now, thread))
        set_timer(before, head, timers, now)


def _removal(post: Post, mentions: Mentions, now: datetime) -> None:
    """A removal heard before its post leaves a tombstone in its place, so that the late post is a duplicate."""
    if mentions.get(post.id) is None and mentions.add(removed(accepted(post), now)):
        return
    _, after = update(post.id, mentions, lambda mention: removed(mention, now))
    release_followers(after, mentions, now)
