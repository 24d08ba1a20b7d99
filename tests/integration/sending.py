"""Deliveries as the networks make them: their formats, signed by their own documents and not by our modules.

Facebook and Instagram: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
X: https://docs.x.com/x-api/webhooks/quickstart
Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import requests

from infra.local.stack import Stack
from tests.samples import SOURCES, WRITTEN, document

JSON = {"content-type": "application/json"}

_numbers = count(time.time_ns() // 1_000_000 % 10**9)


def new_number() -> str:
    """Digits that no test has used on this stack, to make ids of."""
    return str(next(_numbers))


@dataclass(frozen=True)
class Sender:
    """A network that delivers to one source of the stack."""

    network: str
    url: str
    secret: str
    verify_token: str
    brand_account: str

    @classmethod
    def to(cls, stack: Stack, source: str) -> Sender:
        return cls(**stack.sources[source])

    def deliver(self, document: Any, **headers: str) -> requests.Response:
        """Signed. `document` is JSON or the bytes of a body."""
        body = document if isinstance(document, bytes) else body_of(document)
        return self.post(body, {**JSON, **self.signature(body), **headers})

    def post(self, body: bytes, headers: dict[str, str] | dict[str, bytes], method: str = "POST") -> requests.Response:
        return requests.request(method, self.url, data=body, headers=headers, timeout=60)

    def ask(self, **query: str) -> requests.Response:
        return requests.get(self.url, params=query, timeout=30)

    def signature(self, body: bytes, at: float | None = None) -> dict[str, str]:
        match self.network:
            case "facebook" | "instagram":
                return {"x-hub-signature-256": "sha256=" + hmac.digest(self.secret.encode(), body, "sha256").hex()}
            case "x":
                return {"x-twitter-webhooks-signature": "sha256=" + base64_of(self.secret.encode(), body)}
        stamp = str(int(time.time() if at is None else at))
        message_id = f"msg_{new_number()}"
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        return {
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64_of(key, f"{message_id}.{stamp}.".encode() + body),
        }

    def with_secret(self, secret: str) -> Sender:
        return replace(self, secret=secret)


def base64_of(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def body_of(document: Any) -> bytes:
    """Compact, every character beyond ASCII escaped, as Meta writes and signs it."""
    return json.dumps(document, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Story:
    """Samples as they would come now: with ids of this story's own, its times shifted to `written`, to this stack's
    account. Samples that speak of one another's ids do so in a story too."""

    sender: Sender
    number: str = field(default_factory=new_number)
    written: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def sample(self, name: str) -> Any:
        return self._retold(document(f"{self.sender.network}/{name}"))

    def id(self, native: str) -> str:
        """The mention's id of what has this native id in the samples."""
        return f"{self.sender.network}:{self._native(native)}"

    def _retold(self, value: Any) -> Any:
        match value:
            case dict():
                return {name: self._retold(each) for name, each in value.items()}
            case list():
                return [self._retold(each) for each in value]
            case str():
                return self._native(value) if re.fullmatch(r"[0-9]{4,}(_[0-9]+)?", value) else self._time(value)
            case int() if 0 <= value - WRITTEN.timestamp() < 3600:
                return value + int((self.written - WRITTEN).total_seconds())
        return value

    def _native(self, native: str) -> str:
        account = SOURCES[self.sender.network].brand_account
        parts = native.split("_")
        return "_".join(self.sender.brand_account if part == account else part + self.number for part in parts)

    def _time(self, text: str) -> str:
        return text.replace("2026-11-22T00:00:00.000Z", f"{self.written:%Y-%m-%dT%H:%M:%S.000Z}").replace(
            "Sun Nov 22 00:00:00 +0000 2026", f"{self.written:%a %b %d %H:%M:%S +0000 %Y}"
        )
