"""What a webhook endpoint answers, and what it stores."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from answerby.domain.mention import Author, Mention
from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.networks.samples import SAMPLES, Sample
from answerby.networks.webhook import Keys, Request
from answerby.ports import UnavailableError
from answerby.usecases.take_delivery import LARGEST_BODY, MOST_EVENTS, Reply, take_delivery
from tests.builders import NOW
from tests.fakes.mentions import FakeMentions
from tests.fakes.sources import FakeSources

STANDARD_SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
KEYS = {
    name: Keys(secrets=(STANDARD_SECRET if name == "standard" else f"{name}-secret",), verify_token="let-me-in")
    for name in NETWORKS
}
SOURCE = {name: Source(id=name, network=name, brand_account="100") for name in NETWORKS}
SOURCES = FakeSources(*((SOURCE[name], KEYS[name]) for name in NETWORKS))


def sample(network: str = "facebook", event_id: str = "1_2", text: str = "Where is it?") -> bytes:
    author = Author(id="7", handle="sam", name="Sam")
    return SAMPLES[network](Sample(text=text, author=author, source=SOURCE[network], now=NOW, event_id=event_id))


def request(body: bytes, network: str = "facebook", **headers: str) -> Request:
    signed = NETWORKS[network].sign(body, KEYS[network], NOW)
    return Request(method="POST", headers={**signed, **headers}, query={}, body=body)


def take(sent: Request, mentions: Any = None, source: str = "facebook", sources: Any = SOURCES) -> Reply:
    table = FakeMentions() if mentions is None else mentions
    return take_delivery(sent, source, sources, table, NOW, lambda tasks: [task() for task in tasks])


@pytest.fixture
def mentions() -> FakeMentions:
    return FakeMentions()


@pytest.mark.parametrize("network", NETWORKS)
def test_an_authentic_post_is_stored_and_acknowledged(network: str, mentions: FakeMentions) -> None:
    reply = take(request(sample(network), network), mentions, network)
    assert (reply.status, reply.counts["PostsStored"]) == (200, 1)
    assert mentions.get(f"{network}:1_2")


@pytest.mark.parametrize("network", NETWORKS)
def test_the_same_delivery_again_is_acknowledged_and_not_stored_again(network: str, mentions: FakeMentions) -> None:
    for expected in (1, 0, 0):
        reply = take(request(sample(network), network), mentions, network)
        assert (reply.status, reply.counts["PostsStored"]) == (200, expected)


def test_a_hundred_deliveries_at_once_are_one_mention(mentions: FakeMentions) -> None:
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: take(request(sample()), mentions), range(100)))
    assert {reply.status for reply in replies} == {200}
    assert sum(reply.counts["PostsStored"] for reply in replies) == 1
    assert len(mentions.items) == 1


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("spoil", ["wrong", "missing", "malformed", "body"])
def test_what_is_not_authentic_is_refused_with_one_answer(network: str, spoil: str, mentions: FakeMentions) -> None:
    good = request(sample(network), network)
    headers = dict(good.headers)
    for name in [name for name in headers if "signature" in name]:
        if spoil == "wrong":
            headers[name] = NETWORKS[network].sign(b"other", KEYS[network], NOW)[name]
        elif spoil == "malformed":
            headers[name] = "v1,=,=\x00é sha256="
        elif spoil == "missing":
            del headers[name]
    body = good.body + b" " if spoil == "body" else good.body
    reply = take(replace(good, headers=headers, body=body), mentions, network)
    unknown = take(good, mentions, "no-such-source")
    assert (reply.status, reply.body) == (unknown.status, unknown.body) == (401, unknown.body)
    assert reply.counts == {"WebhooksRefused": 1}
    assert not mentions.items


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "empty"),
        (b"{", 400, "not JSON"),
        (b'{"a": NaN}', 400, "NaN"),
        (b'"text"', 400, "object or list"),
        (b'{"a": "\xff"}', 400, "not UTF-8"),
        (b"[" * 65 + b"]" * 65, 400, "deeper than 64"),
        (b"[" * 1_000_000, 400, "deeper than 64"),
        (b" " * (LARGEST_BODY + 1), 413, "larger than"),
    ],
    ids=["empty", "half", "nan", "scalar", "latin1", "deep", "bomb", "large"],
)
def test_a_body_that_cannot_be_used_gets_a_reason(
    body: bytes, status: int, message: str, mentions: FakeMentions
) -> None:
    reply = take(request(body), mentions)
    assert reply.status == status
    assert message in json.loads(reply.body)["error"]
    assert not mentions.items


def test_another_content_type_gets_a_reason() -> None:
    reply = take(request(sample(), **{"content-type": "application/x-www-form-urlencoded"}))
    assert reply.status == 400
    assert "send application/json" in reply.body


def test_an_unsigned_body_is_refused_before_anything_in_it_is_looked_at() -> None:
    assert take(Request(method="POST", headers={}, query={}, body=b"[" * 1_000_000)).status == 401


def test_a_kind_that_nobody_answers_is_acknowledged_and_counted(mentions: FakeMentions) -> None:
    like = {"field": "feed", "value": {"item": "like", "verb": "add", "post_id": "1_1"}}
    body = json.dumps({"object": "page", "entry": [{"id": "100", "time": 1, "changes": [like]}]}).encode()
    reply = take(request(body), mentions)
    assert (reply.status, dict(reply.kinds)) == (200, {"feed.like.add": 1})
    assert not mentions.items


def test_one_unreadable_event_spoils_no_other_and_is_kept(mentions: FakeMentions) -> None:
    document = json.loads(sample())
    good = document["entry"][0]["changes"][0]
    document["entry"][0]["changes"] = [{"field": "feed", "value": {"item": "comment", "verb": "add"}}, good]
    for _ in range(2):
        reply = take(request(json.dumps(document).encode()), mentions)
        assert (reply.status, reply.counts["UnreadableEvents"]) == (200, 1)
    assert mentions.get("facebook:1_2")
    assert len(mentions.unreadable) == 1


def test_a_body_of_nothing_but_unreadable_events_keeps_some_and_counts_all(mentions: FakeMentions) -> None:
    bad = {"field": "feed", "value": {"item": "comment", "verb": "add"}}
    body = json.dumps({"object": "page", "entry": [{"id": "100", "time": 1, "changes": [bad] * 5000}]}).encode()
    reply = take(request(body), mentions)
    assert (reply.status, reply.counts["UnreadableEvents"]) == (200, 5000)
    assert len(mentions.unreadable) == 1


def test_a_huge_id_is_not_copied_into_each_event_kept(mentions: FakeMentions) -> None:
    bad = {"field": "feed", "value": {"item": "comment", "verb": "add"}}
    body = json.dumps({"object": "page", "entry": [{"id": "1" * 200_000, "time": 1, "changes": [bad] * 2000}]}).encode()
    assert take(request(body), mentions).counts["UnreadableEvents"] == 1


@pytest.mark.parametrize("told", [{"state": "removed"}, {"text": "new", "edited_at": "2026-03-02T09:00:00Z"}])
def test_a_system_cannot_silence_another_networks_post(told: dict[str, str], mentions: FakeMentions) -> None:
    body = json.dumps({"id": "facebook:1_2", **told}).encode()
    reply = take(request(body, "standard"), mentions, "standard")
    assert (reply.status, reply.counts["UnreadableEvents"]) == (200, 1)
    assert not mentions.items


def test_a_system_may_edit_the_posts_of_a_network_that_only_it_brings(mentions: FakeMentions) -> None:
    body = json.dumps({"id": "blog:1", "text": "new", "edited_at": "2026-03-02T09:00:00Z"}).encode()
    assert take(request(body, "standard"), mentions, "standard").counts["UnreadableEvents"] == 0


class Throttled(FakeMentions):
    """Takes so many writes, then none."""

    def __init__(self, takes: int) -> None:
        super().__init__()
        self.takes = takes

    def add(self, mention: Mention) -> bool:
        self.takes -= 1
        if self.takes < 0:
            raise UnavailableError("throttled")
        return super().add(mention)


def batch(size: int) -> bytes:
    document = json.loads(sample())
    change = document["entry"][0]["changes"][0]
    document["entry"][0]["changes"] = [
        {**change, "value": {**change["value"], "comment_id": f"1_{number}"}} for number in range(size)
    ]
    return json.dumps(document).encode()


def test_a_table_that_is_away_has_the_network_deliver_again() -> None:
    assert take(request(sample()), Throttled(0)).status == 503


def test_a_batch_half_stored_is_completed_by_the_retry_without_duplicates() -> None:
    table = Throttled(40)
    assert take(request(batch(100)), table).status == 503
    assert len(table.items) == 40
    table.takes = 1000
    reply = take(request(batch(100)), table)
    assert (reply.status, reply.counts["PostsStored"], reply.counts["Duplicates"]) == (200, 60, 40)
    assert len(table.items) == 100


def test_a_batch_of_a_thousand_is_stored(mentions: FakeMentions) -> None:
    assert take(request(batch(1000)), mentions).status == 200
    assert len(mentions.items) == 1000


def test_secrets_that_cannot_be_read_have_the_network_deliver_again() -> None:
    class Away(FakeSources):
        def get(self, source_id: str) -> None:
            raise UnavailableError(f"{source_id} cannot be read")

    assert take(request(sample()), sources=Away()).status == 503


def handshake(source: str, **query: str) -> Reply:
    return take(Request(method="GET", headers={}, query=query, body=b""), source=source)


def test_metas_handshake_is_answered_only_with_the_token() -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    known = handshake("facebook", **asked, **{"hub.verify_token": "let-me-in"})
    assert (known.status, known.body) == (200, "1158201444")
    assert handshake("facebook", **asked, **{"hub.verify_token": "guess"}).status == 401
    assert handshake("nobody", **asked, **{"hub.verify_token": ""}).status == 401


def test_xs_challenge_is_answered() -> None:
    reply = handshake("x", crc_token="9b4507b3-9040-4669-9ca3-6b94edb50553")
    assert reply.status == 200
    assert json.loads(reply.body)["response_token"].startswith("sha256=")


def test_other_methods_are_refused_even_if_signed() -> None:
    assert take(replace(request(sample()), method="PUT")).status == 400


def test_a_delivery_of_nothing_is_acknowledged_and_counted(mentions: FakeMentions) -> None:
    reply = take(request(b'{"object": "page", "entry": []}'), mentions)
    assert (reply.status, reply.kinds, mentions.items) == (200, {"empty": 1}, {})


def test_more_events_than_can_be_stored_in_time_are_refused_together(mentions: FakeMentions) -> None:
    change = json.loads(sample())["entry"][0]["changes"][0]
    comments = [{**change["value"], "comment_id": f"1_{number}"} for number in range(MOST_EVENTS + 1)]
    entry = {"id": "100", "time": 1, "changes": [{**change, "value": comment} for comment in comments]}
    reply = take(request(json.dumps({"object": "page", "entry": [entry]}).encode()), mentions)
    assert (reply.status, mentions.items) == (413, {})
    assert "send fewer events" in reply.body
