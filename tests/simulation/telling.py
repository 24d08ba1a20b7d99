"""Events and items as a story tells of them."""

from __future__ import annotations

from answerby.domain.mention import Mention, Notice, Post


def label(event: Post | Notice) -> str:
    return f"post {event.id}" if isinstance(event, Post) else f"{event.kind} {event.post.id}"


def time_of_day(seconds: int) -> str:
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def brief(each: Mention | Notice, next_check_at: int | None) -> str:
    """`next_check_at` is its own, in epoch milliseconds: a run tells of this a hundred thousand times."""
    check = "-" if next_check_at is None else time_of_day(next_check_at // 1000)
    if isinstance(each, Notice):
        return f"version {each.version}, next check {check}"
    last = each.history[-1]
    joined = f" joined {each.joined}" if each.joined else ""
    why = f": {last.note}" if last.note else ""
    return (
        f"{each.state}{joined} version {each.version}, rung {each.rung}, round {each.round}, "
        f"{len(each.outbox)} waiting, next check {check}; {last.event} by {last.by}{why}"
    )
