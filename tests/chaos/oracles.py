"""What must hold when the fire is out, whatever burnt. Each oracle tells what it finds wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from answerby.domain.mention import Event, Mention, State
from tests.chaos.evidence import Evidence
from tests.chaos.ledger import Ledger
from tests.chaos.plan import Plan, What
from tests.chaos.saboteur import Damage
from tests.simulation.fold import differences

OVERDUE = timedelta(seconds=120)
FORGOTTEN = ("ana", "ben", "cleo")
"""Whom the sample desk calls for a complaint that nobody answers, within a minute."""
_CLOSING = (Event.ANSWERED, Event.DISMISSED, Event.REMOVED)
_CALLING = (Event.ROUTED, Event.ESCALATED, Event.REMINDED, Event.RAISED)


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the oracles judge by."""

    plan: Plan
    ledger: Ledger
    damage: Damage
    evidence: Evidence
    unwatched: frozenset[str] = frozenset()
    """What was open without a next check, at any time."""
    worst_lateness: float = 0.0
    """Seconds that a check was late at most, at any time."""


Oracle = Callable[[Case], Iterator[str]]


def violations(case: Case) -> list[str]:
    return [f"{oracle.__name__}: {wrong}" for oracle in ORACLES for wrong in oracle(case)]


def everybody_is_heard_in_the_end(case: Case) -> Iterator[str]:
    for what in case.ledger.unheard:
        yield f"{what} got no 2xx, long after the last fault"


def what_got_a_2xx_is_stored(case: Case) -> Iterator[str]:
    mentions, accepted = case.evidence.mentions, case.ledger.accepted
    edits = {telling.mention_id: telling.text for telling in accepted if telling.what is What.EDIT}
    gone = {telling.mention_id for telling in accepted if telling.what is What.REMOVE}
    for telling in accepted:
        mention = mentions.get(telling.mention_id)
        if mention is None:
            yield f"{telling.what} of {telling.mention_id} is not stored"
        elif telling.mention_id in gone:
            if Event.REMOVED not in _events(mention):
                yield f"{mention.id} was removed, and does not tell so"
        elif telling.what is not What.REPLY and mention.post.text != edits.get(telling.mention_id, telling.text):
            yield f"{mention.id} says {mention.post.text!r}, told was {telling.text!r}"
        elif mention.post.author.id != telling.author_id:
            yield f"{mention.id} is of another author"
        if telling.what is What.REPLY and mention is not None and mention.is_open:
            yield f"{mention.id} is {mention.state}, and the brand has replied"


def what_people_did_is_stored(case: Case) -> Iterator[str]:
    told = {What.ACKNOWLEDGE: Event.ACKNOWLEDGED, What.ASSIGN: Event.ASSIGNED}
    for deed in case.ledger.deeds:
        mention = case.evidence.mentions.get(deed.mention_id)
        if mention is None:
            yield f"{deed.doing.what} of {deed.mention_id}, which is not stored"
        elif deed.doing.what in told:
            # Of a mention that has joined another, the other one is taken on.
            chain = [case.evidence.mentions[each] for each in _chain(mention) if each in case.evidence.mentions]
            if not any(told[deed.doing.what] in _events(each) for each in chain):
                yield f"{deed.doing.what} of {mention.id} by {deed.doing.by} left no trace"
        elif mention.is_open:
            yield f"{mention.id} is {mention.state} after {deed.doing.what}"


def a_post_is_one_mention(case: Case) -> Iterator[str]:
    said = {doing.story.id(doing.place) for doing in case.plan.doings} | {story.id() for story in case.plan.stories}
    for mention in case.evidence.mentions.values():
        if mention.id not in said:
            yield f"nobody said {mention.id}"
        if (count := _events(mention).count(Event.RECEIVED)) != 1:
            yield f"{mention.id} was received {count} times"


def whatever_is_open_is_checked_again(case: Case) -> Iterator[str]:
    for mention in case.evidence.mentions.values():
        if mention.is_open and mention.next_check_at is None:
            yield f"{mention.id} is {mention.state} and is never looked at again"
    for mention_id in sorted(case.unwatched):
        yield f"{mention_id} was open for some time and was not to be looked at again"


