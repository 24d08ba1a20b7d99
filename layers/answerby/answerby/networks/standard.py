"""Any system that signs by Standard Webhooks 1.0 and sends mentions in the shape in which we show them ourselves.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from answerby.domain.mention import Author, Kind, NoticeKind, Post, State
from answerby.domain.source import Source
from answerby.networks.fields import (
    FieldError,
    account_id,
    count,
    http_url,
    iso_time,
    label,
    line,
    mapping,
    rating,
    sane,
    text,
)
from answerby.networks.reading import Found, found, is_brand, notice, one_of_each, reply_window
from answerby.networks.webhook import Answer, BodyError, Delivery, Keys, Request

TOLERANCE = timedelta(minutes=5)
DIRECT_MESSAGE_WINDOW = timedelta(hours=24)
"""Networks that take direct messages close them a day after the last word of the other side."""

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_SYMMETRIC, _PUBLIC, _PRIVATE = "whsec_", "whpk_", "whsk_"
_KEY_BYTES = {_SYMMETRIC: (24, 64), _PUBLIC: (32, 32), _PRIVATE: (32, 64)}
_MAX_ASYMMETRIC = 2
"""Each costs a hash of the body: a sender has two keys at most, while they are rotated."""
_SIGNATURE_BYTES = 64
_SEED_BYTES = 32

_MESSAGE_ID = re.compile(r"[!-\-/-~]{1,256}")  # printable ASCII; a dot would make the signed content ambiguous
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NETWORK = re.compile(r"[a-z][a-z0-9_]{0,19}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
_OWN_ID = re.compile(r"(?:([a-z][a-z0-9_]{0,19}):)?([A-Za-z0-9._-]{1,64})")
_OTHER_ID = re.compile(r"(?:([a-z][a-z0-9_]{0,19}):)?([A-Za-z0-9._-]{1,120})")


def handshake(request: Request, keys: Keys) -> Answer | None:  # noqa: ARG001
    """The standard has none."""
    return None


def verify(request: Request, keys: Keys, now: datetime) -> bool:
    """One signature of one active key is enough; those of unknown versions are skipped."""
    headers = request.headers
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "").split()
    valid = False
    for secret in _symmetric(keys):
        expected = _signature(secret, message_id, stamp, request.body)
        for signature in signatures:
            valid |= hmac.compare_digest(signature.encode(errors="replace"), expected)
    if not (_MESSAGE_ID.fullmatch(message_id) and _is_recent(stamp, now)):
        return False
    return valid or _asymmetric_valid(signatures, _prefix(message_id, stamp) + request.body, keys)


def sign(body: bytes, keys: Keys, now: datetime) -> dict[str, str]:
    """With every active secret and private key. The same body gets the same id, as a retry does."""
    message_id = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
    stamp = str(int(now.timestamp()))
    content = _prefix(message_id, stamp) + body
    signatures = [_signature(secret, message_id, stamp, body) for secret in _symmetric(keys)]
    signatures += [b"v1a," + base64.b64encode(_private_signature(seed, content)) for seed in _decoded(keys, _PRIVATE)]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": b" ".join(signatures).decode(),
    }


def parse(document: Any, source: Source, now: datetime) -> Delivery:
    """One mention, `{"mentions": [...]}`, a list, or either as the `data` of the standard's envelope."""
    delivery = Delivery()
    events = list(_events(document, ""))
    for path, event in events:
        try:
            delivery.take(_read(path, event, source, now))
        except FieldError as error:
            delivery.spoil({"mentions": [event]}, str(error))
    if delivery.spoiled == len(events):
        raise BodyError(_summary([event.reason for event in delivery.unreadable], delivery.spoiled))
    delivery.posts = one_of_each(delivery.posts)
    return delivery


