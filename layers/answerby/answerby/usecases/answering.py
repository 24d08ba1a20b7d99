"""What people do about a mention. Each use case returns the mention as stored afterwards.

All raise UnknownMentionError, StateConflictError (someone was faster; it carries the current mention) and
ConflictError (the mention kept changing: try again).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from answerby.domain import transitions
from answerby.domain.conversation import by_same_author
from answerby.domain.mention import Event, Mention, State
from answerby.ports import ConflictError, Desks, Mentions, Timers
from answerby.usecases.check import check, head_of, release_followers, set_timer
from answerby.usecases.update import UnknownMentionError, update

Change = Callable[[Mention], Mention]


class UnknownPersonError(ValueError):
    """The desk has no such person; the message names those it has."""


def acknowledge(
    mention_id: str, by: str, mentions: Mentions, desks: Desks, timers: Timers, now: datetime, wanted: timedelta | None
) -> Mention:
    """Pause the calling, for a bounded time. `wanted` is how long, None the policy's default."""
    return _of_chain(
        mention_id, lambda mention: transitions.acknowledge(mention, by, now, wanted), mentions, desks, timers, now
    )


def snooze(
    mention_id: str, by: str, until: datetime, mentions: Mentions, desks: Desks, timers: Timers, now: datetime
) -> Mention:
    """Pause the calling, reminders too, until a time of choice. Raises SnoozeError for one that is too late."""
    return _of_chain(
        mention_id, lambda mention: transitions.snooze(mention, by, until, now), mentions, desks, timers, now
    )


def assign(
    mention_id: str, to: str, by: str, mentions: Mentions, desks: Desks, timers: Timers, now: datetime
) -> Mention:
    """Hand it to a person of the desk, who is called at once. Raises UnknownPersonError."""
    desk = desks.current()
    if to not in desk.people:
        raise UnknownPersonError(f"nobody on the desk has this id; it has {', '.join(sorted(desk.people))}")
    return _of_chain(
        mention_id, lambda mention: transitions.assign(mention, to, by, now, desk), mentions, desks, timers, now
    )


def answer(mention_id: str, by: str, url: str | None, mentions: Mentions, now: datetime) -> Mention:
    """Answered, by a person, here or elsewhere. An answer is to all its author has said in the conversation by then.

    The same person reporting the same answer again, as after a time-out, changes nothing and is no conflict.
    """

    def answered(mention: Mention) -> Mention:
        if mention.state is State.ANSWERED and mention.answered_by == by:
            return mention
        return transitions.answer(mention, by, now, url)

    _, after = update(mention_id, mentions, answered)
    said = mentions.thread(after.post.conversation_id, after.post.author.id, besides=after.id)
    answered_too = [
        update(other.id, mentions, lambda open_: answered(open_) if open_.is_open else open_)[1]
        for other in by_same_author(after, said)
        if other.is_open and other.post.said_at <= (after.answered_at or now)
    ]
    # The head of its chain may be among them, and lead posts that were written after the answer.
    for closed in (after, *answered_too):
        release_followers(closed, mentions, now)
    return after


def resolve(mention_id: str, by: str, mentions: Mentions, now: datetime) -> Mention:
    """Say that the matter of an answered mention is at its end; of a chain, that of its head.

    The same person saying it again changes nothing and is no conflict.
    """

    def resolved(mention: Mention) -> Mention:
        return mention if _has_said(mention, Event.RESOLVED, by) else transitions.resolve(mention, by, now)

    while (mention := mentions.get(mention_id)) and mention.joined:
        mention_id = mention.joined
    return update(mention_id, mentions, resolved)[1]


def dismiss(
    mention_id: str, by: str, reason: transitions.Dismissal, note: str | None, mentions: Mentions, now: datetime
) -> Mention:
    """Close it without an answer. Posts that had joined its chain start one of their own."""

    def dismissed(mention: Mention) -> Mention:
        said = mention.state is State.DISMISSED and _has_said(mention, Event.DISMISSED, by)
        return mention if said else transitions.dismiss(mention, by, reason, now, note)

    _, after = update(mention_id, mentions, dismissed)
    release_followers(after, mentions, now)
    return after


def _has_said(mention: Mention, event: Event, by: str) -> bool:
    """Other things may have been noted since, as that an alert has failed that was on its way."""
    return any(entry.event is event and entry.by == by for entry in mention.history)


def _of_chain(
    mention_id: str, change: Change, mentions: Mentions, desks: Desks, timers: Timers, now: datetime
) -> Mention:
    """Apply a change to the head of the mention's chain, which alone calls people; a new mention is routed first.

    Without a reader: a person waits, and has taken it on whatever its mood.
    """
    mention = mentions.get(mention_id)
    if mention and mention.state is State.NEW:
        check(mention_id, mentions, desks, timers, now, mention)
        mention = mentions.get(mention_id)
    if mention is None:
        raise UnknownMentionError(f"there is no mention {mention_id}")

    def changed(newest: Mention) -> Mention:
        if newest.state is State.NEW:
            raise ConflictError(f"{newest.id} is to be routed anew")
        return change(newest)

    head = head_of(mention, mentions)
    before, after = update(head.id, mentions, changed, head)
    set_timer(before, after, timers, now)
    return after
