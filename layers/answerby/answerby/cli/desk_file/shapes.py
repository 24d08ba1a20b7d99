"""What may be written where in a desk file: the one list of its fields, from which readers take their names and editors
their JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from answerby.domain.mention import EARLIER_POSTS_KEPT, Channel, Kind, Priority, Sentiment

Json: TypeAlias = Mapping[str, Any]

# Editors see YAML's types where the reader sees text: `brand_account: 100` is a number to them.
_VALUE: Json = {"type": ["string", "number", "boolean"]}
_NAME: Json = {"type": ["string", "number"]}
_ID: Json = {"type": ["string", "integer"], "pattern": "^[a-z0-9][a-z0-9_-]{0,39}$"}
_DURATION: Json = {"type": "string", "pattern": r"^( *\d+ *[dDhHmMsS])+ *$", "examples": ["20s", "10m", "1h30m", "2d"]}
_TIME: Json = {"type": "string", "pattern": r"^\d{1,2}:\d{2}$", "examples": ["09:00"]}
_SPANS: Json = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    "examples": ["09:00-17:00", "09:00-12:00, 13:00-17:00", "22:00-06:00", "closed"],
}
_COUNT: Json = {"type": "integer", "minimum": 0}
_RATING: Json = {"type": "number", "minimum": 0, "maximum": 5}
_FLAG: Json = {"enum": [True, False, "yes", "no"]}


@dataclass(frozen=True, slots=True)
class Shape:
    """A mapping with named fields, each by its JSON Schema."""

    about: str
    fields: Mapping[str, Json]
    required: tuple[str, ...] = ()


def _about(schema: Json, text: str) -> Json:
    return {**schema, "description": text}


def _one_or_more(item: Json) -> Json:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _either(*schemas: Json) -> Json:
    return {"anyOf": list(schemas)}


def _one_of(options: type[StrEnum]) -> Json:
    return {"enum": [*options]}


def part(name: str) -> Json:
    """A reference to a shape by its name in `SHAPES`."""
    return {"$ref": f"#/$defs/{name}"}


def _by_id(name: str, text: str) -> Json:
    return {"type": "object", "propertyNames": _ID, "additionalProperties": part(name), "description": text}


def _list_of(name: str, text: str) -> Json:
    return {"type": "array", "items": part(name), "description": text}


HOURS: Json = {
    "type": "object",
    "additionalProperties": _SPANS,
    "minProperties": 1,
    "description": 'Openings by days: `mon-fri: "09:00-17:00"`, `sat, sun: closed`, `daily: "22:00-06:00"`.',
}
_EXCEPTIONS: Json = {
    "type": "object",
    "propertyNames": {"pattern": r"^\d{4}-\d{2}-\d{2}( *\.\. *\d{4}-\d{2}-\d{2})?$"},
    "additionalProperties": _SPANS,
    "description": "In place of the week: `2026-12-24: 09:00-13:00`, `2026-12-27..2026-12-31: closed`.",
}
_MOMENT: Json = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([ T]\d{1,2}:\d{2})?$"}
_CHANNELS = _one_or_more(_one_of(Channel))
_TURN = {
    "people": _about(_one_or_more(_ID), "Who takes turns, in this order."),
    "starts": _about(_MOMENT, "The day the first of them begins."),
    "hand_over": _about(_TIME, "The time of day at which the next takes over; 09:00 if left out."),
    "every": _about({"type": "string"}, "How long a turn is: `1 week` (if left out), `3 days`, `12 hours`, `daily`."),
    "during": _about(HOURS, "Nobody is on call outside these hours."),
}

PERSON = Shape(
    "Somebody who answers posts. At least one of `sms` and `email` is needed.",
    {
        "name": _about(_NAME, "As alerts address them."),
        "sms": _about(_NAME, "Phone number with + and country code."),
        "email": _about({"type": "string"}, "Mail address."),
        "time_zone": _about({"type": "string", "examples": ["Europe/Lisbon"]}, "IANA time zone; UTC if left out."),
        "backup": _about(_one_or_more(_ID), "Who stands in, in this order."),
        "working_hours": _about(HOURS, "Outside them only high and urgent posts call this person; always if left out."),
        "languages": _about(_one_or_more({"type": ["string", "boolean"]}), "ISO 639-1 codes of what they speak."),
    },
    ("name",),
)
TEAM = Shape(
    "People who answer together. The first member owns what reaches the team.",
    {
        "members": _about(_one_or_more(_ID), "People and rotations, in the order they are called."),
        "lead": _about(_ID, "Who is called when nobody else answers."),
        "calendar": _about(_ID, "The clocks of the team's posts run while it is open; around the clock if left out."),
    },
    ("members", "lead"),
)
CALENDAR = Shape(
    "Opening hours.",
    {
        "time_zone": _about({"type": "string", "examples": ["Europe/Lisbon"]}, "IANA time zone."),
        "hours": HOURS,
        "holidays": _about(
            _either(
                {"type": ["string", "boolean"]},
                part("holidays"),
                {"type": "array", "items": _either({"type": ["string", "boolean"]}, part("holidays")), "minItems": 1},
            ),
            "Closed on the public holidays of these countries: `DE`, `{country: DE, subdivision: BY}`.",
        ),
        "exceptions": _EXCEPTIONS,
    },
    ("time_zone", "hours"),
)
HOLIDAYS = Shape(
    "The public holidays of a country, or of a part of it.",
    {
        "country": _about({"type": ["string", "boolean"]}, "ISO 3166-1 code: DE."),
        "subdivision": _about(_VALUE, "ISO 3166-2 code without the country: BY."),
    },
    ("country",),
)
LAYER = Shape(
    "People who take turns. Of several layers the last that has somebody counts.", _TURN, ("people", "starts")
)
ROTATION = Shape(
    "Who is on call when.",
    {
        "time_zone": _about({"type": "string", "examples": ["Europe/Lisbon"]}, "IANA time zone of the hand-over."),
        **_TURN,
        "layers": _list_of("layer", "Several layers, in place of the fields of a single one."),
    },
    ("time_zone",),
)
OVERRIDE = Shape(
    "A change of who is called, for a time. A date without a time of day counts as a whole day.",
    {
        "rotation": _about(_ID, "The rotation that changes."),
        "replace": _about(_ID, "This person is not called, but the one of `with`."),
        "add": _about(_ID, "This person is on call too."),
        "remove": _about(_ID, "This person is not on call."),
        "away": _about(
            _ID, "This person is not called at all; the one of `with` is, if given, wherever they would be."
        ),
        "with": _about(_ID, "Who is called in their place."),
        "from": _about(_MOMENT, "`2026-12-20`, or `2026-12-20 09:00`."),
        "until": _about(_MOMENT, "`2026-12-27` includes that whole day; `2026-12-27 09:00` ends then."),
    },
    ("from", "until"),
)
RUNG = Shape(
    "One step: whom to call, and how long to wait for them.",
    {
        "call": _about(_one_or_more(_ID), "`owner`, `backup`, `lead`, and ids of people, teams and rotations."),
        "wait": _about(_DURATION, "How long until the next call."),
        "rounds": _about({"type": "integer", "minimum": 1}, "How often before the next rung; once if left out."),
        "channels": _about(_CHANNELS, "In place of those that `manners` give to the post's priority."),
    },
    ("call", "wait"),
)
LADDER = Shape(
    "Whom to call, in which order. The last rung is called again and again until there is an answer.",
    {
        "rungs": {"type": "array", "items": part("rung"), "minItems": 1},
        "repeat_every": _about(_DURATION, "Between two calls of the last rung."),
    },
    ("rungs",),
)
POLICY = Shape(
    "A promise: how soon a post is answered.",
    {
        "answer_within": _about(_DURATION, "From the post to its answer."),
        "next_within": _about(_DURATION, "The same for somebody's next post after an answer."),
        "resolve_within": _about(_DURATION, "From the post to the end of its matter, which somebody reports."),
        "ladder": _about(_ID, "Who is called meanwhile; owner, back-up, lead every 10 minutes if left out."),
        "calendar": _about(_ID, "In place of the team's; `always` runs around the clock."),
        "ack_for": _about(_DURATION, "How long an acknowledgement pauses the calls; half of what is left if left out."),
        "remind": _about(
            _one_or_more({"type": "string", "pattern": r"^ *(\d{1,2} *%|( *\d+ *[dDhHmMsS])+) *$"}),
            "Before the deadline: after half of the time (`50%`), and so long before it (`15m`).",
        ),
    },
    ("answer_within",),
)
TOPIC = Shape(
    "What a post is about. Rules take from it what they do not say themselves.",
    {
        "priority": _one_of(Priority),
        "team": _ID,
        "policy": _ID,
        "backup": _about(_one_or_more(_ID), "Who stands in for the owner, before the owner's own back-up."),
        "guidance": _about({"type": "string"}, "How to answer; shown to whoever is called."),
        "crisis": _about(_FLAG, "Urgent, and the lead is called with the first rung."),
    },
)
RULE = Shape(
    "Takes the posts that `when` describes. Rules are tried in order, and the first that matches takes the post.",
    {
        "id": _ID,
        "when": part("condition"),
        "topic": _about(_NAME, "What the post is about."),
        "team": _about(_ID, "Who gets it; else the topic's team, else that of `otherwise`."),
        "person": _about(_ID, "Who of the team gets it."),
        "priority": _about(_one_of(Priority), "Else the topic's, else normal."),
        "policy": _about(_ID, "Else the topic's, else the one named like the priority, else that of `otherwise`."),
        "tags": _about(_one_or_more(_ID), "Kept with the post, for reports."),
    },
    ("id", "when"),
)
OTHERWISE = Shape(
    "What no rule takes.",
    {name: RULE.fields[name] for name in ("team", "policy", "priority", "topic", "tags")},
)
CONDITION = Shape(
    "All lines must hold; within a line any value does.",
    {
        "phrases": _about(_one_or_more(_VALUE), "One of them is said. `cancel*` takes every word that begins so."),
        "text": part("text"),
        "networks": _about(_one_or_more(_NAME), "Where it was written: facebook, instagram, x, …"),
        "sources": _about(_one_or_more(_ID), "Ids of sources."),
        "kinds": _about(_one_or_more(_one_of(Kind)), "What kind of post it is."),
        "languages": _about(_one_or_more({"type": ["string", "boolean"]}), "ISO 639-1 codes."),
        "sentiment": _about(_one_or_more(_one_of(Sentiment)), "Its tone."),
        "rating_at_most": _RATING,
        "rating_at_least": _RATING,
        "authors": _about(
            _one_or_more(_either(_VALUE, part("author_list"))), "Handles, ids, or `{list: …}`: a list of the desk."
        ),
        "followers_at_least": _COUNT,
        "followers_at_most": _COUNT,
        "links": _about(
            _either(_FLAG, _one_or_more({"type": "string"})), "Whether it links anywhere, or to one of these domains."
        ),
        "during": _about(_ID, "A calendar that is open when the post is routed."),
        "outside": _about(_ID, "A calendar that is closed then."),
        "repeat_author": _about(_either(_FLAG, part("repeat_author")), "Its author wrote to the brand before."),
        "any": _about({"type": "array", "items": part("condition"), "minItems": 1}, "One of these holds."),
        "all": _about({"type": "array", "items": part("condition"), "minItems": 1}, "Each of these holds."),
        "not": _about(_one_or_more(part("condition")), "None of these holds."),
    },
)
TEXT = Shape(
    "What a post says.",
    {
        "any": _about(_one_or_more(_VALUE), "One of these phrases."),
        "all": _about(_one_or_more(_VALUE), "Each of these phrases."),
        "none": _about(_one_or_more(_VALUE), "None of these phrases."),
    },
)
AUTHOR_LIST = Shape("Everybody on these lists.", {"list": _one_or_more(_ID)}, ("list",))
REPEAT_AUTHOR = Shape(
    "How many posts its author wrote to the brand before this one.",
    {
        "posts": _about(
            {"type": "integer", "minimum": 1, "maximum": EARLIER_POSTS_KEPT}, "At least so many; 1 if left out."
        ),
        "within": _about(_DURATION, "In so long a time before; 30d if left out."),
    },
)
SOURCE = Shape(
    "Where posts come from. Its secret is not written here.",
    {
        "network": _about({"type": "string"}, "facebook, instagram, x, or standard."),
        "brand_account": _about(_NAME, "The brand's account there."),
        "aliases": _about(_one_or_more(_NAME), "Further ids and names of the same account."),
    },
    ("network", "brand_account"),
)
MANNERS = Shape(
    "How people are called. Urgent posts are never held back.",
    {
        "channels": part("channels"),
        "bundle_for": _about(
            _DURATION, "Further alerts to the same person are gathered so long; 2m if left out, 0s: never."
        ),
        "sms_every": _about(
            _DURATION, "The least time between two text messages to a person; 5m if left out, 0s: none."
        ),
    },
)
CHANNELS = Shape("By which channels, by priority.", dict.fromkeys(Priority, _CHANNELS))
DESK = Shape(
    "Who is called when somebody writes about the brand, how soon, and in which order.",
    {
        "people": _by_id("person", "Who answers."),
        "teams": _by_id("team", "If left out: one team of all people, led by the last of them."),
        "calendars": _by_id("calendar", "Opening hours. `always` is there without being written."),
        "rotations": _by_id("rotation", "Who is on call when."),
        "overrides": _list_of("override", "Holidays, illness, swaps."),
        "ladders": _by_id("ladder", "Whom to call, in which order."),
        "policies": _by_id("policy", "If left out: urgent 30m, high 2h, normal 8h, low 24h."),
        "topics": _by_id("topic", "What posts are about. If left out, rules may name any topic."),
        "lists": {
            "type": "object",
            "propertyNames": _ID,
            "additionalProperties": _one_or_more(_VALUE),
            "description": "Lists of authors, by handle or id, for `authors: {list: …}`.",
        },
        "rules": _list_of("rule", "Tried in order; the first that matches takes the post."),
        "otherwise": part("otherwise"),
        "sources": _by_id("source", "Where posts come from."),
        "manners": part("manners"),
        "digest_after": _about(_DURATION, "A post first heard of so late goes into a daily digest; 7d if left out."),
    },
    ("people",),
)

SHAPES: Mapping[str, Shape] = {
    "person": PERSON,
    "team": TEAM,
    "calendar": CALENDAR,
    "holidays": HOLIDAYS,
    "rotation": ROTATION,
    "layer": LAYER,
    "override": OVERRIDE,
    "ladder": LADDER,
    "rung": RUNG,
    "policy": POLICY,
    "topic": TOPIC,
    "rule": RULE,
    "otherwise": OTHERWISE,
    "condition": CONDITION,
    "text": TEXT,
    "author_list": AUTHOR_LIST,
    "repeat_author": REPEAT_AUTHOR,
    "source": SOURCE,
    "manners": MANNERS,
    "channels": CHANNELS,
}
