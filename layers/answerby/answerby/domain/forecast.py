"""What will happen to a post if nobody does anything about it: the very decisions that will be taken, taken ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from answerby.domain.clock import planned_check
from answerby.domain.decide import decide
from answerby.domain.desk import Desk
from answerby.domain.mention import ROUTE_WITHIN, Channel, Event, Mention, Post, Reason
from answerby.domain.transitions import alert_sent

_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """People who are called together."""

    at: datetime
    reason: Reason
    rung: int
    people: tuple[str, ...]
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A rung that is passed over, and why."""

    at: datetime
    why: str


def as_new(mention: Mention) -> Mention:
    """The post as it was when it was accepted, with what is known of its author."""
    post = mention.post
    return Mention(post=post, next_check_at=post.received_at + ROUTE_WITHIN, earlier_posts=mention.earlier_posts)


def received_at(post: Post, at: datetime) -> Post:
    """The post, written and heard of at another time."""
    return replace(post, received_at=at, posted_at=None)


def forecast(mention: Mention, desk: Desk, at: datetime) -> tuple[Mention, tuple[Call | Skip, ...]]:
    """A new mention as it is routed at a time, and whom it calls from then on, until the top rung is called again."""
    routed = decide(mention, desk, at)
    steps: list[Call | Skip] = []
    before, after = mention, routed
    for _ in range(_STEPS):
        told = after.history[len(before.history) :]
        steps += [Skip(at=entry.at, why=entry.note or "") for entry in told if entry.event is Event.SKIPPED]
        if _goes_round(after):
            break
        calls = _calls(after)
        steps += calls
        if calls and after.plan and after.plan.digest:
            break
        before = _delivered(after, at)
        due = planned_check(before)
        if due is None or not (calls or due > at):
            break
        at = max(due, at)
        after = decide(replace(before, next_check_at=at), desk, at)
    return routed, tuple(steps)


def _goes_round(mention: Mention) -> bool:
    """It calls the top again, or a rung more often than it has rounds because nobody above can be called."""
    rungs = mention.plan.rungs if mention.plan else ()
    return any(
        alert.reason is Reason.REPEATED and (alert.rung == len(rungs) or alert.round > rungs[alert.rung - 1].rounds)
        for alert in mention.outbox
    )


def _delivered(mention: Mention, at: datetime) -> Mention:
    """Every alert has reached its person, who does nothing."""
    for alert in mention.outbox:
        mention = alert_sent(mention, alert, "", at)
    return mention


def _calls(mention: Mention) -> list[Call]:
    groups: dict[tuple[datetime, Reason, int, tuple[Channel, ...]], list[str]] = {}
    for alert in mention.outbox:
        groups.setdefault((alert.decided_at, alert.reason, alert.rung, alert.channels), []).append(alert.person)
    return [
        Call(at=at, reason=reason, rung=rung, people=tuple(people), channels=channels)
        for (at, reason, rung, channels), people in groups.items()
    ]
