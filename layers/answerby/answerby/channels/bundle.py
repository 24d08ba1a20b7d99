"""The texts of a bundle: one message that names all alerts which would have come too soon after one another.

Lines come most urgent first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from answerby.channels.gsm7 import ONE_PART, clip, gsm7
from answerby.channels.mail import SUBJECT_LENGTH, line
from answerby.channels.wording import local, when
from answerby.domain.desk import Person
from answerby.domain.manners import Line
from answerby.domain.mention import Priority, Reason


def sms(lines: Sequence[Line], person: Person, link: str, now: datetime) -> str:
    """How many, the worst and the nearest deadline; the link is that of the most urgent. Always one part."""
    head = gsm7(f"Answerby: {_count(lines)} for you{_loud(lines)}{_next(lines, person, now)}.")
    for where in (gsm7(link), lines[0].mention_id):
        room = ONE_PART - len(where) - 1
        if len(head) <= room:
            first = clip(gsm7(f"First: {lines[0].about}"), max(room - len(head) - 1, 0))
            return " ".join(part for part in (head, first, where) if part)
    return clip(head, ONE_PART)


def subject(lines: Sequence[Line], person: Person, now: datetime) -> str:
    told = gsm7(f"{_count(lines)} for you{_next(lines, person, now)}")
    loud = f"[{lines[0].priority}] " if _open(lines) else ""
    return clip(loud + told.encode("ascii", "ignore").decode(), SUBJECT_LENGTH - 1)


def mail(lines: Sequence[Line], of: int, person: Person, link: Callable[[str], str], now: datetime) -> str:
    """`of` is how many there are, where one mail does not hold them all."""
    return "\n".join(_mail(lines, of, person, link, now)) + "\n"


def _mail(lines: Sequence[Line], of: int, person: Person, link: Callable[[str], str], now: datetime) -> Iterator[str]:
    some = f" of {of}" if of > len(lines) else ""
    yield f"{line(person.name)}, {_count(lines)}{some} wait for you. They came close together, so this is one message."
    yield ""
    for each in _open(lines):
        yield f"{_due(each, person, now)}  [{each.priority}]  {line(each.about)}"
        yield f"  {link(each.mention_id)}"
    older = [each for each in lines if each.reason is Reason.DIGEST]
    if older:
        yield ""
        yield "Older posts, first heard of long after they were written; a digest each day until they are closed:"
        yield ""
        for each in older:
            yield line(each.about)
            yield f"  {link(each.mention_id)}"
    yield ""
    yield f"As of {local(now, person):%a %d %b %H:%M} ({person.time_zone}). All that is open:"
    yield f"  answerby mention list --assignee {person.id}"


def _open(lines: Sequence[Line]) -> list[Line]:
    return [each for each in lines if each.reason is not Reason.DIGEST]


def _count(lines: Sequence[Line]) -> str:
    fresh = len(_open(lines))
    older = len(lines) - fresh
    counts = (_posts(fresh, "post"), _posts(older, "older post"))
    return " and ".join(count for count in counts if count)


def _posts(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}" if count else ""


def _loud(lines: Sequence[Line]) -> str:
    worst = lines[0].priority if _open(lines) else Priority.NORMAL
    return f", {worst.upper()}" if worst.rank > Priority.NORMAL.rank else ""


def _next(lines: Sequence[Line], person: Person, now: datetime) -> str:
    nearest = min((each.answer_by for each in _open(lines) if each.answer_by), default=None)
    if nearest is None:
        return ""
    return f", overdue since {when(nearest, person, now)}" if nearest <= now else f", by {when(nearest, person, now)}"


def _due(each: Line, person: Person, now: datetime) -> str:
    if each.answer_by is None:
        return "no deadline"
    by = when(each.answer_by, person, now)
    return f"overdue since {by}" if each.answer_by <= now else f"by {by}"
