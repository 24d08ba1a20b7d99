"""The shape in which everyone outside sees a mention."""

from datetime import timedelta, timezone

from answerby.api.models import EntryBody, MentionBody
from answerby.domain.mention import Entry, Event
from answerby.domain.public import public_entry, public_mention, time
from tests.builders import NOW, a_mention

KEYS = (
    "id network kind source brand_account author text language rating url conversation_id in_reply_to posted_at "
    "received_at edited_at state priority topic tags crisis team assignee rule policy answer_by remind_at resolve_by "
    "next_check_at acknowledged_by acknowledged_until snoozed rung round answered_at answered_by answer_url "
    "resolved_at breached version"
)


def test_a_mention_has_exactly_the_public_fields_in_their_order() -> None:
    assert " ".join(public_mention(a_mention())) == KEYS
    assert list(public_mention(a_mention())["author"]) == ["id", "handle", "name", "followers", "url"]


def test_the_documented_shape_is_the_public_one() -> None:
    assert " ".join(MentionBody.model_fields) == KEYS
    entry = public_entry(Entry(at=NOW, event=Event.RECEIVED, by="page"))
    assert list(EntryBody.model_fields) == list(entry)


def test_what_is_absent_is_null() -> None:
    shown = public_mention(a_mention(posted_at=None))
    assert shown["posted_at"] is None
    assert shown["priority"] is None


def test_times_are_utc_with_a_z() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert time(east) == "2026-03-02T09:00:00Z"


def test_milliseconds_are_shown_where_there_are_any() -> None:
    assert time(NOW + timedelta(milliseconds=120)) == "2026-03-02T09:00:00.120Z"


def test_enumerations_are_plain_words() -> None:
    shown = public_mention(a_mention())
    assert (type(shown["kind"]), shown["kind"]) == (str, "comment")
    assert (type(shown["state"]), shown["state"]) == (str, "new")
