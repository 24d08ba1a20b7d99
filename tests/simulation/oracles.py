"""What must hold, whatever went wrong. Which promise an oracle is for is told where it is; beside these:

- calls.py: an unanswered post past its time has its escalation decided in time, and nobody is passed over
- promises.py: every 2xx is stored as it was; no alert after an answer; what people were told is done is done
- targets.py, decisions.py: deadlines by their calendars, and who may be called why
- fold.py: the state is the fold of the history, which tells of one delivery: one mention per post
- sns.py: nobody is mailed so fast that SNS mutes them
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from answerby.domain.manners import Line
from answerby.domain.mention import Alert, Channel, Entry, Event, Mention, Notice, Priority, Reason, State
from tests.simulation import targets
from tests.simulation.calls import IN_TIME, Calls
from tests.simulation.decisions import wrong_with
from tests.simulation.engine import HOUR, MINUTE, SECOND
from tests.simulation.fold import differences
from tests.simulation.hours import Hours
from tests.simulation.ports import Invocation
from tests.simulation.promises import Promises
from tests.simulation.sns import LARGE_MAIL
from tests.simulation.table import Key
from tests.simulation.telling import state_name

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

DIGEST_AT_MOST = 15 * MINUTE
HELD_AT_MOST, HELD_AT_MOST_SMALL = DIGEST_AT_MOST + 15 * MINUTE, 45 * MINUTE
"""A digest waits for a quarter of an hour, and then for its turn; longer where mails have no room for all that wait."""
LOOK_AFTER = 30 * MINUTE
"""How long a post may be without a chain of its own after the one it had joined has closed, if its release was lost."""


class ViolationError(AssertionError):
    """The product broke its promise, to the author of a mention if not to all."""

    def __init__(self, what: str, mention_id: str = "") -> None:
        super().__init__(f"{what} [{mention_id}]" if mention_id else what)
        self.mention_id = mention_id


@dataclass
class Oracles:
    simulation: Simulation
    edges: Counter[tuple[str, str]] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    worst: int = 0
    worst_faulty: int = 0
    duplicates: int = 0
    closed_at: dict[str, int] = field(default_factory=dict)
    resolved_at: dict[str, int] = field(default_factory=dict)
    quiet_since: dict[str, int] = field(default_factory=dict)
    called: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    """By mention: when whom."""
    bundles: int = 0
    _told: dict[tuple[str, str, Channel], int] = field(default_factory=dict)
    """When a person was last told of a mention by a channel."""
    _publications: dict[tuple[str, Channel], list[Invocation]] = field(default_factory=lambda: defaultdict(list))
    """By alert and channel."""
    _turns: dict[tuple[str, Channel], tuple[int, str, Invocation]] = field(default_factory=dict)
    """By person and channel: the last message that took a turn, and which alert's it was."""
    _decided: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By mention: its alerts so far."""
    _decided_at: dict[str, int] = field(default_factory=dict)
    _set_at: dict[str, int] = field(default_factory=dict)
    """When a mention's next check was set: it may be set in the past."""
    _writes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.hours = Hours()
        self.calls = Calls(self.simulation, self.hours)
        self.promises = Promises(self.simulation)

    def fail(self, what: str, mention_id: str = "") -> None:
        raise ViolationError(what, mention_id)

    def check_set_at(self, mention_id: str) -> int:
        """When its next check was last moved."""
        return self._set_at.get(mention_id, 0)

    def committed(self, key: Key, before: Mention | Notice | None, after: Mention | Notice) -> None:
        now = self.simulation.engine.now
        if isinstance(after, Notice):
            waited = isinstance(before, Notice) and before.next_check_at
            heard = "waits" if after.next_check_at else "handled" if before else "stored"
            self._edge(
                f"{after.kind} {'waits' if waited else 'stored' if before else 'unheard'}", f"{after.kind} {heard}"
            )
            return
        assert not isinstance(before, Notice)
        self._edge(state_name(before), state_name(after))
        news = after.history[len(before.history) + before.archived - after.archived if before else 0 :]
        for entry in news:
            self.events[entry.event] += 1
        self._clock(before, after, now)
        self._outbox(before, after, news)
        self._decisions(before, after)
        self.calls.committed(before, after, news, now)
        self.promises.written(before, after)
        self._target(before, after)
        self._writes[key[0]] += 1
        if self._writes[key[0]] > 3_000:
            self.fail("is written again and again", key[0])
        if after.resolved_at:
            self.resolved_at.setdefault(key[0], now)
        if after.is_open:
            self.closed_at.pop(key[0], None)
        else:
            self.closed_at.setdefault(key[0], now)

    def _target(self, before: Mention | None, after: Mention) -> None:
        is_first = before is not None and before.answer_by is None and after.answer_by is not None
        if not is_first or after.joined or after.plan is None or after.plan.digest:
            return
        wrong = targets.wrong_with(after, self.simulation.known_desks(), self.hours)
        if wrong:
            self.fail(wrong, after.id)

    def _edge(self, before: str, after: str) -> None:
        self.edges[before, after] += 1

    def _clock(self, before: Mention | None, after: Mention, now: int) -> None:
        ms, check = self.simulation.engine.ms, after.next_check_at
        if after.is_open and check is None:
            self.fail("open without a next check", after.id)
        if not after.is_open and (check is not None) is not _waits_to_be_resolved(after):
            self.fail(f"{after.state}, and its next check is at {check}", after.id)
        if after.state is State.OPEN and after.joined is None and check and after.plan:
            times = [after.acknowledged_until or after.escalate_at]
            if not after.breached and not after.plan.digest:
                times += [after.answer_by, *(() if after.snoozed else after.remind_at)]
            due = min((time for time in times if time), default=None)
            if due is None or (check > due and ms(check) > max(ms(due), now) + 5 * SECOND):
                self.fail(f"the next check is at {check}, due is {due}", after.id)
        if (
            after.state is State.OPEN
            and after.outbox
            and check
            and not (ms(check) <= max(now + 65 * SECOND, min(map(self._wakes, after.outbox))))
        ):
            self.fail("an alert waits and no check will ask for it", after.id)
        if before and before.next_check_at and check != before.next_check_at:
            self._late(before, max(ms(before.next_check_at), self._set_at.get(after.id, 0)), now)
        if before is None or check != before.next_check_at:
            self._set_at[after.id] = now

    def _late(self, mention: Mention, due: int, now: int) -> None:
        late = now - due
        if late <= 0:
            return
        if not self.simulation.faults.any:
            self.worst = max(self.worst, late)
        self.worst_faulty = max(self.worst_faulty, late)
        if late > IN_TIME and late > IN_TIME + (grace := self.simulation.faults.grace(mention.id, due, now)):
            self.fail(f"checked {late / 1000:.0f} s late, faults explain {grace / 1000:.0f} s", mention.id)

    def _decisions(self, before: Mention | None, after: Mention) -> None:
        if not after.outbox:
            return
        known = {alert.id for alert in before.outbox} if before else set()
        new = [alert for alert in after.outbox if alert.id not in known]
        if not new:
            return
        desks = self.simulation.known_desks()
        for alert in new:
            wrong = wrong_with(alert, after, self._decided[after.id], desks, self.hours)
            if wrong:
                self.fail(wrong, after.id)
            self._decided[after.id].add(alert.id)
            self._decided_at[alert.id] = self.simulation.engine.now
            self.promises.decided(alert, after)

    def _outbox(self, before: Mention | None, after: Mention, news: Sequence[Entry]) -> None:
        """An alert that was decided is sent, or fails, or is dropped; and the history says so."""
        if before is None or not before.outbox:
            return
        waits = {alert.id for alert in after.outbox}
        gone = [alert for alert in before.outbox if alert.id not in waits]
        if not gone:
            return
        told = [entry.event for entry in news]
        ends = sum(told.count(event) for event in (Event.ALERTED, Event.ALERT_DROPPED, Event.ALERT_FAILED))
        if ends < len(gone) and not any(alert.reason is Reason.DIGEST for alert in gone):
            self.fail(f"{len(gone)} alerts vanish from the outbox, the history tells of {ends}", after.id)
        for alert in gone:
            if any(entry.event is Event.ALERTED and entry.by == alert.person for entry in news):
                self._was_told(alert, after)

    def _was_told(self, alert: Alert, mention: Mention) -> None:
        """Alone or in a bundle, since it was decided, by each of its channels; or by another that the person has."""
        since = self.simulation.engine.ms(alert.decided_at) - 5 * SECOND
        told = {channel for channel in Channel if self._told.get((mention.id, alert.person, channel), -1) >= since}
        person = self.simulation.desk.people.get(alert.person)
        has = {Channel.SMS: person and person.sms, Channel.EMAIL: person and person.email}
        if not told or any(has[channel] and channel not in told for channel in alert.channels):
            self.fail(f"{alert.person} is marked as alerted by {alert.channels}, and was told by {told}", mention.id)

    def published(self, invocation: Invocation, alert: Alert, mention: Mention, channels: Collection[Channel]) -> None:
        engine = self.simulation.engine
        engine.tell(
            f"  calls {alert.person} by {', '.join(channels)}: {alert.reason}, rung {alert.rung}, round {alert.round}, "
            f"{mention.id}"
        )
        if not mention.is_open and alert.reason is not Reason.UNRESOLVED:
            self.fail("called without having been read", mention.id)
        self._named(invocation, alert.id, mention.id, alert.reason, alert.person, channels)
        if not _is_pressing(alert.reason, mention.priority):
            for channel in channels:
                self._had_the_turn(invocation, alert.id, alert.person, channel)

    def bundled(
        self, invocation: Invocation, lines: Sequence[Line], person: str, channels: Collection[Channel]
    ) -> None:
        """The first line is the alert that took the turn."""
        told = ", ".join(line.mention_id for line in lines)
        self.simulation.engine.tell(f"  tells {person} by {', '.join(channels)} of {told}")
        for line in lines:
            self._named(invocation, line.alert_id, line.mention_id, line.reason, person, channels)
        self.bundles += 1
        for channel in () if _is_pressing(lines[0].reason, lines[0].priority) else channels:
            self._had_the_turn(invocation, lines[0].alert_id, person, channel)

    def _named(
        self,
        invocation: Invocation,
        alert_id: str,
        mention_id: str,
        reason: Reason,
        person: str,
        channels: Collection[Channel],
    ) -> None:
        self.reasons[str(reason)] += 1
        self.called[mention_id].append((self.simulation.engine.now, person))
        read_at = invocation.reads.get(mention_id)
        closed_at = (self.resolved_at if reason is Reason.UNRESOLVED else self.closed_at).get(mention_id)
        if read_at is None:
            self.fail("called without having been read", mention_id)
        elif closed_at is not None and closed_at < read_at:
            self.fail("called after it had been closed", mention_id)
        self.duplicates += any(self._publications[alert_id, channel] for channel in channels)
        for channel in channels:
            self._told[mention_id, person, channel] = self.simulation.engine.now
            earlier = self._publications[alert_id, channel]
            # A sender that dies leaves its alert registered with the pager, where another finds it and tells of it; and
            # whoever was held up between reading and telling repeats what another has told meanwhile.
            own = sum(at >= self._decided_at[alert_id] for at in self.simulation.faults.of_mention.get(mention_id, ()))
            faults = own + sum(each.faulty for each in (*earlier, invocation))
            if len(earlier) > faults:
                self.fail(f"{person} is called {len(earlier) + 1} times by {channel}, {faults} faults", mention_id)
            earlier.append(invocation)

    def _had_the_turn(self, invocation: Invocation, alert_id: str, person: str, channel: Channel) -> None:
        """Outside `urgent` nobody gets two messages by a channel in short order, but a repeat after a fault."""
        now, before = self.simulation.engine.now, self._turns.get((person, channel))
        self._turns[person, channel] = now, alert_id, invocation
        if before is None or before[1] == alert_id:
            return
        manners = self.simulation.desk.manners
        span = manners.bundle_for if channel is Channel.EMAIL else manners.sms_every
        close = now - before[0] < span.total_seconds() * SECOND - 10 * SECOND
        if close and not (before[2].faulty or invocation.faulty):
            self.fail(f"{person} gets two messages by {channel} within {(now - before[0]) / 1000:.0f} s")

    def _wakes(self, alert: Alert) -> int:
        """From when on it should go out."""
        return self.simulation.engine.ms(alert.not_before or alert.decided_at)

    def audit(self) -> None:
        """What has no next check was looked at when it was written."""
        now, epoch, table = self.simulation.engine.now, self.simulation.engine.epoch, self.simulation.table
        for (mention_id, item), stored in table.waiting.items():
            due = max((stored.next_check_at or 0) - epoch, self._set_at.get(mention_id, 0))
            if now - due > IN_TIME and now - due > IN_TIME + self.simulation.faults.grace(mention_id, due, now):
                self.fail(f"{item} is overdue by {(now - due) / 1000:.0f} s and nobody looks", mention_id)
            each = table.read[mention_id, item]
            if isinstance(each, Mention):
                if each.outbox:
                    self._unsent(each, now)
                if each.joined:
                    self._orphaned(each, now)

    def _unsent(self, mention: Mention, now: int) -> None:
        grace = self.simulation.faults.grace
        at_most = HELD_AT_MOST if self.simulation.phone.room == LARGE_MAIL else HELD_AT_MOST_SMALL
        for alert in mention.outbox:
            decided, wakes = self.simulation.engine.ms(alert.decided_at), self._wakes(alert)
            if now - decided > at_most + IN_TIME:
                self._held(mention, alert, decided, now, at_most)
            waits = now - wakes
            # Once nobody has sent it, a check asks for it a minute later, and the sweep for that.
            if waits > IN_TIME and waits > IN_TIME + (explained := grace(mention.id, wakes, now, 2 * MINUTE)):
                self.fail(f"an alert waits for {waits / 1000:.0f} s, faults explain {explained}", mention.id)

    def _held(self, mention: Mention, alert: Alert, decided: int, now: int, at_most: int) -> None:
        """Whoever has the turn holds all others back, though a fault is the end of it: to them that is a turn lost."""
        faults = self.simulation.faults
        lost = faults.lost_turns(alert.person, alert.channels, decided + DIGEST_AT_MOST, now)
        if now - decided > at_most + IN_TIME + faults.grace(mention.id, decided, now) + lost:
            self.fail("an alert is held back for ever", mention.id)

    def _orphaned(self, mention: Mention, now: int) -> None:
        """A post that joined a chain which has closed without it is taken up again."""
        head = self.head(mention)
        if head is None or head.is_open:
            return
        since, grace = self.closed_at[head.id], self.simulation.faults.grace
        faults = grace(mention.id, since, now) + grace(head.id, since, now)
        # Whoever closes a chain closes or releases all of it, and tries again if that failed half-way.
        faults += sum(MINUTE for at in self.simulation.faults.of_people if since - MINUTE <= at <= now)
        late = now - since - IN_TIME - (LOOK_AFTER if faults else 0)
        if late > faults:
            self.fail(f"its chain closed {(now - since) / 1000:.0f} s ago and nobody calls for it", mention.id)

    def head(self, mention: Mention) -> Mention | None:
        """The end of the chain that a mention has joined; None if it has not."""
        head = None
        seen = {mention.id}
        while mention.joined and mention.is_open:
            if mention.joined in seen:
                self.fail("joined in a circle", mention.id)
            seen.add(mention.joined)
            found = self.simulation.table.get(mention.joined)
            assert found
            head = mention = found
        return head

    def settled(self) -> None:
        """Oracle: after faults stop everything is settled within two sweeps. A poisoned message that was sent before
        may still take with it what is handled beside it."""
        now, table, ms = self.simulation.engine.now, self.simulation.table, self.simulation.engine.ms
        for (mention_id, item), each in table.read.items():
            late = now - ms(each.next_check_at) - MINUTE - 10 * SECOND if each.next_check_at else 0
            if late > 0 and late > self.simulation.faults.grace(mention_id, now - 2 * MINUTE, now):
                self.fail(f"{item} is overdue after the faults", mention_id)
            if isinstance(each, Mention):
                for alert in each.outbox:
                    if now - self._wakes(alert) > IN_TIME:
                        self.fail("an alert waits after the faults", mention_id)

    def ended(self, quiet_from: int) -> None:
        """`quiet_from` on there were no faults, and nobody did anything."""
        simulation = self.simulation
        hear = simulation.hearing() if simulation.can_reach() else ()
        self.calls.ended()
        self.promises.ended()
        for key, each in simulation.table.read.items():
            if isinstance(each, Mention):
                whole = simulation.table.history(each)
                for wrong in differences(whole):
                    self.fail(f"the history tells another story: {wrong}", key[0])
                self._calls(each, quiet_from, hear)
                self._as_urgent_as_it_reads(each)
        for consumer in simulation.consumers:
            if consumer.is_stuck(simulation.engine.now - MINUTE):
                self.fail("the stream is stuck")
        self._nothing_is_abandoned()

    def _nothing_is_abandoned(self) -> None:
        """Oracle: every abandoned message is in a dead-letter queue, and has raised an alarm."""
        simulation = self.simulation
        if simulation.queue.is_stuck(simulation.engine.now - MINUTE):
            self.fail("a message was abandoned, and is in no dead-letter queue")
        for consumer in simulation.consumers:
            if consumer.taken != consumer.done + consumer.waiting:
                self.fail(f"of {consumer.taken} records {consumer.done} are done and {consumer.waiting} wait")
        silent = [queue for queue, letters in simulation.dead_letters.left.items() if letters]
        if not simulation.dead_letters.alarms.keys() >= {*silent}:
            self.fail(f"nobody was told of what is left in {', '.join(silent)}")

    def _calls(self, mention: Mention, quiet_from: int, hear: Collection[str]) -> None:
        """Oracle: no post is open without an assignee, and somebody who can be reached is called for it. Some may be
        asleep: they are called for what is urgent, and where nobody else is left."""
        simulation = self.simulation
        chain = self.head(mention) or mention
        if not mention.is_open or (chain.plan and chain.plan.digest) or simulation.engine.now < quiet_from + HOUR:
            return
        if chain.assignee not in simulation.desk.people:
            self.fail(f"it is {chain.assignee}'s, who is no longer on the desk", mention.id)
        if hear and not any(at >= quiet_from and person in hear for at, person in self.called[chain.id]):
            self.fail(
                f"open, and in {(simulation.engine.now - quiet_from) / HOUR:.1f} h nobody who can be reached was "
                f"called",
                mention.id,
            )

    def _as_urgent_as_it_reads(self, mention: Mention) -> None:
        if not mention.is_open:
            return
        chain = self.head(mention) or mention
        if "refund" in mention.post.text and (chain.priority is None or chain.priority.rank < 3):
            self.fail(f"it reads urgent, and its chain is {chain.priority}", mention.id)


def _is_pressing(reason: Reason, priority: Priority | None) -> bool:
    """Whether it waits for no other message."""
    return reason is Reason.TEST or (priority is Priority.URGENT and reason is not Reason.DIGEST)


def _waits_to_be_resolved(mention: Mention) -> bool:
    asked_of = mention.state is State.ANSWERED and not mention.joined
    return asked_of and mention.resolve_by is not None and mention.resolved_at is None
