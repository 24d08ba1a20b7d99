"""Single values of a network's JSON: each read as what it should be, or refused with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

MAX_TEXT = 100_000
MAX_NAME = 200
MAX_URL = 2048
MAX_LABEL = 64
MAX_COUNT = 10**12
MAX_RATING = 5

_DIRTY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NATIVE_ID = re.compile(r"[A-Za-z0-9._-]{1,120}")
_URL = re.compile('https?://[^\x00-\x20\x7f-\xa0\ud800-\udfff"<>\\\\/?#]+[^\x00-\x20\x7f-\xa0\ud800-\udfff"<>\\\\]*')
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,9})?")
_NOT_LABEL = re.compile(r"[^a-z0-9_.]+")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 10**11  # as seconds this is the year 5138, as milliseconds 1973
_EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)  # no network read here is older
_CLOCK_SKEW = timedelta(days=1)


class FieldError(ValueError):
    """An event that should be read but cannot; the message names the field."""


def required(values: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T:
    value = optional(values, name, read)
    if value is None:
        raise FieldError(f"{name}: is required")
    return value


def optional(values: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    """What the field holds; null is as good as absent."""
    value = values.get(name)
    if value is None:
        return None
    try:
        return read(value)
    except FieldError as error:
        raise FieldError(f"{name}: {error}") from None


def mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FieldError("must be an object")
    return value


def native_id(value: Any) -> str:
    """An id that fits a link's path and an SMS; networks write some as numbers, some as text."""
    native = _id_text(value)
    if not _NATIVE_ID.fullmatch(native):
        raise FieldError("must be 1 to 120 of the characters A-Z a-z 0-9 . _ -")
    return native


def account_id(value: Any) -> str | None:
    return line(_id_text(value))


def text(value: Any) -> str:
    """Text as written, without what no channel can carry: control characters and halves of surrogate pairs."""
    if not isinstance(value, str):
        raise FieldError("must be text")
    return _DIRTY.sub(_mended, value)[:MAX_TEXT]


def line(value: Any) -> str | None:
    """A name or handle: one line, None when nothing is left."""
    return " ".join(text(value).split())[:MAX_NAME] or None


def count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise FieldError(f"must be an integer from 0 to {MAX_COUNT}")
    return value


def rating(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_RATING:
        raise FieldError(f"must be a number from 0 to {MAX_RATING}")
    return float(value)


def http_url(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_URL or not _URL.fullmatch(value):
        raise FieldError("must be an http or https address")
    return value


def unix_time(value: Any) -> datetime | None:
    """Seconds since 1970, or milliseconds, as a number or as text; None when no calendar holds it."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError("must be seconds since 1970")
    try:
        return _EPOCH + timedelta(seconds=value / 1000 if value >= _MILLISECONDS_FROM else value)
    except OverflowError:
        return None


def iso_time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise FieldError("must be an ISO 8601 date and time") from None
    raise FieldError("must say its time zone, such as Z for UTC")


def sane(moment: datetime | None, now: datetime) -> datetime | None:
    """The time, unless no post can have been written then."""
    if moment is None or not _EARLIEST <= moment <= now + _CLOCK_SKEW:
        return None
    return moment


def label(*parts: object) -> str:
    """The kind of an ignored event as a metric's label: what a sender writes is clipped and spelled safely."""
    joined = ".".join(part[:MAX_LABEL] for part in parts if isinstance(part, str) and part)
    return _NOT_LABEL.sub("_", joined.lower())[:MAX_LABEL] or "unknown"


def _id_text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise FieldError("must be text or an integer")
    return value


def _mended(match: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" if match[0] >= "\ud800" else ""
