"""What a new desk does to open posts that adopt it. All others keep the plan they were routed with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from answerby.domain import clock
from answerby.domain.conversation import Thread
from answerby.domain.decide import assigned
from answerby.domain.desk import Desk
from answerby.domain.mention import Event, Mention, State
from answerby.domain.paging import plan_of, told
from answerby.domain.transitions import assign, without_longer_pause, without_waiting_alerts


def chosen(mention: Mention, desk: Desk) -> str | None:
    """To whom a person assigned it, by its whole history, if they are on the desk. A publication that assigns it says
    why."""
    notes = [entry.note for entry in mention.history if entry.event is Event.ASSIGNED]
    is_chosen = notes and notes[-1] == f"to {mention.assignee}"
    return mention.assignee if is_chosen and mention.assignee in desk.people else None


def is_older(mention: Mention, desk: Desk) -> bool:
    """Whether an earlier desk routed it last."""
    return (mention.desk_version or 0) < desk.version


def adopted(
    mention: Mention, desk: Desk, by: str, now: datetime, thread: Thread = (), owner: str | None = None
) -> Mention:
    """An open post as the desk would route it now, after what was answered in its `thread`; with `owner` if a person
    chose one.

    Neither is a deadline once promised lengthened, nor a priority once reached lowered, nor an acknowledgement ended
    before that deadline.
    A new owner is called at once; with the old one the ladder goes on from the rung it is on. Adopted by a desk
    already, or by a later one, it stays as it is.
    """
    if mention.state is not State.OPEN or mention.joined or not is_older(mention, desk):
        return mention
    moved = _told(_on_its_rung(_rerouted(mention, desk, now, thread, owner), now), mention, desk, by, now)
    if moved.assignee != mention.assignee and not moved.acknowledged_until and not _is_digest(moved):
        return assign(moved, moved.assignee or "", by, now, desk, f"by version {desk.version}")
    if moved.assignee != mention.assignee:
        moved = without_waiting_alerts(moved, now, f"assigned to {moved.assignee}")
    return clock.with_next_check(without_longer_pause(moved, now), now)


def adopted_behind(mention: Mention, head: Mention, desk: Desk, by: str, now: datetime, thread: Thread = ()) -> Mention:
    """As `adopted`, for a post that is part of the chain of `head`: it has the owner of its head."""
    if mention.state is not State.OPEN or mention.joined != head.id or not is_older(mention, desk):
        return mention
    moved = _rerouted(mention, desk, now, thread)
    deadlines = [time for time in (moved.answer_by, head.answer_by) if time]
    behind = replace(moved, team=head.team, assignee=head.assignee, answer_by=min(deadlines, default=None))
    return clock.with_next_check(_told(behind, mention, desk, by, now), now)


def _rerouted(mention: Mention, desk: Desk, now: datetime, thread: Thread, owner: str | None = None) -> Mention:
    return replace(assigned(mention, desk, now, thread, owner), history=mention.history)


def _told(moved: Mention, before: Mention, desk: Desk, by: str, now: datetime) -> Mention:
    whom = f"to {moved.assignee}" if moved.assignee != before.assignee else f"stays with {moved.assignee}"
    rung = f", rung {moved.rung}" if moved.rung != before.rung else ""
    return told(moved, now, Event.ADOPTED, by, f"by version {desk.version}, rule {moved.rule}{rung}: {whom}")


def _on_its_rung(mention: Mention, now: datetime) -> Mention:
    """The new ladder may be shorter or faster: the next rung is called no later than it would be by either."""
    plan = plan_of(mention)
    if mention.rung is None:
        return mention
    rung = min(mention.rung, len(plan.rungs))
    if plan.digest:
        return replace(mention, rung=rung)
    wait = plan.repeat_every if rung == len(plan.rungs) else plan.rungs[rung - 1].wait
    return replace(mention, rung=rung, escalate_at=min(mention.escalate_at or now + wait, now + wait))


def _is_digest(mention: Mention) -> bool:
    return mention.plan is not None and mention.plan.digest
