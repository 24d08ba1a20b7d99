"""See to a stored item, whatever asked for it: the stream, a timer or the sweep."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from answerby.domain.mention import Mention, Notice
from answerby.ports import Desks, Mentions, Reader, Timers
from answerby.usecases.check import check
from answerby.usecases.hear import hear
from answerby.usecases.update import UnknownMentionError

MENTION = "mention"


def attend(
    mention_id: str,
    item: str,
    mentions: Mentions,
    desks: Desks,
    timers: Timers,
    now: datetime,
    seen: Mention | Notice | None = None,
    reader: Reader | None = None,
) -> None:
    """`item` is the sort key: `mention`, or a notice's. `seen` is what is stored there, where it is at hand. Without
    a `reader` nothing is read of a text, as if it were in no language and of no mood.

    What is gone meanwhile is no error: a stale timer changes nothing (P3).
    """
    with suppress(UnknownMentionError):
        if item == MENTION:
            check(mention_id, mentions, desks, timers, now, seen if isinstance(seen, Mention) else None, reader)
        else:
            known = seen if isinstance(seen, Notice) else None
            hear(mention_id, item, mentions, desks, timers, now, known, reader)
