"""What a history says, told again from its entries alone: written apart from the product, to disagree with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from answerby.domain.mention import Entry, Event, Mention


@dataclass
class Folded:
    state: str = "unheard of"
    joined: str | None = None
    followers: list[str] = field(default_factory=list)
    breached: bool = False
    assignee: str | None = None
    acknowledged_by: str | None = None
    acknowledged_until: str | None = None
    answered_by: str | None = None
    rung: int | None = None
    priority: str | None = None
    deliveries: int = 0


def fold(history: tuple[Entry, ...]) -> Folded:  # noqa: C901, PLR0912
    told = Folded()
    for entry in history:
        note = entry.note or ""
        was_open = told.state in ("new", "open")
        match entry.event:
            case Event.RECEIVED:
                told.state = "new"
                told.deliveries += 1
            case Event.ROUTED:
                told.state, told.joined, told.rung, told.priority = "open", None, 1, None
                told.assignee = note.removeprefix("to ").partition(":")[0]
            case Event.JOINED:
                told.joined, told.rung = note, None
                told.acknowledged_by = told.acknowledged_until = None
            case Event.RELEASED:
                told.state, told.joined = "new", None
            case Event.FOLLOWED_UP:
                told.followers.append(note)
            case Event.RAISED:
                # From the rung it is on, or from the first if nobody there could be reached, or it is a crisis now.
                told.priority, told.rung = note.rpartition(" ")[2], None
                told.acknowledged_by = told.acknowledged_until = None
            case Event.ESCALATED:
                told.rung = int(note.removeprefix("rung ").split(":")[0].split(" ")[0])
                told.acknowledged_by = told.acknowledged_until = None
            case Event.ACKNOWLEDGED | Event.SNOOZED:
                told.acknowledged_by, told.acknowledged_until = entry.by, note.removeprefix("until ")
            case Event.ACKNOWLEDGEMENT_EXPIRED:
                told.acknowledged_by = told.acknowledged_until = None
            case Event.ASSIGNED:
                told.assignee, told.rung = note.removeprefix("to ").partition(":")[0], 1
                told.acknowledged_by = told.acknowledged_until = None
            case Event.ADOPTED:
                # The new plan may have fewer rungs.
                told.assignee, told.rung, told.priority = note.rpartition(" ")[2], None, None
            case Event.BREACHED:
                told.breached = True
            case Event.ANSWERED | Event.DISMISSED | Event.REMOVED if was_open:
                told.state = str(entry.event)
                told.acknowledged_by = told.acknowledged_until = None
                told.answered_by = entry.by if entry.event is Event.ANSWERED else None
    return told


def differences(mention: Mention) -> list[str]:
    """How a mention, with its whole history, differs from what that history tells."""
    told = fold(mention.history)
    pairs: dict[str, tuple[object, object]] = {
        "state": (told.state, str(mention.state)),
        "deliveries": (told.deliveries, 1),
        # An answer in time that is heard late undoes a breach.
        "breached": (told.breached, mention.breached or (told.breached and mention.state == "answered")),
        "acknowledged_by": (told.acknowledged_by, mention.acknowledged_by),
        "acknowledged_until": (told.acknowledged_until, _second(mention.acknowledged_until)),
    }
    if mention.state == "answered":
        pairs["answered_by"] = (told.answered_by, mention.answered_by)
    if mention.is_open:
        pairs["joined"] = (told.joined, mention.joined)
    if mention.state == "open":
        if not mention.joined:
            pairs["assignee"] = (told.assignee, mention.assignee)
        if not mention.joined and mention.rung and told.rung and mention.plan and not mention.plan.digest:
            pairs["rung"] = (told.rung, mention.rung)
        if told.priority:
            pairs["priority"] = (told.priority, str(mention.priority))
    missing = [follower for follower in told.followers if follower not in mention.followed_by]
    wrong = [f"{name} is {is_!r}, told is {said!r}" for name, (said, is_) in pairs.items() if said != is_]
    return wrong + ([f"followers {missing} are told and not kept"] if missing else [])


def _second(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None
