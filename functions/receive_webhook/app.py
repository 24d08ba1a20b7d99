"""A network delivers: answer 2xx once every post in it is stored."""

from __future__ import annotations

import base64
from typing import Any

from answerby import runtime
from answerby.networks.webhook import Request
from answerby.usecases.take_delivery import take_delivery

mentions, sources = runtime.mentions(), runtime.sources()


@runtime.discreet()
def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    body = event.get("body") or ""
    request = Request(
        method=event["requestContext"]["http"]["method"],
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        query=event.get("queryStringParameters") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
    )
    source = event["pathParameters"]["source"]
    reply = take_delivery(request, source, sources, mentions, runtime.clock(), runtime.run)
    runtime.count(reply.counts)
    if reply.kinds:
        runtime.logger.info("events ignored", extra={"kinds": reply.kinds})
    headers = {"content-type": reply.content_type, "x-content-type-options": "nosniff"}
    if reply.status == 503:  # noqa: PLR2004
        headers["retry-after"] = "30"
    return {"statusCode": reply.status, "headers": headers, "body": reply.body}
