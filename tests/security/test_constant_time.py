"""A signature is compared in a way that takes as long for one that is almost right. The clock says so too, by
`make fuzz`: here, where other tests run beside, it is seen from how the comparison is made."""

from __future__ import annotations

import ast
import hmac
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from answerby.networks import NETWORKS, meta, signature, standard, x
from answerby.networks.webhook import Request
from tests.builders import NOW
from tests.security.deliveries import send
from tests.security.senders import SENDERS, TOKEN

BODY = b'{"id":"1","text":"a"}'
SHARED = [name for name in SENDERS if name != "notary"]

COMPARED = {"claimed", "expected", "signature", "signatures", "verify_token", "given", "token", "secret", "valid"}
"""Names of what must not be told by how long a comparison takes."""


class Watch:
    """Counts HMACs and comparisons in constant time, and what was compared."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.macs = 0
        self.compared: list[tuple[bytes, bytes]] = []
        digest, new, compare = hmac.digest, hmac.new, hmac.compare_digest
        patch.setattr(hmac, "digest", self._counting(digest))
        patch.setattr(hmac, "new", self._counting(new))

        def watched(a: bytes, b: bytes) -> bool:
            self.compared.append((a, b))
            return compare(a, b)

        patch.setattr(hmac, "compare_digest", watched)

    def _counting(self, make: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            self.macs += 1
            return make(*given)

        return counted


def spoiled(source: str, change: Callable[[str], str]) -> Request:
    headers = SENDERS[source].signed(BODY)
    for name in [name for name in headers if "signature" in name]:
        headers[name] = change(headers[name])
    return Request(method="POST", headers=headers, query={}, body=BODY)


def other(char: str) -> str:
    return "0" if char != "0" else "1"


CLAIMS: dict[str, Callable[[str], str]] = {
    "right": str,
    "wrong at its start": lambda said: said[:8] + other(said[8]) + said[9:],
    "wrong at its end": lambda said: said[:-3] + other(said[-3]) + said[-2:],
    "all wrong": lambda said: said[:7] + "".join(map(other, said[7:])),
    "cut": lambda said: said[:9],
    "missing": lambda _said: "x",
}


@pytest.mark.parametrize("source", SHARED)
def test_each_active_secret_makes_one_hmac_and_one_comparison_whatever_is_claimed(
    monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    requests = [spoiled(source, change) for change in CLAIMS.values()]
    sender = SENDERS[source]
    secrets = len(sender.keys.secrets)
    for request in requests:
        with monkeypatch.context() as patch:
            watch = Watch(patch)

            NETWORKS[sender.network].verify(request, sender.keys, NOW)

            assert (watch.macs, len(watch.compared)) == (secrets, secrets)


def test_an_unknown_source_is_refused_by_the_same_work_as_a_wrong_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    request = spoiled("page", CLAIMS["all wrong"])
    work = []
    for source in ("page", "nobody"):
        with monkeypatch.context() as patch:
            watch = Watch(patch)
            send(source, request)
            work.append((watch.macs, len(watch.compared), {len(pair[1]) for pair in watch.compared}))

    assert work[0] == work[1]


def test_the_token_of_a_handshake_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch)
    for given in (TOKEN, TOKEN[:-1] + "x", ""):
        query = {"hub.mode": "subscribe", "hub.verify_token": given, "hub.challenge": "1"}
        send("page", Request(method="GET", headers={}, query=query, body=b""))

    assert [b for _, b in watch.compared] == [TOKEN.encode()] * 3


@pytest.mark.parametrize("module", [signature, meta, x, standard], ids=lambda module: module.__name__)
def test_no_secret_is_compared_by_an_operator(module: ModuleType) -> None:
    compared = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Compare)
        and COMPARED & {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    ]

    assert compared in ([], ["len(each) == _SIGNATURE_BYTES"])
