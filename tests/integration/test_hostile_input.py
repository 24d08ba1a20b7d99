"""What must not be stored is refused, and what is authentic but odd spoils nothing beside it."""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from answerby.adapters.dynamodb import MentionsTable
from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.asking import Api
from tests.integration.owning import product_on
from tests.integration.sending import JSON, Sender, Story, body_of, new_number

pytestmark = pytest.mark.usefixtures("quiet")

REFUSED = {"error": "the signature or token is not valid for this address"}
MEGABYTE = 1024 * 1024
RETENTION = timedelta(days=400)
OF_THE_MOMENT = {"date", "x-amzn-requestid", "x-amzn-trace-id"}

Forge = Callable[[Sender, bytes], dict[str, str]]


@pytest.fixture
def instagram(stack: Stack) -> Sender:
    return Sender.to(stack, "instagram")


@pytest.fixture
def x(stack: Stack) -> Sender:
    return Sender.to(stack, "x")


def told(answer: requests.Response) -> tuple[int, str, dict[str, str]]:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer.status_code, answer.text, {name: headers[name] for name in headers.keys() - OF_THE_MOMENT}


def mention_of(number: str) -> dict[str, str]:
    return {"id": number, "text": "Where is my parcel?"}


def hub(sender: Sender, body: bytes) -> str:
    return sender.signature(body)["x-hub-signature-256"]


FORGED_META: dict[str, Forge] = {
    "missing": lambda _sender, _body: {},
    "empty": lambda _sender, _body: {"x-hub-signature-256": ""},
    "of another secret": lambda sender, body: sender.with_secret("guessed").signature(body),
    "of another body": lambda sender, body: sender.signature(body + b" "),
    "without its prefix": lambda sender, body: {"x-hub-signature-256": hub(sender, body).removeprefix("sha256=")},
    "in capitals": lambda sender, body: {"x-hub-signature-256": hub(sender, body).upper()},
    "cut": lambda sender, body: {"x-hub-signature-256": hub(sender, body)[:-1]},
    "beyond ASCII": lambda _sender, _body: {"x-hub-signature-256": "sha256=ä" + "é" * 63},
    "very long": lambda _sender, _body: {"x-hub-signature-256": "sha256=" + "0" * 7000},
    "older and weaker": lambda sender, body: {
        "x-hub-signature": "sha1=" + hmac.digest(sender.secret.encode(), body, "sha1").hex()
    },
}


@pytest.mark.parametrize("how", FORGED_META)
def test_a_forged_signature_of_meta_is_refused(facebook: Sender, api: Api, how: str) -> None:
    story = Story(facebook)
    body = body_of(story.sample("comment"))
    reference = told(replace(facebook, url=facebook.url + "x").post(body, JSON))

    answer = facebook.post(body, {**JSON, **FORGED_META[how](facebook, body)})

    assert answer.status_code == 401
    assert answer.json() == REFUSED
    assert told(answer) == reference, "an unknown source is told apart from a wrong signature"
    assert api.mention(story.id("2001_3001")) == {}


def restamped(sender: Sender, body: bytes, seconds: float) -> dict[str, str]:
    return sender.signature(body, at=time.time() + seconds)


FORGED_STANDARD: dict[str, Forge] = {
    "missing": lambda _sender, _body: {},
    "only a signature": lambda sender, body: {"webhook-signature": sender.signature(body)["webhook-signature"]},
    "stale": lambda sender, body: restamped(sender, body, -330),
    "of the future": lambda sender, body: restamped(sender, body, 330),
    "of another time": lambda sender, body: {**sender.signature(body), "webhook-timestamp": str(int(time.time()) - 9)},
    "without a time": lambda sender, body: {**sender.signature(body), "webhook-timestamp": "now"},
    "of another message": lambda sender, body: {**sender.signature(body), "webhook-id": "msg_0"},
    "of another secret": lambda sender, body: sender.with_secret("whsec_Z3Vlc3NlZA==").signature(body),
    "not base64": lambda sender, body: {**sender.signature(body), "webhook-signature": "v1,!!! v1a,??? v1 ,"},
    "of another version": lambda sender, body: {
        **sender.signature(body),
        "webhook-signature": sender.signature(body)["webhook-signature"].replace("v1,", "v2,"),
    },
    "a thousand": lambda sender, body: {**sender.signature(body), "webhook-signature": "v1a,AAAA " * 800},
}


