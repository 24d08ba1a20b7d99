"""What networks tell of a story, in their own formats."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from answerby.domain.mention import Author
from answerby.domain.source import Source
from answerby.networks.samples import SAMPLES, Sample
from tests.chaos.plan import Doing, Story, What

Document = Mapping[str, Any]

EDITED = " (edited)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a network says happened to a post. `text` is what is to be stored of it, if anything."""

    what: What
    mention_id: str
    author_id: str
    text: str


def tellings(doing: Doing) -> tuple[Telling, ...]:
    return tuple(_telling(doing.what, story) for story in (doing.story, *doing.together))


def document(doing: Doing, brand_account: str) -> Document:
    """The body of the one delivery that tells it all."""
    source = Source(id=doing.story.network, network=doing.story.network, brand_account=brand_account)
    told = [_document(doing, story, source) for story in (doing.story, *doing.together)]
    return told[0] if len(told) == 1 else _together(told)


def _telling(what: What, story: Story) -> Telling:
    text = {What.EDIT: story.text + EDITED, What.REMOVE: "", What.REPLY: ""}.get(what, story.text)
    place = 1 if what is What.FOLLOW_UP else 0
    return Telling(what=what, mention_id=story.id(place), author_id=_author(story).id or "", text=text)


def _author(story: Story) -> Author:
    number = story.native()
    return Author(id=f"8{number}", handle=f"u{number}", name=f"Kim {story.number}")


def _document(doing: Doing, story: Story, source: Source) -> dict[str, Any]:
    what, now = doing.what, datetime.now(UTC)
    own = what is What.REPLY
    sample = Sample(
        text="So sorry! We have sent you a message." if own else _telling(what, story).text,
        author=_author(story),
        source=source,
        now=now,
        event_id=story.native(doing.place),
        in_reply_to=story.id() if what in (What.FOLLOW_UP, What.REPLY) else None,
        own=own,
    )
    told: dict[str, Any] = json.loads(SAMPLES[story.network](sample))
    if what in (What.EDIT, What.REMOVE):
        return _changed(told, what, story, now)
    return told


def _changed(told: dict[str, Any], what: What, story: Story, now: datetime) -> dict[str, Any]:
    removed = what is What.REMOVE
    match story.network:
        case "facebook":
            told["entry"][0]["changes"][0]["value"]["verb"] = "remove" if removed else "edited"
        case "standard" if removed:
            return {"id": story.id(), "state": "removed"}
        case "standard":
            told["edited_at"] = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        case "x":
            told["data"]["event_type"] = "post.delete"
    return told


def _together(told: Sequence[dict[str, Any]]) -> Document:
    if "entry" in told[0]:
        return {**told[0], "entry": [entry for each in told for entry in each["entry"]]}
    return {"mentions": list(told)}
