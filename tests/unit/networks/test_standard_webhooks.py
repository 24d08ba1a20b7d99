from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from answerby.domain.mention import Author, Kind, NoticeKind
from answerby.networks import standard
from answerby.networks.webhook import BodyError, Keys, Request
from tests.samples import HEARD, WRITTEN, delivered, document, only_notice, only_post, read

# A published example: standard-webhooks/standard-webhooks, libraries/python/tests/test_webhooks.py (MIT)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": SIGNATURE,
}
SENT = datetime.fromtimestamp(1614265330, UTC)
WRONG = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="

SEED = bytes(range(32))
PRIVATE = "whsk_" + base64.b64encode(SEED).decode()
PUBLIC = "whpk_" + base64.b64encode(Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()).decode()


def keys(*secrets: str) -> Keys:
    return Keys(secrets=secrets, verify_token="")


def verified(headers: dict[str, str], *secrets: str, body: bytes = BODY, now: datetime = SENT) -> bool:
    request = Request(method="POST", headers=headers, query={}, body=body)
    return standard.verify(request, keys(*(secrets or (SECRET,))), now)


def mention(**changes: Any) -> dict[str, Any]:
    sample: dict[str, Any] = document("standard/mention")
    return sample | changes


def test_the_published_signature_is_accepted() -> None:
    assert verified(HEADERS)


def test_there_is_no_handshake() -> None:
    request = Request(method="GET", headers={}, query={"hub.challenge": "1"}, body=b"")
    assert standard.handshake(request, keys(SECRET)) is None


def test_one_matching_signature_among_others_is_enough() -> None:
    several = f"{WRONG} {WRONG.replace('v1', 'v2')} {SIGNATURE} {WRONG}"
    assert verified(HEADERS | {"webhook-signature": several})


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1",
        "v1,",
        "v1,dawfeoifkpqwoekfpqoekf",
        WRONG,
        SIGNATURE[:-1],
        SIGNATURE.replace("v1", "v2"),
        SIGNATURE.replace("v1", "v1a"),
        SIGNATURE + ",",
        "v1,é",
        "\ud800",
        "v1a,AAAA",
    ],
)
def test_a_malformed_or_foreign_signature_is_refused(signature: str) -> None:
    assert not verified(HEADERS | {"webhook-signature": signature}, SECRET, PUBLIC)


@pytest.mark.parametrize("name", HEADERS)
def test_every_header_is_needed(name: str) -> None:
    assert not verified({key: value for key, value in HEADERS.items() if key != name})


@pytest.mark.parametrize("offset", [-300, 300])
def test_five_minutes_either_way_are_tolerated(offset: int) -> None:
    assert verified(HEADERS, now=SENT + timedelta(seconds=offset))


@pytest.mark.parametrize("offset", [-301, 301])
def test_more_than_five_minutes_are_not(offset: int) -> None:
    assert not verified(HEADERS, now=SENT + timedelta(seconds=offset))


def correctly_signed(message_id: str, stamp: str) -> dict[str, str]:
    """Headers that only their form can make invalid."""
    content = f"{message_id}.{stamp}.".encode() + BODY
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


@pytest.mark.parametrize("stamp", ["1614265330.9", "+1614265330", " 1614265330", "1_614_265_330", "١٦١٤٢٦٥٣٣٠", "1e9"])
def test_a_timestamp_is_digits_only(stamp: str) -> None:
    assert not verified(correctly_signed("msg_1", stamp))


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "ä", "x" * 257])
def test_an_id_is_short_printable_and_without_dots(message_id: str) -> None:
    assert not verified(correctly_signed(message_id, "1614265330"))


