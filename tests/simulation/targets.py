"""When a post is to be answered by, told by counting open minutes: written apart from the product, to disagree."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from answerby.domain.desk import Desk
from answerby.domain.mention import Mention
from tests.simulation.hours import Hours

_MINUTE = timedelta(minutes=1)


def wrong_with(mention: Mention, desks: Collection[Desk], hours: Hours) -> str | None:
    """What is wrong with the deadline of a mention that was just routed by one of these desks."""
    desk = next((desk for desk in desks if desk.version == mention.desk_version), None)
    start, end = mention.post.said_at, mention.answer_by
    if desk is None or end is None:
        return None
    policy, team = desk.policies[mention.policy or ""], desk.teams[mention.team or ""]
    calendar = desk.calendars.get(policy.calendar or team.calendar or "")
    promised = [within // _MINUTE for within in (policy.answer_within, policy.next_within) if within]
    minutes = range((end - start) // _MINUTE)
    counted = sum(hours.is_open(calendar, start + n * _MINUTE) for n in minutes) if calendar else len(minutes)
    if any(abs(counted - within) <= 1 for within in promised):
        return None
    return f"it is to be answered in {counted} open minutes, and its policy says {promised}"
