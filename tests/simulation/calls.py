"""Nobody unanswered is forgotten: follows each chain's calls by its history, and knows of its ladder only the rungs.

Oracle: an unanswered post past its time has its escalation decided within 120 s of its due time fault-free, and within
outage + 120 s otherwise. Nothing here asks whether an alert has arrived, so a post whose alerts vanish climbs, too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from answerby.domain.desk import Desk
from answerby.domain.drill import is_drill
from answerby.domain.mention import ROUTE_WITHIN, Entry, Event, Mention, Priority, State
from tests.simulation.engine import SECOND
from tests.simulation.hours import Hours

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

IN_TIME = 120 * SECOND
_AHEAD = timedelta(hours=5)
_FROM_BELOW = (Event.ROUTED, Event.ASSIGNED)
_SAME_RUNG = (Event.RAISED, Event.ACKNOWLEDGEMENT_EXPIRED)
CALLS = frozenset((*_FROM_BELOW, *_SAME_RUNG, Event.ESCALATED))


@dataclass(slots=True)
class Chain:
    """`due` is when somebody must be called next, if anything; `next` that without the deadline."""

    next: int | None
    due: int | None
    heard: bool = False
    """Whether SNS has taken an alert of the last call."""
    answer_by: datetime | None = None
    breach: int | None = None
    """When the deadline passes, or when it was set, if it had passed by then."""


@dataclass
class Calls:
    simulation: Simulation
    hours: Hours
    chains: dict[str, Chain] = field(default_factory=dict)

    def committed(self, before: Mention | None, after: Mention, news: Sequence[Entry], now: int) -> None:
        chain = self.chains.get(after.id)
        if chain and chain.due is not None:
            self._in_time(after.id, chain.due, now)
        if not _calls(after):
            self.chains.pop(after.id, None)
            return
        events = {entry.event for entry in news}
        if after.state is State.NEW:
            due = now + ROUTE_WITHIN // timedelta(milliseconds=1)
            self.chains[after.id] = Chain(due, due)
            return
        chain = self.chains[after.id] = chain or Chain(now, now)
        if events & CALLS:
            called = next(entry for entry in reversed(news) if entry.event in CALLS)
            self._nobody_is_skipped(before, after, events, called.at)
            chain.next, chain.heard = self._after_call(before, after, events, called.at, now), False
        chain.heard |= Event.ALERTED in events
        if after.acknowledged_until:
            chain.due = chain.next = self.simulation.engine.ms(after.acknowledged_until)
            return
        if Event.ALERT_FAILED in events and not events & CALLS and self._has_failed(chain, after):
            chain.next = now
        if after.answer_by != chain.answer_by:
            chain.answer_by = after.answer_by
            chain.breach = max(self.simulation.engine.ms(after.answer_by), now) if after.answer_by else None
        breach = None if after.breached else chain.breach
        chain.due = min((at for at in (chain.next, breach) if at is not None), default=None)

    def ended(self) -> None:
        for mention_id, chain in self.chains.items():
            if chain.due is not None:
                self._in_time(mention_id, chain.due, self.simulation.engine.now)

    def _in_time(self, mention_id: str, due: int, now: int) -> None:
        if now <= due + IN_TIME:
            return
        grace = self.simulation.faults.grace(mention_id, due, now)
        if now > due + IN_TIME + grace:
            late, explained = (now - due) / 1000, grace / 1000
            self.simulation.oracles.fail(
                f"nobody is called for {late:.0f} s, faults explain {explained:.0f}", mention_id
            )

    def _after_call(
        self, before: Mention | None, after: Mention, events: Collection[Event], at: datetime, now: int
    ) -> int | None:
        """When the next call is due by the ladder alone."""
        assert after.plan
        rungs, every, base = after.plan.rungs, after.plan.repeat_every, _rung_before(before, events)
        if after.rung is None:
            wait = max(every, *(rung.wait for rung in rungs))
        elif after.round == 0:
            return self._wakes(after, at)
        elif after.rung == len(rungs):
            wait = every
        else:
            # Where nobody above can be called, those below are called like the top.
            wait = max(rungs[after.rung - 1].wait, every if after.rung <= base else 0 * every)
        return now + wait // timedelta(milliseconds=1)

    def _wakes(self, mention: Mention, at: datetime) -> int | None:
        """When the first wakes of those who were told quietly, or are above them."""
        assert mention.plan
        assert mention.rung
        names = [name for rung in mention.plan.rungs[mention.rung - 1 :] for name in rung.who]
        wakes = [self._wakes_up(name, at) for name in names]
        return min((self.simulation.engine.ms(each) for each in wakes if each), default=None)

    def _wakes_up(self, name: str, at: datetime) -> datetime | None:
        """By all desks that may have decided, if nothing but sleep keeps a person from being called."""
        times = []
        for desk in self.simulation.known_desks():
            person = desk.people.get(name)
            if person is None or person.working_hours is None or _is_replaced(name, desk):
                return None
            times.append(self.hours.opens(person.working_hours, at, at + _AHEAD))
        known = [time for time in times if time]
        return max(known) if len(known) == len(times) else None

    def _has_failed(self, chain: Chain, after: Mention) -> bool:
        """Nobody of the last call has heard it, or still may; at the top its own wait keeps the rounds apart."""
        assert after.plan
        waits = any((alert.rung, alert.round) == (after.rung, after.round) for alert in after.outbox)
        is_top = after.rung in (None, len(after.plan.rungs))
        return not (chain.heard or waits or is_top)

    def _nobody_is_skipped(
        self, before: Mention | None, after: Mention, events: Collection[Event], at: datetime
    ) -> None:
        """Each rung is called in turn, whole, but for those who are asleep, away, or no longer on the desk."""
        if after.plan is None or after.rung is None or after.round == 0 or after.acknowledged_until:
            return
        base = _rung_before(before, events)
        told = {alert.person for alert in after.outbox if (alert.rung, alert.round) == (after.rung, after.round)}
        between = [name for rung in after.plan.rungs[base : after.rung - 1] for name in rung.who]
        for name in (*between, *after.plan.rungs[after.rung - 1].who):
            if name not in told and self._can_be_called(name, after.priority, at):
                self.simulation.oracles.fail(f"{name} is passed over on the way to rung {after.rung}", after.id)

    def _can_be_called(self, name: str, priority: Priority | None, at: datetime) -> bool:
        pressing = priority in (Priority.HIGH, Priority.URGENT)
        return all(
            name in desk.people
            and not _is_replaced(name, desk)
            and (pressing or self.hours.is_awake(desk.people[name], at))
            for desk in self.simulation.known_desks()
        )


def _calls(mention: Mention) -> bool:
    """Whether it calls people itself."""
    if mention.state is State.NEW:
        return True
    digest = mention.plan is not None and mention.plan.digest
    return mention.state is State.OPEN and not mention.joined and not digest and not is_drill(mention)


def _rung_before(before: Mention | None, events: Collection[Event]) -> int:
    """The rung above which this call goes on."""
    rung = (before and before.rung) or 0
    if any(event in events for event in _FROM_BELOW):
        return 0
    return max(rung - 1, 0) if any(event in events for event in _SAME_RUNG) else rung


def _is_replaced(name: str, desk: Desk) -> bool:
    """Whether an override may keep somebody from being called in their own name."""
    return any(each.person == name for each in desk.overrides)
