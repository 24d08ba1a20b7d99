from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from answerby.domain.mention import Author, Kind, NoticeKind
from answerby.networks import x
from answerby.networks.webhook import Keys, Request
from tests.samples import HEARD, WRITTEN, delivered, document, only_notice, only_post, read

KEYS = Keys(secrets=["consumer-secret", "older-secret"], verify_token="")
POST = "x:1990000000000000001"


def asked(token: str | None) -> Request:
    return Request(method="GET", headers={}, query={} if token is None else {"crc_token": token}, body=b"")


def signed(body: bytes, signature: str) -> Request:
    return Request(method="POST", headers={"x-twitter-webhooks-signature": signature}, query={}, body=body)


def mention(**changes: Any) -> dict[str, Any]:
    sample: dict[str, Any] = document("x/mention")
    sample["data"]["payload"] |= changes
    return sample


def test_the_challenge_is_answered_with_the_first_secret() -> None:
    answer = x.handshake(asked("a-token"), KEYS)
    assert answer is not None
    digest = hmac.new(b"consumer-secret", b"a-token", hashlib.sha256).digest()
    assert json.loads(answer.body) == {"response_token": f"sha256={base64.b64encode(digest).decode()}"}
    assert (answer.status, answer.content_type) == (200, "application/json")


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_there_is_no_answer(token: str | None) -> None:
    assert x.handshake(asked(token), KEYS) is None


@pytest.mark.parametrize("body", ['{"data":{}}', " [1]", '\n{"tweet_create_events":[]}'])
def test_the_challenge_signs_nothing_that_could_be_a_body(body: str) -> None:
    assert x.handshake(asked(body), KEYS) is None


def test_either_of_two_secrets_may_have_signed() -> None:
    for secret in KEYS.secrets:
        headers = x.sign(b"{}", replace(KEYS, secrets=[secret]), HEARD)
        assert x.verify(signed(b"{}", headers["x-twitter-webhooks-signature"]), KEYS, HEARD)


def test_another_body_is_refused() -> None:
    headers = x.sign(b"{}", KEYS, HEARD)
    assert not x.verify(signed(b"[]", headers["x-twitter-webhooks-signature"]), KEYS, HEARD)


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=AAAA", "é", "\ud800", "sha256=a,sha256=b"])
def test_a_malformed_signature_is_refused(signature: str) -> None:
    assert not x.verify(signed(b"{}", signature), KEYS, HEARD)


def test_a_mention_is_read() -> None:
    post = only_post(delivered("x/mention"))
    assert (post.id, post.kind, post.conversation_id, post.in_reply_to) == (POST, Kind.POST, POST, None)
    assert post.author == Author(
        id="7770001", handle="mara_l", name="Mara Lind", followers=1200, url="https://x.com/mara_l"
    )
    assert (post.posted_at, post.language, post.reply_until) == (WRITTEN, "en", None)
    assert post.url == "https://x.com/mara_l/status/1990000000000000001"


def test_escaped_characters_are_read_as_written() -> None:
    assert only_post(delivered("x/mention")).text == "@ourbrand broken again & again <3"


def test_one_unescaping_is_enough() -> None:
    assert only_post(read("x", mention(text="&amp;lt; &quot;"))).text == "&lt; &quot;"


@pytest.mark.parametrize("name", ["account_activity_mention", "wrapped_author"])
def test_the_same_post_by_another_route_is_the_same_mention(name: str) -> None:
    assert only_post(delivered(f"x/{name}")) == only_post(delivered("x/mention"))


@pytest.mark.parametrize("name", ["reply_as_mention", "reply_from_filtered_stream"])
def test_the_same_reply_by_another_route_is_the_same_mention(name: str) -> None:
    assert only_post(delivered(f"x/{name}")) == only_post(delivered("x/reply"))


def test_a_reply_stays_in_its_conversation() -> None:
    post = only_post(delivered("x/reply"))
    assert (post.kind, post.conversation_id, post.in_reply_to) == (Kind.REPLY, POST, POST)


def test_a_reply_without_conversation_belongs_to_what_it_replies_to() -> None:
    sample = document("x/account_activity_mention")
    sample["tweet_create_events"][0] |= {"in_reply_to_status_id": 5, "in_reply_to_status_id_str": "6"}
    post = only_post(read("x", sample))
    assert (post.kind, post.conversation_id, post.in_reply_to) == (Kind.REPLY, "x:6", "x:6")


def test_a_quote_starts_its_own_conversation() -> None:
    post = only_post(delivered("x/quote"))
    assert (post.kind, post.conversation_id, post.in_reply_to) == (Kind.QUOTE, post.id, "x:1980000000000000001")


