"""Wall times, days and the openings made of them, as a desk file writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from answerby.cli.desk_file import values
from answerby.cli.desk_file.problems import Problems, one_of, quoted
from answerby.cli.desk_file.tree import Mapping, Node, Scalar
from answerby.domain.calendar import Span, Week

DAY = 24 * 60
LONGEST_RANGE = 366
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Whatever is later or earlier is a slip, and soon beyond what a calendar can count."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = {
    **{name: at for at, name in enumerate(_DAYS)},
    **{
        name: at
        for at, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    },
}
_EVERY_DAY = "daily"
_CLOSED = "closed"
_EXAMPLE = 'Write for instance "09:00-17:00", or "09:00-12:00, 13:00-17:00"'
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DASH = re.compile("\\s*[-\u2013]\\s*")


def week(node: Node, problems: Problems) -> Week | None:
    """`{mon-fri: "09:00-17:00", sat, sun: closed}`. Days that are not named are closed."""
    if not isinstance(node, Mapping) or not node.values:
        problems.error(node.place, "hours are written by days", 'Write `mon-fri: "09:00-17:00"` below it')
        return None
    before = problems.count
    days: dict[int, tuple[Span, ...]] = {}
    for key, value in node.values.values():
        if isinstance(value, Scalar) and value.is_empty:
            to_do = 'Write them, or `closed`; within { } put several days in quotes: "sat, sun": …'
            problems.error(key.place, f"{quoted(key.text)} has no hours", to_do)
            continue
        opening = spans(value, problems)
        for day in _days(key, problems):
            if day in days:
                problems.error(key.place, f"{_DAYS[day]} is here twice", "Name each day once")
            days.setdefault(day, opening or ())
    if problems.count > before:
        return None
    found = tuple(days.get(day, ()) for day in range(7))
    if not any(found):
        problems.error(node.place, "these hours are never open", _EXAMPLE)
        return None
    if _overlap(
        [(at * DAY + span.start, at * DAY + span.end) for at, day in enumerate(found) for span in day], 7 * DAY
    ):
        problems.error(node.place, "an opening reaches into the next day's", "End it where the next one starts")
        return None
    return found


def spans(node: Node, problems: Problems) -> tuple[Span, ...] | None:
    """`09:00-12:00, 13:00-17:00`, as one value or a list; `closed` is none. An end before its start is the next day."""
    before = problems.count
    found: list[Span] = []
    for item in values.items(node, "openings", problems):
        written = values.text(item, problems)
        if written is None or written.lower() == _CLOSED:
            continue
        found += filter(None, (_span(part.strip(), item, problems) for part in written.split(",")))
    if problems.count > before:
        return None
    found.sort(key=lambda span: span.start)
    if _overlap([(span.start, span.end) for span in found], 2 * DAY):
        problems.error(node.place, "two openings overlap", "Write each hour once")
        return None
    return tuple(found)


def time_of_day(node: Node, problems: Problems) -> int | None:
    """Minutes since midnight."""
    written = values.text(node, problems)
    if written is None:
        return None
    minute = _minute(written)
    if minute is None or minute == DAY:
        problems.error(node.place, f"{quoted(written)} is no time of day", "Write for instance 09:00")
        return None
    return minute


def day(node: Node, problems: Problems) -> date | None:
    written = values.text(node, problems)
    return None if written is None else day_of(written, node, problems)


def day_of(written: str, node: Node, problems: Problems) -> date | None:
    try:
        if _DATE.fullmatch(written):
            found = date.fromisoformat(written)
            if FIRST_YEAR <= found.year <= LAST_YEAR:
                return found
            problems.error(node.place, f"the year of {written} is out of reach", f"Write at most {LAST_YEAR}-12-31")
            return None
        what = f"{quoted(written)} is no date"
    except ValueError:
        what = f"there is no day {quoted(written)}"
    problems.error(node.place, what, "Write for instance 2026-12-24")
    return None


def dates(key: Scalar, problems: Problems) -> Sequence[date]:
    """`2026-12-24`, or `2026-12-27..2026-12-31` with both ends."""
    first, dots, last = (part.strip() for part in key.text.partition(".."))
    start = day_of(first, key, problems)
    end = day_of(last, key, problems) if dots and start else start
    if start is None or end is None:
        return ()
    if end < start:
        problems.error(key.place, f"{quoted(key.text)} ends before it starts", f"Write {end}..{start}")
        return ()
    if (end - start).days >= LONGEST_RANGE:
        problems.error(key.place, f"{quoted(key.text)} is longer than a year", "Change the hours instead")
        return ()
    return [start + timedelta(days=days) for days in range((end - start).days + 1)]


def _days(key: Scalar, problems: Problems) -> Iterator[int]:
    """`mon`, `mon-fri`, `sat-mon`, `mon, wed`, `daily`."""
    written = key.text.strip().lower()
    if written == _EVERY_DAY:
        yield from range(7)
        return
    for part in written.split(","):
        ends = [name.strip() for name in _DASH.split(part.strip())]
        unknown = next((name for name in ends if name not in _DAY_NAMES), None)
        if unknown is not None or len(ends) > 2:  # noqa: PLR2004
            advice = one_of(unknown, [*_DAYS, _EVERY_DAY]) if unknown else "Write for instance mon-fri"
            problems.error(key.place, f"{quoted(unknown or part)} is no day", advice)
            return
        first, last = _DAY_NAMES[ends[0]], _DAY_NAMES[ends[-1]]
        yield from ((first + step) % 7 for step in range((last - first) % 7 + 1))


def _span(written: str, node: Node, problems: Problems) -> Span | None:
    ends = _DASH.split(written)
    start, end = (_minute(ends[0]), _minute(ends[1])) if len(ends) == 2 else (None, None)  # noqa: PLR2004
    if start is None or end is None or start == DAY:
        problems.error(node.place, f"{quoted(written)} is no opening", _EXAMPLE)
        return None
    if start == end:
        problems.error(node.place, f"{quoted(written)} ends as it starts", 'Write "00:00-24:00" for the whole day')
        return None
    return Span(start=start, end=end if end > start else end + DAY)


def _minute(written: str) -> int | None:
    match = _TIME.fullmatch(written)
    minute = int(match[1]) * 60 + int(match[2]) if match else DAY + 1
    return minute if minute <= DAY else None


def _overlap(openings: list[tuple[int, int]], around: int) -> bool:
    """Whether any two of the openings, ordered by start, share a time, the last and the first of the next round too."""
    if not openings:
        return False
    following = [*openings[1:], (openings[0][0] + around, 0)]
    return any(end > start for (_, end), (start, _) in zip(openings, following, strict=True))