@pytest.mark.parametrize("secret", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"])
def test_an_unpadded_secret_is_padded(secret: str) -> None:
    assert verified(standard.sign(BODY, keys(secret), SENT), secret)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!", "whsec_A", "whpk_", "whpk_AAAA", "ü"])
def test_an_unusable_secret_accepts_nothing(secret: str) -> None:
    assert not verified(HEADERS, secret)
    assert not verified(HEADERS | {"webhook-signature": "v1a," + "A" * 86 + "=="}, secret)


def test_an_empty_body_can_be_signed() -> None:
    assert verified(standard.sign(b"", keys(SECRET), SENT), body=b"")


def test_while_secrets_are_rotated_both_sign_and_either_is_enough() -> None:
    other = "whsec_" + base64.b64encode(b"another secret of some length").decode()
    headers = standard.sign(BODY, keys(SECRET, other), SENT)
    assert verified(headers, SECRET)
    assert verified(headers, other)
    assert verified(standard.sign(BODY, keys(other), SENT), SECRET, other)


def test_an_asymmetric_signature_is_accepted() -> None:
    headers = standard.sign(BODY, keys(PRIVATE), SENT)
    assert headers["webhook-signature"].startswith("v1a,")
    assert verified(headers, PUBLIC)


def test_symmetric_and_public_keys_may_be_mixed() -> None:
    assert verified(standard.sign(BODY, keys(PRIVATE), SENT), SECRET, PUBLIC)
    assert verified(HEADERS, PUBLIC, SECRET)
    assert verified(standard.sign(BODY, keys(SECRET, PRIVATE), SENT), PUBLIC)


def test_an_asymmetric_signature_of_another_body_is_refused() -> None:
    assert not verified(standard.sign(BODY, keys(PRIVATE), SENT), PUBLIC, body=b"{}")


def test_an_asymmetric_signature_grows_stale_too() -> None:
    assert not verified(standard.sign(BODY, keys(PRIVATE), SENT), PUBLIC, now=SENT + timedelta(minutes=6))


def test_a_public_key_is_no_secret_anyone_could_sign_with() -> None:
    forged = standard.sign(BODY, keys(PUBLIC.replace("whpk_", "whsec_")), SENT)
    assert not verified(forged, PUBLIC)


def test_the_same_body_gets_the_same_id_at_every_attempt() -> None:
    first, second = (standard.sign(BODY, keys(SECRET), now) for now in (SENT, SENT + timedelta(hours=1)))
    assert first["webhook-id"] == second["webhook-id"]


def test_a_mention_is_read() -> None:
    post = only_post(delivered("standard/mention"))
    assert (post.id, post.network, post.kind) == ("forum:t-1001", "forum", Kind.COMMENT)
    assert post.author == Author(
        id="u1", handle="mara", name="Mara Lind", followers=12, url="https://forum.example/u/mara"
    )
    assert (post.conversation_id, post.in_reply_to) == ("forum:t-1000", "forum:t-1000")
    assert (post.posted_at, post.language, post.rating) == (WRITTEN, "en", None)
    assert (post.source, post.brand_account) == ("forum", "brand-1")


def test_id_and_text_are_enough() -> None:
    post = only_post(read("standard", {"id": 7, "text": ""}))
    assert (post.id, post.network, post.kind) == ("standard:7", "standard", Kind.POST)
    assert (post.conversation_id, post.author, post.reply_until) == ("standard:7", Author(), None)


def test_an_id_may_name_its_network() -> None:
    post = only_post(read("standard", {"id": "forum:9", "text": "hi", "in_reply_to": "8"}))
    assert (post.id, post.network, post.in_reply_to) == ("forum:9", "forum", "forum:8")


@pytest.mark.parametrize("wrap", [lambda m: [m], lambda m: {"mentions": [m]}, lambda m: {"type": "a.b", "data": m}])
def test_wrapped_in_a_list_or_an_envelope_it_is_the_same(wrap: Any) -> None:
    assert read("standard", wrap(mention())) == delivered("standard/mention")


def test_an_envelope_may_hold_several() -> None:
    delivery = read("standard", {"type": "mentions.created", "data": document("standard/several")})
    assert [post.id for post in delivery.posts] == ["forum:t-1001", "standard:t-1002"]


def test_a_direct_message_can_be_answered_for_a_day() -> None:
    post = only_post(read("standard", mention(kind="direct_message")))
    assert post.reply_until == WRITTEN + timedelta(hours=24)


def test_an_edit_is_a_notice() -> None:
    notice = only_notice(delivered("standard/edited"))
    assert (notice.kind, notice.post.edited_at) == (NoticeKind.EDIT, WRITTEN + timedelta(minutes=30))


def test_a_removal_needs_no_text() -> None:
    notice = only_notice(delivered("standard/removed"))
    assert (notice.kind, notice.post.id) == (NoticeKind.REMOVAL, "forum:t-1001")


def test_the_brands_own_reply_is_known_by_its_handle() -> None:
    notice = only_notice(delivered("standard/own_reply"))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert (notice.post.conversation_id, notice.post.in_reply_to) == ("forum:t-1001", "forum:t-1001")


def test_the_brands_own_post_is_counted_and_no_mention() -> None:
    assert read("standard", {"id": "1", "text": "news", "author": {"id": "brand-1"}}).ignored == {"own_post": 1}


@pytest.mark.parametrize("state", [None, "new", "open"])
def test_an_open_mention_is_a_post(state: str | None) -> None:
    assert only_post(read("standard", mention(state=state))).id == "forum:t-1001"


@pytest.mark.parametrize("state", ["answered", "dismissed"])
def test_what_others_have_closed_calls_nobody(state: str) -> None:
    assert read("standard", mention(state=state)).ignored == {f"state.{state}": 1}


def test_what_is_ours_to_decide_is_not_read() -> None:
    ours = {"received_at": "never", "assignee": 5, "answer_by": [], "version": "x", "priority": "?"}
    assert read("standard", mention(**ours)) == delivered("standard/mention")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": None}, "id: is required"),
        ({"id": "a/b"}, "id: must be 1 to 64 of"),
        ({"id": "x" * 65}, "id: must be 1 to 64 of"),
        ({"id": "other:1"}, "id: belongs to network 'other', not to 'forum'"),
        ({"network": "The Forum"}, "network: must be 1 to 20 of"),
        ({"kind": "tweet"}, "kind: 'tweet' is not one of post, comment, reply,"),
        ({"kind": ["post"]}, "kind: ['post'] is not one of post,"),
        ({"state": "lost"}, "state: 'lost' is not one of new, open,"),
        ({"text": None}, "text: is required"),
        ({"text": 5}, "text: must be text"),
        ({"author": "mara"}, "author: must be an object"),
        ({"author": {"followers": -1}}, "author.followers: must be an integer from 0"),
        ({"author": {"url": "javascript:alert(1)"}}, "author.url: must be an http or https address"),
        ({"rating": 6}, "rating: must be a number from 0 to 5"),
        ({"rating": True}, "rating: must be a number from 0 to 5"),
        ({"url": "ftp://x"}, "url: must be an http or https address"),
        ({"url": "https://x/\r\nBcc: a"}, "url: must be an http or https address"),
        ({"language": "English!"}, "language: must be a language tag"),
        ({"posted_at": "2026-11-22T00:00:00"}, "posted_at: must say its time zone"),
        ({"posted_at": 1795305600}, "posted_at: must be an ISO 8601 date and time"),
        ({"edited_at": "soon"}, "edited_at: must be an ISO 8601 date and time"),
        ({"conversation_id": ""}, "conversation_id: must be 1 to 120 of"),
        ({"in_reply_to": {}}, "in_reply_to: must be 1 to 120 of"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(BodyError) as error:
        read("standard", mention(**changes))
    assert str(error.value).startswith(fault)
    assert ";" not in str(error.value)


def test_every_wrong_field_is_named_with_where_it_stands() -> None:
    with pytest.raises(BodyError) as error:
        read("standard", {"mentions": [{"id": "1", "kind": "tweet"}, 5]})
    kinds = ", ".join(Kind)
    assert str(error.value) == (
        f"mentions[0].kind: 'tweet' is not one of {kinds}; "
        "mentions[0].text: is required; mentions[1]: must be an object"
    )


def test_a_wrong_mention_among_good_ones_is_kept_and_they_are_taken() -> None:
    delivery = read("standard", {"mentions": [mention(), {"id": "2"}]})
    assert [post.id for post in delivery.posts] == ["forum:t-1001"]
    assert [bad.reason for bad in delivery.unreadable] == ["mentions[1].text: is required"]
    assert delivery.unreadable[0].raw == b'{"mentions":[{"id":"2"}]}'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ([], "the body: is an empty list"),
        ({"mentions": []}, "mentions: is an empty list"),
        ({"mentions": {}}, "mentions: must be a list"),
        ({"type": "ping", "data": None}, "data: must be an object"),
        ({}, "id: is required; text: is required"),
    ],
)
def test_a_body_without_mentions_is_refused(body: Any, fault: str) -> None:
    with pytest.raises(BodyError) as error:
        read("standard", body)
    assert str(error.value) == fault


