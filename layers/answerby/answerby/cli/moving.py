"""Open posts on the way to a new desk: those of people who left, and all others if they are to be adopted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from answerby.adapters.desks import Publication
from answerby.cli.errors import CommandError
from answerby.domain.desk import Desk
from answerby.domain.leaving import successor
from answerby.domain.mention import Mention
from answerby.ports import ConflictError, Mentions, Reader, Timers
from answerby.usecases.adopt import adopt, hand_over, open_posts

REMEMBERED = 10
"""Publications in which people who left are looked for: a function may have routed a post by its copy of the desk
before, or a handing over may have broken off."""

Left = Mapping[str, tuple[str, ...]]
"""The back-ups of people who left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    mention: Mention
    left: str
    to: str


def people_who_left(desk: Desk, publications: Sequence[Publication]) -> Left:
    """Of the publications, newest first, the people who are not on the desk."""
    known: dict[str, tuple[str, ...]] = {}
    for publication in publications:
        for person in publication.desk.people.values():
            known.setdefault(person.id, person.backups)
    return {id_: backups for id_, backups in known.items() if id_ not in desk.people}


def hand_overs(desk: Desk, left: Left, mentions: Mentions, now: datetime) -> Iterator[HandOver]:
    """Person by person."""
    for person, backups in left.items():
        for mention in open_posts(mentions, person):
            yield HandOver(mention=mention, left=person, to=successor(mention, backups, desk, now))


def hand_over_all(desk: Desk, left: Left, by: str, mentions: Mentions, timers: Timers, now: datetime) -> int:
    """Give the open posts of people who left to their back-ups, by the desk in force; how many were given."""
    given = 0
    for each in hand_overs(desk, left, mentions, now):
        with _completable(each.mention, desk):
            given += hand_over(each.mention.id, each.left, each.to, desk, by, mentions, timers, now)
    return given


def adopt_all(
    desk: Desk,
    by: str,
    mentions: Mentions,
    timers: Timers,
    reader: Reader,
    now: datetime,
    progress: Callable[[int, int], None],
) -> int:
    """Route all open posts anew by the desk in force; how many were. `progress` is told how many of all are done."""
    waiting = [mention for mention in open_posts(mentions) if (mention.desk_version or 0) < desk.version]
    adopted = 0
    for done, mention in enumerate(waiting):
        progress(done, len(waiting))
        with _completable(mention, desk):
            adopted += adopt(mention.id, desk, by, mentions, timers, reader, now)
    progress(len(waiting), len(waiting))
    return adopted


@contextmanager
def _completable(mention: Mention, desk: Desk) -> Iterator[None]:
    try:
        yield
    except ConflictError as error:
        raise CommandError(
            f"Version {desk.version} of the desk is in force, but {mention.id} kept changing while it was moved:"
            " do the same again, it completes what is left."
        ) from error
