"""What can go wrong between us and AWS, put into a real client's way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

ALWAYS = 1_000


class _Body:
    """As much of urllib3's response as botocore reads."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


@contextmanager
def put_in_the_way(client: Any, operation: str, handler: Any, times: int) -> Iterator[list[Any]]:
    """Let `handler` see the first `times` requests; the list of all requests, as they were sent."""
    event = f"before-send.{client.meta.service_model.service_id.hyphenize()}.{operation}"
    sent: list[Any] = []

    def handle(request: Any, **_: Any) -> Any:
        sent.append(request)
        return handler(request) if len(sent) <= times else None

    client.meta.events.register(event, handle)
    try:
        yield sent
    finally:
        client.meta.events.unregister(event, handle)


def counting(client: Any, operation: str = "*") -> Any:
    return put_in_the_way(client, operation, lambda _: None, 0)


def lost_answers(client: Any, operation: str, times: int = 1) -> Any:
    """The request is carried out, and its answer never arrives."""

    def lose(request: Any) -> None:
        URLLib3Session().send(request)
        raise ReadTimeoutError(endpoint_url=request.url)

    return put_in_the_way(client, operation, lose, times)


def unreachable(client: Any, operation: str, times: int = ALWAYS) -> Any:
    def refuse(request: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    return put_in_the_way(client, operation, refuse, times)


def refused(client: Any, operation: str, code: str, status: int = 400, times: int = ALWAYS, details: Any = None) -> Any:
    """The service answers with an error. JSON protocols only."""

    def answer(request: Any) -> AWSResponse:
        headers = {"x-amzn-errortype": code, "content-type": "application/x-amz-json-1.0"}
        content = json.dumps({"__type": code, "message": "no", **(details or {})}).encode()
        return AWSResponse(request.url, status, headers, _Body(content))  # type: ignore[arg-type]

    return put_in_the_way(client, operation, answer, times)