def key_of(secret: str) -> bytes:
    """The key that a secret spells. Raises ValueError for what nobody can sign or verify with."""
    kind = next((kind for kind in _KEY_BYTES if secret.startswith(kind)), _SYMMETRIC)
    key = _base64(secret.removeprefix(kind))
    shortest, longest = _KEY_BYTES[kind]
    if key is None or not shortest <= len(key) <= longest:
        wanted = f"{shortest} to {longest}" if shortest < longest else f"{longest}"
        raise ValueError(f"it must be base64 of {wanted} bytes after {kind}")
    return key


def _signature(secret: bytes, message_id: str, stamp: str, body: bytes) -> bytes:
    # In two steps, because joining them would copy a large body.
    signing = hmac.new(secret, _prefix(message_id, stamp), "sha256")
    signing.update(body)
    return b"v1," + base64.b64encode(signing.digest())


def _prefix(message_id: str, stamp: str) -> bytes:
    return f"{message_id}.{stamp}.".encode(errors="replace")


def _is_recent(stamp: str, now: datetime) -> bool:
    return bool(_TIMESTAMP.fullmatch(stamp)) and abs(now.timestamp() - int(stamp)) <= TOLERANCE.total_seconds()


def _symmetric(keys: Keys) -> list[bytes]:
    """Secrets are base64, mostly after `whsec_`; some issuers leave out prefix or padding."""
    bare = [secret for secret in keys.secrets if not secret.startswith((_SYMMETRIC, _PUBLIC, _PRIVATE))]
    return [*_decoded(keys, _SYMMETRIC), *filter(None, map(_base64, bare))]


def _decoded(keys: Keys, prefix: str) -> Iterator[bytes]:
    for secret in keys.secrets:
        decoded = _base64(secret.removeprefix(prefix)) if secret.startswith(prefix) else None
        if decoded:
            yield decoded


def _base64(value: str) -> bytes | None:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _asymmetric_valid(signatures: list[str], content: bytes, keys: Keys) -> bool:
    public_keys = list(_decoded(keys, _PUBLIC))
    claimed = [_base64(signature.removeprefix("v1a,")) for signature in signatures if signature.startswith("v1a,")]
    if not public_keys or not claimed:
        return False
    # Imported here because it is slow to import and most sources have no public keys.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for signature in [each for each in claimed if each and len(each) == _SIGNATURE_BYTES][:_MAX_ASYMMETRIC]:
        for key in public_keys:
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
            except (InvalidSignature, ValueError):
                continue
            return True
    return False


