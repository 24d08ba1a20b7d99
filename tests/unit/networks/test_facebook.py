from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from answerby.domain.mention import Author, Kind, NoticeKind
from answerby.networks import facebook
from answerby.networks.webhook import Keys, Request
from tests.samples import HEARD, SOURCES, WRITTEN, delivered, document, only_notice, only_post, read

KEYS = Keys(secrets=["app-secret"], verify_token="meatyhamhock")
COMMENT = "facebook:2001_3001"
PAGE_POST = "facebook:104200000000001_2001"
VISITOR_POST = "facebook:104200000000001_2002"


def comment(**changes: Any) -> dict[str, Any]:
    """The sample comment with some fields of its value changed; None leaves one out."""
    sample: dict[str, Any] = document("facebook/comment")
    value = sample["entry"][0]["changes"][0]["value"] | changes
    sample["entry"][0]["changes"][0]["value"] = {name: value for name, value in value.items() if value is not None}
    return sample


def challenge(**changes: str) -> Request:
    # https://developers.facebook.com/docs/graph-api/webhooks/getting-started
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "meatyhamhock", **changes}
    return Request(method="GET", headers={}, query=query, body=b"")


def signed(body: bytes, signature: str) -> Request:
    return Request(method="POST", headers={"x-hub-signature-256": signature}, query={}, body=body)


def test_the_handshake_gives_the_challenge_back_as_text() -> None:
    answer = facebook.handshake(challenge(), KEYS)
    assert answer is not None
    assert (answer.status, answer.body, answer.content_type) == (200, "1158201444", "text/plain")


@pytest.mark.parametrize(
    "changes",
    [{"hub.verify_token": "other"}, {"hub.verify_token": "ü"}, {"hub.mode": "unsubscribe"}, {"hub.challenge": ""}],
)
def test_a_handshake_that_is_not_ours_is_refused(changes: dict[str, str]) -> None:
    assert facebook.handshake(challenge(**changes), KEYS) is None


def test_an_unset_verify_token_is_nobodys() -> None:
    assert facebook.handshake(challenge(**{"hub.verify_token": ""}), replace(KEYS, verify_token="")) is None