def nothing_is_overdue(case: Case) -> Iterator[str]:
    waiting = {mention.id: mention.next_check_at for mention in case.evidence.mentions.values()}
    waiting |= {f"{id_} {item}": notice.next_check_at for (id_, item), notice in case.evidence.notices.items()}
    for name, due in waiting.items():
        if due and case.evidence.now - due > OVERDUE:
            yield f"{name} should have been looked at {case.evidence.now - due} ago"
    for mention in case.evidence.mentions.values():
        for alert in mention.outbox:
            since = max(alert.decided_at, alert.not_before or alert.decided_at)
            if case.evidence.now - since > OVERDUE:
                yield f"an alert for {alert.person} about {mention.id} waits since {since}"


def a_check_is_late_by_no_more_than_faults_explain(case: Case) -> Iterator[str]:
    """Two sweeps find everything; one that is killed costs its minute, and so does what happens while AWS is away."""
    damage = case.damage
    at_most = OVERDUE.total_seconds() + 60 * damage.of("sweep_overdue") + sum(damage.outages)
    if case.worst_lateness > at_most:
        yield f"a check was {case.worst_lateness:.0f} s late, and {at_most:.0f} s are explained"


def whoever_is_forgotten_is_called_out(case: Case) -> Iterator[str]:
    """By everybody whom the desk names, whatever the product itself has planned."""
    for story in case.plan.stories:
        mention = case.evidence.mentions.get(story.id())
        if not story.forgotten or mention is None:
            continue
        called = {alert.person for alert in case.evidence.alerts if alert.mention_id == mention.id}
        for person in FORGOTTEN:
            if person not in called:
                yield f"{mention.id} is open since {mention.post.received_at}, and {person} was not called"
        if not (mention.breached and Event.BREACHED in _events(mention)):
            yield f"{mention.id} is open since {mention.post.received_at}, and not told to be late"


def what_is_past_its_time_is_escalated(case: Case) -> Iterator[str]:
    now = case.evidence.now
    for mention in case.evidence.mentions.values():
        if mention.state is not State.OPEN or mention.joined:
            continue
        if mention.answer_by and now - mention.answer_by > OVERDUE and not mention.breached:
            yield f"{mention.id} should have been answered by {mention.answer_by}, and that is not told"
        due = mention.acknowledged_until or mention.escalate_at
        if due is None or now - due > OVERDUE:
            yield f"{mention.id} should have been escalated at {due}"


def nobody_is_called_after_the_end(case: Case) -> Iterator[str]:
    for mention in case.evidence.mentions.values():
        ends = [place for place, event in enumerate(_events(mention)) if event in _CLOSING]
        if mention.is_open or not ends:
            continue
        closed_at = mention.history[ends[0]].at
        for alert in case.evidence.alerts:
            if alert.mention_id == mention.id and alert.decided_at > closed_at:
                yield f"{mention.id} was closed at {closed_at}, and {alert.person} is called: {alert}"
        if any(event in _CALLING for event in _events(mention)[ends[0] + 1 :]):
            yield f"{mention.id} goes on after its end: {_events(mention)[ends[0] :]}"


def what_the_history_tells_was_sent(case: Case) -> Iterator[str]:
    """Every message that a history names went out, to the person it names; and each alert was in some message."""
    sent = {(alert.mention_id, alert.person, alert.message) for alert in case.evidence.alerts}
    for mention in case.evidence.mentions.values():
        for entry in mention.history:
            if entry.event is not Event.ALERTED:
                continue
            named = re.findall(r"\bmessage ([\w-]+)", entry.note or "")
            if not named and "in a bundle" not in (entry.note or ""):
                yield f"{mention.id} tells of an alert to {entry.by}, and of no message"
            for message in named:
                if (mention.id, entry.by, message) not in sent:
                    yield f"{mention.id} tells of the message {message} to {entry.by}, which did not go out"


