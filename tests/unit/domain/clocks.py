"""A desk with one policy on an office's calendar, and what tests of its clocks do with a mention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from answerby.domain.calendar import Calendar, Span
from answerby.domain.decide import decide
from answerby.domain.desk import Condition, Desk, Ladder, Policy, Rule, Rung, Team
from answerby.domain.mention import Event, Mention, Priority, Reason
from answerby.domain.transitions import (
    alert_sent,
)
from tests.builders import HOUR, NOW, a_desk, a_mention

DAY = timedelta(days=1)
OFFICE = Calendar(id="office", time_zone="UTC", week=((Span(start=540, end=1020),),) * 5 + ((),) * 2)
NIGHT = Calendar(id="night", time_zone="UTC", week=((Span(start=1200, end=1320),),) * 7)
NEVER = Calendar(id="never", time_zone="UTC", week=((),) * 7)
FRIDAY, NEXT_MONDAY = datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
SLOW = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=30 * DAY), Rung(who=("lead",), wait=30 * DAY)))


def desk_with(hours: Calendar | None = OFFICE, *, ladder: Ladder = SLOW, **policy: Any) -> Desk:
    """One policy, an hour to answer unless said otherwise, and a ladder that nothing else is called by."""
    times = {"answer_within": HOUR, **policy}
    return a_desk(
        policies={"hour": Policy(id="hour", ladder="standard", **times)},
        rules=(Rule(id="otherwise", when=Condition(), team="care", policy="hour", priority=Priority.HIGH),),
        teams={"care": Team(id="care", members=("ana", "ben"), lead="cleo", calendar=hours.id if hours else None)},
        calendars={each.id: each for each in (OFFICE, NEVER)},
        ladders={"standard": ladder},
    )


def routed(desk: Desk, at: datetime = NOW, native_id: str = "1", **changes: Any) -> Mention:
    return decide(a_mention(native_id, **{"posted_at": at, "received_at": at, **changes}), desk, at)


def sent(mention: Mention, now: datetime) -> Mention:
    for alert in mention.outbox:
        mention = alert_sent(mention, alert, "m-1", now)
    return mention


def step(mention: Mention, desk: Desk) -> Mention:
    assert mention.next_check_at
    return decide(mention, desk, mention.next_check_at)


def waiting(mention: Mention) -> list[tuple[str, Reason]]:
    return [(alert.person, alert.reason) for alert in mention.outbox]


def events(mention: Mention) -> list[Event]:
    return [entry.event for entry in mention.history]
