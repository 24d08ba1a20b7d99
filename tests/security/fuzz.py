"""`python -m tests.security.fuzz SEED` replays one case; without a seed: so many as CASES says, from FIRST on."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable

from answerby.adapters.bodies import pack, unpack
from answerby.adapters.items import MENTION, Item, is_notice, mention_of, notice_of
from answerby.networks.webhook import MOST_KEPT
from answerby.usecases.receive import Task
from answerby.usecases.take_delivery import Reply, take_delivery
from tests.builders import NOW
from tests.fakes.mentions import FakeMentions
from tests.security.cases import Case, case
from tests.security.senders import KEYLESS, SOURCES, TOKEN, truly_signed

NIGHTLY = 1_000_000
LARGEST_ITEM, LARGEST_KEY, ROOM_FOR_KEYS = 400 * 1024, 1024, 8 * 1024
"""Bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
REFUSED = '{"error": "the signature or token is not valid for this address"}'
STATUSES = frozenset({200, 400, 401, 413})
_ASIDE = {"unreadable": "UnreadableEvents", "ignored": "EventsIgnored"}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class ViolationError(AssertionError):
    """What must never happen did."""


def check(each: Case) -> str:
    """Deliver the case and hold the outcome against what is known of it; a word for what happened.

    Raises ViolationError with the seed to replay it by.
    """
    mentions = FakeMentions()
    try:
        reply = _taken(each, mentions)
        _check_answer(each, reply)
        if reply.status != 200 or each.request.method == "GET":
            _hold(not mentions.items and not mentions.unreadable, "refused, and yet stored")
        else:
            _check_stored(each, reply, mentions)
            _check_repeated(each, reply, mentions)
    except Exception as error:
        raise ViolationError(f"seed {each.seed}: {type(error).__name__}: {error}") from error
    return _outcome(each, reply)


def campaign(seeds: Iterable[int]) -> Counter[str]:
    return Counter(check(case(seed)) for seed in seeds)


def _run(tasks: Iterable[Task]) -> list[bool]:
    return [task() for task in tasks]


def _taken(each: Case, mentions: FakeMentions) -> Reply:
    return take_delivery(each.request, each.source_id, SOURCES, mentions, NOW, _run)


