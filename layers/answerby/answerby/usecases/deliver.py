"""Hand one alert to its person, with manners: what comes too soon is held, and named in a bundle later.

An alert is registered for a bundle before its mention says that it is held, and struck off the list after the bundle
went out. So one that is held and no longer registered has been named, and a crash in between repeats a bundle, and
never loses one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from answerby.domain import manners
from answerby.domain.desk import Desk, Person
from answerby.domain.manners import Hold, Lane, Line, Slot, Spacing
from answerby.domain.mention import Alert, Channel, Mention, Reason
from answerby.domain.paging import next_slot
from answerby.ports import Mentions, Notifier, Pagers, UndeliverableError

AT_MOST = 2_000
"""Alerts that one bundle looks at. The others ask for the next one by themselves."""
_NAMED = "in a bundle"


@dataclass(frozen=True, slots=True)
class Call:
    """An alert whose time has come, and what it is told with."""

    alert: Alert
    mention: Mention
    person: Person
    desk: Desk
    now: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """`how` it went out, None if it has not. By the channels of `holds` it has yet to: look again at `wakes_at`."""

    how: str | None
    holds: tuple[Hold, ...] = ()
    wakes_at: datetime | None = None


def deliver(call: Call, mentions: Mentions, notifier: Notifier, pagers: Pagers) -> Delivered:
    """Raises UndeliverableError when no retry can help, UnavailableError otherwise."""
    alert, now = call.alert, call.now
    registered: Collection[Channel] = ()
    if alert.not_before is not None:
        registered = pagers.holds(alert.person, alert.channels, alert.id)
        if not registered:
            return Delivered(_NAMED)
        call = replace(call, alert=replace(alert, channels=tuple(registered)))
    how = [_NAMED] if 0 < len(registered) < len(alert.channels) else []
    channels = manners.reachable(call.alert, call.person)
    if not channels:
        raise UndeliverableError(f"{alert.person} has neither a phone number nor a mail address")
    if alert.reason is Reason.DIGEST and alert.not_before is None:
        holds = {channel: Hold(channel=channel, until=next_slot(now)) for channel in channels}
    else:
        spacing = manners.spacing(alert, call.mention.priority, call.desk.manners)
        holds, before = _take(call, {c: spacing[c] for c in channels if c in spacing}, pagers)
        free = {channel: spacing.get(channel) for channel in channels if channel not in holds}
        if free:
            how += _send(call, free, before, mentions, notifier, pagers)
    _register(call, {channel: hold for channel, hold in holds.items() if channel not in registered}, pagers)
    told = ", ".join(how) or None
    if not holds:
        return Delivered(told)
    return Delivered(told, tuple(holds.values()), manners.wakes_at(holds.values(), alert.id, now))


def _take(call: Call, wanted: Mapping[Channel, Spacing], pagers: Pagers) -> tuple[dict[Channel, Hold], Slot]:
    """Take the person's turn by as many channels as are free; what holds back the others, and the slot before."""
    holds: dict[Channel, Hold] = {}
    before: Slot = {}
    while wanted:
        latest = {each.lane: call.now - each.span for each in wanted.values()}
        taken = pagers.take(call.person.id, latest, call.alert.id, call.now)
        before = taken.before
        if taken.ok:
            break
        holds |= manners.held_by(before, wanted, call.alert.id, call.now)
        wanted = {channel: each for channel, each in wanted.items() if channel not in holds}
    return holds, before


def _send(
    call: Call,
    free: Mapping[Channel, Spacing | None],
    before: Slot,
    mentions: Mentions,
    notifier: Notifier,
    pagers: Pagers,
) -> list[str]:
    """Send it by the free channels, together with what waits for them; how each message went."""
    alert, person = call.alert, call.person
    # However long ago the last message was: whose check comes late would else be held anew by each turn of another's.
    # An urgent mail that was not held takes no turn of the others', and tells of itself alone.
    asked = [
        channel
        for channel, each in free.items()
        if each and (alert.not_before or (each.lane is not Lane.URGENT_EMAIL and each.lane in before))
    ]
    others = _others(call, asked, mentions, pagers) if asked else {}
    # By what waits for them: channels for which the same waits share a message.
    together: dict[frozenset[str], list[Channel]] = {}
    for channel in free:
        together.setdefault(frozenset(line.alert_id for line in others.get(channel, ())), []).append(channel)
    try:
        return [
            _bundle(call, channels, others[channels[0]], notifier, pagers)
            if waiting
            else _alone(call, channels, notifier, pagers)
            for waiting, channels in sorted(together.items(), key=lambda each: len(each[0]))
        ]
    except UndeliverableError:
        # The next one to this person is to find out at once, too.
        pagers.give_back(person.id, [each.lane for each in free.values() if each], alert.id)
        raise


def _others(
    call: Call, channels: Collection[Channel], mentions: Mentions, pagers: Pagers
) -> Mapping[Channel, Sequence[Line]]:
    """What waits for these channels besides this alert, and takes turns with it: another process may just have the turn
    of what does not, and tell of that. What was answered or acknowledged meanwhile waits no longer."""
    registered = {
        channel: [
            line
            for line in lines
            if line.alert_id != call.alert.id and (line.not_before is None or line.not_before <= call.now)
        ]
        for channel, lines in pagers.held(call.person.id, channels, AT_MOST).items()
    }
    named = {line.mention_id for lines in registered.values() for line in lines}
    if not named:
        return registered
    own = call.mention
    read = {**mentions.get_each(named - {own.id}), own.id: own}
    waiting = {
        channel: [line for line in lines if manners.still_waits(line, read.get(line.mention_id))]
        for channel, lines in registered.items()
    }
    for channel, lines in registered.items():
        if gone := {line.alert_id for line in lines} - {line.alert_id for line in waiting[channel]}:
            pagers.named(call.person.id, channel, gone)
    pressing = manners.is_pressing(call.alert.reason, own.priority)
    return {
        channel: [
            line for line in lines if manners.is_pressing(line.reason, read[line.mention_id].priority) is pressing
        ]
        for channel, lines in waiting.items()
    }


def _alone(call: Call, channels: list[Channel], notifier: Notifier, pagers: Pagers) -> str:
    message_id = notifier.send(call.alert, call.mention, call.person, call.desk, channels)
    if call.alert.not_before:
        for channel in channels:
            pagers.named(call.person.id, channel, {call.alert.id})
    return f"message {message_id}"


def _bundle(call: Call, channels: list[Channel], others: Sequence[Line], notifier: Notifier, pagers: Pagers) -> str:
    own = manners.line_of(call.alert, call.mention)
    lines = [own, *(line for line in manners.first_in_turn(others) if line.mention_id != own.mention_id)]
    bundle = notifier.send_bundle(lines, call.person, channels, call.now)
    named = {line.mention_id for line in lines[: bundle.named]}
    struck = {own.alert_id, *(line.alert_id for line in others if line.mention_id in named)}
    for channel in channels:
        pagers.named(call.person.id, channel, struck)
    return f"message {bundle.message_id} of {bundle.named} posts"


def _register(call: Call, holds: Mapping[Channel, Hold], pagers: Pagers) -> None:
    if holds:
        digest = call.alert.reason is Reason.DIGEST and call.alert.not_before is None
        not_before = min(hold.until for hold in holds.values()) if digest else None
        line = manners.line_of(call.alert, call.mention, not_before)
        pagers.hold(call.person.id, tuple(holds), line, call.now)
