"""The desk: who is called, by which rule, how soon and in which order. A published desk never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from answerby.domain.mention import Kind, Priority
from answerby.domain.rules import Rules
from answerby.domain.source import Source

OWNER, BACKUP, LEAD = "owner", "backup", "lead"
ROLES = (OWNER, BACKUP, LEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    name: str
    time_zone: str = "UTC"
    sms: str | None = None
    email: str | None = None
    backup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`members` in the order they are called: the first owns what reaches the team."""

    id: str
    members: tuple[str, ...]
    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Whom to call (roles, people or teams) and how long to wait for them."""

    who: tuple[str, ...]
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    id: str
    rungs: tuple[Rung, ...]
    repeat_every: timedelta | None = None
    """Between two calls of the top rung; None: 10 minutes for urgent mentions, else 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    id: str
    answer_within: timedelta
    ladder: str
    ack_for: timedelta | None = None
    """How long an acknowledgement pauses the ladder; None: half of what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All given parts must hold; within a part any value does. An empty condition always holds."""

    phrases: tuple[str, ...] = ()
    networks: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    rating_at_most: float | None = None
    rating_at_least: float | None = None
    authors: frozenset[str] = frozenset()
    """Author ids or handles, case-folded, without a leading @."""
    followers_at_least: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`team` or `person` takes what the condition matches; a person brings the team they answer to."""

    id: str
    when: Condition
    team: str
    policy: str
    person: str | None = None
    priority: Priority = Priority.NORMAL
    topic: str | None = None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`rules` are tried in order; the last one is the catch-all."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    ladders: Mapping[str, Ladder]
    policies: Mapping[str, Policy]
    rules: tuple[Rule, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    digest_after: timedelta = timedelta(days=7)
    """A post first heard of this long after it was written is listed and put into a digest."""
    version: int = 0

    @cached_property
    def matcher(self) -> Rules:
        return Rules(self.rules)
