"""Posts of people who left the desk go to their back-ups: when a desk is published, and whenever a check finds one that
was given to them afterwards, as by a process with an older copy of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from answerby.domain import clock, ladder
from answerby.domain.desk import Desk
from answerby.domain.mention import Event, Mention, State
from answerby.domain.paging import plan_of, told
from answerby.domain.transitions import assign, without_waiting_alerts


def successor(mention: Mention, backups: Sequence[str], desk: Desk, now: datetime) -> str:
    """Who takes a post over from somebody who left: the first still on the desk of its topic's back-ups, of their own
    `backups`, of its team and its lead; else whoever owns what no rule names. Of a rotation, who is on call."""
    topic, team = desk.topics.get(mention.topic or ""), desk.teams.get(mention.team or "")
    names = [*(topic.backups if topic else ()), *backups, *((*team.members, team.lead) if team else ())]
    people = (each.person for name in names for each in ladder.candidates(name, desk, now) if each.person)
    return next(people, ladder.owner_of(desk.rules[-1], desk, now))


def handed_over(mention: Mention, left: str, to: str, desk: Desk, by: str, now: datetime) -> Mention:
    """An open post of somebody who left, with another person, who is called at once. The deadline stays.

    One in a digest goes into their next one, and one that joined a chain follows its head: neither calls anybody
    itself, and neither is paused any longer, because whoever has it now has not taken it on.
    """
    if mention.state is not State.OPEN or mention.assignee != left:
        return mention
    why = f"{left} left the desk"
    if not mention.joined and not plan_of(mention).digest:
        return assign(mention, to, by, now, desk, why)
    free = clock.without_pause(without_waiting_alerts(mention, now, f"assigned to {to}"))
    free = replace(free, assignee=to, escalate_at=None if mention.joined else now)
    moved = told(free, now, Event.ASSIGNED, by, f"to {to}: {why}")
    return clock.with_next_check(_owned_by(to, moved), now)


def _owned_by(owner: str, mention: Mention) -> Mention:
    plan = plan_of(mention)
    return replace(mention, plan=replace(plan, rungs=(replace(plan.rungs[0], who=(owner,)), *plan.rungs[1:])))
