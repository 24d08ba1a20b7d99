"""Everything that can go wrong, in one shape: `{"error": {"code", "message", "fields"?}, "mention"?}`."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from answerby.domain.mention import Mention
from answerby.domain.public import public_mention
from answerby.ports import UnavailableError

if TYPE_CHECKING:
    from answerby.api.resolver import Api

RETRY_AFTER_SECONDS = 5
MEANT = {
    "by": "at most 64 characters, not only spaces, and none of them a control character",
    "note": "at most 1000 characters, and no control characters but tab and line feed",
    "until": "a time as ISO 8601 writes it, with its offset to UTC or Z",
    "url": "an http or https address of at most 2048 characters, without spaces",
    "state": "new or open; mentions that are closed are not listed, look one up by its id",
}
"""What a field takes, where the validator's own message would be a regular expression or miss the reason."""

log = logging.getLogger(__name__)


class ProblemError(Exception):
    """What the caller did wrong, or must know. `fields` says of each wrong one what it takes."""

    fields: Mapping[str, str] = MappingProxyType({})
    mention: Mention | None = None

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


class InvalidError(ProblemError):
    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "some of this cannot be used")
        self.fields = fields


class SomeoneWasFasterError(ProblemError):
    def __init__(self, message: str, mention: Mention) -> None:
        super().__init__(HTTPStatus.CONFLICT, "conflict", message)
        self.mention = mention


class UnknownError(ProblemError):
    def __init__(self) -> None:
        super().__init__(HTTPStatus.NOT_FOUND, "unknown_mention", "there is no such mention")


def response(error: Exception) -> Response[Any]:
    """The answer to any error. Messages never repeat what was sent, nor tell of our inside."""
    if not isinstance(error, ProblemError):
        error = _problem(error)
    detail: dict[str, Any] = {"code": error.code, "message": str(error)}
    if error.fields:
        detail["fields"] = [{"field": field, "message": message} for field, message in error.fields.items()]
    body: dict[str, Any] = {"error": detail}
    if error.mention:
        body["mention"] = public_mention(error.mention)
    return Response(error.status, "application/json", body, error.headers)


def add(api: Api) -> None:
    """Answer in this shape whatever is raised, also by the framework: it looks a handler up by base class."""
    api.exception_handler(Exception)(response)


def _problem(error: Exception) -> ProblemError:
    if isinstance(error, UnavailableError):
        return ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "unavailable",
            "the store cannot be reached just now: try again",
            {"Retry-After": str(RETRY_AFTER_SECONDS)},
        )
    if isinstance(error, NotFoundError):
        return ProblemError(HTTPStatus.NOT_FOUND, "not_found", "there is nothing at this address")
    if isinstance(error, RequestValidationError):
        return InvalidError(dict(_fields(error.errors())))
    # The message of an unexpected error may hold a post or a contact, so only its kind and place are logged.
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(frames)))
    return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "something unexpected went wrong")


def _fields(errors: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    """`body.note` is the field `note`; the body as a whole is the field `body`."""
    for error in errors:
        place, *path = error["loc"]
        field = ".".join(str(part) for part in path) or str(place)
        missing = error["type"] in ("missing", "extra_forbidden")
        yield field, error["msg"] if missing else MEANT.get(field, error["msg"])
