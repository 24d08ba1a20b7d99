"""How somebody without the secret might try: each turns a request of a sender into one that it never sent."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

from answerby.networks import NETWORKS
from answerby.networks.webhook import Request
from tests.builders import NOW
from tests.security.senders import KEYLESS, PUBLIC, SENDERS, Sender

Forge = Callable[[Random, Request, Sender], Request]


def _with(request: Request, headers: Mapping[str, str]) -> Request:
    return replace(request, headers={**request.headers, **headers})


def _signature_name(request: Request) -> str:
    return next((name for name in request.headers if "signature" in name), "x-hub-signature-256")


def _respelled(change: Callable[[Random, str], str]) -> Forge:
    """The signature, spelled otherwise."""

    def forge(rng: Random, request: Request, sender: Sender) -> Request:
        name = _signature_name(request)
        return _with(request, {name: change(rng, request.headers.get(name, ""))})

    return forge


def _other_char(rng: Random, signature: str) -> str:
    if not signature:
        return "0"
    place = rng.randrange(len(signature))
    return signature[:place] + rng.choice("0aA=/+,\u00e9\uff11 ") + signature[place + 1 :]


def _other_bit(rng: Random, request: Request, sender: Sender) -> Request:
    changed = bytearray(request.body or b"\x00")
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return replace(request, body=bytes(changed))


def _other_end(rng: Random, request: Request, sender: Sender) -> Request:
    body = request.body
    return replace(request, body=rng.choice((body[:-1], body[1:], body + b" ", b" " + body, body + body, b"")))


def _of_another_body(rng: Random, request: Request, sender: Sender) -> Request:
    return _with(request, sender.signed(rng.choice((b"", b"{}", request.body + b" "))))


def _of_another_sender(rng: Random, request: Request, sender: Sender) -> Request:
    other = rng.choice([*SENDERS.values(), *KEYLESS.values()])
    return _with(request, other.signed(request.body))


def _of_another_time(rng: Random, request: Request, sender: Sender) -> Request:
    """A replay, and one that lies about its time."""
    ago = timedelta(seconds=rng.choice((301, 302, 3_600, 10**6, -301, -(10**6))))
    signed = sender.signed(request.body, NOW - ago)
    stamp = str(int(NOW.timestamp()))
    return _with(request, signed if rng.random() < 0.5 else {**signed, "webhook-timestamp": stamp})


def _with_odd_stamp(rng: Random, request: Request, sender: Sender) -> Request:
    stamp = request.headers.get("webhook-timestamp", "1772442000")
    odd = ("", "now", f"+{stamp}", f" {stamp}", f"{stamp}.0", f"-{stamp}", "1" * 400, "\u0661" * 10, f"0{stamp}")
    return _with(request, {"webhook-timestamp": rng.choice(odd)})


def _with_moved_border(rng: Random, request: Request, sender: Sender) -> Request:
    """What was signed as a body passes as the end of an id, a time and a shorter body."""
    stamp = str(int(NOW.timestamp()))
    signed = sender.signed(f"{stamp}.".encode() + request.body)
    moved = f"{signed.get('webhook-id', 'a')}.{signed.get('webhook-timestamp', '1')}"
    return _with(request, {**signed, "webhook-id": moved, "webhook-timestamp": stamp})


def _with_other_id(rng: Random, request: Request, sender: Sender) -> Request:
    return _with(request, {"webhook-id": rng.choice(("", "msg_1", "a.b", "\u00e9", "x" * 300, "a\r\nb"))})


def _by_weaker_means(rng: Random, request: Request, sender: Sender) -> Request:
    mac = hmac.digest(sender.theirs.secrets[0].encode(), request.body, rng.choice(("sha1", "md5")))
    spelled = rng.choice(("sha1=", "sha256=", "")) + rng.choice((mac.hex(), base64.b64encode(mac).decode()))
    name = _signature_name(request)
    return _with(request, {name: spelled, "x-hub-signature": spelled})


def _by_no_key(rng: Random, request: Request, sender: Sender) -> Request:
    """The bare hash, and the HMAC by an empty key: what a source without secrets must not fall for."""
    body = request.body
    mac = rng.choice((hashlib.sha256(body).digest(), hmac.digest(b"", body, "sha256"), bytes(32)))
    spelled = rng.choice(("sha256=" + mac.hex(), "sha256=" + base64.b64encode(mac).decode()))
    return _with(request, {_signature_name(request): spelled})


def _by_the_public_key(rng: Random, request: Request, sender: Sender) -> Request:
    """Everybody knows a public key: used as a shared secret it must sign nothing."""
    message_id, stamp = "msg_1", str(int(NOW.timestamp()))
    mac = hmac.digest(PUBLIC, f"{message_id}.{stamp}.".encode() + request.body, "sha256")
    spelled = f"{rng.choice(('v1', 'v1a'))},{base64.b64encode(mac).decode()}"
    return _with(request, {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": spelled})


def _by_the_handshake(rng: Random, request: Request, sender: Sender) -> Request:
    """X's handshake signs what it is asked: it must not sign a body."""
    asked = Request(method="GET", headers={}, query={"crc_token": request.body.decode("latin-1")}, body=b"")
    answer = NETWORKS["x"].handshake(asked, sender.keys)
    token = answer.body.partition('": "')[2].partition('"')[0] if answer else "sha256="
    return _with(request, {_signature_name(request): token})


def _without_header(rng: Random, request: Request, sender: Sender) -> Request:
    left_out = rng.choice([name for name in request.headers if name != "content-type"] or [""])
    return replace(request, headers={name: said for name, said in request.headers.items() if name != left_out})


def _compressed(rng: Random, request: Request, sender: Sender) -> Request:
    """Signed before it was compressed: only by expanding it would the signature fit."""
    packed = gzip.compress(request.body, 1, mtime=0)
    return replace(_with(request, {"content-encoding": "gzip"}), body=packed)


FORGERIES: tuple[Forge, ...] = (
    _other_bit,
    _other_end,
    _of_another_body,
    _of_another_sender,
    _of_another_time,
    _with_odd_stamp,
    _with_moved_border,
    _with_other_id,
    _by_weaker_means,
    _without_header,
    _compressed,
    _respelled(_other_char),
    _respelled(lambda rng, signature: signature[: rng.randrange(len(signature) + 1)]),
    _respelled(lambda rng, signature: rng.choice((signature.upper(), signature.swapcase(), signature.title()))),
    _respelled(lambda _rng, signature: signature.replace("=", "=\x00", 1)),
    _respelled(lambda rng, signature: rng.choice((f"{signature},{signature}", f" {signature}", f"{signature}\r\n"))),
    _respelled(lambda _rng, signature: signature.replace("v1,", "v2,").replace("sha256=", "")),
    _respelled(lambda _rng, signature: f"v1a,{'A' * 88} " * 60 + signature.replace("v1", "v0")),
    _respelled(lambda rng, _signature: rng.choice(("", "sha256=", "v1,", "\ud800", "\u00e9" * 64, "0" * 9_000))),
)
"""Some leave a request of another kind of sender as it was: then it is as authentic as before."""

OUTSIDERS: tuple[Forge, ...] = (_by_no_key, _by_the_public_key, _by_the_handshake)
"""What anybody can do who knows nothing of the secret: none of it may ever be accepted."""