@pytest.mark.parametrize("how", FORGED_STANDARD)
def test_a_forged_signature_of_standard_webhooks_is_refused(
    facebook: Sender, standard: Sender, api: Api, how: str
) -> None:
    number = new_number()
    body = body_of(mention_of(number))
    reference = told(facebook.post(body, JSON))

    answer = standard.post(body, {**JSON, **FORGED_STANDARD[how](standard, body)})

    assert answer.status_code == 401
    assert told(answer) == reference
    assert api.mention(f"standard:{number}") == {}


def test_a_forged_signature_of_x_is_refused(x: Sender, api: Api) -> None:
    story = Story(x)
    body = body_of(story.sample("mention"))

    for headers in ({}, x.with_secret("guessed").signature(body), {"x-twitter-webhooks-signature": "sha256=="}):
        assert x.post(body, {**JSON, **headers}).json() == REFUSED

    assert api.mention(story.id("1990000000000000001")) == {}


def test_a_delivery_to_another_source_of_the_same_network_family_is_refused(
    facebook: Sender, instagram: Sender, api: Api
) -> None:
    story = Story(facebook)
    body = body_of(story.sample("comment"))

    assert instagram.post(body, {**JSON, **facebook.signature(body)}).status_code == 401
    assert api.mention(story.id("2001_3001")) == {}


def test_refusals_are_counted(stack: Stack, client: Callable[[str], Any], facebook: Sender) -> None:
    since = int(time.time() * 1000)
    logs = client("logs")
    group = f"/aws/lambda/{stack.stack_name}-receive-webhook"

    facebook.post(b"{}", JSON)

    def counted() -> list[dict[str, Any]]:
        return list(
            logs.filter_log_events(logGroupName=group, startTime=since, filterPattern='"WebhooksRefused"')["events"]
        )

    assert eventually(counted, bool)


def deep(levels: int, number: str) -> bytes:
    inside = json.dumps(mention_of(number))[1:-1]
    return b"{" + inside.encode() + b',"extra":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


USELESS: dict[str, tuple[Callable[[str], bytes], int, str]] = {
    "larger than 5 MB": (
        lambda number: body_of({**mention_of(number), "extra": "a" * 5 * MEGABYTE}),
        413,
        "larger than 5242880 bytes",
    ),
    "not JSON": (lambda number: body_of(mention_of(number))[:-1], 400, "not JSON"),
    "followed by more": (lambda number: body_of(mention_of(number)) + b"{}", 400, "not JSON"),
    "nested 65 deep": (lambda number: deep(65, number), 400, "nested deeper than 64 levels"),
    "empty": (lambda _number: b"", 400, "empty"),
    "only space": (lambda _number: b" \n", 400, "empty"),
    "a text": (lambda _number: b'"text"', 400, "must be a JSON object or list"),
    "with what is no number": (
        lambda number: body_of(mention_of(number))[:-1] + b',"rating":NaN}',
        400,
        "NaN is not a JSON number",
    ),
    "of wrong fields": (
        lambda number: body_of({**mention_of(number), "rating": "bad", "url": "javascript:alert(1)"}),
        400,
        "rating: must be a number from 0 to 5; url: must be an http or https address",
    ),
    "an id that is no id": (lambda _number: body_of({"id": "../1", "text": "Hello"}), 400, "id: must be"),
}


@pytest.mark.parametrize("what", USELESS)
def test_an_authentic_body_is_refused_with_what_is_wrong_with_it(standard: Sender, api: Api, what: str) -> None:
    make, status, message = USELESS[what]
    number = new_number()

    answer = standard.deliver(make(number))

    assert answer.status_code == status
    assert message in answer.json()["error"]
    assert api.mention(f"standard:{number}") == {}


def test_a_body_of_exactly_64_levels_and_five_megabytes_is_taken(standard: Sender, api: Api) -> None:
    numbers = new_number(), new_number()
    start = body_of({**mention_of(numbers[1]), "extra": ""})
    largest = start[:-2] + b"a" * (5 * MEGABYTE - len(start)) + start[-2:]

    assert standard.deliver(deep(64, numbers[0])).status_code == 200
    assert standard.deliver(largest).status_code == 200

    assert all(api.mention(f"standard:{number}") for number in numbers)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_another_content_type_is_refused(standard: Sender, api: Api, content_type: str) -> None:
    number = new_number()

    answer = standard.deliver(mention_of(number), **{"content-type": content_type})

    assert answer.status_code == 400
    assert "send application/json" in answer.json()["error"]
    assert api.mention(f"standard:{number}") == {}


def test_json_of_a_named_charset_is_taken(standard: Sender) -> None:
    answer = standard.deliver(mention_of(new_number()), **{"content-type": "Application/JSON; charset=utf-8"})

    assert answer.status_code == 200


