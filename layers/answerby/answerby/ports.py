"""What the use cases need of the world: each has an adapter for AWS and a fake in memory, held to one contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from answerby.domain.mention import Alert, Channel, Mention, Notice, Post, Sentiment, State
from answerby.domain.source import Source
from answerby.networks.webhook import Keys

if TYPE_CHECKING:
    # Receiving a webhook needs no desk, and its cold start should not pay for one.
    from answerby.domain.desk import Desk, Person
    from answerby.domain.manners import Lane, Line, Slot
    from answerby.domain.readiness import ContactState, Finding, SmsAccount


SHARDS = 24
"""Of what is due, by number."""


class UnavailableError(Exception):
    """The service throttled, failed or did not answer in time; the same call may succeed later."""


class ConflictError(Exception):
    """Someone else wrote the item first."""


class NoDeskError(LookupError):
    """No desk has been published yet. Mentions wait for it."""


class UndeliverableError(Exception):
    """No retry will deliver this alert: the person has no topic or no contact."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether the turn was taken, and the person's last messages before."""

    ok: bool
    before: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A key of the `due` index: `item` is `mention` or the item of a notice."""

    mention_id: str
    item: str
    next_check_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of mentions; `cursor` is opaque and None on the last one."""

    mentions: tuple[Mention, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was handed over, and how many of the lines it names: the first ones."""

    message_id: str
    named: int


class Mentions(Protocol):
    """The mentions table. Every method raises UnavailableError when the table cannot be reached."""

    def add(self, mention: Mention) -> bool:
        """Store a mention unless its id is known; False when it was."""

    def add_notice(self, notice: Notice) -> bool:
        """Store a notice unless the very same is known; False when it was."""

    def keep_unreadable(self, source: str, raw: bytes, reason: str, now: datetime) -> bool:
        """Keep an event that could not be read, for inspection; False when the same bytes are kept already."""

    def get(self, mention_id: str) -> Mention | None:
        """The mention as last written (a consistent read), without archived history."""

    def get_each(self, mention_ids: Collection[str]) -> Mapping[str, Mention]:
        """As `get`, of many; those that are gone are left out."""

    def get_notice(self, mention_id: str, item: str) -> Notice | None:
        """The notice as last written."""

    def save(self, mention: Mention) -> Mention:
        """Replace the stored version `mention.version` and return it with the next version.

        Raises ConflictError when another version is stored.
        """

    def save_notice(self, notice: Notice) -> Notice:
        """As `save`, for a notice."""

    def conversation(self, conversation_id: str, besides: str | None = None) -> Sequence[Mention | Notice]:
        """All mentions and own replies of the conversation but what `besides` names, oldest first. Up to 5 s stale, but
        for the post it is named after, which begins it."""

    def thread(
        self, conversation_id: str, author_id: str | None, besides: str | None = None
    ) -> Sequence[Mention | Notice]:
        """As `conversation`, but of mentions only the author's; those of an unknown author belong to nobody's.

        `besides` names the mention that asks: it is left out, which mostly leaves nothing more to read.
        """

    def due(self, shard: int, now: datetime, limit: int) -> Sequence[Due]:
        """What should have been checked by `now` in one of the shards, oldest first, up to 5 s stale."""

    def history(self, mention: Mention) -> Mention:
        """The mention with its archived history put back."""

    def earlier_posts(self, post: Post) -> tuple[datetime, ...]:
        """When the author wrote before this post, newest first, as far as their latest posts are kept; none of an
        unknown author. Records this one too: for that it may be asked again, with the same answer.

        Raises ConflictError if others kept recording posts of the same author.
        """

    def inbox(
        self, *, state: State | None, assignee: str | None, network: str | None, cursor: str | None, limit: int
    ) -> Page:
        """Mentions by the given criteria. Raises ValueError for a cursor it did not make."""


class Pagers(Protocol):
    """What keeps people from being called too often: by person, their last messages and the alerts that wait for a
    channel. Every method raises UnavailableError when the table cannot be reached."""

    def take(self, person: str, before: Mapping[Lane, datetime], by: str, now: datetime) -> Taken:
        """Take the person's turn in these lanes at once, if each was last used at `before` at the latest, or by
        `by` itself; nothing of it otherwise."""

    def give_back(self, person: str, lanes: Collection[Lane], by: str) -> None:
        """Free the lanes whose last turn is that of `by`: nothing went out."""

    def hold(self, person: str, channels: Collection[Channel], line: Line, now: datetime) -> None:
        """Register an alert for the next bundle by each of these channels. Kept for a week."""

    def held(self, person: str, channels: Collection[Channel], limit: int) -> Mapping[Channel, Sequence[Line]]:
        """Alerts registered for each of these channels, `limit` of each at most, in no order, as last written."""

    def holds(self, person: str, channels: Collection[Channel], alert_id: str) -> Collection[Channel]:
        """For which of these channels the alert is still registered."""

    def named(self, person: str, channel: Channel, alert_ids: Collection[str]) -> None:
        """Strike these alerts off the list: a bundle has named them. Some may stay, and are named again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text tells of itself. None is unknown; the sentiment of what cannot be judged is neutral."""

    language: str | None
    sentiment: Sentiment | None


class Reader(Protocol):
    def read(self, text: str, language: str | None) -> Reading:
        """`language` is an ISO 639-1 code, or None to have it guessed. Raises nothing: what fails leaves unknown."""


class Desks(Protocol):
    """The published desk."""

    def current(self, *, fresh: bool = False) -> Desk:
        """The desk in force, at most a minute old unless it is to be `fresh`.

        Raises NoDeskError, and UnavailableError when none can be read.
        """


class PublishedDesks(Desks, Protocol):
    def published_at(self) -> datetime:
        """When the desk in force was. Raises NoDeskError and UnavailableError."""


class Timers(Protocol):
    def set(self, mention_id: str, at: datetime, now: datetime) -> None:
        """Ask for a check at `at`. A hint: it may come late, twice or never, and failing to set it raises nothing."""

    def check_now(self, due: Sequence[Due]) -> int:
        """Ask for checks at once; how many were taken."""


class Notifier(Protocol):
    """Both raise UndeliverableError when no retry can help, UnavailableError otherwise."""

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk, channels: Collection[Channel]) -> str:
        """Hand the alert to these of the person's channels; the message id."""

    def send_bundle(
        self, lines: Sequence[Line], person: Person, channels: Collection[Channel], now: datetime
    ) -> Bundle:
        """Hand over what names these alerts, or as many of them, from the first on, as one message holds."""


class Sources(Protocol):
    """The webhook sources with their secrets, at most a minute old."""

    def get(self, source_id: str) -> tuple[Source, Keys] | None:
        """None for an unknown source. Raises UnavailableError while none could be read."""


class Contacts(Protocol):
    """What is known of the ways to people. Raises nothing: what cannot be found out is told as unknown."""

    def states(self, person: Person) -> Mapping[Channel, ContactState]:
        """Of each contact that the desk gives."""

    def account(self) -> SmsAccount:
        """What this account may send."""


class Heard(Protocol):
    """When each source was last heard from."""

    def note(self, source: str, now: datetime) -> None:
        """Written at most once an hour by a process. Failing to raises nothing: the next hour tells it again."""

    def all(self) -> Mapping[str, datetime]:
        """By the source's id. Raises UnavailableError."""


class Messenger(Protocol):
    def tell(self, person: Person, findings: Sequence[Finding], now: datetime) -> None:
        """Tell a person, by all their contacts, what is not ready.

        Raises UndeliverableError when no retry can help, UnavailableError otherwise.
        """
