"""Manners: how often a person is called by each channel, and what is told of the alerts that were held back meanwhile.

The first alert to a calm person goes at once, and urgent ones always do. What comes too soon after another message is
held, and named in the next message by that channel: a bundle.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerby.domain.desk import Manners, Person
from answerby.domain.mention import Alert, Channel, Mention, Priority, Reason

URGENT_MAIL_EVERY = timedelta(seconds=2)
"""Between urgent mails to one person. SNS disables an address above 10 mails a second:
https://repost.aws/knowledge-center/sns-email-subscription-disabled"""
CALM_AFTER = timedelta(seconds=10)
"""A process that has mailed a person nothing urgent for so long does it without asking others."""
ONE_DIGEST_WITHIN = timedelta(minutes=1)
"""Whatever the manners: of all older posts that wake at once, one tells of the others."""
JITTER = timedelta(seconds=30)
"""At most so long after their time held alerts are looked at, lest 10,000 of them wake in the same second."""
TEXT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Turn:
    """The last message by a channel: when, and which alert asked for it."""

    at: datetime
    by: str


Slot = Mapping[Channel, Turn]
"""A person's last messages. A channel that was never used, or not for days, is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The alert may go by `channel` from `until` on. `last` is the message that holds it back; a digest has none."""

    channel: Channel
    until: datetime
    last: datetime | None = None

    def __str__(self) -> str:
        why = f": one was sent at {self.last:%H:%M:%S}" if self.last else ", with other older posts"
        return f"{self.channel} held until {self.until:%H:%M:%S}{why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a bundle tells of one alert. It is named from `not_before` on."""

    alert_id: str
    mention_id: str
    reason: Reason
    priority: Priority
    about: str
    """`facebook comment, Sam Carter: My parcel never came.`"""
    answer_by: datetime | None = None
    not_before: datetime | None = None


def reachable(alert: Alert, person: Person) -> tuple[Channel, ...]:
    """By which channels the alert is to go: those it wants, or whichever the person has if they have none of these."""
    has = tuple(channel for channel, to in ((Channel.SMS, person.sms), (Channel.EMAIL, person.email)) if to)
    return tuple(channel for channel in has if channel in alert.channels) or has


def spacing(
    alert: Alert, priority: Priority | None, manners: Manners, mailed_at: datetime | None, now: datetime
) -> dict[Channel, timedelta]:
    """How long the person's last message by each channel must be past; channels that need not ask are missing.

    `mailed_at` is when this process last mailed them without asking.
    """
    wanted = {Channel.SMS: max(manners.sms_every, manners.bundle_for), Channel.EMAIL: manners.bundle_for}
    if alert.reason is Reason.DIGEST:
        wanted = {channel: max(span, ONE_DIGEST_WITHIN) for channel, span in wanted.items()}
    elif alert.reason is Reason.TEST or priority is Priority.URGENT:
        wanted = dict.fromkeys(Channel, timedelta())
    if mailed_at and now - mailed_at < CALM_AFTER:
        wanted[Channel.EMAIL] = max(wanted[Channel.EMAIL], URGENT_MAIL_EVERY)
    return {channel: span for channel, span in wanted.items() if span}


def held_by(slot: Slot, spans: Mapping[Channel, timedelta], by: str, now: datetime) -> dict[Channel, Hold]:
    """The channels whose last message is not `span` past. Its own message holds no alert back: it is tried again."""
    return {
        channel: Hold(channel=channel, until=turn.at + span, last=turn.at)
        for channel, span in spans.items()
        if (turn := slot.get(channel)) and turn.at > now - span and turn.by != by
    }


def wakes_at(holds: Iterable[Hold], alert_id: str, now: datetime) -> datetime:
    """When a held alert is looked at: soon after the first of its channels is free, and not all of them at once."""
    first = min(hold.until for hold in holds)
    most = min(JITTER, (first - now) / 4)
    share = zlib.crc32(alert_id.encode()) % 1000 / 1000
    at = first + most * share
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def line_of(alert: Alert, mention: Mention, not_before: datetime | None = None) -> Line:
    post = mention.post
    author = post.author.name or post.author.handle or "unknown author"
    words = " ".join(post.text[: TEXT_LENGTH * 2].split())
    about = f"{post.network} {post.kind.replace('_', ' ')}, {author[:40]}: {words[:TEXT_LENGTH]}"
    return Line(
        alert_id=alert.id,
        mention_id=mention.id,
        reason=alert.reason,
        priority=mention.priority or Priority.NORMAL,
        about=about,
        answer_by=mention.answer_by,
        not_before=not_before,
    )


def most_urgent_first(lines: Iterable[Line]) -> list[Line]:
    """Each mention once; older posts, whose time was over before they were heard of, come last."""
    by_urgency = sorted(
        lines,
        key=lambda line: (
            line.reason is Reason.DIGEST,
            -line.priority.rank,
            line.answer_by is None,
            line.answer_by.timestamp() if line.answer_by else 0,
            line.mention_id,
        ),
    )
    return list({line.mention_id: line for line in reversed(by_urgency)}.values())[::-1]


def still_waits(line: Line, mention: Mention | None) -> bool:
    """An answer or an acknowledgement empties the outbox, and an alert that has left it does not come back."""
    return mention is not None and any(alert.id == line.alert_id for alert in mention.outbox)