def test_a_long_list_of_faults_is_cut() -> None:
    with pytest.raises(BodyError, match="and 980 more"):
        read("standard", [{"id": str(n)} for n in range(1000)])


def test_an_alias_is_the_brand_in_any_case() -> None:
    own = {"id": "1", "text": "Sorry!", "in_reply_to": "0", "author": {"handle": "OURBRAND"}}
    assert only_notice(read("standard", own)).kind is NoticeKind.OWN_REPLY


def test_a_long_id_of_a_network_fits_as_a_reference() -> None:
    post = only_post(read("standard", mention(in_reply_to="facebook:" + "9" * 120)))
    assert post == replace(only_post(delivered("standard/mention")), in_reply_to="facebook:" + "9" * 120)
    assert post.received_at == HEARD


@pytest.mark.parametrize(
    ("secret", "length"), [("whsec_" + "QUJD" * 8, 24), ("QUJD" * 8, 24), ("whpk_" + "QUJD" * 10 + "QUI", 32)]
)
def test_a_secret_spells_its_key(secret: str, length: int) -> None:
    assert len(standard.key_of(secret)) == length


@pytest.mark.parametrize("secret", ["", "whsec_QUJD", "whpk_" + "QUJD" * 8, "whsec_!!!", "whsec_" + "QUJD" * 30])
def test_a_secret_of_no_use_is_told_apart(secret: str) -> None:
    with pytest.raises(ValueError, match="must be base64 of"):
        standard.key_of(secret)