def test_a_body_that_is_not_utf8_is_refused(stack: Stack, standard: Sender, api: Api, client: Any) -> None:
    """Lambda hands text over; whether it mends the bytes before (then no signature fits) or encodes them is its
    own affair, so the function is asked in both ways."""
    number = new_number()
    body = body_of(mention_of(number))[:-2] + b"\xff\xfe" + b'"}'
    event = {
        "version": "2.0",
        "rawPath": "/webhooks/standard",
        "requestContext": {"http": {"method": "POST", "path": "/webhooks/standard"}},
        "headers": {**JSON, **standard.signature(body)},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }

    answer = standard.deliver(body)
    name = f"{stack.stack_name}-receive-webhook"
    encoded = json.load(client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])

    assert answer.status_code in (400, 401)
    assert encoded["statusCode"] == 400
    assert "not UTF-8" in json.loads(encoded["body"])["error"]
    assert api.mention(f"standard:{number}") == {}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_signed_delivery_by_another_method_is_refused(standard: Sender, api: Api, method: str) -> None:
    number = new_number()
    body = body_of(mention_of(number))

    answer = standard.post(body, {**JSON, **standard.signature(body)}, method=method)

    assert answer.status_code == 400
    assert f"the method is {method}" in answer.json()["error"]
    assert api.mention(f"standard:{number}") == {}


def test_a_signed_delivery_by_head_is_refused_without_a_word(standard: Sender, api: Api) -> None:
    number = new_number()
    body = body_of(mention_of(number))

    answer = standard.post(body, {**JSON, **standard.signature(body)}, method="HEAD")

    assert (answer.status_code, answer.content) == (400, b"")
    assert api.mention(f"standard:{number}") == {}


@pytest.mark.parametrize(
    "body",
    [b"[" * (4 * MEGABYTE), b'{"a":' * 800_000, b"\xf0\x9f\x98\xa1" * MEGABYTE],
    ids=["lists", "objects", "text"],
)
def test_an_unsigned_body_costs_no_more_than_its_hash(facebook: Sender, standard: Sender, body: bytes) -> None:
    for sender in (facebook, standard):
        answer = requests.post(sender.url, data=body, headers=JSON, timeout=10)

        assert answer.status_code == 401
        assert answer.json() == REFUSED


def test_kinds_that_nobody_answers_are_acknowledged(stack: Stack) -> None:
    for source, samples in {
        "facebook": ("like", "own_post", "comment_hidden"),
        "instagram": ("seen", "test_button"),
        "x": ("account_activity_likes", "account_activity_direct_message", "repost", "replay_job_status"),
    }.items():
        story = Story(Sender.to(stack, source))
        for sample in samples:
            answer = story.sender.deliver(story.sample(sample))

            assert answer.status_code == 200, sample
            counts = answer.json()
            assert counts["stored"] == 0, sample
            assert counts["ignored"] >= 1, sample


def test_unknown_fields_and_values_spoil_nothing(facebook: Sender, api: Api) -> None:
    story = Story(facebook)
    comment = story.sample("comment")
    (change,) = comment["entry"][0]["changes"]
    change["value"] |= {"reactions": {"wow": [1, None]}, "is_hidden": "perhaps"}
    comment["entry"][0]["changes"] += [
        {"field": "a_field_of_next_year", "value": 7},
        {"field": "feed", "value": {"item": "hologram", "verb": "beam"}},
    ]
    comment |= {"sent_by": "a newer version"}

    answer = facebook.deliver(comment)

    assert answer.json() == {"stored": 1, "duplicates": 0, "ignored": 2}
    assert api.mention(story.id("2001_3001"))["text"] == "My order never arrived ☹ 📦"


def test_one_unreadable_event_is_kept_and_the_good_ones_beside_it_are_stored(
    stack: Stack, facebook: Sender, api: Api, outputs: dict[str, str]
) -> None:
    story = Story(facebook)
    batch = story.sample("batch")  # two good comments, one without its id, and five kinds that are not used
    broken = batch["entry"][0]["changes"][1]
    broken["value"]["message"] = f"broken {story.number}"

    answer = facebook.deliver(batch)
    again = facebook.deliver(batch)

    assert (answer.status_code, answer.json()["stored"], again.json()["stored"]) == (200, 2, 0)
    assert api.mention(story.id("2001_3001"))
    assert api.mention(story.id("2001_3009"))
    with product_on(stack):
        kept = MentionsTable(outputs["MentionsTable"], RETENTION).unreadable(limit=10)
    ours = [event for event in kept if story.number.encode() in event.raw]
    assert [event.reason for event in ours] == ["comment_id: is required"]
    assert json.loads(ours[0].raw)["entry"][0]["changes"] == [broken]