def an_alert_is_repeated_only_by_a_crash(case: Case) -> Iterator[str]:
    """By one channel; and there are not more repeats in all than there were crashes."""
    sent = Counter((alert.id, alert.channel) for alert in case.evidence.alerts)
    for channel in sorted({channel for _, channel in sent}):
        repeats = sum(count - 1 for (_, by), count in sent.items() if by == channel)
        if repeats > case.damage.crashes:
            yield f"{repeats} alerts were repeated by {channel}, and {case.damage.crashes} processes were killed"
    for (alert_id, channel), count in sent.items():
        if count > 1 + case.damage.crashes:
            yield f"{alert_id} was sent {count} times by {channel}"


def a_round_calls_a_person_once(case: Case) -> Iterator[str]:
    """Of a mention that nobody touches: with another id it would be another alert, and not a repeat of the same."""
    untouched = {story.id() for story in case.plan.stories if story.forgotten}
    calls = {
        (alert.mention_id, alert.rung, alert.round, alert.person, alert.channel, alert.id)
        for alert in case.evidence.alerts
        if alert.mention_id in untouched and alert.rung is not None
    }
    for (*call, _), count in Counter((*each[:-1], "") for each in calls).items():
        if count > 1:
            yield f"{call} was decided {count} times"


def the_history_tells_the_state(case: Case) -> Iterator[str]:
    for mention in case.evidence.mentions.values():
        for wrong in differences(mention):
            yield f"{mention.id}: {wrong}"
        for earlier, later in pairwise(mention.history):
            if later.at < earlier.at - timedelta(seconds=30):
                yield f"{mention.id}: {later.event} is told after {earlier.event}, and was long before it"


def every_dead_letter_is_explained(case: Case) -> Iterator[str]:
    """Sweeps are not tried again: the next one finds the same. A check that killed five processes is given up, and
    found by the sweep. No other queue has a reason to hold any."""
    damage = case.damage
    at_most = {
        "SweepDeadLetters": damage.of("sweep_overdue"),
        "FollowUpsDeadLetters": 10 * damage.of("follow_up") // 5,
    }
    for queue, letters in case.evidence.dead_letters.items():
        if len(letters) > at_most.get(queue, 0):
            yield f"{queue} holds {len(letters)}, of which {at_most.get(queue, 0)} are explained: {letters[:3]}"
    for letter in case.evidence.dead_letters.get("FollowUpsDeadLetters", ()):
        mention_id = letter.get("mention_id")
        if mention_id not in case.evidence.mentions and (mention_id, letter.get("item")) not in case.evidence.notices:
            yield f"a check of {mention_id} was given up, and there is no such mention"


def who_is_in_charge_can_be_reached(case: Case) -> Iterator[str]:
    for mention in case.evidence.mentions.values():
        if mention.state is State.OPEN and mention.assignee not in case.evidence.reachable:
            yield f"{mention.id} is open, and {mention.assignee} cannot be reached"


def everything_that_can_go_wrong_did(case: Case) -> Iterator[str]:
    """Else the others have proved less than they say."""
    wanted = {fault.kind for fault in case.plan.faults}
    yield from (f"never: {kind}" for kind in sorted(wanted) if not case.damage.faults[kind])
    points = {fault.point for fault in case.plan.faults if fault.point}
    yield from (f"never killed: {point}" for point in sorted(points, key=str) if not case.damage.points[point])


ORACLES: tuple[Oracle, ...] = (
    everybody_is_heard_in_the_end,
    what_got_a_2xx_is_stored,
    what_people_did_is_stored,
    a_post_is_one_mention,
    whatever_is_open_is_checked_again,
    nothing_is_overdue,
    a_check_is_late_by_no_more_than_faults_explain,
    whoever_is_forgotten_is_called_out,
    what_is_past_its_time_is_escalated,
    nobody_is_called_after_the_end,
    what_the_history_tells_was_sent,
    an_alert_is_repeated_only_by_a_crash,
    a_round_calls_a_person_once,
    the_history_tells_the_state,
    every_dead_letter_is_explained,
    who_is_in_charge_can_be_reached,
    everything_that_can_go_wrong_did,
)


def _events(mention: Mention) -> list[Event]:
    return [entry.event for entry in mention.history]


def _chain(mention: Mention) -> set[str]:
    """It and whatever it has joined, now or before."""
    heads = {entry.note for entry in mention.history if entry.event is Event.JOINED and entry.note}
    return {mention.id, *heads}
