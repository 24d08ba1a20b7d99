"""Who may send what: sources of every network with their keys, and a second opinion on signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.networks.webhook import Keys, Request
from tests.builders import NOW
from tests.fakes.sources import FakeSources

TOKEN = "let-me-in"
SEED = hashlib.sha256(b"a private key for tests").digest()
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PUBLIC_KEY, PRIVATE_KEY = (
    f"whpk_{base64.b64encode(PUBLIC).decode()}",
    f"whsk_{base64.b64encode(SEED).decode()}",
)
SHARED = "whsec_" + base64.b64encode(b"a shared secret of a forum").decode()
OLDER = base64.b64encode(b"an older secret of a forum").decode()
"""Some issuers leave out the prefix."""


@dataclass(frozen=True)
class Sender:
    """`keys` are what we know of the source, `theirs` what its network signs with."""

    source: Source
    keys: Keys
    theirs: Keys

    @property
    def network(self) -> str:
        return self.source.network

    def signed(self, body: bytes, now: datetime = NOW) -> dict[str, str]:
        return NETWORKS[self.network].sign(body, self.theirs, now)


def _sender(name: str, network: str, secrets: tuple[str, ...], signing: tuple[str, ...]) -> Sender:
    return Sender(
        source=Source(id=name, network=network, brand_account="100", aliases=("ourbrand",)),
        keys=Keys(secrets=secrets, verify_token=TOKEN),
        theirs=Keys(secrets=signing, verify_token=TOKEN),
    )


SENDERS = {
    sender.source.id: sender
    for sender in (
        _sender("page", "facebook", ("page-secret",), ("page-secret",)),
        _sender("rotated", "facebook", ("newer-secret", "older-secret"), ("older-secret",)),
        _sender("gram", "instagram", ("gram-secret",), ("gram-secret",)),
        _sender("bird", "x", ("bird-secret",), ("bird-secret",)),
        _sender("forum", "standard", (SHARED, OLDER), (OLDER,)),
        _sender("notary", "standard", (PUBLIC_KEY,), (PRIVATE_KEY,)),
    )
}
KEYLESS = {
    sender.source.id: sender
    for sender in (
        _sender("no-secrets", "x", (), ("",)),
        _sender("blank", "facebook", ("",), ("",)),
        _sender("bare", "standard", ("", "whsec_", "whpk_"), ("",)),
    )
}
"""Sources that nobody can sign for."""

SOURCES = FakeSources(*((each.source, each.keys) for each in (*SENDERS.values(), *KEYLESS.values())))


def truly_signed(request: Request, sender: Sender, now: datetime = NOW) -> bool:
    """Whether one of the source's keys made a signature of these bytes; by the networks' documents, and by no code
    of the product."""
    headers, secrets = request.headers, [secret for secret in sender.keys.secrets if secret]
    if sender.network == "standard":
        return _standard_signed(request, secrets, now)
    macs = [hmac.new(secret.encode(), request.body, hashlib.sha256).digest() for secret in secrets]
    if sender.network == "x":
        spelled = ["sha256=" + base64.b64encode(mac).decode() for mac in macs]
        return headers.get("x-twitter-webhooks-signature") in spelled
    return headers.get("x-hub-signature-256") in ["sha256=" + mac.hex() for mac in macs]


def _standard_signed(request: Request, secrets: list[str], now: datetime) -> bool:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message_id, stamp, claimed = (request.headers.get(name, "") for name in names)
    if not re.fullmatch(r"[!-~]{1,256}", message_id) or "." in message_id or not re.fullmatch("[0-9]{1,12}", stamp):
        return False
    if abs(int(stamp) - now.timestamp()) > timedelta(minutes=5).total_seconds():
        return False
    content = f"{message_id}.{stamp}.".encode() + request.body
    shared = [secret.removeprefix("whsec_") for secret in secrets if not secret.startswith(("whpk_", "whsk_"))]
    macs = [hmac.new(_key(secret), content, hashlib.sha256).digest() for secret in shared if secret]
    public = [_key(secret.removeprefix("whpk_")) for secret in secrets if secret.startswith("whpk_")]
    tokens = claimed.split()
    return any("v1," + base64.b64encode(mac).decode() in tokens for mac in macs) or any(
        _verifies(key, token.removeprefix("v1a,"), content) for key in public for token in tokens if token[:4] == "v1a,"
    )


def _verifies(key: bytes, claimed: str, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(_key(claimed), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _key(spelled: str) -> bytes:
    return base64.b64decode(spelled + "=" * (-len(spelled) % 4), validate=True)
