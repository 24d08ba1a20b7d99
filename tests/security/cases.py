"""One seed, one request: authentic or forged, sound or broken, and what is known of it beforehand."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from random import Random
from typing import Any

from answerby.domain.mention import Author, Kind
from answerby.networks.samples import SAMPLES, Sample
from answerby.networks.webhook import Request
from tests.builders import NOW
from tests.samples import NAMES as SAMPLE_NAMES
from tests.samples import body as sample_body
from tests.security import hostile
from tests.security.forgeries import FORGERIES, OUTSIDERS
from tests.security.senders import KEYLESS, SENDERS, TOKEN, Sender

KINDS: Mapping[str, tuple[Kind | None, ...]] = {
    "facebook": (None, Kind.POST, Kind.COMMENT, Kind.REPLY, Kind.REVIEW),
    "instagram": (None,),
    "x": (None, Kind.QUOTE),
    "standard": (None, Kind.REVIEW, Kind.DIRECT_MESSAGE),
}
UNHEARD_OF = "nobody"
METHODS = ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "post", "", "POST\r\n")
CONTENT_TYPES = ("text/plain", "", "application/jsonp", "application/json\x00", "a\r\nb", "\u00e9" * 300, "*/*")
ENCODINGS = ("gzip", "deflate", "br", "identity", "gzip, gzip", "\x00")
QUERY = ("hub.mode", "hub.verify_token", "hub.challenge", "crc_token")


@dataclass(frozen=True)
class Case:
    """`said` are the texts, by mention id, of posts that must be stored if the request is accepted, and `events` is the
    least number of events that must be accounted for then."""

    seed: int
    source_id: str
    sender: Sender | None
    request: Request
    genuine: bool = False
    """Just as its network would send it: it must be accepted."""
    outsider: bool = False
    """Made without any knowledge of a secret: it must be refused."""
    said: Mapping[str, str] = field(default_factory=dict)
    events: int = 1


def case(seed: int) -> Case:
    rng = Random(seed)  # noqa: S311
    roll = rng.random()
    if roll < 0.04:
        return _handshake(seed, rng)
    senders = KEYLESS if roll < 0.07 else SENDERS
    sender = senders[rng.choice(list(senders))]
    made = _delivery(seed, rng, sender)
    roll = rng.random()
    if roll < 0.4:
        return replace(made, genuine=made.genuine and sender.source.id in SENDERS)
    if roll < 0.75:
        forge = rng.choice(FORGERIES)
        return replace(made, request=forge(rng, made.request, sender), genuine=False)
    if roll < 0.85:
        forge = rng.choice(OUTSIDERS)
        return replace(made, request=forge(rng, _unsigned(made.request), sender), genuine=False, outsider=True)
    return _misdirected(rng, made)


def _delivery(seed: int, rng: Random, sender: Sender) -> Case:
    """A signed request: of good events, of good ones with a broken one among them, or of anything."""
    document: Any
    said: dict[str, str] = {}
    roll = rng.random()
    if roll < 0.6:
        native = [f"{seed}-{n}" for n in range(rng.choice((1, 1, 1, 2, 5)))]
        texts = [rng.choice(hostile.TEXTS) for _ in native]
        events = [_event(rng, sender, *each) for each in zip(native, texts, strict=True)]
        genuine = roll < 0.25
        if genuine:
            said = {f"{sender.network}:{each}": text for each, text in zip(native, texts, strict=True)}
        else:
            broken = rng.randrange(len(events))
            hostile.disturb(rng, events[broken])
            kept = [each for n, each in enumerate(zip(native, texts, strict=True)) if n != broken]
            said = {f"{sender.network}:{each}": text for each, text in kept}
        body = json.dumps(_batch(sender, events)).encode()
        return Case(seed, sender.source.id, sender, _signed(sender, body), genuine, said=said, events=len(events))
    if roll < 0.75:
        document = json.loads(_sample(rng.choice(_names(sender.network))))
        for _ in range(rng.randrange(1, 4)):
            hostile.disturb(rng, document)
    else:
        document = hostile.value(rng, depth=4)
    body = hostile.written(rng, document)
    if roll > 0.85:
        body = rng.choice(hostile.SPOILERS)(rng, body)
    return Case(seed, sender.source.id, sender, _signed(sender, body))


def _event(rng: Random, sender: Sender, native: str, text: str) -> Any:
    """One event of the network's own, with words of a stranger in it."""
    stranger = Author(
        id=f"7{native}",
        handle=rng.choice(("sam", *hostile.TEXTS)) or "sam",
        name=rng.choice(hostile.TEXTS),
        followers=rng.choice((None, 0, 5_000)),
    )
    sample = Sample(
        text=text,
        author=replace(stranger, handle=f"sam {stranger.handle}"),
        source=sender.source,
        now=NOW,
        event_id=native,
        kind=rng.choice(KINDS[sender.network]),
    )
    document = json.loads(SAMPLES[sender.network](sample))
    if sender.network in ("facebook", "instagram"):
        return document["entry"][0]["changes"][0]
    return document


def _batch(sender: Sender, events: list[Any]) -> Any:
    if sender.network == "standard":
        return {"mentions": events}
    if sender.network == "x":
        return events
    entry = {"id": "100", "time": int(NOW.timestamp()), "changes": events}
    return {"object": "page", "entry": [entry]}


def _signed(sender: Sender, body: bytes) -> Request:
    return Request(method="POST", headers=sender.signed(body), query={}, body=body)


def _unsigned(request: Request) -> Request:
    headers = {name: "" if "signature" in name else said for name, said in request.headers.items()}
    return replace(request, headers=headers)


def _misdirected(rng: Random, made: Case) -> Case:
    """Well signed, and yet not as it should be: another method, type, encoding or address."""
    request, headers = made.request, made.request.headers
    how = rng.randrange(4)
    if how == 0:
        return replace(made, request=replace(request, method=rng.choice(METHODS)), genuine=False)
    if how == 1:
        odd = {**headers, "content-type": rng.choice(CONTENT_TYPES)}
        return replace(made, request=replace(request, headers=odd), genuine=False)
    if how == 2:
        name = rng.choice(("", made.source_id + "x", made.source_id.upper(), UNHEARD_OF, "\x00", "../page", "\ud800"))
        return replace(made, source_id=name, sender=None, genuine=False)
    if made.sender is None:
        return made
    pack = rng.choice((partial(gzip.compress, mtime=0), zlib.compress, bytes))
    body = pack(request.body)
    odd = {**made.sender.signed(body), "content-encoding": rng.choice(ENCODINGS)}
    return replace(made, request=replace(request, headers=odd, body=body), genuine=False)


def _handshake(seed: int, rng: Random) -> Case:
    sender = rng.choice([*SENDERS.values(), *KEYLESS.values()])
    query = {name: rng.choice((TOKEN, "subscribe", *hostile.TEXTS)) for name in QUERY if rng.random() < 0.8}
    request = Request(method="GET", headers={}, query=query, body=b"")
    return Case(seed, sender.source.id, sender, request)


@cache
def _names(network: str) -> tuple[str, ...]:
    return tuple(name for name in SAMPLE_NAMES if name.startswith(network))


@cache
def _sample(name: str) -> bytes:
    return sample_body(name)