def test_a_kept_event_can_be_delivered_again(facebook: Sender, stack: Stack, outputs: dict[str, str]) -> None:
    story = Story(facebook)
    broken = story.sample("comment")
    broken["entry"][0]["changes"][0]["value"]["created_time"] = f"yesterday {story.number}"
    facebook.deliver(broken)
    with product_on(stack):
        kept = MentionsTable(outputs["MentionsTable"], RETENTION).unreadable(limit=10)
    (raw,) = [event.raw for event in kept if story.number.encode() in event.raw]

    mended = raw.replace(f'"yesterday {story.number}"'.encode(), str(int(story.written.timestamp())).encode())

    assert facebook.deliver(mended).json()["stored"] == 1


def test_a_challenge_is_answered_in_no_header(facebook: Sender) -> None:
    challenge = "1\r\nx-odd: 1"
    asked = {"hub.mode": "subscribe", "hub.verify_token": facebook.verify_token, "hub.challenge": challenge}

    answer = facebook.ask(**asked)

    assert (answer.status_code, answer.text) == (200, challenge)
    assert "x-odd" not in answer.headers


@pytest.mark.parametrize(
    "query", ["hub.verify_token=%ff%fe&hub.mode=%ff", "%ff=%c3%28", "&&=&==%", "crc_token=%ed%a0%80"]
)
def test_a_query_that_is_not_utf8_is_refused(facebook: Sender, query: str) -> None:
    answer = requests.get(f"{facebook.url}?{query}", timeout=30)

    assert (answer.status_code, answer.json()) == (401, REFUSED)


def sent_by_hand(url: str, headers: list[tuple[str, str]], body: bytes) -> int:
    """With headers that no ordinary client would send."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    try:
        connection.putrequest("POST", address.path)
        for name, value in [*headers, ("content-type", "application/json"), ("content-length", str(len(body)))]:
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        [("x-hub-signature-256", "sha256=" + "0" * 64)] * 2,
        [("x-hub-signature-256", "\xff\xfe\x80")],
        [("X-HUB-Signature-256", "a, b, c"), ("x-hub-signature-256", "")],
        [("webhook-id", "\xe4"), ("webhook-timestamp", "\xb2"), ("webhook-signature", "v1,\xe4 v1a,\xe4")],
    ],
)
def test_odd_headers_are_refused_like_any(facebook: Sender, standard: Sender, headers: list[tuple[str, str]]) -> None:
    for sender in (facebook, standard):
        assert sent_by_hand(sender.url, headers, b"{}") == 401


def test_further_odd_headers_beside_a_valid_signature_spoil_nothing(facebook: Sender, api: Api) -> None:
    story = Story(facebook)
    body = body_of(story.sample("comment"))
    headers = [("X-Hub-Signature-256", hub(facebook, body)), ("x-odd", "\xe4\xff"), ("x-odd", "again")]

    assert sent_by_hand(facebook.url, headers, body) == 200
    assert api.mention(story.id("2001_3001"))


@pytest.mark.parametrize("source", ["%00", "..%2F..", "%F0%9F%98%A1", "a" * 2000, "facebook%20"])
def test_an_odd_source_is_an_unknown_one(stack: Stack, source: str) -> None:
    answer = requests.post(f"{stack.webhook_url}/{source}", data=b"{}", headers=JSON, timeout=30)

    assert answer.status_code in (401, 404)


@pytest.mark.parametrize(
    "path",
    ["/", "/webhooks", "/webhooks/", "/webhooks//standard", "//webhooks/standard", "/webhooks/standard/", "/health"],
)
def test_nothing_is_stored_at_another_address(stack: Stack, standard: Sender, api: Api, path: str) -> None:
    number = new_number()
    body = body_of(mention_of(number))
    url = stack.webhook_url.removesuffix("/webhooks") + path

    assert sent_by_hand(url, list(standard.signature(body).items()), body) == 404
    assert api.mention(f"standard:{number}") == {}


def test_webhooks_do_not_come_through_the_api(stack: Stack, standard: Sender, api: Api) -> None:
    number = new_number()

    answer = replace(standard, url=f"{stack.api_url}/webhooks/standard").deliver(mention_of(number))

    assert answer.status_code == 404
    assert api.mention(f"standard:{number}") == {}
