"""Manners: how often a person is called by each channel, and what is told of the alerts that were held back meanwhile.

The first alert to a calm person goes at once, and urgent ones always do. What comes too soon after another message is
held, and named in the next message by that channel: a bundle.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from answerby.domain.desk import Manners, Person
from answerby.domain.mention import Alert, Channel, Mention, Priority, Reason

MAIL_EVERY = timedelta(milliseconds=500)
"""Between two mails to one person, however urgent. SNS disables an address above 10 mails a second:
https://repost.aws/knowledge-center/sns-email-subscription-disabled"""
ONE_DIGEST_WITHIN = timedelta(minutes=1)
"""Whatever the manners: of all older posts that wake at once, one tells of the others."""
JITTER = timedelta(seconds=30)
"""At most so long after their time held alerts are looked at, lest 10,000 of them wake in the same second."""
TEXT_LENGTH = 120
A_RANK_IS_WORTH = timedelta(minutes=15)
"""Of waiting, where a message has no room for all."""


class Lane(StrEnum):
    """Messages that take turns with one another. Urgent mails do among themselves: they wait for nothing else, and
    what waits for the person's next mail does not begin to wait anew with each of them."""

    SMS = "sms"
    EMAIL = "email"
    URGENT_EMAIL = "urgent_email"


@dataclass(frozen=True, slots=True)
class Spacing:
    """An alert may go if the last message of its lane is `span` past."""

    lane: Lane
    span: timedelta


@dataclass(frozen=True, slots=True)
class Turn:
    """The last message of a lane: when, and which alert asked for it."""

    at: datetime
    by: str


Slot = Mapping[Lane, Turn]
"""A person's last messages. A lane that was never used, or not for days, is missing."""


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
    since: datetime
    """When the alert was decided."""
    answer_by: datetime | None = None
    not_before: datetime | None = None


def reachable(alert: Alert, person: Person) -> tuple[Channel, ...]:
    """By which channels the alert is to go: those it wants, or whichever the person has if they have none of these."""
    has = tuple(channel for channel, to in ((Channel.SMS, person.sms), (Channel.EMAIL, person.email)) if to)
    return tuple(channel for channel in has if channel in alert.channels) or has


def spacing(alert: Alert, priority: Priority | None, manners: Manners) -> dict[Channel, Spacing]:
    """How long the person's last message by each channel must be past; channels that need not ask are missing."""
    if is_pressing(alert.reason, priority):
        return {Channel.EMAIL: Spacing(Lane.URGENT_EMAIL, MAIL_EVERY)}
    least = ONE_DIGEST_WITHIN if alert.reason is Reason.DIGEST else timedelta()
    wanted = {
        Channel.SMS: Spacing(Lane.SMS, max(manners.sms_every, manners.bundle_for, least)),
        Channel.EMAIL: Spacing(Lane.EMAIL, max(manners.bundle_for, MAIL_EVERY, least)),
    }
    return {channel: each for channel, each in wanted.items() if each.span}


def held_by(slot: Slot, wanted: Mapping[Channel, Spacing], by: str, now: datetime) -> dict[Channel, Hold]:
    """The channels whose last message is too new. Its own message holds no alert back: it is tried again."""
    return {
        channel: Hold(channel=channel, until=turn.at + each.span, last=turn.at)
        for channel, each in wanted.items()
        if (turn := slot.get(each.lane)) and turn.at > now - each.span and turn.by != by
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
        since=alert.decided_at,
        answer_by=mention.answer_by,
        not_before=not_before,
    )


def most_urgent_first(lines: Iterable[Line]) -> list[Line]:
    """Each mention once; older posts, whose time was over before they were heard of, come last."""
    return _each_mention_once(
        sorted(
            lines,
            key=lambda line: (
                line.reason is Reason.DIGEST,
                -line.priority.rank,
                line.answer_by is None,
                line.answer_by.timestamp() if line.answer_by else 0,
                line.mention_id,
            ),
        )
    )


def first_in_turn(lines: Iterable[Line]) -> list[Line]:
    """Each mention once, in the order in which they get the room of a message that has not enough for all.

    The more urgent goes first, but the longer one waits the more urgent it becomes: else what is called again and again
    would keep out for ever what is less urgent.
    """

    def turn(line: Line) -> datetime:
        rank = -1 if line.reason is Reason.DIGEST else line.priority.rank
        return line.since - rank * A_RANK_IS_WORTH

    return _each_mention_once(sorted(lines, key=lambda line: (turn(line), line.mention_id)))


def _each_mention_once(lines: Iterable[Line]) -> list[Line]:
    first: dict[str, Line] = {}
    for line in lines:
        first.setdefault(line.mention_id, line)
    return list(first.values())


def still_waits(line: Line, mention: Mention | None) -> bool:
    """An answer or an acknowledgement empties the outbox, and an alert that has left it does not come back."""
    return mention is not None and any(alert.id == line.alert_id for alert in mention.outbox)


def is_pressing(reason: Reason, priority: Priority | None) -> bool:
    """Whether it waits for no other message but a mail as pressing as itself."""
    return reason is Reason.TEST or (priority is Priority.URGENT and reason is not Reason.DIGEST)
