"""Bring open posts over to a desk that was just published. Each by itself, so that what breaks off is completed by
doing it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from answerby.domain.adopting import adopted, adopted_behind, chosen, is_older
from answerby.domain.decide import raised_by
from answerby.domain.desk import Desk
from answerby.domain.drill import is_drill
from answerby.domain.leaving import handed_over
from answerby.domain.mention import Mention
from answerby.ports import Mentions, Reader, Timers
from answerby.usecases.check import head_of, set_timer
from answerby.usecases.read import read_text
from answerby.usecases.update import update

_PAGE = 100


def open_posts(mentions: Mentions, assignee: str | None = None) -> Iterator[Mention]:
    """All of them, or one person's; test alerts are none. They may change while listed."""
    cursor: str | None = None
    while True:
        page = mentions.inbox(state=None, assignee=assignee, network=None, cursor=cursor, limit=_PAGE)
        yield from (mention for mention in page.mentions if not is_drill(mention))
        cursor = page.cursor
        if cursor is None:
            return


def hand_over(
    mention_id: str, left: str, to: str, desk: Desk, by: str, mentions: Mentions, timers: Timers, now: datetime
) -> bool:
    """Give a post of somebody who left to somebody else; False if it is theirs no more. Raises what `update` raises."""
    before, after = update(mention_id, mentions, lambda mention: handed_over(mention, left, to, desk, by, now))
    set_timer(before, after, timers, now)
    return after is not before


def adopt(
    mention_id: str, desk: Desk, by: str, mentions: Mentions, timers: Timers, reader: Reader, now: datetime
) -> bool:
    """Route an open post anew by `desk`; False if there is nothing to do, as for one that was closed meanwhile.

    The head of its chain is adopted first: what it is joined to decides who owns it.
    """
    mention = mentions.get(mention_id)
    if mention is None or not mention.is_open or not is_older(mention, desk):
        return False
    thread = mentions.thread(mention.post.conversation_id, mention.post.author.id, besides=mention.id)
    head = mentions.get(mention.joined) if mention.joined else None
    if head and head.is_open:
        adopt(head.id, desk, by, mentions, timers, reader, now)
        follower = read_text(mention, desk, reader)
        calling = head_of(head, mentions).id
        set_timer(*update(calling, mentions, lambda each: raised_by(each, follower, desk, now)), timers, now)
        head = mentions.get(head.id)

    def changed(each: Mention) -> Mention:
        known = read_text(each, desk, reader)
        if known.joined and head:
            moved = adopted_behind(known, head, desk, by, now, thread)
        else:
            moved = adopted(known, desk, by, now, thread, chosen(mentions.history(each), desk))
        return each if moved is known else moved

    before, after = update(mention_id, mentions, changed)
    set_timer(before, after, timers, now)
    return after is not before
