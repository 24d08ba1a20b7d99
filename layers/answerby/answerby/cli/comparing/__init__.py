"""What differs between two desks, in sentences: not which lines of the file, but who answers what, and how soon."""

from __future__ import annotations

from datetime import datetime

from answerby.cli.comparing import duty, people, rules, settings
from answerby.cli.comparing.difference import Aspect, Difference, by_importance
from answerby.domain.desk import Desk

__all__ = ["Aspect", "Difference", "differences"]


def differences(before: Desk, after: Desk, now: datetime) -> list[Difference]:
    """The most important first; none for equal desks. Rotations are compared for the two weeks from `now` on."""
    return by_importance(
        [
            *people.people(before, after),
            *people.teams(before, after),
            *rules.rules(before, after),
            *rules.policies(before, after),
            *settings.ladders(before, after),
            *duty.rotations(before, after, now),
            *duty.overrides(before, after, now),
            *settings.topics(before, after),
            *settings.calendars(before, after, now),
            *settings.sources(before, after),
            *settings.manners(before, after),
        ]
    )
