"""The door: who asks is settled before what is asked is read, and every answer leaves with the same headers."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from answerby.api import access, problems
from answerby.api.problems import InvalidError, ProblemError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

LARGEST_BODY = 65_536
"""Bytes. The longest note and address, every character escaped, are a third of it."""
ACTIONS = ("acknowledge", "snooze", "answer", "resolve", "dismiss", "assign")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"})
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Api(APIGatewayHttpResolver):
    def __init__(self, tokens: access.Tokens) -> None:
        # Debug would print whole events, tokens included, whatever the environment says.
        super().__init__(
            enable_validation=True,
            response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
            json_body_deserializer=_read_json,
            debug=False,
        )
        self._tokens = tokens
        self._offered: dict[str, set[str]] = {}
        problems.add(self)

    @property
    def caller(self) -> str:
        """The name of the token that the request being answered came with."""
        return str(self.context["caller"])

    def offer(self, method: str, path: str, **documented: Any) -> Callable[[Handler], Handler]:
        """`route`, remembering which methods a path has."""
        self._offered.setdefault(path, set()).add(method)
        return self.route(path, method, **documented)

    def refuse_other_methods(self) -> None:
        """Answer 405 to what a known path does not offer."""
        for path, methods in self._offered.items():
            allowed = sorted(methods | ({"HEAD"} if "GET" in methods else set()))
            self.route(path, sorted(METHODS - methods), include_in_schema=False, enable_validation=False)(
                _refusal(", ".join(allowed))
            )

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        asked = APIGatewayProxyEventV2(dict(event))
        method, path = asked.http_method.upper(), _canonical(asked.path)
        # A HEAD is a GET whose answer has no body (RFC 9110, 9.3.2).
        routed = "GET" if method == "HEAD" else method
        caller = None
        try:
            if path.startswith(access.PROTECTED):
                caller = access.caller(routed, asked.headers, self._tokens)
            body = _read_body(asked) if routed == "POST" else None
        except Exception as error:  # noqa: BLE001
            answer = _early(problems.response(error))
        else:
            self.context["caller"] = caller
            answer = super().resolve(_request(event, routed, path, body), context)
        answer["headers"] = HEADERS | answer["headers"]
        if method == "HEAD":
            answer["body"], answer["isBase64Encoded"] = "", False
        return answer


def _canonical(path: str) -> str:
    """The path with the mention's id percent-encoded, so that an id may hold any character.

    API Gateway hands paths over decoded, other servers as they came.
    """
    for prefix in ("/api/mentions/", "/m/"):
        if path.startswith(prefix):
            mention_id, slash, action = path.removeprefix(prefix).rpartition("/")
            if not slash or action not in ACTIONS or not mention_id or prefix == "/m/":
                mention_id, slash, action = path.removeprefix(prefix), "", ""
            return prefix + quote(unquote(mention_id), safe="") + slash + action
    return path


def _request(event: Mapping[str, Any], method: str, path: str, body: str | None) -> dict[str, Any]:
    """The event to be routed: exactly the path that was checked, and a body that is text and said to be JSON."""
    asked = event["requestContext"]
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    return {
        **event,
        "rawPath": path,
        "requestContext": {**asked, "stage": "$default", "http": {**asked["http"], "method": method}},
        "headers": headers | {"content-type": "application/json"},
        "body": body,
        "isBase64Encoded": False,
    }


def _read_body(event: APIGatewayProxyEventV2) -> str:
    """The text of the body; all fields of some bodies are optional, and then so is the body."""
    body = event.body or ""
    if len(body) > LARGEST_BODY * 4 // 3 + 4:
        raise _too_large()
    try:
        raw = base64.b64decode(body, validate=True) if event.is_base64_encoded else body.encode()
        text = raw.decode()
    except (binascii.Error, UnicodeError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "malformed", "the body is not UTF-8 text") from None
    if len(raw) > LARGEST_BODY:
        raise _too_large()
    if not text.strip():
        return "{}"
    if event.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type", "the body must be application/json")
    return text


def _too_large() -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"the body is larger than {LARGEST_BODY} bytes"
    )


def _read_json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "malformed", "the body is not JSON") from None
    if not isinstance(document, dict):
        raise InvalidError({"body": "must be a JSON object"})
    return document


def _refusal(allowed: str) -> Any:
    def refuse(**_: str) -> None:
        raise ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"this address takes {allowed}", {"Allow": allowed})

    return refuse


def _early(response: Response[Any]) -> dict[str, Any]:
    return {
        "statusCode": response.status_code,
        "headers": response.headers,
        "body": json.dumps(response.body, separators=(",", ":")),
        "isBase64Encoded": False,
    }
