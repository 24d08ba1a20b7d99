"""Which addresses of the receiving function are a source's, and that it does nothing at any other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.mentions import FakeMentions
from tests.security.lambdas import Lambda, Ports, told, webhook
from tests.security.senders import SENDERS

BODY = json.dumps([{"id": "1", "text": "a"}]).encode()
SIGNED = SENDERS["forum"].signed(BODY)


class Untouched:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


def at(path: str, method: str = "POST") -> dict[str, Any]:
    return {**webhook("forum", BODY, SIGNED, method), "rawPath": path}


@pytest.mark.parametrize("path", ["/webhooks/forum", "/webhooks/%66oru%6D", "/webhooks/%66%6f%72%75%6d"])
def test_a_source_is_found_however_its_address_is_written(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    called = Lambda(monkeypatch)

    assert called.call("receive_webhook", at(path))["statusCode"] == 200
    assert told(called.call("receive_webhook", at("/webhooks/forum")))["duplicates"] == 1


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD", "PUT"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/favicon.ico",
        "/webhooks",
        "/webhooks/",
        "/webhooks//",
        "/webhooks/forum/",
        "/webhooks//forum",
        "//webhooks/forum",
        "/webhooks/./forum",
        "/webhooks/x/../forum",
        "/webhooks/x/forum",
        "/WEBHOOKS/forum",
        "/%77ebhooks/forum",
        "/webhooks%2Fforum",
        "/api/webhooks/forum",
        "webhooks/forum",
        "forum",
        "/health",
        "/webhooks/forum\r\n/x",
    ],
)
def test_there_is_nothing_at_any_other_address(monkeypatch: pytest.MonkeyPatch, path: str, method: str) -> None:
    called = Lambda(monkeypatch, Ports(mentions=Untouched(), sources=Untouched()))

    answer = called.call("receive_webhook", at(path, method))

    assert (answer["statusCode"], answer["headers"]["content-type"]) == (404, "application/json")
    assert list(told(answer)) == ["error"]
    assert called.log.getvalue() == ""


@pytest.mark.parametrize(
    "source",
    [
        "a" * 8_000,
        "forum%20",
        "forum%00",
        "%00",
        "%",
        "%ff%fe",
        "%2E%2E%2Fforum",
        "forum%0D%0Ax-odd:1",
        "forum?",
    ],
)
def test_an_odd_source_is_an_unknown_one(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    mentions = FakeMentions()

    answer = Lambda(monkeypatch, Ports(mentions=mentions)).call("receive_webhook", at(f"/webhooks/{source}"))

    assert answer["statusCode"] == 401
    assert answer == Lambda(monkeypatch).call("receive_webhook", at("/webhooks/nobody"))
    assert mentions.get("forum:1") is None
