"""What every network's module reads and returns: a request in, posts and notices out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from answerby.domain.mention import Notice, Post
from answerby.domain.source import Source

MOST_KEPT = 20
"""Unreadable events that are kept of one body."""

MOST_BYTES_KEPT = 5 * 1024 * 1024
"""What they may hold together, after which no further one is kept."""

MOST_KINDS = 50
"""Kinds of ignored events that are told apart in one body."""

OTHER_KINDS = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request as it came: header names in lower case, query values URL-decoded, the body untouched."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to answer a handshake with."""

    status: int
    body: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A source's active secrets (two while they are rotated) and the token of its handshake."""

    secrets: Sequence[str]
    verify_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """One event of an authentic body that could not be read, as JSON."""

    raw: bytes
    reason: str


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What one body holds. `ignored` counts the events of kinds nobody answers, by kind."""

    posts: list[Post] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    unreadable: list[Unreadable] = field(default_factory=list)
    spoiled: int = 0
    """How many events could not be read; the first of them are kept as `unreadable`."""

    @property
    def is_empty(self) -> bool:
        """Whether not a single event was found, not even one to ignore."""
        return not (self.posts or self.notices or self.spoiled or self.ignored.total())

    def ignore(self, kind: str, times: int = 1) -> None:
        """Count events of a kind that nobody answers. The sender names the kinds, and all of them go into one line of
        the log: beyond the first ones they are counted together."""
        known = kind in self.ignored or len(self.ignored) < MOST_KINDS
        self.ignored[kind if known else OTHER_KINDS] += times

    def spoil(self, event: Any, reason: str) -> None:
        """Keep an event that cannot be read. A network that changes its format spoils whole batches: some tell it all,
        and keeping each would take longer than the network waits."""
        self.spoiled += 1
        if len(self.unreadable) < MOST_KEPT and sum(len(kept.raw) for kept in self.unreadable) < MOST_BYTES_KEPT:
            raw = json.dumps(event, separators=(",", ":")).encode()
            self.unreadable.append(Unreadable(raw=raw, reason=reason))

    def take(self, found: Post | Notice | str) -> None:
        """Add what one event turned out to be; a text is the kind of an ignored one."""
        if isinstance(found, Post):
            self.posts.append(found)
        elif isinstance(found, Notice):
            self.notices.append(found)
        else:
            self.ignore(found)


class BodyError(ValueError):
    """An authentic body that cannot be used as a whole; the message tells the sender what to mend."""


class Network(Protocol):
    """A module of this package. All functions are pure."""

    def handshake(self, request: Request, keys: Keys) -> Answer | None:
        """The answer to a network's GET that proves the endpoint ours; None refuses it."""

    def verify(self, request: Request, keys: Keys, now: datetime) -> bool:
        """Whether one active secret signed the raw body.

        Takes one HMAC of the body per active secret whatever the headers hold, and compares in constant time,
        so that its duration tells nothing. Raises nothing, however malformed the headers are.
        """

    def parse(self, document: Any, source: Source, now: datetime) -> Delivery:
        """Read a JSON document. One event that cannot be read spoils no other. Raises BodyError."""

    def sign(self, body: bytes, keys: Keys, now: datetime) -> dict[str, str]:
        """The headers the network itself would send with this body, for samples and tests."""
