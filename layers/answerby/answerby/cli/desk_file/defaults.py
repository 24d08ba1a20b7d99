"""What a desk file may leave out, and what holds then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from answerby.domain.desk import BACKUP, LEAD, OWNER, Ladder, Person, Policy, Rung, Team
from answerby.domain.mention import Priority

EVERYONE = "everyone"
"""The team of a desk without `teams`."""

DEFAULT_LADDER = Ladder(
    id="default",
    rungs=tuple(Rung(who=(role,), wait=timedelta(minutes=10)) for role in (OWNER, BACKUP, LEAD)),
)
"""For a policy that names no ladder, unless the file has a `default` of its own."""

DEFAULT_POLICIES: Mapping[str, Policy] = {
    priority: Policy(id=priority, answer_within=within, ladder=DEFAULT_LADDER.id)
    for priority, within in (
        (Priority.URGENT.value, timedelta(minutes=30)),
        (Priority.HIGH.value, timedelta(hours=2)),
        (Priority.NORMAL.value, timedelta(hours=8)),
        (Priority.LOW.value, timedelta(hours=24)),
    )
}
"""Of a desk without `policies`. In every desk a rule that names none takes the one named like its priority."""


def everyone(people: Mapping[str, Person], rotations: Collection[str]) -> Team:
    """Whoever is on call owns a post, else the first person; the last one leads."""
    return Team(id=EVERYONE, members=(*rotations, *people), lead=list(people)[-1])
