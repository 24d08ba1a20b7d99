"""The desk: who is called, by which rule, how soon and in which order. A published desk never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from answerby.domain.calendar import Calendar
from answerby.domain.mention import Channel, Kind, Priority, Sentiment
from answerby.domain.rotation import Override, Rotation
from answerby.domain.rules import Rules
from answerby.domain.source import Source

OWNER, BACKUP, LEAD = "owner", "backup", "lead"
ROLES = (OWNER, BACKUP, LEAD)
ALWAYS = "always"
"""The calendar that every desk has: open around the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Outside `working_hours` a person counts as asleep: passed over for low and normal posts, and called all the same
    for high and urgent ones. Without them a person is always awake."""

    id: str
    name: str
    time_zone: str = "UTC"
    sms: str | None = None
    email: str | None = None
    backups: tuple[str, ...] = ()
    working_hours: Calendar | None = None
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes. Of a team's members the first who speaks a post's language owns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`members` in the order they are called: the first owns what reaches the team."""

    id: str
    members: tuple[str, ...]
    lead: str
    calendar: str | None = None
    """On which the clocks of its posts run; None: around the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Whom to call (roles, people, teams or rotations), how long to wait for them, and how often before the next rung
    is called. The top rung is called until there is an answer, whatever its `rounds`."""

    who: tuple[str, ...]
    wait: timedelta
    rounds: int = 1
    channels: tuple[Channel, ...] = ()
    """Instead of those that the manners give to the post's priority; empty: those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    id: str
    rungs: tuple[Rung, ...]
    repeat_every: timedelta | None = None
    """Between two calls of the top rung; None: 10 minutes for urgent mentions, else 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Times run on the team's calendar, or on the policy's own."""

    id: str
    answer_within: timedelta
    ladder: str
    ack_for: timedelta | None = None
    """How long an acknowledgement pauses the ladder; None: half of what is left."""
    calendar: str | None = None
    next_within: timedelta | None = None
    """For a post of somebody who was answered before in the same conversation; None: as `answer_within`."""
    resolve_within: timedelta | None = None
    """From the post to the end of its matter, which somebody states after the answer; None: the answer is its end."""
    reminders: tuple[float | timedelta, ...] = ()
    """Before the deadline: a fraction of the time to it (0.5: half-way), or how long before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a post is about. `backups` stand in for its owner before the owner's own."""

    id: str
    priority: Priority | None = None
    team: str | None = None
    policy: str | None = None
    backups: tuple[str, ...] = ()
    guidance: str | None = None
    """How to answer, shown to whoever is called."""
    crisis: bool = False
    """Calls the lead together with the first rung, and says so in every alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All given parts must hold; within a part any value does. An empty condition always holds."""

    phrases: tuple[str, ...] = ()
    """One of them is said. A last `*` stands for the rest of a word."""
    all_phrases: tuple[str, ...] = ()
    no_phrases: tuple[str, ...] = ()
    networks: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    languages: frozenset[str] = frozenset()
    """ISO 639-1 codes. A post of unknown language is in none."""
    sentiments: frozenset[Sentiment] = frozenset()
    rating_at_most: float | None = None
    rating_at_least: float | None = None
    authors: frozenset[str] = frozenset()
    """Author ids or handles, case-folded, without a leading @."""
    followers_at_least: int | None = None
    followers_at_most: int | None = None
    has_link: bool | None = None
    link_domains: frozenset[str] = frozenset()
    """It links to one of these, or to a subdomain."""
    during: str | None = None
    """A calendar that is open when the post is routed."""
    outside: str | None = None
    earlier_posts: int | None = None
    """Its author wrote at least so many posts to the brand before, …"""
    earlier_within: timedelta = timedelta(days=30)
    """… within this time."""
    any_of: tuple[Condition, ...] = ()
    all_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`team` or `person` takes what the condition matches; a person brings the team they answer to.

    What its topic gives and the rule does not say itself is filled in when the desk is published.
    """

    id: str
    when: Condition
    team: str
    policy: str
    person: str | None = None
    priority: Priority = Priority.NORMAL
    topic: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How people are alerted outside `urgent`, which nothing holds back."""

    channels: Mapping[Priority, tuple[Channel, ...]] = field(
        default_factory=lambda: {
            Priority.LOW: (Channel.EMAIL,),
            Priority.NORMAL: (Channel.SMS, Channel.EMAIL),
            Priority.HIGH: (Channel.SMS, Channel.EMAIL),
            Priority.URGENT: (Channel.SMS, Channel.EMAIL),
        }
    )
    bundle_for: timedelta = timedelta(minutes=2)
    """After an alert, further ones to the same person are held so long, and then go out as one."""
    sms_every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`rules` are tried in order; the last one is the catch-all."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    ladders: Mapping[str, Ladder]
    policies: Mapping[str, Policy]
    rules: tuple[Rule, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    topics: Mapping[str, Topic] = field(default_factory=dict)
    manners: Manners = field(default_factory=Manners)
    digest_after: timedelta = timedelta(days=7)
    """A post first heard of this long after it was written is listed and put into a digest."""
    version: int = 0

    @cached_property
    def matcher(self) -> Rules:
        return Rules(self.rules, self.calendars)