def test_a_published_signature_is_accepted() -> None:
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries, which signs as Meta does
    request = signed(b"Hello, World!", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
    assert facebook.verify(request, Keys(secrets=["It's a Secret to Everybody"], verify_token=""), HEARD)


def test_either_of_two_secrets_may_have_signed() -> None:
    keys = Keys(secrets=["new", "old"], verify_token="")
    for secret in keys.secrets:
        headers = facebook.sign(b"{}", Keys(secrets=[secret], verify_token=""), HEARD)
        assert facebook.verify(signed(b"{}", headers["x-hub-signature-256"]), keys, HEARD)


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=00", "sha1=00", "é", "a,b", "\ud800"])
def test_a_malformed_signature_is_refused(signature: str) -> None:
    assert not facebook.verify(signed(b"{}", signature), KEYS, HEARD)


def test_no_signature_is_refused() -> None:
    assert not facebook.verify(Request(method="POST", headers={}, query={}, body=b"{}"), KEYS, HEARD)


def test_an_empty_secret_signs_nothing() -> None:
    empty = Keys(secrets=[""], verify_token="")
    assert not facebook.verify(signed(b"{}", facebook.sign(b"{}", empty, HEARD)["x-hub-signature-256"]), empty, HEARD)


def test_escaped_and_unescaped_bodies_are_signed_differently() -> None:
    escaped, plain = b'{"a":"\\u00e4"}', '{"a":"ä"}'.encode()
    signature = facebook.sign(escaped, KEYS, HEARD)["x-hub-signature-256"]
    assert facebook.verify(signed(escaped, signature), KEYS, HEARD)
    assert not facebook.verify(signed(plain, signature), KEYS, HEARD)


def test_a_comment_is_a_mention_that_starts_its_own_conversation() -> None:
    post = only_post(delivered("facebook/comment"))
    assert post.id == COMMENT
    assert post.kind is Kind.COMMENT
    assert post.author == Author(id="5550001", name="Mara Lind")
    assert post.text == "My order never arrived ☹ 📦"
    assert (post.conversation_id, post.in_reply_to) == (COMMENT, PAGE_POST)
    assert post.url == "https://www.facebook.com/104200000000001_2001?comment_id=3001"
    assert (post.posted_at, post.received_at, post.edited_at) == (WRITTEN, HEARD, None)
    assert post.reply_until == WRITTEN + timedelta(days=7)
    assert (post.source, post.brand_account) == ("page", "104200000000001")


def test_a_reply_belongs_to_the_comment_it_stands_under() -> None:
    post = only_post(delivered("facebook/reply"))
    assert post.kind is Kind.REPLY
    assert (post.conversation_id, post.in_reply_to) == (COMMENT, COMMENT)


def test_ids_may_be_numbers_and_the_author_spelled_as_sender() -> None:
    post = only_post(delivered("facebook/comment_with_number_ids"))
    assert post.author == Author(id="5550001", name="Mara Lind")


def test_a_comment_without_author_is_still_a_mention() -> None:
    assert only_post(delivered("facebook/comment_without_author")).author == Author()


def test_a_comment_of_only_a_photo_has_no_text() -> None:
    assert only_post(delivered("facebook/comment_photo_only")).text == ""


def test_the_pages_own_reply_is_a_notice_in_the_conversation() -> None:
    notice = only_notice(delivered("facebook/own_reply"))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert (notice.post.conversation_id, notice.post.in_reply_to) == (COMMENT, COMMENT)
    assert notice.next_check_at is None


def test_the_pages_own_comment_on_a_visitors_post_belongs_to_that_post() -> None:
    visitor = only_post(delivered("facebook/visitor_post"))
    notice = only_notice(delivered("facebook/own_comment_on_visitor_post"))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert visitor.id == visitor.conversation_id == VISITOR_POST
    assert (notice.post.conversation_id, notice.post.in_reply_to) == (VISITOR_POST, VISITOR_POST)


def test_the_pages_own_reply_is_known_by_an_old_sender_id_and_as_a_number() -> None:
    own = comment(**{"from": None}, sender_id=104200000000001)
    assert only_notice(read("facebook", own)).kind is NoticeKind.OWN_REPLY


def test_an_alias_of_the_page_is_the_page() -> None:
    source = replace(SOURCES["facebook"], aliases=("5550001",))
    delivery = facebook.parse(document("facebook/comment"), source, HEARD)
    assert only_notice(delivery).kind is NoticeKind.OWN_REPLY


def test_the_pages_own_post_is_counted_and_no_mention() -> None:
    delivery = delivered("facebook/own_post")
    assert (delivery.posts, delivery.notices) == ([], [])
    assert delivery.ignored == {"own_post": 1}


def test_an_edited_comment_is_a_notice_with_the_newer_text() -> None:
    notice = only_notice(delivered("facebook/comment_edited"))
    assert notice.kind is NoticeKind.EDIT
    assert (notice.post.id, notice.post.text) == (COMMENT, "It arrived, but broken")
    assert (notice.post.posted_at, notice.post.edited_at) == (WRITTEN, WRITTEN + timedelta(seconds=65))


def test_a_visitors_edit_has_a_verb_of_its_own() -> None:
    notice = only_notice(delivered("facebook/visitor_post_edited"))
    assert (notice.kind, notice.post.id) == (NoticeKind.EDIT, VISITOR_POST)


def test_a_removal_needs_neither_author_nor_text() -> None:
    notice = only_notice(delivered("facebook/comment_removed"))
    assert (notice.kind, notice.post.id) == (NoticeKind.REMOVAL, COMMENT)


def test_a_mention_on_anothers_page_has_no_author() -> None:
    post = only_post(delivered("facebook/mention"))
    assert (post.id, post.author, post.in_reply_to) == ("facebook:888_999", Author(), "facebook:777_888")


def test_a_comment_heard_as_feed_and_as_mention_is_taken_once_with_its_author() -> None:
    both = document("facebook/comment")
    changes = both["entry"][0]["changes"]
    known = changes[0]["value"]
    bare = {name: known[name] for name in ("item", "verb", "post_id", "comment_id", "message", "created_time")}
    both["entry"][0]["changes"] = [{"field": "mention", "value": bare}, *changes]
    assert only_post(read("facebook", both)).author.id == "5550001"


def test_a_review_has_its_stars_and_its_words() -> None:
    post = only_post(delivered("facebook/review"))
    assert (post.id, post.kind, post.rating, post.text) == ("facebook:900100200300", Kind.REVIEW, 2.0, "Slow")
    assert post.author == Author(id="5550003", name="Ole")
    assert post.reply_until is None


def test_a_recommendation_without_words_is_a_rating() -> None:
    post = only_post(delivered("facebook/recommendation_without_text"))
    assert (post.kind, post.rating, post.text) == (Kind.RATING, 1.0, "")


def test_the_pages_comment_on_a_review_meets_the_review() -> None:
    review = only_post(delivered("facebook/review"))
    notice = only_notice(delivered("facebook/own_comment_on_review"))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert (notice.post.conversation_id, notice.post.in_reply_to) == (review.conversation_id, review.id)


@pytest.mark.parametrize(("name", "kind"), [("like", "feed.like.add"), ("comment_hidden", "feed.comment.hide")])
def test_what_nobody_answers_is_counted_by_kind(name: str, kind: str) -> None:
    delivery = delivered(f"facebook/{name}")
    assert (delivery.posts, delivery.notices, delivery.unreadable) == ([], [], [])
    assert delivery.ignored == {kind: 1}


def test_one_unreadable_event_spoils_no_other() -> None:
    delivery = delivered("facebook/batch")
    assert [post.id for post in delivery.posts] == [COMMENT, "facebook:2001_3009"]
    assert [post.brand_account for post in delivery.posts] == ["104200000000001", "104200000000009"]
    (bad,) = delivery.unreadable
    assert bad.reason == "comment_id: is required"
    assert delivery.ignored == {
        "feed.reaction.add": 1,
        "hours": 1,
        "feed.no_value": 1,
        "ratings.no_value": 1,
        "messaging": 1,
    }


def test_an_unreadable_event_is_kept_so_that_it_can_be_sent_again() -> None:
    (bad,) = delivered("facebook/batch").unreadable
    kept = json.loads(bad.raw)
    kept["entry"][0]["changes"][0]["value"]["comment_id"] = "2001_3001"
    assert only_post(read("facebook", kept)).id == COMMENT


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"comment_id": None}, "comment_id: is required"),
        ({"comment_id": {"id": 1}}, "comment_id: must be text or an integer"),
        ({"comment_id": True}, "comment_id: must be text or an integer"),
        ({"comment_id": "a/b"}, "comment_id: must be 1 to 120"),
        ({"message": 5}, "message: must be text"),
        ({"from": "Mara"}, "from: must be an object"),
        ({"created_time": "yesterday"}, "created_time: must be seconds since 1970"),
        ({"created_time": [1]}, "created_time: must be seconds since 1970"),
        ({"item": None}, "item: must be text"),
    ],
)
def test_an_event_that_cannot_be_read_says_why(changes: dict[str, Any], reason: str) -> None:
    delivery = read("facebook", comment(**changes))
    assert delivery.posts == []
    assert delivery.unreadable[0].reason.startswith(reason)


