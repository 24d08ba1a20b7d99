"""Coverage: when, in the days to come, a rung or a rotation would have nobody to call. Whoever merely sleeps then is
there: an urgent post wakes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby, pairwise

from answerby.domain import ladder
from answerby.domain.desk import Desk
from answerby.domain.mention import PlannedRung, Priority
from answerby.domain.rotation import Rotation, shifts

Times = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """`alone`: when neither it nor a rung above has anybody; `empty`: when only it has nobody."""

    name: str
    alone: tuple[Times, ...]
    empty: tuple[Times, ...]
    teams: tuple[str, ...]


def rotation_gaps(rotation: Rotation, desk: Desk, start: datetime, end: datetime) -> tuple[Times, ...]:
    known = shifts(rotation, desk.overrides, start, end)
    return tuple((shift.start, shift.end) for shift in known if not shift.people)


def covered(desk: Desk, start: datetime, end: datetime) -> Iterator[Rung]:
    """Every rung that a post can reach, each once for whoever it calls: a ladder has other rungs for another owner."""
    ladders: dict[tuple[str, tuple[PlannedRung, ...]], dict[str, None]] = defaultdict(dict)
    for rule in desk.rules:
        ladders[desk.policies[rule.policy].ladder, ladder.rungs_of(rule, desk, start)][rule.team] = None
    changes = sorted({start, end} | ladder.changes(desk, start, end))

    @cache
    def staffed(rung: PlannedRung) -> list[bool]:
        return [bool(ladder.called(rung, desk, Priority.URGENT, at).people) for at in changes[:-1]]

    for (ladder_id, rungs), teams in ladders.items():
        for place, rung in enumerate(rungs):
            gaps = list(_gaps([staffed(each) for each in rungs[place:]], changes))
            yield Rung(
                name=f"ladder {ladder_id}, rung {place + 1} ({', '.join(rung.who)})",
                alone=tuple(times for times, alone in gaps if alone),
                empty=tuple(times for times, alone in gaps if not alone),
                teams=tuple(teams),
            )


def _gaps(staffed: Sequence[Sequence[bool]], changes: Sequence[datetime]) -> Iterator[tuple[Times, bool]]:
    """The times at which the first of these rungs has nobody, and whether then none of the others has."""
    states = [(here[0], any(here)) for here in zip(*staffed, strict=True)]
    spans = zip(states, pairwise(changes), strict=True)
    for (here, above), same in groupby(spans, key=lambda span: span[0]):
        times = [time for _, time in same]
        if not here:
            yield (times[0][0], times[-1][1]), not above