def _private_signature(key: bytes, content: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(key[:_SEED_BYTES]).sign(content)


def _events(document: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each mention with where it stands in the body."""
    if isinstance(document, list):
        if not document:
            raise BodyError(f"{path or 'the body'}: is an empty list")
        for index, event in enumerate(document):
            yield f"{path}[{index}]", event
    elif isinstance(document, dict) and "mentions" in document:
        mentions = document["mentions"]
        if not isinstance(mentions, list):
            raise BodyError(f"{_join(path, 'mentions')}: must be a list")
        yield from _events(mentions, _join(path, "mentions"))
    elif isinstance(document, dict) and "type" in document and "data" in document and not path:
        yield from _events(document["data"], "data")
    else:
        yield path, document


class _Form:
    """Reads the fields of one object and notes everything wrong with them, so that a sender learns it all at once."""

    def __init__(self, path: str, values: Mapping[str, Any], faults: list[str]) -> None:
        self._path = path
        self._values = values
        self._faults = faults

    def optional(self, name: str, read: Callable[[Any], T]) -> T | None:
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return read(value)
        except FieldError as error:
            self.refuse(name, str(error))
            return None

    def required(self, name: str, read: Callable[[Any], T]) -> T | None:
        if self._values.get(name) is None:
            self.refuse(name, "is required")
        return self.optional(name, read)

    def part(self, name: str) -> _Form:
        """The object in a field; an empty one if it is absent."""
        return _Form(_join(self._path, name), self.optional(name, mapping) or {}, self._faults)

    def refuse(self, name: str, reason: str) -> None:
        self._faults.append(f"{_join(self._path, name)}: {reason}")


def _read(path: str, event: Any, source: Source, now: datetime) -> Found:
    if not isinstance(event, dict):
        raise FieldError(f"{path or 'the body'}: must be an object")
    faults: list[str] = []
    form = _Form(path, event, faults)
    state = form.optional("state", _choice(State))
    post = _post(form, source, now, removed=state is State.REMOVED)
    if faults:
        raise FieldError("; ".join(faults))
    if state is State.REMOVED:
        return notice(NoticeKind.REMOVAL, post, now)
    if state in (State.ANSWERED, State.DISMISSED):
        return label("state", state)
    return found(post, own=_is_own(post, source), now=now)


def _post(form: _Form, source: Source, now: datetime, *, removed: bool) -> Post:
    """The post, as far as the form holds one. Fields that are ours to decide, such as the assignee, are not read."""
    network, native = _identity(form)
    kind = form.optional("kind", _choice(Kind)) or Kind.POST
    said = form.optional("text", text) if removed else form.required("text", text)
    posted_at = sane(form.optional("posted_at", iso_time), now)
    edited_at = form.optional("edited_at", iso_time)
    in_reply_to = form.optional("in_reply_to", _reference(network))
    author = _author(form.part("author"))
    post = Post(
        id=f"{network}:{native}",
        network=network,
        kind=kind,
        source=source.id,
        brand_account=source.brand_account,
        author=author,
        text=said or "",
        language=form.optional("language", _language),
        rating=form.optional("rating", rating),
        url=form.optional("url", http_url),
        conversation_id=form.optional("conversation_id", _reference(network)) or f"{network}:{native}",
        in_reply_to=in_reply_to,
        received_at=now,
        posted_at=posted_at,
        edited_at=(sane(edited_at, now) or now) if edited_at else None,
        reply_until=reply_window(posted_at, now, DIRECT_MESSAGE_WINDOW) if kind is Kind.DIRECT_MESSAGE else None,
    )
    if in_reply_to and _is_own(post, source) and post.conversation_id == post.id:
        return replace(post, conversation_id=in_reply_to)
    return post


def _identity(form: _Form) -> tuple[str, str]:
    """Network and native id; an id may name its network itself."""
    network = form.optional("network", _network)
    prefix, native = form.required("id", _own_id) or (None, "")
    if network and prefix and network != prefix:
        form.refuse("id", f"belongs to network '{prefix}', not to '{network}'")
    return network or prefix or "standard", native


def _author(form: _Form) -> Author:
    handle = form.optional("handle", line)
    return Author(
        id=form.optional("id", account_id),
        handle=handle.removeprefix("@") if handle else None,
        name=form.optional("name", line),
        followers=form.optional("followers", count),
        url=form.optional("url", http_url),
    )


def _is_own(post: Post, source: Source) -> bool:
    return is_brand(source, post.author.id, post.author.handle)


def _network(value: Any) -> str:
    if not isinstance(value, str) or not _NETWORK.fullmatch(value):
        raise FieldError("must be 1 to 20 of a-z 0-9 _, a letter first")
    return value


def _own_id(value: Any) -> tuple[str | None, str]:
    return _split(value, _OWN_ID, 64)


def _reference(network: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        prefix, native = _split(value, _OTHER_ID, 120)
        return f"{prefix or network}:{native}"

    return read


def _split(value: Any, pattern: re.Pattern[str], longest: int) -> tuple[str | None, str]:
    match = pattern.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if match is None:
        raise FieldError(f"must be 1 to {longest} of A-Z a-z 0-9 . _ -, after the network and a colon if you like")
    return match[1], match[2]


def _language(value: Any) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise FieldError("must be a language tag such as en or pt-BR")
    return value


def _choice(options: type[E]) -> Callable[[Any], E]:
    def read(value: Any) -> E:
        try:
            return options(value)
        except ValueError:
            shown = ascii(value[:40] if isinstance(value, str) else value)[:80]
            raise FieldError(f"{shown} is not one of {', '.join(options)}") from None

    return read


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _summary(faults: list[str], total: int) -> str:
    more = total - len(faults)
    return "; ".join([*faults, *([f"and {more} more"] if more else [])])