@pytest.mark.parametrize("seconds", [0, 1_000_000_000, 1_795_305_600 + 200_000, 10**400, -(10**30)])
def test_a_time_at_which_nobody_wrote_is_no_time(seconds: int) -> None:
    assert only_post(read("facebook", comment(created_time=seconds))).posted_at is None


def test_a_clock_a_little_ahead_grants_no_time() -> None:
    post = only_post(read("facebook", comment(created_time=1_795_305_600 + 3600)))
    assert post.posted_at == WRITTEN + timedelta(hours=1)
    assert post.said_at == HEARD
    assert post.reply_until == HEARD + timedelta(days=7)


def test_text_loses_only_what_no_channel_can_carry() -> None:
    post = only_post(read("facebook", comment(message="a\x00b\x1b[31m\r\n\tc\ud83d \u202edef\x7f\x9b")))
    assert post.text == "ab[31m\n\tc\ufffd \u202edef"


def test_text_is_clipped() -> None:
    assert len(only_post(read("facebook", comment(message="x" * 150_000))).text) == 100_000


def test_a_name_is_one_line() -> None:
    named = comment(**{"from": {"id": "1", "name": "Mara\r\nBcc: all\x00"}})
    assert only_post(read("facebook", named)).author.name == "Mara Bcc: all"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "unknown"),
        ({"object": "permissions", "entry": [{"id": "0", "changes": []}]}, "object.permissions"),
        ({"object": "page", "entry": [{"id": "0", "changes": [{"field": "feed", "value": {}}]}]}, "test"),
        ({"object": "page", "entry": [{"id": "1", "changes": [{"field": "phone", "value": "5"}]}]}, "phone"),
        ({"object": "page", "entry": [{"id": "1", "changes": [{"field": "feed"}]}]}, "feed.no_value"),
        ({"object": "page", "entry": [{"id": "1", "changed_fields": ["feed"]}]}, "feed.no_value"),
        ({"object": "page", "entry": [{"id": "1", "standby": [{}]}]}, "messaging"),
    ],
)
def test_authentic_but_of_no_use_is_counted(body: dict[str, Any], kind: str) -> None:
    delivery = read("facebook", body)
    assert (delivery.posts, delivery.notices, delivery.unreadable) == ([], [], [])
    assert delivery.ignored == {kind: 1}


def test_a_label_is_short_and_plain_whatever_the_sender_writes() -> None:
    (label,) = read("facebook", comment(item="Ünder Score\n" + "x" * 500)).ignored
    assert len(label) == 64
    assert label.startswith("feed._nder_score_xxx")


@pytest.mark.parametrize(
    "body",
    [
        {"object": "page", "entry": {}},
        {"object": "page", "entry": [7]},
        {"object": "page", "entry": [{"id": "1", "changes": [7]}]},
        {"object": "page", "entry": [{"id": {}, "changes": [{"field": "feed", "value": {"item": "comment"}}]}]},
        {"object": "page", "entry": [{"id": "1", "changes": {"field": "feed", "value": 3}}]},
        [7],
    ],
)
def test_an_envelope_that_cannot_be_read_is_kept(body: Any) -> None:
    assert len(read("facebook", body).unreadable) == 1


def test_a_thousand_comments_in_one_body_are_all_read() -> None:
    batch = document("facebook/comment")
    change = batch["entry"][0]["changes"][0]
    batch["entry"][0]["changes"] = [
        {"field": "feed", "value": {**change["value"], "comment_id": f"2001_{n}"}} for n in range(1000)
    ]
    assert len({post.id for post in read("facebook", batch).posts}) == 1000