def test_an_author_not_sent_along_has_an_id_and_a_link_still() -> None:
    sample = mention()
    del sample["data"]["includes"]
    post = only_post(read("x", sample))
    assert post.author == Author(id="7770001")
    assert post.url == "https://x.com/i/status/1990000000000000001"


def test_the_text_of_an_id_is_exact_and_its_number_may_be_rounded() -> None:
    assert only_post(delivered("x/account_activity_mention")).id == POST


def test_a_truncated_post_is_read_in_full() -> None:
    assert only_post(delivered("x/account_activity_mention")).text.endswith("again <3")


def test_a_long_post_is_read_in_full() -> None:
    assert only_post(read("x", mention(note_tweet={"text": "all of it"}))).text == "all of it"


def test_an_undetermined_language_is_none() -> None:
    assert only_post(read("x", mention(lang="und"))).language is None


def test_an_edit_updates_the_first_version_and_links_to_the_newest() -> None:
    notice = only_notice(delivered("x/edited"))
    assert (notice.kind, notice.post.id, notice.post.text) == (NoticeKind.EDIT, POST, "@ourbrand works now")
    assert notice.post.edited_at == WRITTEN + timedelta(minutes=10)
    assert notice.post.url == "https://x.com/mara_l/status/1990000000000000009"
    assert notice.post.conversation_id == POST


def test_the_brands_own_reply_is_a_notice() -> None:
    notice = only_notice(delivered("x/own_reply"))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert (notice.post.conversation_id, notice.post.in_reply_to) == (POST, POST)


def test_the_brands_own_post_is_counted_and_no_mention() -> None:
    assert delivered("x/own_post").ignored == {"own_post": 1}


def test_the_brand_is_whom_the_event_is_for() -> None:
    sample = document("x/account_activity_mention") | {"for_user_id": 7770001}
    assert read("x", sample).ignored == {"own_post": 1}


@pytest.mark.parametrize("name", ["deleted", "account_activity_deleted"])
def test_a_deletion_is_a_removal(name: str) -> None:
    notice = only_notice(delivered(f"x/{name}"))
    assert (notice.kind, notice.post.id, notice.post.author.id) == (NoticeKind.REMOVAL, POST, "7770001")


def test_one_unreadable_event_spoils_no_other() -> None:
    delivery = delivered("x/account_activity_batch")
    assert [post.id for post in delivery.posts] == [POST]
    assert [notice.post.in_reply_to for notice in delivery.notices] == [POST]
    assert delivery.ignored == {"repost": 1}
    (bad,) = delivery.unreadable
    assert bad.reason == "created_at: must be a time such as Wed Feb 05 08:39:31 +0000 2020"
    kept = json.loads(bad.raw)
    assert kept["for_user_id"] == "2200000001"
    assert len(kept["tweet_create_events"]) == 1


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("repost", {"repost": 1}),
        ("direct_message", {"dm.received": 1}),
        ("replay_job_status", {"replay_job_status": 1}),
        ("account_activity_direct_message", {"direct_message_events": 2}),
        ("account_activity_likes", {"favorite_events": 1}),
    ],
)
def test_what_nobody_answers_is_counted_by_kind(name: str, ignored: dict[str, int]) -> None:
    delivery = delivered(f"x/{name}")
    assert (delivery.posts, delivery.notices, delivery.unreadable) == ([], [], [])
    assert delivery.ignored == ignored


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "unknown"),
        ({"surprise": 1, "more": 2}, "unknown"),
        ({"data": {"hello": 1}}, "unknown"),
        ({"data": {"event_type": "oauth.revoke"}}, "oauth.revoke"),
        ({"data": {"event_type": ["?"]}}, "unknown"),
    ],
)
def test_unknown_shapes_are_counted(body: dict[str, Any], kind: str) -> None:
    assert read("x", body).ignored == {kind: 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "id: is required"),
        ({"text": 1}, "text: must be text"),
        ({"created_at": "now"}, "created_at: must be an ISO 8601"),
        ({"created_at": "2026-11-22T00:00:00"}, "created_at: must say its time zone"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at: must be an ISO 8601"),
        ({"edit_history_tweet_ids": [{}]}, "edit_history_tweet_ids: must be text"),
        ({"referenced_tweets": [{"type": "replied_to"}]}, "id: is required"),
        ({"referenced_tweets": ["5"]}, "must be an object"),
    ],
)
def test_a_post_that_cannot_be_read_says_why(changes: dict[str, Any], reason: str) -> None:
    (bad,) = read("x", mention(**changes)).unreadable
    assert bad.reason.startswith(reason)
