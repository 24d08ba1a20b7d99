from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from answerby.domain.mention import Author, Kind, NoticeKind
from tests.samples import WRITTEN, delivered, document, only_notice, only_post, read

COMMENT = "instagram:18000000000000001"
MEDIUM = "instagram:17900000000000007"


def test_a_comment_is_a_mention_that_starts_its_own_conversation() -> None:
    post = only_post(delivered("instagram/comment"))
    assert (post.id, post.kind, post.text) == (COMMENT, Kind.COMMENT, "Where is my refund?")
    assert post.author == Author(id="6660001", handle="mara.l")
    assert (post.conversation_id, post.in_reply_to, post.url) == (COMMENT, MEDIUM, None)


def test_the_time_is_when_meta_sent_it_for_the_event_has_none() -> None:
    post = only_post(delivered("instagram/comment"))
    assert post.posted_at == WRITTEN
    assert post.reply_until == WRITTEN + timedelta(days=7)


def test_milliseconds_are_told_from_seconds() -> None:
    sample = document("instagram/comment")
    sample["entry"][0]["time"] *= 1000
    assert only_post(read("instagram", sample)).posted_at == WRITTEN


def test_both_nestings_say_the_same() -> None:
    assert delivered("instagram/comment_on_entry_in_list") == delivered("instagram/comment")


def test_the_account_counts_and_not_the_object() -> None:
    sample = document("instagram/comment") | {"object": "page"}
    assert read("instagram", sample) == delivered("instagram/comment")


def test_a_reply_belongs_to_the_comment_it_stands_under() -> None:
    post = only_post(delivered("instagram/reply"))
    assert (post.kind, post.conversation_id, post.in_reply_to) == (Kind.REPLY, COMMENT, COMMENT)


@pytest.mark.parametrize("name", ["own_reply", "own_reply_with_other_id"])
def test_the_accounts_own_reply_is_a_notice_whichever_id_it_bears(name: str) -> None:
    notice = only_notice(delivered(f"instagram/{name}"))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert (notice.post.conversation_id, notice.post.in_reply_to) == (COMMENT, COMMENT)


def test_the_accounts_own_comment_answers_the_medium_that_mentioned_it() -> None:
    mention = only_post(delivered("instagram/mention_in_caption"))
    notice = only_notice(delivered("instagram/own_comment_on_medium"))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert (notice.post.conversation_id, notice.post.in_reply_to) == (mention.conversation_id, mention.id)


def test_an_own_comment_on_nothing_known_answers_nothing() -> None:
    sample = document("instagram/own_comment_on_medium")
    del sample["entry"][0]["changes"][0]["value"]["media"]
    assert read("instagram", sample).ignored == {"own_post": 1}


def test_a_mention_in_a_caption_is_a_post_of_which_only_the_id_is_known() -> None:
    post = only_post(delivered("instagram/mention_in_caption"))
    assert (post.id, post.kind, post.text) == ("instagram:17900000000000008", Kind.POST, "")
    assert post.author == Author()


def test_a_mention_in_a_comment_is_a_comment() -> None:
    post = only_post(delivered("instagram/mention_in_comment"))
    assert (post.id, post.kind) == ("instagram:18000000000000005", Kind.COMMENT)
    assert (post.conversation_id, post.in_reply_to) == (post.id, "instagram:17900000000000008")


def test_a_comment_that_is_a_mention_too_is_taken_once_with_its_text() -> None:
    sample = document("instagram/comment")
    value = {"media_id": "17900000000000007", "comment_id": "18000000000000001"}
    sample["entry"][0]["changes"].insert(0, {"field": "mentions", "value": value})
    assert only_post(read("instagram", sample)).text == "Where is my refund?"


@pytest.mark.parametrize(("name", "kind"), [("test_button", "test"), ("seen", "messaging")])
def test_what_nobody_answers_is_counted_by_kind(name: str, kind: str) -> None:
    delivery = delivered(f"instagram/{name}")
    assert (delivery.posts, delivery.notices, delivery.unreadable) == ([], [], [])
    assert delivery.ignored == {kind: 1}


def test_a_field_of_no_use_is_counted() -> None:
    sample = document("instagram/comment")
    sample["entry"][0]["changes"][0]["field"] = "story_insights"
    assert read("instagram", sample).ignored == {"story_insights": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "id: is required"),
        ({"text": ["hi"]}, "text: must be text"),
        ({"media": "5"}, "media: must be an object"),
        ({"parent_id": "a b"}, "parent_id: must be 1 to 120"),
    ],
)
def test_a_comment_that_cannot_be_read_says_why(changes: dict[str, Any], reason: str) -> None:
    sample = document("instagram/comment")
    sample["entry"][0]["changes"][0]["value"] |= changes
    (bad,) = read("instagram", sample).unreadable
    assert bad.reason.startswith(reason)


def test_a_time_that_is_none_makes_the_event_unreadable() -> None:
    sample = document("instagram/comment")
    sample["entry"][0]["time"] = "noon"
    (bad,) = read("instagram", sample).unreadable
    assert bad.reason == "entry.time: must be seconds since 1970"
