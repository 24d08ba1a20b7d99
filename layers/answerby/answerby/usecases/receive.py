"""Accept a delivery: everything in it is durably stored before the network hears a 2xx (P1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from answerby.domain.mention import ROUTE_WITHIN, Entry, Event, Mention, Post
from answerby.networks.webhook import Delivery
from answerby.ports import Mentions

Task = Callable[[], bool]
Run = Callable[[Iterable[Task]], Iterable[bool]]
"""Runs all tasks, some of them at once if it likes, and raises what one of them raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`posts` of those that were stored are no notices."""

    stored: int
    posts: int
    duplicates: int
    unreadable: int


def receive(delivery: Delivery, source: str, mentions: Mentions, now: datetime, run: Run) -> Receipt:
    """Store a delivery's posts, notices and unreadable events, one conditional write each.

    Raises UnavailableError if one of them could not be stored: the sender then delivers it all again, and what was
    stored before is recognised.
    """
    tasks: list[Task] = [lambda post=post: mentions.add(accepted(post)) for post in delivery.posts]  # type: ignore[misc]
    tasks += [lambda notice=notice: mentions.add_notice(notice) for notice in delivery.notices]  # type: ignore[misc]
    posts, heard = len(delivery.posts), len(tasks)
    tasks += [
        lambda event=event: mentions.keep_unreadable(source, event.raw, event.reason, now)  # type: ignore[misc]
        for event in delivery.unreadable
    ]
    stored = list(run(tasks))[:heard]
    return Receipt(
        stored=sum(stored),
        posts=sum(stored[:posts]),
        duplicates=heard - sum(stored),
        unreadable=delivery.spoiled,
    )


def accepted(post: Post) -> Mention:
    """A post as it is first stored: from here on it carries `next_check_at` until it is closed (P2)."""
    heard = Entry(at=post.received_at, event=Event.RECEIVED, by=post.source)
    return Mention(post=post, next_check_at=post.received_at + ROUTE_WITHIN, history=(heard,))
