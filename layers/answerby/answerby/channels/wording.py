"""Words that every channel uses."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from answerby.domain.desk import Person
from answerby.domain.mention import Alert, Kind, Mention, Reason

WHY = {
    Reason.ROUTED: "it is yours",
    Reason.ESCALATED: "nobody has answered yet",
    Reason.REPEATED: "still nobody has answered",
    Reason.BREACHED: "its time is over",
    Reason.RAISED: "its author wrote again, more urgently",
    Reason.ACKNOWLEDGEMENT_EXPIRED: "it was acknowledged, and not answered",
    Reason.ASSIGNED: "it was assigned to you",
    Reason.REMINDER: "its time is running out",
    Reason.UNRESOLVED: "it was answered, and nobody has said that its matter is at its end",
    Reason.DIGEST: "it was first heard of long after it was written",
    Reason.TEST: "this is a test of your alerts",
}
KIND = {kind: str(kind).replace("_", " ") for kind in Kind}


def local(time: datetime, person: Person) -> datetime:
    return time.astimezone(ZoneInfo(person.time_zone))


def when(time: datetime, person: Person, now: datetime) -> str:
    """`14:05`, or `Mon 14:05` on another day than today, in the person's own time."""
    there = local(time, person)
    return f"{there:%H:%M}" if there.date() == local(now, person).date() else f"{there:%a %d %b %H:%M}"


def author(mention: Mention) -> str:
    written_by = mention.post.author
    handle = f"@{written_by.handle.lstrip('@')}" if written_by.handle else None
    return written_by.name or handle or "unknown author"


def posts(mention: Mention) -> int:
    """How many posts of its author wait in this chain."""
    return 1 + len(mention.followed_by)


def deadline(alert: Alert, mention: Mention, person: Person) -> str:
    if alert.reason is Reason.DIGEST or mention.answer_by is None:
        return "no deadline"
    if alert.reason is Reason.UNRESOLVED:
        return "answered, not resolved"
    by = when(mention.answer_by, person, alert.decided_at)
    return f"overdue since {by}" if mention.breached else f"by {by}"
