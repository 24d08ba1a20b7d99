"""What a lead reads when the desk is not ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from answerby.channels.gsm7 import ONE_PART, clip, gsm7
from answerby.channels.wording import local
from answerby.domain.desk import Person
from answerby.domain.readiness import Finding, Severity

SUBJECT = "[readiness] Answerby is not ready: see what to do"
_SHOWN = 5
_LONGEST = 200
_ROOM = 100_000
"""Findings in a mail, and its bytes: a message to SNS holds it twice."""
_HOW = "answerby desk ready"


def sms(findings: Sequence[Finding]) -> str:
    """One part: how many, the first, and where the rest is."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    head = f"Answerby is not ready, {errors} errors of {len(findings)} findings. "
    tail = f" Run: {_HOW}"
    first = clip(gsm7(f"{findings[0].about}: {findings[0].what}"), ONE_PART - len(head) - len(tail))
    return head + first + tail


def mail(findings: Sequence[Finding], person: Person, now: datetime) -> str:
    shown = findings[:_LONGEST]
    while True:
        text = "\n".join(_lines(shown, len(findings), person, now)) + "\n"
        if len(text.encode()) <= _ROOM or len(shown) == 1:
            return text
        shown = shown[: len(shown) // 2]


def _lines(shown: Sequence[Finding], of: int, person: Person, now: datetime) -> Iterator[str]:
    yield f"{person.name}, these could keep a post from being answered in time."
    for finding in shown:
        yield ""
        yield f"{str(finding.severity).upper()}  {finding.about}: {finding.what}"
        yield from (f"  {_time(starts, person)} - {_time(ends, person)}" for starts, ends in finding.times[:_SHOWN])
        if len(finding.times) > _SHOWN:
            yield f"  and {len(finding.times) - _SHOWN} times more"
        yield f"  What to do: {finding.to_do}."
    if of > len(shown):
        yield f"\nand {of - len(shown)} more"
    yield ""
    yield f"As of {_time(now, person)} ({person.time_zone}). All of it: {_HOW}"


def _time(time: datetime, person: Person) -> str:
    return f"{local(time, person):%a %d %b %H:%M}"
