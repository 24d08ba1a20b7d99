"""Stored posts, routed once by the desk in force and once by another: what would have been different."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from answerby.domain.decide import decide
from answerby.domain.desk import Desk
from answerby.domain.forecast import as_new
from answerby.domain.mention import Event, Mention
from answerby.domain.public import time
from answerby.ports import Reader
from answerby.usecases.read import read_text

EXAMPLES = 5
_CLOSING = (Event.ANSWERED, Event.DISMISSED, Event.REMOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    rule: str
    owner: str
    priority: str
    answer_by: datetime
    missed: bool
    """Whether it was closed after this deadline, or is still open after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    mention: Mention
    before: Route
    after: Route

    @property
    def is_moved(self) -> bool:
        return (self.before.rule, self.before.owner) != (self.after.rule, self.after.owner)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a replay found; `moves` are the first examples."""

    posts: int = 0
    moved: int = 0
    missed_before: int = 0
    missed_after: int = 0
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    owners: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: list[Replayed] = field(default_factory=list)
    more: list[Replayed] = field(default_factory=list)
    fewer: list[Replayed] = field(default_factory=list)

    def add(self, each: Replayed) -> None:
        was, is_ = each.before, each.after
        self.posts += 1
        self.missed_before += was.missed
        self.missed_after += is_.missed
        if each.is_moved:
            self.moved += 1
            self.moves += [each][: EXAMPLES - len(self.moves)]
        if was.rule != is_.rule:
            self.rules[was.rule, is_.rule] += 1
        if was.owner != is_.owner:
            self.owners[was.owner, is_.owner] += 1
        if was.missed != is_.missed:
            (self.more if is_.missed else self.fewer).append(each)


def replayed(mention: Mention, before: Desk, after: Desk, reader: Reader, now: datetime) -> Replayed:
    """Each desk knows of the author's earlier posts what was known when the mention was routed."""
    was, is_ = (_route(read_text(mention, desk, reader), desk, now) for desk in (before, after))
    return Replayed(mention=mention, before=was, after=is_)


def tally_document(of: Tally) -> dict[str, Any]:
    return {
        "posts": of.posts,
        "routed_otherwise": of.moved,
        "rules": [{"was": was, "is": is_, "posts": count} for (was, is_), count in of.rules.most_common()],
        "owners": [{"was": was, "is": is_, "posts": count} for (was, is_), count in of.owners.most_common()],
        "breached_before": of.missed_before,
        "breached_after": of.missed_after,
        "breached_only_after": [each.mention.id for each in of.more],
        "breached_only_before": [each.mention.id for each in of.fewer],
        "examples": list(_examples(of.moves)),
    }


def _examples(moves: Iterable[Replayed]) -> Iterator[dict[str, Any]]:
    for each in moves:
        yield {"mention": each.mention.id, "was": _route_document(each.before), "is": _route_document(each.after)}


def _route_document(of: Route) -> dict[str, Any]:
    return {"rule": of.rule, "owner": of.owner, "priority": of.priority, "answer_by": time(of.answer_by)}


def _route(mention: Mention, desk: Desk, now: datetime) -> Route:
    routed = decide(as_new(mention), desk, mention.post.received_at)
    deadline = routed.answer_by or now
    digest = routed.plan is not None and routed.plan.digest
    return Route(
        rule=routed.rule or "",
        owner=routed.assignee or "",
        priority=str(routed.priority),
        answer_by=deadline,
        # Who was told by a digest had no deadline to meet.
        missed=not digest and (_closed_at(mention) or now) > deadline,
    )


def _closed_at(mention: Mention) -> datetime | None:
    if mention.answered_at:
        return mention.answered_at
    closed = (entry.at for entry in reversed(mention.history) if entry.event in _CLOSING)
    return None if mention.is_open else next(closed, mention.post.received_at)
