"""What goes in and out, as pydantic models: they validate, and they are the schemas of the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from answerby.domain.mention import Channel, Event, Kind, Priority, Sentiment, State
from answerby.domain.rotation import Change, Unit
from answerby.domain.transitions import Dismissal

LONGEST_ID = 512
"""Characters: a key of DynamoDB holds 2048 bytes, and a character takes up to four."""
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
"""Control characters, line separators and those that turn the direction of text."""


def _whole(number: object) -> object:
    """JSON does not tell 5.0 from 5."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-22T09:30:00Z"])]
Id = Annotated[str, StringConstraints(max_length=LONGEST_ID), BeforeValidator(unquote)]
"""A mention's id in a path, percent-encoded."""
Minutes = Annotated[
    int,
    Field(strict=True, ge=1, le=10_080, description="How long the calling pauses; the policy's time if absent."),
    BeforeValidator(_whole),
]
By = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$",
        description="Who did it; the name of the token if absent.",
    ),
]


def _moment(written: object) -> object:
    """Only as text: a number might be seconds or milliseconds."""
    return datetime.fromisoformat(written) if isinstance(written, str) else None


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    Field(description="With its offset to UTC, or Z.", examples=["2026-11-22T09:30:00Z"]),
]


class _Model(BaseModel):
    """Built on first use: a call needs two or three of them, and building all takes a tenth of a cold start."""

    model_config = ConfigDict(defer_build=True)


class _Body(_Model):
    """A body with a misspelt field is refused: what is left out has a meaning of its own."""

    model_config = ConfigDict(extra="forbid")

    by: By | None = None


class Acknowledgement(_Body):
    minutes: Minutes | None = None


class Snooze(_Body):
    """Either of the two; at most 7 days, and for an urgent mention not past `answer_by`."""

    until: Moment | None = None
    for_seconds: Annotated[int, Field(strict=True, ge=1, le=604_800), BeforeValidator(_whole)] | None = None


class Resolution(_Body):
    pass


class Answer(_Body):
    url: Annotated[
        str | None,
        Field(max_length=2048, pattern=r"^https?://[!-~]+$", description="Where the answer can be read."),
    ] = None


