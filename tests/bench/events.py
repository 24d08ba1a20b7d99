"""Events as AWS hands them to the functions, for one Facebook comment."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from answerby.domain.mention import Author
from answerby.domain.source import Source
from answerby.networks import facebook, samples
from answerby.networks.webhook import Keys

SOURCE = Source(id="facebook-main", network="facebook", brand_account="109876543210987")
KEYS = Keys(secrets=("8c1f0a6e5d7b4c3a9f2e1d0c",), verify_token="verify-me")
POST = "109876543210987_122102233445566"
ASSUMED = f"{SOURCE.brand_account}_1000"
"""The post that a sample puts its comments below."""
TEXT = (
    "I ordered a coffee machine from your shop three weeks ago and it still has not arrived. The tracking page says "
    "it left the depot in Leipzig on the 9th, and nobody picks up the phone when I call. Could somebody please tell "
    "me where my parcel is, or send the 249.90 back? I am really quite disappointed by now."
)
REPLY = (
    "Hello Sophie, we are sorry about that. Your parcel is with the carrier again and comes on Thursday; if it does "
    "not, we send the money back. Please write to us directly if you have another question."
)


def secret() -> str:
    """The secret of the one source, as `desk apply` stores it."""
    source = {"network": SOURCE.network, "brand_account": SOURCE.brand_account, "secrets": list(KEYS.secrets)}
    return json.dumps({SOURCE.id: {**source, "verify_token": KEYS.verify_token}})


def mention_id(number: int) -> str:
    return f"facebook:{_comment(number)}"


def webhook(number: int, text: str = TEXT, now: datetime | None = None) -> dict[str, Any]:
    """A signed delivery of one comment; the same number is the same comment."""
    return _delivered(_sample(number, text, now or datetime.now(UTC)), number)


def reply(number: int, to: int, now: datetime) -> dict[str, Any]:
    """A signed delivery of the brand's own answer to a comment."""
    return _delivered(replace(_sample(number, REPLY, now), in_reply_to=_comment(to), own=True), to)


def _sample(number: int, text: str, now: datetime) -> samples.Sample:
    author = Author(id=str(7_654_321_098_765_432 + number), name="Sophie Zimmermann")
    return samples.Sample(
        text=text, author=author, source=SOURCE, now=now, event_id=_comment(number), in_reply_to=ASSUMED
    )


def _delivered(sample: samples.Sample, thread: int) -> dict[str, Any]:
    """Below a post of its own: what else was said there is read when a comment is routed."""
    body = samples.facebook(sample).replace(ASSUMED.encode(), f"{POST}{thread:03}".encode())
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "host": "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws",
        "user-agent": "facebookexternalua",
        "x-forwarded-for": "192.0.2.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        **facebook.sign(body, KEYS, sample.now),
    }
    return {
        **_requested("POST", f"/webhooks/{SOURCE.id}", headers, "$default"),
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def http(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    return _requested(method, path, headers, "ANY /api/{proxy+}")


def _requested(method: str, path: str, headers: Mapping[str, str], route: str) -> dict[str, Any]:
    """What the API and a function's own address write alike:
    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"""
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers),
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
            "requestId": "bench",
            "routeKey": route,
            "stage": "$default",
        },
    }


def stream(item: Mapping[str, Any]) -> dict[str, Any]:
    """A record of a written item, given as DynamoDB's client returns it; the stream has binary values as base64."""
    image = {
        name: {kind: base64.b64encode(value).decode() if kind == "B" else value for kind, value in typed.items()}
        for name, typed in item.items()
    }
    keys = {name: image[name] for name in ("mention_id", "item")}
    change = {"Keys": keys, "NewImage": image, "SequenceNumber": "1", "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return {"Records": [{"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change}]}


def queued(mention_id: str) -> dict[str, Any]:
    key = {"mention_id": mention_id, "item": "mention"}
    record = {"messageId": "1", "receiptHandle": "1", "body": json.dumps(key), "eventSource": "aws:sqs"}
    return {"Records": [record]}


def _comment(number: int) -> str:
    return f"122102233445566778_{1_029_384_756_000_000 + number}"
