"""What a new desk does to posts that are open already: those of people who left go to their back-ups, and all others
keep the plan they were routed with, unless they are adopted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from answerby.domain import clock, ladder
from answerby.domain.conversation import Thread
from answerby.domain.decide import assigned
from answerby.domain.desk import Desk
from answerby.domain.mention import Event, Mention, State
from answerby.domain.paging import plan_of, told
from answerby.domain.transitions import assign, without_longer_pause, without_waiting_alerts


def successor(mention: Mention, backups: Sequence[str], desk: Desk, now: datetime) -> str:
    """Who takes a post over from somebody who left: the first still on the desk of its topic's back-ups, of their own
    `backups`, of its team and its lead; else whoever owns what no rule names. Of a rotation, who is on call."""
    topic, team = desk.topics.get(mention.topic or ""), desk.teams.get(mention.team or "")
    names = [*(topic.backups if topic else ()), *backups, *((*team.members, team.lead) if team else ())]
    people = (each.person for name in names for each in ladder.candidates(name, desk, now) if each.person)
    return next(people, ladder.owner_of(desk.rules[-1], desk, now))


def chosen(mention: Mention, desk: Desk) -> str | None:
    """To whom a person assigned it, by its whole history, if they are on the desk. A publication that assigns it says
    why."""
    notes = [entry.note for entry in mention.history if entry.event is Event.ASSIGNED]
    is_chosen = notes and notes[-1] == f"to {mention.assignee}"
    return mention.assignee if is_chosen and mention.assignee in desk.people else None


def is_older(mention: Mention, desk: Desk) -> bool:
    """Whether an earlier desk routed it last."""
    return (mention.desk_version or 0) < desk.version


def handed_over(mention: Mention, left: str, to: str, desk: Desk, by: str, now: datetime) -> Mention:
    """An open post of somebody who left, with another person, who is called at once. The deadline stays.

    One in a digest goes into their next one, and one that joined a chain follows its head: neither calls anybody
    itself, and neither is paused any longer, because whoever has it now has not taken it on.
    """
    if mention.state is not State.OPEN or mention.assignee != left:
        return mention
    why = f"{left} left the desk"
    if not mention.joined and not _is_digest(mention):
        return assign(mention, to, by, now, desk, why)
    free = clock.without_pause(without_waiting_alerts(mention, now, f"assigned to {to}"))
    free = replace(free, assignee=to, escalate_at=None if mention.joined else now)
    moved = told(free, now, Event.ASSIGNED, by, f"to {to}: {why}")
    return clock.with_next_check(_owned_by(to, moved), now)


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


def _owned_by(owner: str, mention: Mention) -> Mention:
    plan = plan_of(mention)
    return replace(mention, plan=replace(plan, rungs=(replace(plan.rungs[0], who=(owner,)), *plan.rungs[1:])))


def _is_digest(mention: Mention) -> bool:
    return mention.plan is not None and mention.plan.digest
