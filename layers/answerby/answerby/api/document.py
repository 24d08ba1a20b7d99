"""What the OpenAPI document says of every operation, and the document itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from answerby import __version__
from answerby.api import models

if TYPE_CHECKING:
    from answerby.api.resolver import Api

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
_FAILURES: dict[int, tuple[str, type[models.ErrorBody]]] = {
    400: ("The body is not UTF-8 JSON.", models.ErrorBody),
    401: ("The token is missing, unknown or revoked.", models.ErrorBody),
    403: ("The token lacks the scope.", models.ErrorBody),
    404: ("There is none.", models.ErrorBody),
    409: ("Someone was faster: the mention as it is now.", models.ConflictBody),
    413: ("The body is too large.", models.ErrorBody),
    415: ("The body is not application/json.", models.ErrorBody),
    422: ("Some of it cannot be used; `fields` tells what.", models.ErrorBody),
    503: ("The store cannot be reached just now.", models.ErrorBody),
}
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "The scheme to use.", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "In how many seconds to try again.", "schema": {"type": "integer"}}},
}
_UNEXPECTED = {
    "description": "Something unexpected went wrong.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
}


def responses(good: str, *failures: int) -> dict[int, Any]:
    """200 with the handler's return type, and the given failures."""
    documented: dict[int, Any] = {200: {"description": good}}
    for status in failures:
        description, model = _FAILURES[status]
        documented[status] = {"description": description, "content": {"application/json": {"model": model}}}
        if status in _HEADERS:
            documented[status]["headers"] = _HEADERS[status]
    return documented


def document(api: Api) -> dict[str, Any]:
    """The OpenAPI document."""
    # Takes longer to import than all else here, and only this needs it.
    from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server

    written = json.loads(
        api.get_openapi_json_schema(
            title="Answerby",
            version=__version__,
            description="Mentions of the brand: look them up, acknowledge them, answer them, hand them on.",
            servers=[Server(url=".")],
            security_schemes={"bearer": HTTPBearer(description="A token with the scope read (GET) or write (POST).")},
        )
    )
    return _truthful(written)


def _truthful(written: dict[str, Any]) -> dict[str, Any]:
    """Without the framework's own errors: it documents them for every operation, but `problems` answers instead."""
    schemas = written["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    for path in written["paths"].values():
        for operation in path.values():
            documented = {
                status: response
                for status, response in operation["responses"].items()
                if "ValidationError" not in json.dumps(response)
            }
            operation["responses"] = documented | {"500": _UNEXPECTED}
    return written
