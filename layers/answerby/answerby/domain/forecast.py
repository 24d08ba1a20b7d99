"""What will happen to a post if nobody does anything about it: the very decisions that will be taken, taken ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from answerby.domain.clock import planned_check
from answerby.domain.decide import decide
from answerby.domain.desk import Desk
from answerby.domain.ladder import Called, called
from answerby.domain.mention import ROUTE_WITHIN, Channel, Event, Mention, Plan, Post, Reason
from answerby.domain.paging import skip_note
from answerby.domain.transitions import alert_sent

_STEPS = 2_000
"""Enough for two weeks in which rungs are called in turn while nobody above can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """People who are called together."""

    at: datetime
    reason: Reason
    rung: int
    round: int
    people: tuple[str, ...]
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A rung of which not everybody is called, and why."""

    at: datetime
    rung: int
    found: Called
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Rungs that are called again in turn, from the first to the last of these calls, because nobody above can be."""

    at: datetime
    until: datetime
    rungs: tuple[int, ...]


Step = Call | Skip | Again


def as_new(mention: Mention) -> Mention:
    """The post as it was when it was accepted, with what is known of its author."""
    post = mention.post
    return Mention(post=post, next_check_at=post.received_at + ROUTE_WITHIN, earlier_posts=mention.earlier_posts)


def received_at(post: Post, at: datetime) -> Post:
    """The post, written and heard of at another time."""
    return replace(post, received_at=at, posted_at=None)


def forecast(mention: Mention, desk: Desk, at: datetime) -> tuple[Mention, tuple[Step, ...]]:
    """A new mention as it is routed at a time, and whom it calls from then on, until the top rung is called again."""
    routed = decide(mention, desk, at)
    steps: list[Call | Skip] = []
    before, after = mention, routed
    for _ in range(_STEPS):
        steps += _skips(before, after, desk)
        if _calls_the_top_again(after):
            break
        calls = _calls(after)
        steps += calls
        if calls and after.plan and after.plan.digest:
            break
        before = _delivered(after, at)
        at = max(planned_check(before) or at, at)
        after = decide(replace(before, next_check_at=at), desk, at)
    return routed, tuple(_told_once(steps, routed.plan))


def _told_once(steps: list[Call | Skip], plan: Plan | None) -> Iterator[Step]:
    """Runs of calls that are told already are told as one. A routing, a reminder or a breach is always told."""
    known: set[object] = set()
    again: list[Call] = []
    for step in steps:
        what = step.why if isinstance(step, Skip) else _who(step, plan)
        is_again = what in known and (isinstance(step, Skip) or step.reason in (Reason.ESCALATED, Reason.REPEATED))
        known.add(what)
        if is_again:
            again += [step] if isinstance(step, Call) else []
            continue
        if again:
            yield _again(again)
        again = []
        yield step
    if again:
        yield _again(again)


def _who(call: Call, plan: Plan | None) -> object:
    """The same for all rounds beyond those that the rung has."""
    rounds = plan.rungs[call.rung - 1].rounds if plan else 1
    return call.rung, min(call.round, rounds + 1), call.people, call.channels


def _again(calls: list[Call]) -> Again:
    return Again(at=calls[0].at, until=calls[-1].at, rungs=tuple(sorted({call.rung for call in calls})))


def _skips(before: Mention, after: Mention, desk: Desk) -> Iterator[Skip]:
    rungs = after.plan.rungs if after.plan else ()
    for entry in after.history[len(before.history) :]:
        if entry.event is Event.SKIPPED:
            looked_at = ((number, called(rung, desk, after.priority, entry.at)) for number, rung in enumerate(rungs, 1))
            number, found = next(each for each in looked_at if skip_note(*each, desk) == entry.note)
            yield Skip(at=entry.at, rung=number, found=found, why=entry.note or "")


def _calls_the_top_again(mention: Mention) -> bool:
    top = len(mention.plan.rungs) if mention.plan else 0
    return any(alert.reason is Reason.REPEATED and alert.rung == top for alert in mention.outbox)


def _delivered(mention: Mention, at: datetime) -> Mention:
    """Every alert has reached its person, who does nothing."""
    for alert in mention.outbox:
        mention = alert_sent(mention, alert, "", at)
    return mention


def _calls(mention: Mention) -> list[Call]:
    groups: dict[tuple[datetime, Reason, int, int, tuple[Channel, ...]], list[str]] = {}
    for alert in mention.outbox:
        key = (alert.decided_at, alert.reason, alert.rung, alert.round, alert.channels)
        groups.setdefault(key, []).append(alert.person)
    return [
        Call(at=at, reason=reason, rung=rung, round=round_, people=tuple(people), channels=channels)
        for (at, reason, rung, round_, channels), people in groups.items()
    ]
