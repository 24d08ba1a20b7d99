"""Single values of a desk file. Each reader returns the value, or None when it has told `problems` why it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from answerby.cli.desk_file.problems import Problems, one_of, quoted
from answerby.cli.desk_file.tree import Mapping, Node, Scalar, Sequence

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

LONGEST = timedelta(days=366)
LONGEST_PAUSE = timedelta(days=1)
"""What is held back is remembered for a week (`pagers`)."""
LONGEST_TEXT = 200
LONGEST_PROSE = 1_000

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?", re.ASCII)
_PERCENTAGE = re.compile(r"(\d{1,3}) ?%", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
# https://www.itu.int/rec/T-REC-E.164: 15 digits at most, the country code first.
_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
# https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, with at least one dot in the domain.
_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
_LONGEST_MAIL = 254
_YES, _NO = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


def text(node: Node, problems: Problems) -> str | None:
    """A value of one line, as it is written."""
    if not isinstance(node, Scalar):
        problems.error(node.place, f"a {_kind(node)} stands where one value belongs", "Write a single value")
    elif node.is_empty:
        problems.error(node.place, "the value is missing", "Write one, or remove the line")
    elif len(node.text) > LONGEST_TEXT:
        problems.error(node.place, f"{quoted(node.text)} is too long", f"Use at most {LONGEST_TEXT} characters")
    elif not node.text.isprintable():
        problems.error(node.place, f"{quoted(node.text)} holds an invisible character or a line break", "Remove it")
    else:
        return node.text.strip()
    return None


def prose(node: Node, problems: Problems) -> str | None:
    """A value of several lines, as it is written."""
    if not isinstance(node, Scalar) or node.is_empty:
        return text(node, problems)
    if len(node.text) > LONGEST_PROSE:
        problems.error(node.place, f"{quoted(node.text)} is too long", f"Use at most {LONGEST_PROSE} characters")
    elif not node.text.replace("\n", "").isprintable():
        problems.error(node.place, f"{quoted(node.text)} holds an invisible character", "Remove it")
    else:
        return node.text.strip()
    return None


def flag(node: Node, problems: Problems) -> bool | None:
    written = text(node, problems)
    if written is None:
        return None
    if is_flag(written):
        return written.lower() in _YES
    problems.error(node.place, f"{quoted(written)} is neither yes nor no", "Write true or false")
    return None


def is_flag(written: str) -> bool:
    return written.lower() in _YES | _NO


def is_identifier(name: str) -> bool:
    return bool(_ID.fullmatch(name))


def identifier(node: Scalar, problems: Problems) -> str | None:
    """What others refer to, and what names a topic or an address: it must fit both."""
    if is_identifier(node.text):
        return node.text
    meant = re.sub(r"[^a-z0-9_-]+", "-", node.text.lower()).strip("-_")[:40]
    advice = f'Write "{meant}"' if is_identifier(meant) else "Write a short name"
    what = f"{quoted(node.text)} cannot be an id"
    problems.error(node.place, what, f"{advice}: lower-case letters, digits, - and _, at most 40")
    return None


def id_of(node: Node, problems: Problems) -> str | None:
    if text(node, problems) is None or not isinstance(node, Scalar):
        return None
    return identifier(node, problems)


def name_of(
    node: Node, known: Collection[str], what: str, problems: Problems, offered: Collection[str] | None = None
) -> str | None:
    """A reference to something that the desk has. `offered` are the names to advise: the known ones if left out."""
    name = text(node, problems)
    if name is None or name in known:
        return name
    advice = one_of(name, known if offered is None else offered)
    problems.error(node.place, f"there is no {what} {quoted(name)}", advice)
    return None


def choice(node: Node, options: type[E], what: str, problems: Problems) -> E | None:
    name = name_of(node, _options(options), what, problems)
    return None if name is None else options(name)


@cache
def _options(options: type[StrEnum]) -> Collection[str]:
    return [option.value for option in options]


def length_of(written: str) -> timedelta | None:
    match = _DURATION.fullmatch(written.lower().replace(" ", ""))
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def pause(node: Node, problems: Problems) -> timedelta | None:
    """A duration of at most a day, or `0s` for none at all."""
    if isinstance(node, Scalar) and length_of(node.text) == timedelta():
        return timedelta()
    length = duration(node, problems)
    if length and length > LONGEST_PAUSE:
        problems.error(node.place, "nobody is kept waiting for longer than a day", "Write at most 24h")
        return None
    return length


def duration(node: Node, problems: Problems) -> timedelta | None:
    """`20s`, `10m`, `1h30m`, `2d`: more than nothing, at most a year."""
    written = text(node, problems)
    if written is None:
        return None
    length = length_of(written)
    if length is None:
        advice = f"Say the unit: {written}m" if written.isdigit() else "Write for instance 20s, 10m, 1h30m or 2d"
        problems.error(node.place, f"{quoted(written)} is no duration", advice)
        return None
    if not length:
        problems.error(node.place, f"{quoted(written)} is no time at all", "Write at least 1s")
        return None
    if length > LONGEST:
        problems.error(node.place, f"{quoted(written)} is longer than a year", "Write at most 366d")
        return None
    return length


def share_or_duration(node: Node, problems: Problems) -> float | timedelta | None:
    """`50%` as 0.5, or a duration."""
    written = text(node, problems)
    share = _PERCENTAGE.fullmatch(written) if written else None
    if share is None:
        return None if written is None else duration(node, problems)
    if 0 < int(share[1]) < 100:  # noqa: PLR2004
        return int(share[1]) / 100
    problems.error(node.place, f"{quoted(written or '')} is not between 1% and 99%", "Write for instance 50%")
    return None


def number(node: Node, highest: float, problems: Problems) -> float | None:
    written = text(node, problems)
    if written is None:
        return None
    if not _NUMBER.fullmatch(written) or float(written) > highest:
        problems.error(node.place, f"{quoted(written)} is not a number from 0 to {highest:.0f}", "Write for instance 2")
        return None
    return float(written)


def whole_number(node: Node, highest: int, problems: Problems, lowest: int = 0) -> int | None:
    value = number(node, highest, problems)
    if value is None or not isinstance(node, Scalar):
        return None
    # Also 1.0: who writes 10.000 may well mean ten thousand.
    if "." in node.text:
        problems.error(node.place, f"{quoted(node.text)} is not a whole number", "Write it with digits only")
        return None
    if value < lowest:
        problems.error(node.place, f"{value:g} is too little", f"Write at least {lowest}")
        return None
    return int(value)


def phone(node: Node, problems: Problems) -> str | None:
    """A number that could exist: written as E.164, of a known country code, and as long as that country's are. Whether
    it is in use is not asked: numbers set aside for examples pass."""
    written = text(node, problems)
    if written is None:
        return None
    if not _PHONE.fullmatch(written):
        meant = "+" + re.sub(r"\D", "", written.replace("(0)", "").removeprefix("00"), flags=re.ASCII)
        example = meant if written.startswith(("+", "00")) and _PHONE.fullmatch(meant) else "+12025550123"
        to_do = f"Write for instance {example}: +, country code, digits only"
        problems.error(node.place, f"{quoted(written)} is no phone number", to_do)
        return None
    if why := _impossible(written):
        problems.error(node.place, f"the phone number {quoted(written)} cannot exist: {why}", "Check its digits")
        return None
    return written


def _impossible(number: str) -> str | None:
    # Imported here, because it takes a fifth of a second and most commands read no desk file.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "no country has this code"
    if phonenumbers.is_possible_number(parsed):
        return None
    return f"numbers of +{parsed.country_code} are longer or shorter"


def mail_address(node: Node, problems: Problems) -> str | None:
    written = text(node, problems)
    if written is None or (len(written) <= _LONGEST_MAIL and _MAIL.fullmatch(written)):
        return written
    problems.error(node.place, f"{quoted(written)} is no mail address", "Write for instance ana@example.com")
    return None


def time_zone(node: Node, problems: Problems) -> str | None:
    written = node.text if isinstance(node, Scalar) else ""
    city = "/" + written.strip().replace(" ", "_").casefold()
    there = [zone for zone in _zones() if zone.casefold().endswith(city)]
    offered = there or [zone for zone in _zones() if "/" in zone]
    return name_of(node, _zones(), "time zone", problems, offered)


def items(node: Node, what: str, problems: Problems) -> list[Node]:
    """A list's items. A single value stands for a list of one."""
    if isinstance(node, Sequence):
        if not node.items:
            problems.error(node.place, f"the list of {what} is empty", "Put something into it, or remove the line")
        return node.items
    if isinstance(node, Scalar) and not node.is_empty:
        return [node]
    problems.error(node.place, f"a list of {what} belongs here", "Write [a, b], or `- ` before each item")
    return []


def references(
    read: Callable[[Node, Problems], T | None], what: str, node: Node, problems: Problems
) -> tuple[T, ...] | None:
    """A list of values, each once."""
    found: dict[T, None] = {}
    for item in items(node, what, problems):
        value = read(item, problems)
        if value is None:
            continue
        if value in found:
            problems.error(item.place, f"{quoted(str(value))} is here twice", "Remove one of them")
        found[value] = None
    return tuple(found) or None


def _kind(node: Node) -> str:
    return "mapping" if isinstance(node, Mapping) else "list"


@cache
def _zones() -> list[str]:
    # Etc/GMT+2 is two hours behind UTC, which is what nobody means who writes it.
    others = {"localtime", "posixrules", "Factory"}
    return sorted(zone for zone in available_timezones() - others if not zone.startswith("Etc/GMT"))
