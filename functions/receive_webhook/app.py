"""A network delivers: answer 2xx once every post in it is stored."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import unquote

from answerby import runtime
from answerby.networks.webhook import Request
from answerby.usecases.take_delivery import Reply, take_delivery

mentions, sources = runtime.mentions(), runtime.sources()
NOWHERE = Reply(status=404, body='{"error": "there is nothing here: deliver to /webhooks/ and the id of a source"}')


@runtime.discreet()
def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    folder, _, source = event["rawPath"].rpartition("/")
    reply = _taken(event, unquote(source)) if folder == "/webhooks" and source else NOWHERE
    runtime.count(reply.counts)
    if reply.kinds:
        runtime.logger.info("events ignored", extra={"kinds": reply.kinds})
    headers = {"content-type": reply.content_type, "x-content-type-options": "nosniff"}
    if reply.status == 503:  # noqa: PLR2004
        headers["retry-after"] = "30"
    return {"statusCode": reply.status, "headers": headers, "body": reply.body}


def _taken(event: dict[str, Any], source: str) -> Reply:
    body = event.get("body") or ""
    request = Request(
        method=event["requestContext"]["http"]["method"],
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        query=event.get("queryStringParameters") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
    )
    return take_delivery(request, source, sources, mentions, runtime.clock(), runtime.run)
