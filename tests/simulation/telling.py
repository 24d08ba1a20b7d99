"""Events and items as a story tells of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from answerby.domain.drill import is_drill
from answerby.domain.mention import Mention, Notice, Post, State
from tests.simulation.table import SimulatedTable

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation


def label(event: Post | Notice) -> str:
    return f"post {event.id}" if isinstance(event, Post) else f"{event.kind} {event.post.id}"


def time_of_day(seconds: int) -> str:
    return _time_of_day(seconds % 86_400)


@cache
def _time_of_day(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def brief(each: Mention | Notice, next_check_at: int | None) -> str:
    """`next_check_at` is its own, in epoch milliseconds: a run tells of this a hundred thousand times."""
    check = "-" if next_check_at is None else time_of_day(next_check_at // 1000)
    if isinstance(each, Notice):
        return f"version {each.version}, next check {check}"
    last = each.history[-1]
    joined = f" joined {each.joined}" if each.joined else ""
    why = f": {last.note}" if last.note else ""
    return (
        f"{each.state}{joined} version {each.version}, rung {each.rung}, round {each.round}, "
        f"{len(each.outbox)} waiting, next check {check}; {last.event} by {last.by}{why}"
    )


def state_name(mention: Mention | None) -> str:
    """The node of the state machine: campaign.EDGES."""
    if mention is None:
        return "unheard"
    if mention.resolved_at:
        return "resolved"
    if mention.is_open and is_drill(mention):
        return "test"
    return "joined" if mention.state is State.OPEN and mention.joined else str(mention.state)


def faults_of(simulation: Simulation) -> str:
    """What a run is to meet, in a line."""
    faults, epoch = simulation.faults, simulation.engine.epoch
    windows = [
        f"{w.service} from {time_of_day((w.begin + epoch) // 1000)} to {time_of_day((w.end + epoch) // 1000)}"
        for w in faults.windows
    ]
    told = {
        "faults": [f"{kind} {rate:.1%}" for kind, rate in faults.rates.items()],
        "crashes aimed at": [faults.aim] if faults.aim else [],
        "away or throttled": windows,
        "clocks off by": [f"{name} {skew} ms" for name, skew in simulation.skews.items() if skew],
        "cannot be reached": sorted(simulation.phone.unknown),
    }
    return "; ".join(f"{what}: {', '.join(which)}" for what, which in told.items() if which) or "no faults"


def concerned(table: SimulatedTable, mention_id: str) -> tuple[str, ...]:
    """A mention with its chain, and the news of its conversation."""
    mention = table.get(mention_id)
    if mention is None:
        return (mention_id,) if mention_id else ()
    head = table.get(mention.joined or mention_id) or mention
    chain = dict.fromkeys((mention_id, head.id, *head.followed_by, *mention.followed_by))
    news = [
        each.post.id
        for each in table.read.values()
        if isinstance(each, Notice) and each.post.conversation_id == mention.post.conversation_id
    ]
    return (*chain, *dict.fromkeys(news))
