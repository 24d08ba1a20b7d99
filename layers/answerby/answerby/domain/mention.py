"""A mention: one post about the brand, its clock, its outbox and its history, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

ROUTE_WITHIN = timedelta(seconds=60)
"""From acceptance to the first check, if the stream has not routed the mention by then."""

EARLIER_POSTS_KEPT = 20
"""Of an author, the latest ones: no rule can ask for more."""


SAME_LANGUAGE = {"in": "id", "iw": "he", "ji": "yi", "nb": "no"}
"""Codes that some networks and people use, by those that all others do."""


class Kind(StrEnum):
    POST = "post"
    COMMENT = "comment"
    REPLY = "reply"
    QUOTE = "quote"
    DIRECT_MESSAGE = "direct_message"
    REVIEW = "review"
    RATING = "rating"
    STORY = "story"
    LINK = "link"


class State(StrEnum):
    NEW = "new"
    OPEN = "open"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    REMOVED = "removed"


_OPEN = (State.NEW, State.OPEN)


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return _PRIORITY_RANK[self]


_PRIORITY_RANK = {priority: rank for rank, priority in enumerate(Priority)}


class Sentiment(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Channel(StrEnum):
    SMS = "sms"
    EMAIL = "email"


class Event(StrEnum):
    """What the history tells; each in the past tense."""

    RECEIVED = "received"
    ROUTED = "routed"
    JOINED = "joined"
    FOLLOWED_UP = "followed_up"
    RAISED = "raised"
    ESCALATED = "escalated"
    SKIPPED = "skipped"
    REMINDED = "reminded"
    ALERTED = "alerted"
    ALERT_DELAYED = "alert_delayed"
    ALERT_DROPPED = "alert_dropped"
    ALERT_FAILED = "alert_failed"
    ACKNOWLEDGED = "acknowledged"
    ACKNOWLEDGEMENT_EXPIRED = "acknowledgement_expired"
    SNOOZED = "snoozed"
    ASSIGNED = "assigned"
    ADOPTED = "adopted"
    BREACHED = "breached"
    EDITED = "edited"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    REMOVED = "removed"
    RELEASED = "released"


class Reason(StrEnum):
    """Why an alert was decided."""

    ROUTED = "routed"
    ESCALATED = "escalated"
    REPEATED = "repeated"
    BREACHED = "breached"
    RAISED = "raised"
    ACKNOWLEDGEMENT_EXPIRED = "acknowledgement_expired"
    ASSIGNED = "assigned"
    REMINDER = "reminder"
    UNRESOLVED = "unresolved"
    DIGEST = "digest"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    id: str | None = None
    handle: str | None = None
    name: str | None = None
    followers: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a network says of one post. `id` is `network:native-id`, and so are the ids it refers to."""

    id: str
    network: str
    kind: Kind
    source: str
    brand_account: str
    author: Author
    text: str
    conversation_id: str
    received_at: datetime
    language: str | None = None
    rating: float | None = None
    url: str | None = None
    in_reply_to: str | None = None
    posted_at: datetime | None = None
    edited_at: datetime | None = None
    reply_until: datetime | None = None
    """When the network stops taking a reply to this post, where it does."""
    sentiment: Sentiment | None = None
    """Read from its text when it is routed, if a rule asks for it."""

    @property
    def said_at(self) -> datetime:
        """The clock's start: a late delivery grants no extra time."""
        return min(self.posted_at or self.received_at, self.received_at)

    @property
    def language_code(self) -> str | None:
        """Its language without region or script: pt for pt-BR; None if it is unknown."""
        code = (self.language or "").replace("_", "-").partition("-")[0].casefold()
        return None if code in ("", "und") else SAME_LANGUAGE.get(code, code)


class NoticeKind(StrEnum):
    OWN_REPLY = "own_reply"
    EDIT = "edit"
    REMOVAL = "removal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """News of a conversation that is not a mention itself.

    `post` is the brand's own reply, the post as edited, or (for a removal) what is known of the removed one.
    Like a mention, an edit and a removal carry `next_check_at` until they have been handled. An own reply does only
    while what it answers is looked for: it lies in its conversation, where each check of an open mention finds it.
    """

    kind: NoticeKind
    post: Post
    next_check_at: datetime | None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the history."""

    at: datetime
    event: Event
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A decided alert. `id` is a function of what it is about, so that a repeat is recognisable."""

    id: str
    person: str
    reason: Reason
    rung: int
    round: int
    decided_at: datetime
    channels: tuple[Channel, ...] = (Channel.SMS, Channel.EMAIL)
    """Those it has yet to go out by."""
    not_before: datetime | None = None
    """It is held back until then, to go out together with others to the same person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRung:
    """`who` are ids of people and rotations. If none of them can be called, the first of `instead` who can is."""

    who: tuple[str, ...]
    wait: timedelta
    instead: tuple[str, ...] = ()
    rounds: int = 1
    channels: tuple[Channel, ...] = ()
    """Instead of those that the desk's manners give to the priority; empty: those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ladder as it was when the mention was routed; a later publication does not change it. Rotations are resolved
    to people when a rung is called."""

    rungs: tuple[PlannedRung, ...]
    repeat_every: timedelta
    ack_for: timedelta | None = None
    digest: bool = False
    """First heard of so late that its owner gets a daily digest instead of alerts of its own."""


@dataclass(frozen=True, kw_only=True)
class Mention:
    """Without slots, so that a further version of it is made at once: see `versions`."""

    post: Post
    next_check_at: datetime | None
    state: State = State.NEW
    version: int = 1
    priority: Priority | None = None
    topic: str | None = None
    tags: tuple[str, ...] = ()
    crisis: bool = False
    team: str | None = None
    assignee: str | None = None
    rule: str | None = None
    policy: str | None = None
    plan: Plan | None = None
    desk_version: int | None = None
    """Of the desk it was routed by."""
    earlier_posts: tuple[datetime, ...] = ()
    """When its author wrote to the brand before, if a rule asks for it: the latest ones, newest first."""
    answer_by: datetime | None = None
    remind_at: tuple[datetime, ...] = ()
    """Reminders yet to come, earliest first."""
    escalate_at: datetime | None = None
    rung: int | None = None
    round: int | None = None
    acknowledged_by: str | None = None
    acknowledged_until: datetime | None = None
    snoozed: bool = False
    """The acknowledgement is a snooze: no reminders while it lasts."""
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer_url: str | None = None
    resolve_by: datetime | None = None
    """Its matter is to be at its end by then; until somebody says so after the answer, its owner is asked."""
    resolved_at: datetime | None = None
    breached: bool = False
    joined: str | None = None
    """The mention whose alert chain this one is part of: the author's first unanswered post."""
    followed_by: tuple[str, ...] = ()
    """Further posts of the author that joined this chain."""
    outbox: tuple[Alert, ...] = ()
    history: tuple[Entry, ...] = field(default=())
    archived: int = 0
    """How many older history entries were moved out of the item."""

    @property
    def id(self) -> str:
        return self.post.id

    @property
    def is_open(self) -> bool:
        return self.state in _OPEN