def _hold(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def _check_answer(each: Case, reply: Reply) -> None:
    request = each.request
    _hold(reply.status in STATUSES, f"answered {reply.status}")
    if request.method == "GET":
        _check_handshake(each, reply)
        return
    signed = each.sender is not None and truly_signed(request, each.sender)
    if signed:
        _hold(reply.status != 401, "authentic, and refused as forged")
    else:
        _hold(reply.status == 401, f"forged, and answered {reply.status}")
        _hold(reply.body == REFUSED, "a refusal that tells why")
    _hold(reply.status == 200 or not each.genuine, "genuine, and refused")
    _hold(reply.status != 200 or request.method == "POST", "taken by another method than POST")
    _hold(reply.status != 200 or not each.outsider, "made without a secret, and accepted")
    _hold(reply.body.isascii() and reply.body.isprintable(), "control characters in the answer")
    _hold(isinstance(json.loads(reply.body), dict), "the answer is no JSON object")
    _hold(reply.content_type == "application/json", reply.content_type)


def _check_handshake(each: Case, reply: Reply) -> None:
    query = each.request.query
    _hold(reply.content_type in ("application/json", "text/plain"), reply.content_type)
    if reply.status != 200:
        _hold(reply.status == 401, f"a handshake answered by {reply.status}")
        return
    _hold(each.sender is not None and each.source_id != "no-secrets", "a handshake nobody can make")
    if each.sender and each.sender.network == "x":
        _hold(not set("[{") & set(query["crc_token"]), "signed what could be a body")
    else:
        _hold(query.get("hub.verify_token") == TOKEN, "the token was not given")
        _hold(reply.body == query["hub.challenge"] and reply.content_type == "text/plain", "another answer")


def _check_stored(each: Case, reply: Reply, mentions: FakeMentions) -> None:
    counts = reply.counts
    told = _stored(reply) + sum(counts[name] for name in ("Duplicates", "UnreadableEvents", "EventsIgnored"))
    _hold(told >= each.events, "an event that nothing accounts for")
    _hold(_stored(reply) == len(mentions.items), "told otherwise than stored")
    posts = sum(item.item == MENTION for item in mentions.items.values())
    _hold(counts["PostsStored"] == posts, "counted otherwise than stored")
    _hold(bool(counts["UnreadableEvents"]) == bool(mentions.unreadable), "unreadable, and not kept")
    _hold(len(mentions.unreadable) <= MOST_KEPT, "more kept than there is time for")
    for _, raw, _ in mentions.unreadable.values():
        json.loads(raw)
    for mention_id, text in each.said.items():
        stored = mentions.items.get((mention_id, MENTION))
        _hold(stored is not None, "accepted, and not stored")
        _hold(stored is not None and _carried(stored.body["text"]) == _carried(text), "stored otherwise than said")
    for item in mentions.items.values():
        _check_item(item)


def _check_item(item: Item) -> None:
    """DynamoDB takes it, and it is read back as it was."""
    packed = pack(item.body)
    _hold(unpack(packed) == item.body, "read back otherwise")
    _hold(len(packed) < LARGEST_ITEM - ROOM_FOR_KEYS, "too large to store")
    keys = (item.mention_id, item.item, item.conversation_id or "-", item.author_id or "-")
    _hold(all(0 < len(key.encode()) < LARGEST_KEY for key in keys), "a key that DynamoDB does not take")
    _hold(item.item == MENTION or is_notice(item.item), "an item of no kind")
    post = mention_of(item).post if item.item == MENTION else notice_of(item).post
    author = post.author
    words = (post.text, author.name, author.handle, author.id, post.url)
    _hold(not any(_CONTROL.search(word or "") for word in words), "a control character is stored")


def _check_repeated(each: Case, reply: Reply, mentions: FakeMentions) -> None:
    """A network that missed the answer delivers again."""
    known = len(mentions.items), len(mentions.unreadable)
    again = _taken(each, mentions)
    _hold(again.status == 200, f"delivered again, and answered {again.status}")
    _hold(_stored(again) == 0, "stored twice")
    _hold((len(mentions.items), len(mentions.unreadable)) == known, "kept twice")


def _stored(reply: Reply) -> int:
    return int(json.loads(reply.body)["stored"])


def _carried(text: str) -> str:
    """What can be carried of it; in the place of halves of surrogate pairs stands U+FFFD."""
    return _CONTROL.sub("", text).replace("\ufffd", "")


def _outcome(each: Case, reply: Reply) -> str:
    if each.request.method == "GET":
        return f"handshake {reply.status}"
    if reply.status != 200:
        return f"{'keyless ' if each.source_id in KEYLESS else ''}{reply.status}"
    parts = {"stored": _stored(reply), **{word: reply.counts[name] for word, name in _ASIDE.items()}}
    return "200 " + " ".join(word for word, count in parts.items() if count)


def main() -> int:
    if len(sys.argv) > 1:
        return _replay(int(sys.argv[1]))
    first, count = int(os.environ.get("FIRST") or 0), int(os.environ.get("CASES") or NIGHTLY)
    begun, outcomes, failed = time.monotonic(), Counter[str](), 0
    for seed in range(first, first + count):
        try:
            outcomes[check(case(seed))] += 1
        except ViolationError as violation:
            failed += 1
            if failed <= 20:
                _say(f"{violation}\n  replay: python -m tests.security.fuzz {seed}")
        if (seed - first + 1) % 50_000 == 0:
            _say(f"{seed - first + 1} of {count} cases, {time.monotonic() - begun:.0f} s, {failed} violations")
    for outcome, number in sorted(outcomes.items()):
        _say(f"{number:>9}  {outcome}")
    _say(f"{count} cases in {time.monotonic() - begun:.0f} s: {failed} violations")
    return 1 if failed else 0


def _replay(seed: int) -> int:
    each = case(seed)
    request = each.request
    _say(f"{request.method} {each.source_id!r}\nquery {dict(request.query)}\nheaders {dict(request.headers)!r:.2000}")
    _say(f"body of {len(request.body)} bytes: {request.body!r:.4000}\nmust store {dict(each.said)}")
    try:
        _say(check(each))
    except ViolationError:
        traceback.print_exc()
        return 1
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
