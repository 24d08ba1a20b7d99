"""A document as the `body` of an item: compact JSON, deflated with a dictionary of what every document holds.

DynamoDB bills a write by the KB of the whole item, and a mention is written about five times. Names and usual values
cost next to nothing when they refer to a dictionary known in advance, so that almost every mention stays below 1 KB.
The first byte tells which dictionary, so that a better one can be added while older items stay readable.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

_LEVEL = 6
_RAW = -zlib.MAX_WBITS
"""Raw deflate: a zlib header and checksum would repeat what the version byte and DynamoDB's own checksums do."""

# Most usual last: the nearer to the end, the shorter the reference. Never change an entry, add one.
_DICTIONARIES = {
    1: (
        b'"raw":"reason":"unreadable""direct_message""review""rating""story""link""quote""post""reply_until":'
        b'"released""dismissed""needs_no_answer""ground_rule""spam""removed""edited","was: ""raised""breached"'
        b'"joined""followed_up""alert_failed""alert_dropped""acknowledgement_expired""acknowledged","until 2026-'
        b'"assigned","to "answered","answered_at":,"answered_by":","answer_url":"https://www.instagram.com/p/'
        b'"https://x.com/i/status/"https://www.facebook.com/","in_reply_to":"x:instagram:facebook:'
        b'"breached":true,"joined":"followed_by":["edited_at":"acknowledged_by":","acknowledged_until":'
        b'{"network":"standard","network":"x","kind":"reply","network":"instagram","network":"facebook",'
        b'"kind":"comment","source":"facebook","brand_account":"1","author":{"id":"1","handle":"","name":"",'
        b'"followers":,"url":"https://"},"text":"","language":"en","rating":1.0,"url":"https://www.facebook.com/",'
        b'"in_reply_to":"facebook:1_","received_at":17,"posted_at":17,"priority":"low","priority":"urgent",'
        b'"priority":"high","priority":"normal","topic":"","team":"support","rule":"catch-all","policy":"standard",'
        b'"plan":{"rungs":[[["],900000],[["],1800000]],"repeat_every":600000,"repeat_every":1800000,'
        b'"ack_for":,"digest":true},"escalate_at":17,"rung":1,"round":1,"outbox":[{"id":"","person":"",'
        b'"reason":"escalated","reason":"breached","reason":"repeated","reason":"routed","rung":1,"round":1,'
        b'"decided_at":17}],"archived":50,"history":[[17,"received","facebook"],[17,"routed","rule ","to : '
        b'it takes whatever no other rule took"],[17,"escalated","answerby","rung 2: ","again, round 2: "],'
        b'[17,"alerted","","escalated, rung 2, message "],[17,"alerted","","routed, rung 1, message "]]}'
    ),
}
_NEWEST = max(_DICTIONARIES)


def pack(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # Lone surrogates, as JSON's escapes allow them in a post, are kept as they came.
    return pack_bytes(text.encode("utf-8", "surrogatepass"))


def unpack(body: bytes) -> dict[str, Any]:
    """Raises ValueError for what `pack` did not make."""
    document: dict[str, Any] = json.loads(unpack_bytes(body).decode("utf-8", "surrogatepass"))
    return document


def pack_bytes(raw: bytes) -> bytes:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, zdict=_DICTIONARIES[_NEWEST])
    return bytes((_NEWEST,)) + deflate.compress(raw) + deflate.flush()


def unpack_bytes(packed: bytes) -> bytes:
    """What was packed, or its beginning if `packed` was cut. Raises ValueError for what `pack_bytes` did not make."""
    dictionary = _DICTIONARIES.get(packed[0]) if packed else None
    if dictionary is None:
        raise ValueError("the body was written by a version of Answerby newer than this one")
    try:
        return zlib.decompressobj(_RAW, zdict=dictionary).decompress(packed[1:])
    except zlib.error as error:
        raise ValueError("the body is damaged") from error