class Dismissed(_Body):
    reason: Dismissal
    note: Annotated[
        str | None, Field(max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$", description="Why, in words.")
    ] = None


class Assignment(_Body):
    to: Annotated[str, Field(min_length=1, max_length=64, description="The id of a person on the desk.")]


class AuthorBody(_Model):
    id: str | None
    handle: str | None
    name: str | None
    followers: int | None
    url: str | None


class MentionBody(_Model):
    """A post about the brand, its clock and what became of it."""

    id: Annotated[str, Field(examples=["facebook:1067280970047460_122100000000000001"])]
    network: str
    kind: Kind
    source: str
    brand_account: str
    author: AuthorBody
    text: str
    language: str | None
    rating: float | None
    url: str | None
    conversation_id: str
    in_reply_to: str | None
    posted_at: Annotated[Time | None, Field(description="The network's time, where it gives one.")]
    received_at: Time
    edited_at: Time | None
    state: State
    priority: Priority | None
    topic: str | None
    tags: list[str]
    crisis: bool
    team: str | None
    assignee: str | None
    rule: str | None
    policy: str | None
    answer_by: Time | None
    remind_at: Annotated[list[Time], Field(description="Reminders yet to come, earliest first.")]
    resolve_by: Annotated[Time | None, Field(description="Its owner is then asked whether its matter is at its end.")]
    next_check_at: Time | None
    acknowledged_by: str | None
    acknowledged_until: Time | None
    snoozed: Annotated[bool, Field(description="The acknowledgement is a snooze.")]
    rung: int | None
    round: int | None
    answered_at: Time | None
    answered_by: str | None
    answer_url: str | None
    resolved_at: Time | None
    breached: bool
    version: int


class EntryBody(_Model):
    at: Time
    event: Event
    by: str
    note: str | None


class MentionWithHistoryBody(MentionBody):
    history: Annotated[list[EntryBody], Field(description="All that happened, oldest first.")]


class MentionsBody(_Model):
    mentions: list[MentionBody]
    cursor: Annotated[str | None, Field(description="Asks for the next page; null on the last one.")]


Wall = Annotated[str, Field(description="Of wall time; an end before its start is the next day's.")]
Hours = Annotated[dict[str, list[Wall]], Field(examples=[{"mon": ["09:00-12:00", "13:00-17:00"], "tue": []}])]


class PersonBody(_Model):
    id: str
    name: str
    time_zone: str
    sms: Annotated[str | None, Field(description="Only its last two digits.")]
    email: Annotated[str | None, Field(description="Only its first character and its domain.")]
    backups: list[str]
    working_hours: Annotated[Hours | None, Field(description="In the person's time zone; null: always.")]
    languages: list[str]


class TeamBody(_Model):
    id: str
    members: Annotated[list[str], Field(description="People and rotations; the first owns what reaches the team.")]
    lead: str
    calendar: str | None


class CalendarBody(_Model):
    id: str
    time_zone: str
    hours: Hours
    exceptions: Annotated[dict[str, list[Wall]], Field(description="By date, public holidays among them.")]


class LayerBody(_Model):
    people: list[str]
    starts: str
    hand_over: str
    every: int
    unit: Unit
    during: Hours | None


class RotationBody(_Model):
    """Of its layers the last that has somebody at a time counts."""

    id: str
    time_zone: str
    layers: list[LayerBody]


class OverrideBody(_Model):
    """Without a rotation the person is away, and `by` is called in their place."""

    change: Change
    person: str
    by: str | None
    rotation: str | None
    starts: Time
    ends: Time


class RungBody(_Model):
    who: list[str]
    wait_seconds: int
    rounds: int
    channels: Annotated[list[Channel], Field(description="In place of the manners'; empty: those.")]


class LadderBody(_Model):
    id: str
    rungs: list[RungBody]
    repeat_every_seconds: int | None


class PolicyBody(_Model):
    id: str
    answer_within_seconds: int
    next_within_seconds: int | None
    resolve_within_seconds: int | None
    ladder: str
    calendar: Annotated[str | None, Field(description="In place of the team's.")]
    ack_for_seconds: int | None
    remind_after: Annotated[list[float], Field(description="Parts of the time to the deadline.")]
    remind_before_seconds: list[int]


class TopicBody(_Model):
    """Its priority, team and policy are in the rules already."""

    id: str
    backups: list[str]
    guidance: str | None
    crisis: bool


class ConditionBody(_Model):
    """All given parts must hold; within a part any value does."""

    phrases: list[str]
    all_phrases: list[str]
    no_phrases: list[str]
    networks: list[str]
    sources: list[str]
    kinds: list[Kind]
    languages: list[str]
    sentiments: list[Sentiment]
    rating_at_most: float | None
    rating_at_least: float | None
    authors: list[str]
    followers_at_least: int | None
    followers_at_most: int | None
    has_link: bool | None
    link_domains: list[str]
    during: str | None
    outside: str | None
    earlier_posts: int | None
    earlier_within_seconds: int
    any_of: list["ConditionBody"]
    all_of: list["ConditionBody"]
    none_of: list["ConditionBody"]


class RuleBody(_Model):
    id: str
    when: ConditionBody
    team: str
    person: str | None
    policy: str
    priority: Priority
    topic: str | None
    tags: list[str]


class SourceBody(_Model):
    id: str
    network: str
    brand_account: str
    aliases: list[str]


class MannersBody(_Model):
    channels: dict[Priority, list[Channel]]
    bundle_for_seconds: int
    sms_every_seconds: int


class DeskBody(_Model):
    """The desk in force. Rules are tried in order; the last one catches all."""

    version: int
    people: list[PersonBody]
    teams: list[TeamBody]
    calendars: list[CalendarBody]
    rotations: list[RotationBody]
    overrides: list[OverrideBody]
    topics: list[TopicBody]
    rules: list[RuleBody]
    policies: list[PolicyBody]
    ladders: list[LadderBody]
    sources: list[SourceBody]
    manners: MannersBody
    digest_after_seconds: int


class HealthBody(_Model):
    status: Literal["ok"]
    version: str


class FieldBody(_Model):
    field: str
    message: str


class ErrorDetailBody(_Model):
    code: Annotated[str, Field(description="Stable, for programs.")]
    message: Annotated[str, Field(description="For people.")]
    fields: Annotated[list[FieldBody], Field(default_factory=list, description="Which fields are wrong, and how.")]


class ErrorBody(_Model):
    error: ErrorDetailBody


class ConflictBody(ErrorBody):
    """Someone was faster: the mention as it is now."""

    mention: MentionBody


Json = dict[str, Any]
