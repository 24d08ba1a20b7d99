"""Ladders, topics, sources, calendars and manners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from answerby.cli.comparing.difference import Aspect, Difference, changed_fields, day, hours, spans, value
from answerby.cli.output import length
from answerby.domain.calendar import Calendar
from answerby.domain.desk import Desk, Ladder, Rung, Topic
from answerby.domain.source import Source

_NAMED_DAYS = 5


def ladders(before: Desk, after: Desk) -> Iterator[Difference]:
    for ladder, was in _both(before.ladders, after.ladders):
        for text in _steps(was, ladder):
            yield Difference(aspect=Aspect.LADDER, id=ladder.id, text=text)
    yield from _come_and_gone(Aspect.LADDER, "ladder", before.ladders, after.ladders)


def topics(before: Desk, after: Desk) -> Iterator[Difference]:
    for topic, was in _both(before.topics, after.topics):
        for change in changed_fields(was, topic, {"backups": "back-ups", "crisis": "is a crisis:"}):
            yield Difference(aspect=Aspect.TOPIC, id=topic.id, text=f"topic {topic.id}: {change}")
    yield from _come_and_gone(Aspect.TOPIC, "topic", before.topics, after.topics)


def sources(before: Desk, after: Desk) -> Iterator[Difference]:
    for source, was in _both(before.sources, after.sources):
        for change in changed_fields(was, source, {}):
            yield Difference(aspect=Aspect.SOURCE, id=source.id, text=f"source {source.id}: {change}")
    yield from _come_and_gone(Aspect.SOURCE, "source", before.sources, after.sources)


def calendars(before: Desk, after: Desk, now: datetime) -> Iterator[Difference]:
    for calendar, was in _both(before.calendars, after.calendars):
        for text in (*_weeks(was, calendar), *_exceptions(was, calendar, now)):
            yield Difference(aspect=Aspect.CALENDAR, id=calendar.id, text=f"calendar {calendar.id}: {text}")
    yield from _come_and_gone(Aspect.CALENDAR, "calendar", before.calendars, after.calendars)


def manners(before: Desk, after: Desk) -> Iterator[Difference]:
    had, has = before.manners.channels, after.manners.channels
    for priority in has:
        if has[priority] != had.get(priority):
            text = f"{priority} posts are alerted by {value(has[priority])}, were by {value(had.get(priority))}"
            yield Difference(aspect=Aspect.MANNERS, id=str(priority), text=text)
    called = {"bundle_for": "bundle further alerts for", "sms_every": "a text message at most every"}
    for change in changed_fields(before.manners, after.manners, called, ["channels"]):
        yield Difference(aspect=Aspect.MANNERS, id="manners", text=change)
    if before.digest_after != after.digest_after:
        text = f"posts older than {length(after.digest_after)} go into a digest, was {length(before.digest_after)}"
        yield Difference(aspect=Aspect.MANNERS, id="digest_after", text=text)


def _steps(was: Ladder, is_: Ladder) -> Iterator[str]:
    of = f"ladder {is_.id}"
    for number, (had, has) in enumerate(zip(was.rungs, is_.rungs, strict=False), 1):
        if had.who != has.who:
            yield f"rung {number} of {of}: {', '.join(has.who)}, was {', '.join(had.who)}"
        for change in changed_fields(had, has, {"wait": "waits"}, ["who"]):
            yield f"rung {number} of {of}: {change}"
    for number, has in enumerate(is_.rungs[len(was.rungs) :], len(was.rungs) + 1):
        yield f"{of} gets a rung {number}: {_rung(has)}"
    for number, had in enumerate(was.rungs[len(is_.rungs) :], len(is_.rungs) + 1):
        yield f"{of} loses rung {number}: {_rung(had)}"
    yield from (f"{of}: {change}" for change in changed_fields(was, is_, {}, ["rungs"]))


def _rung(rung: Rung) -> str:
    return f"{', '.join(rung.who)}, waits {length(rung.wait)}"


def _weeks(was: Calendar, is_: Calendar) -> Iterator[str]:
    yield from changed_fields(was, is_, {}, ["week", "exceptions"])
    if was.week != is_.week:
        yield f"open {hours(is_.week)}; was {hours(was.week)}"


def _exceptions(was: Calendar, is_: Calendar, now: datetime) -> Iterator[str]:
    """Those yet to come; the past concerns no clock any more."""
    today = now.astimezone(ZoneInfo(is_.time_zone)).date()
    differ = [
        on for on in sorted({*was.exceptions, *is_.exceptions}) if was.exceptions.get(on) != is_.exceptions.get(on)
    ]
    coming = [on for on in differ if on >= today]
    for on in coming[:_NAMED_DAYS]:
        yield f"{day(on)} {spans(is_.exceptions[on]) if on in is_.exceptions else 'as on other weeks'}"
    if rest := len(differ) - len(coming[:_NAMED_DAYS]):
        yield f"{rest} {'more dates differ' if coming else 'past dates differ'}"


def _both(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    return ((after[id_], before[id_]) for id_ in after if id_ in before and after[id_] != before[id_])


def _come_and_gone(
    aspect: Aspect, kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for id_ in after:
        if id_ not in before:
            yield Difference(aspect=aspect, id=id_, text=f"new {kind} {id_}{_described(after[id_])}")
    for id_ in before:
        if id_ not in after:
            yield Difference(aspect=aspect, id=id_, text=f"{kind} {id_} is gone")


def _described(new: Any) -> str:
    match new:
        case Ladder():
            return ": " + "; then ".join(map(_rung, new.rungs))
        case Calendar():
            return f": open {value(new)}"
        case Topic():
            return ", a crisis" if new.crisis else ""
        case Source():
            return f" ({new.network}, {new.brand_account})"
    return ""
