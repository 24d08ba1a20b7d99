"""What a history says, told again from its entries alone: written apart from the product, to disagree with it."""

from __future__ import annotations

import re
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
    snoozed: bool = False
    resolved: bool = False
    answered_by: str | None = None
    rung: int | None = None
    """None where the history does not say."""
    priority: str | None = None
    deliveries: int = 0
    wrong: list[str] = field(default_factory=list)

    def runs(self) -> None:
        """Nobody has it on their desk any more."""
        self.acknowledged_by = self.acknowledged_until = None
        self.snoozed = False


def fold(history: tuple[Entry, ...]) -> Folded:  # noqa: C901, PLR0912
    told = Folded()
    for entry in history:
        note = entry.note or ""
        was_open = told.state in ("new", "open")
        match entry.event:
            case Event.RECEIVED:
                told.state = "open" if note.startswith("test alert") else "new"
                told.assignee = note.rpartition(" ")[2]
                told.deliveries += 1
            case Event.ROUTED:
                told.state, told.joined, told.rung, told.priority = "open", None, 1, None
                told.assignee = note.removeprefix("to ").partition(":")[0]
            case Event.JOINED:
                told.joined, told.rung = note, None
                told.runs()
            case Event.RELEASED:
                told.state, told.joined = "new", None
            case Event.FOLLOWED_UP:
                told.followers.append(note)
            case Event.RAISED:
                told.priority, told.rung = note.rpartition(",")[0].rpartition(" ")[2], int(note.rpartition(" ")[2])
                told.runs()
            case Event.ESCALATED:
                told.rung = int(note.removeprefix("rung ").split(":")[0].split(" ")[0])
                told.runs()
            case Event.ACKNOWLEDGED | Event.SNOOZED:
                told.acknowledged_by, told.acknowledged_until = entry.by, note.removeprefix("until ")
                told.snoozed = entry.event is Event.SNOOZED
            case Event.ACKNOWLEDGEMENT_EXPIRED:
                told.runs()
            case Event.ADOPTED:
                told.assignee, told.priority = note.rpartition(" ")[2], None
                fewer = re.search(r", rung (\d+): ", note)
                told.rung = int(fewer[1]) if fewer else told.rung
            case Event.REMINDED:
                told.wrong += _wrong_reminder(told, note)
            case Event.RESOLVED:
                told.resolved = True
            case Event.ASSIGNED:
                told.assignee, told.rung = note.removeprefix("to ").partition(":")[0], 1
                told.runs()
            case Event.BREACHED:
                told.breached = True
            case Event.ANSWERED | Event.DISMISSED | Event.REMOVED if was_open:
                told.state = str(entry.event)
                told.runs()
                told.answered_by = entry.by if entry.event is Event.ANSWERED else None
    return told


def _wrong_reminder(told: Folded, note: str) -> list[str]:
    asks = note.endswith("not yet resolved")
    if asks and (told.state != "answered" or told.resolved):
        return [f"asked whether it is resolved, and it is {told.state}, resolved: {told.resolved}"]
    if not asks and (told.state != "open" or told.breached or told.snoozed):
        return [f"reminded while it is {told.state}, breached: {told.breached}, snoozed: {told.snoozed}"]
    return []


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
        "snoozed": (told.snoozed, mention.snoozed),
        "resolved": (told.resolved, mention.resolved_at is not None),
    }
    if mention.state == "answered":
        pairs["answered_by"] = (told.answered_by, mention.answered_by)
    if mention.is_open:
        pairs["joined"] = (told.joined, mention.joined)
    if mention.state == "open":
        if not mention.joined:
            pairs["assignee"] = (told.assignee, mention.assignee)
        digest = mention.plan is not None and mention.plan.digest
        if not mention.joined and mention.rung and told.rung and not digest:
            pairs["rung"] = (told.rung, mention.rung)
        if told.priority:
            pairs["priority"] = (told.priority, str(mention.priority))
    missing = [follower for follower in told.followers if follower not in mention.followed_by]
    wrong = [f"{name} is {is_!r}, told is {said!r}" for name, (said, is_) in pairs.items() if said != is_]
    return told.wrong + wrong + ([f"followers {missing} are told and not kept"] if missing else [])


def _second(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None
