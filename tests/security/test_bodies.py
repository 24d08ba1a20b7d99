"""Bodies made to break a reader: each is refused with a reason or read, quickly, and nothing of it is expanded."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from answerby.networks.webhook import MOST_BYTES_KEPT, MOST_KEPT, MOST_KINDS, Request
from answerby.usecases.take_delivery import LARGEST_BODY, MOST_EVENTS
from tests.fakes.mentions import FakeMentions
from tests.pace import within
from tests.security.deliveries import comment, deliver, page_of, send
from tests.security.senders import SENDERS

MEGABYTE = 1024 * 1024
SOON = 5
"""Seconds of CPU, on a machine that is slow: what is not linear takes minutes."""

MALFORMED = {
    "nothing": b"",
    "space": b" \t\r\n",
    "half an object": b'{"id":"1","text":"a"',
    "half a text": b'{"id":"1","text":"a',
    "two documents": b'{"id":"1","text":"a"}{"id":"2","text":"b"}',
    "a comma at the end": b'{"id":"1","text":"a",}',
    "no quotes": b"{id:1,text:a}",
    "other quotes": b"{'id':'1','text':'a'}",
    "a comment": b'{"id":"1",/* a */"text":"a"}',
    "a byte order mark": b'\xef\xbb\xbf{"id":"1","text":"a"}',
    "UTF-16": '{"id":"1","text":"a"}'.encode("utf-16"),
    "UTF-32": '{"id":"1","text":"a"}'.encode("utf-32"),
    "Latin-1": '{"id":"1","text":"é"}'.encode("latin-1"),
    "an overlong sequence": b'{"id":"1","text":"\xc0\xaf"}',
    "half a surrogate pair as UTF-8": b'{"id":"1","text":"\xed\xa0\x80"}',
    "beyond Unicode": b'{"id":"1","text":"\xf4\x90\x80\x80"}',
    "half a character": b'{"id":"1","text":"\xe2\x98"}',
    "a bare line feed": b'{"id":"1","text":"a\nb"}',
    "a bare null byte": b'{"id":"1","text":"a\x00b"}',
    "an unknown escape": b'{"id":"1","text":"\\x41"}',
    "half an escape": b'{"id":"1","text":"\\u00"}',
    "NaN": b'{"id":"1","text":"a","rating":NaN}',
    "Infinity": b'{"id":"1","text":"a","rating":Infinity}',
    "minus Infinity": b'{"id":"1","text":"a","rating":-Infinity}',
    "a float out of range": b'{"id":"1","text":"a","rating":1e400}',
    "5,000 digits": b'{"id":"1","text":"a","n":' + b"9" * 5_000 + b"}",
    "a leading zero": b'{"id":"1","text":"a","rating":01}',
    "hexadecimal": b'{"id":"1","text":"a","rating":0x1}',
    "a text": b'"a"',
    "a number": b"1",
    "null": b"null",
    "65 lists": b"[" * 65 + b"]" * 65,
    "65 objects": b'{"a":' * 65 + b"1" + b"}" * 65,
    "100,000 lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "a million lists, open": b"[" * 1_000_000,
    "a million objects, open": b'{"a":' * 1_000_000,
    "brackets behind a quote that is none": b'{"a\\\\":' * 200_000,
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a form": b"id=1&text=a",
    "YAML": b"id: !!python/object/apply:os.system [id]",
    "a pickle": b"\x80\x04\x95\x00.",
}


@pytest.mark.parametrize("source", ["bird", "forum"])
@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_no_json_is_refused_with_a_reason(source: str, what: str) -> None:
    mentions = FakeMentions()

    reply = within(SOON, lambda: deliver(source, MALFORMED[what], mentions))

    assert reply.status == 400
    assert "the body" in json.loads(reply.body)["error"]
    assert len(reply.body) < 300
    assert not mentions.items
    assert not mentions.unreadable


ODD = {
    "4,000 digits": b'{"n":' + b"9" * 4_000 + b',"id":"1","text":"a"}',
    "five million digits behind the point": b'{"n":1.' + b"5" * 4_900_000 + b',"id":"1","text":"a"}',
    "an exponent of four million digits": b'{"n":1e-' + b"9" * 4_000_000 + b',"id":"1","text":"a"}',
    "a key of four megabytes": b'{"' + b"k" * 4 * MEGABYTE + b'":1,"id":"1","text":"a"}',
    "300,000 keys": b"{" + b"".join(b'"%d":0,' % n for n in range(300_000)) + b'"id":"1","text":"a"}',
    "keys whose hashes collide as numbers": b"{" + b"".join(b'"%d":0,' % (n << 40) for n in range(99_000))
    + b'"id":"1","text":"a"}',
    "a key ten thousand times": b"{" + b'"id":"0",' * 10_000 + b'"id":"1","text":"a"}',
    "two million backslashes": b'{"n":"' + b"\\\\" * 2_000_000 + b'","id":"1","text":"a"}',
    "a name from JavaScript": b'{"__proto__":{"admin":true},"constructor":{},"id":"1","text":"a"}',
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_what_is_odd_and_still_json_is_read(what: str) -> None:
    def delivered() -> FakeMentions:
        mentions = FakeMentions()
        reply = deliver("forum", ODD[what], mentions)
        assert reply.status == 200, reply.body
        return mentions

    mentions = within(SOON, delivered)
    assert mentions.get("standard:1")


HUGE_TIMES = [10**18, -(10**18), 10**400, -(10**400), 1e308, -1e308, "9" * 20, "-1", 253402300800, 5e-324]


@pytest.mark.parametrize("time", HUGE_TIMES, ids=lambda time: f"{time!s:.12}")
def test_a_time_that_no_calendar_holds_harms_nobody(time: Any) -> None:
    changed = comment("1_2", "Where is it?")
    changed["value"]["created_time"] = time
    mentions = FakeMentions()

    reply = deliver("page", page_of(changed, comment("1_3", "And mine?"), time=time), mentions)

    assert reply.status == 200
    assert mentions.get("facebook:1_3")
    assert reply.counts["PostsStored"] + reply.counts["UnreadableEvents"] == 2


PACKERS = {"gzip": lambda body: gzip.compress(body, 9), "deflate": lambda body: zlib.compress(body, 9)}


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_compressed_body_is_refused_and_never_expanded(encoding: str) -> None:
    """Fifty megabytes of spaces behind a post: 50 KB on the way, and the signature is over these."""
    packed = PACKERS[encoding](b'{"id":"1","text":"a"}' + b" " * 50 * MEGABYTE)
    mentions = FakeMentions()
    tracemalloc.start()
    try:
        reply = deliver("forum", packed, mentions, content_encoding=encoding)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert reply.status == 400
    assert peak < 10 * len(packed)
    assert not mentions.items


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity", "gzip, gzip, gzip"])
def test_a_plain_body_that_is_said_to_be_compressed_is_read_as_it_is(encoding: str) -> None:
    assert deliver("forum", {"id": "1", "text": "a"}, content_encoding=encoding).counts["PostsStored"] == 1


def test_a_compressed_body_signed_before_it_was_compressed_is_a_forgery() -> None:
    body = b'{"id":"1","text":"a"}'
    headers = {**SENDERS["forum"].signed(body), "content-encoding": "gzip"}
    request = Request(method="POST", headers=headers, query={}, body=gzip.compress(body))

    assert send("forum", request).status == 401


# What a body may make us do, for the sender has the secret of one source and not the run of the others' time.


def test_removals_of_other_networks_posts_take_no_longer_together() -> None:
    own = [{"id": f"blog:{n}", "state": "removed"} for n in range(4_000)]
    foreign = [{"id": f"x:{n}", "state": "removed"} for n in range(5_000)]

    def delivered() -> None:
        mentions = FakeMentions()
        reply = deliver("forum", own + foreign, mentions)
        assert (reply.status, reply.counts["UnreadableEvents"], len(mentions.items)) == (200, 5_000, 4_000)

    within(SOON, delivered)


def test_more_events_than_can_be_stored_in_time_are_refused_as_a_whole() -> None:
    mentions = FakeMentions()

    reply = deliver("forum", [{"id": str(n), "text": "a"} for n in range(MOST_EVENTS + 1)], mentions)

    assert reply.status == 413
    assert "send fewer events at once" in reply.body
    assert not mentions.items


def test_a_body_as_large_as_is_taken_is_looked_at_and_a_larger_one_is_not() -> None:
    body = b'{"id":"1","text":"a","n":"' + b"n" * (LARGEST_BODY - 28) + b'"}'

    assert deliver("forum", body).status == 200
    assert deliver("forum", body + b" ").status == 413


@pytest.mark.parametrize(
    "document",
    [
        page_of(*[{"field": "feed", "value": {"item": "comment"}}] * 100, time="9" * 4 * MEGABYTE),
        {"object": ["page" * MEGABYTE], "entry": [{"id": "1", "changes": [7]}] * 100},
        {"for_user_id": "1" * 4 * MEGABYTE, "tweet_create_events": [{"id": []}] * 100},
    ],
    ids=["time", "object", "for_user_id"],
)
def test_what_events_share_is_not_kept_with_each_of_them(document: Any) -> None:
    mentions = FakeMentions()

    reply = deliver("bird" if "for_user_id" in document else "page", document, mentions)

    assert reply.status == 200
    assert 0 < len(mentions.unreadable) <= MOST_KEPT
    assert sum(len(raw) for _, raw, _ in mentions.unreadable.values()) < 2 * MOST_BYTES_KEPT


@pytest.mark.parametrize(
    ("source", "document"),
    [
        ("page", page_of(*({"field": f"field{n}"} for n in range(50_000)))),
        ("page", page_of(changed_fields=[f"field{n}" for n in range(50_000)])),
        ("page", [{"object": f"object{n}"} for n in range(50_000)]),
        ("bird", [{"data": {"event_type": f"type{n}"}} for n in range(50_000)]),
    ],
    ids=["fields", "changed fields", "objects", "types"],
)
def test_kinds_that_a_sender_makes_up_do_not_fill_the_log(source: str, document: Any) -> None:
    reply = deliver(source, document)

    assert (reply.status, reply.counts["EventsIgnored"]) == (200, 50_000)
    assert len(reply.kinds) == MOST_KINDS + 1
    assert all(kind.isascii() and len(kind) <= 64 for kind in reply.kinds)


@pytest.mark.parametrize(
    ("source", "document"),
    [
        ("page", []),
        ("page", {"object": "page", "entry": []}),
        ("page", {"object": "page", "entry": [{"id": "100", "time": 1}]}),
        ("gram", {"object": "instagram", "entry": [{"id": "100", "changes_of_next_year": [1]}]}),
        ("bird", []),
        ("bird", {"tweet_create_events": []}),
        ("bird", {"favorite_events": []}),
    ],
)
def test_what_is_acknowledged_is_counted_even_if_it_holds_nothing(source: str, document: Any) -> None:
    reply = deliver(source, document)

    assert (reply.status, reply.counts["EventsIgnored"]) == (200, 1)
    assert sum(reply.kinds.values()) == 1
