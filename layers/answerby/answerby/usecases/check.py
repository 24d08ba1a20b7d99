"""Look at a mention, decide, and write the decision. Routing is the first check; every timer asks for another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from answerby.domain.clock import planned_check
from answerby.domain.decide import decide, followed_up, is_due
from answerby.domain.desk import Desk
from answerby.domain.mention import Mention, Notice, Priority, State
from answerby.domain.transitions import released
from answerby.ports import ConflictError, Desks, Mentions, Reader, Timers, UnavailableError
from answerby.usecases.read import read
from answerby.usecases.update import UnknownMentionError, update

A_MINUTE_MATTERS_WITHIN = timedelta(minutes=10)


def check(
    mention_id: str,
    mentions: Mentions,
    desks: Desks,
    timers: Timers,
    now: datetime,
    seen: Mention | None = None,
    reader: Reader | None = None,
) -> None:
    """Bring a mention up to date; nothing happens if nothing is due. Raises what `update` raises."""

    def decided(mention: Mention) -> Mention:
        if not is_due(mention, now):
            return mention
        desk, owner_left = _desk_for(mention, desks)
        # First, because the first reading of a process may take seconds, and the thread should be new.
        whole = read(mention, desk, mentions, reader) if mention.state is State.NEW else mention
        thread = _thread_of(mention, mentions)
        return _decide_and_join(mention, whole, thread, desk, mentions, timers, now, owner_left=owner_left)

    before, after = update(mention_id, mentions, decided, seen)
    set_timer(before, after, timers, now)
    if before.is_open and not after.is_open:
        release_followers(after, mentions, now)


def set_timer(before: Mention, after: Mention, timers: Timers, now: datetime) -> None:
    """Ask for the next planned check, if a minute matters to it and it was not asked for before."""
    at = _timer_at(after, now)
    if at and at != _timer_at(before, now):
        timers.set(after.id, at, now)


def is_pressing(mention: Mention, at: datetime, now: datetime) -> bool:
    """Whether a check should come to the second. All others are left to the sweep, which comes each minute: most posts
    are answered before their next check, and a timer that finds nothing to do costs as much as one that does."""
    return mention.priority is Priority.URGENT or at - now < A_MINUTE_MATTERS_WITHIN


def _timer_at(mention: Mention, now: datetime) -> datetime | None:
    # Routing asks by itself, and nobody waits for the look after a post that has joined a chain.
    at = None if mention.state is State.NEW or mention.joined else planned_check(mention)
    return at if at and is_pressing(mention, at, now) else None


def _desk_for(mention: Mention, desks: Desks) -> tuple[Desk, bool]:
    """The desk, and whether the mention's owner has left it. Of that no copy can tell: by the copy of an earlier desk
    those would have left whom a later one has put on the mention's plan, or in charge of it."""
    desk = desks.current()
    owner = mention.assignee
    if desk.version >= (mention.desk_version or 0) and (owner is None or owner in desk.people):
        return desk, False
    # A desk of some minutes ago calls somebody; none calls nobody.
    with suppress(UnavailableError):
        desk = desks.current(fresh=True)
        return desk, owner is not None and owner not in desk.people
    return desk, False


def _thread_of(mention: Mention, mentions: Mentions) -> Sequence[Mention | Notice]:
    """What its author and the brand said in its conversation.

    A network that names no conversation files a reply under what it answers, where it stays if nobody heard of it:
    whoever calls for a post looks there, too.
    """
    post = mention.post
    thread = mentions.thread(post.conversation_id, post.author.id, besides=mention.id)
    if mention.state is State.NEW or post.conversation_id == post.id:
        return thread
    return [*thread, *mentions.thread(post.id, None)]


def head_of(mention: Mention, mentions: Mentions) -> Mention:
    """The mention that calls people for this one: the head of its chain, which may have joined another; itself if it
    is part of none, or of one that has closed."""
    while mention.is_open and mention.joined and (head := mentions.get(mention.joined)) and head.is_open:
        mention = head
    return mention


def release_followers(closed: Mention, mentions: Mentions, now: datetime) -> None:
    """Let the posts that had joined a chain stand on their own again, after it closed without answering them."""
    for follower in closed.followed_by:
        with suppress(UnknownMentionError):
            update(follower, mentions, lambda mention: released(mention, closed.id, now))


def _decide_and_join(
    stored: Mention,
    mention: Mention,
    thread: Sequence[Mention | Notice],
    desk: Desk,
    mentions: Mentions,
    timers: Timers,
    now: datetime,
    *,
    owner_left: bool,
) -> Mention:
    """Decide; if the mention joins a chain, tell the chain's head first: a crash in between leaves this mention to be
    decided again, and the head knows it already.

    The thread may be some seconds old, so a head that has closed or joined another chain since is not joined.
    """
    while True:
        decided = decide(mention, desk, now, thread, owner_left=owner_left)
        if decided.joined is None or decided.joined == mention.joined:
            return decided
        if mentions.get(stored.id) != stored:
            raise ConflictError(f"{mention.id} is no longer what was seen")
        try:
            before, head = update(decided.joined, mentions, partial(followed_up, mention=decided, desk=desk, now=now))
        except UnknownMentionError:
            thread = [other for other in thread if isinstance(other, Notice) or other.id != decided.joined]
            continue
        if head.state is State.OPEN and head.joined is None:
            set_timer(before, head, timers, now)
            return decided
        thread = [head if isinstance(other, Mention) and other.id == head.id else other for other in thread]
