"""PynamoDB as this product uses it: one client for all models and threads, made at init, and typed failures."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.connection import Connection, TableConnection
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from answerby.adapters import aws
from answerby.ports import UnavailableError

if TYPE_CHECKING:
    from botocore.session import Session
    from pynamodb.expressions.condition import Condition

M = TypeVar("M", bound=Model)

_log = logging.getLogger(__name__)


class _Connection(Connection):
    """PynamoDB makes a botocore session per thread and model; ours is shared."""

    @property
    def session(self) -> Session:
        return aws.session()


@cache
def connection() -> Connection:
    made = _Connection(
        connect_timeout_seconds=aws.CONNECT_TIMEOUT,
        read_timeout_seconds=aws.READ_TIMEOUT,
        max_retry_attempts=aws.ATTEMPTS - 1,
        max_pool_connections=aws.AT_ONCE,
    )
    # Now, at init: PynamoDB would make it with the first request, and 16 threads at once would make 16.
    made.client  # noqa: B018
    return made


def bound(model: type[M], table_name: str) -> type[M]:
    """The model, bound to a table when the table's name is known: not at import."""
    bound_model: Any = type(model.__name__, (model,), {"Meta": type("Meta", (), {"table_name": table_name})})
    # PynamoDB knows no public way for models to share a connection.
    own: TableConnection = bound_model._get_connection()  # noqa: SLF001
    shared = connection()
    if table_name not in shared._tables:  # noqa: SLF001
        shared.add_meta_table(own.get_meta_table())
    own.connection = shared
    made: type[M] = bound_model
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The condition of a write did not hold. `same` tells that what is stored is exactly what was to be written."""

    stored: Mapping[str, Mapping[str, Any]]
    same: bool


class RefusedError(Exception):
    """The condition of a write did not hold for `stored`."""

    def __init__(self, stored: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__("the condition did not hold")
        self.stored = stored


def put(record: Model, condition: Condition | None = None) -> Refusal | None:
    """Write the whole item if `condition` holds.

    When a write was committed but its answer got lost, botocore tries again and meets its own first attempt as a
    failed condition; the stored item comes back with it, so that the caller can tell.
    """
    request = record.get_save_kwargs_from_instance(condition, "ALL_OLD" if condition is not None else None)
    try:
        call("PutItem", request)
    except RefusedError as error:
        return Refusal(stored=error.stored, same=error.stored == request["Item"])
    return None


def call(operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer to a request as DynamoDB's API has it. Raises RefusedError if its condition did not hold."""
    try:
        with reaching():
            answer: Mapping[str, Any] = connection().dispatch(operation, dict(request))
    except ClientError as error:
        if aws.code(error) != "ConditionalCheckFailedException":
            raise
        stored = _original(error).response.get("Item", {})  # type: ignore[attr-defined]
        raise RefusedError(stored) from error
    return answer


@contextmanager
def reaching() -> Iterator[None]:
    """Raises UnavailableError where the same call may succeed later."""
    try:
        yield
    except (PynamoDBException, ClientError, BotoCoreError) as error:
        cause = _original(error)
        if not isinstance(cause, (ClientError, BotoCoreError)) or not aws.may_pass(cause):
            raise
        if isinstance(cause, ClientError) and aws.is_throttled(cause):
            _log.warning("DynamoDB throttled", extra={"reasons": _throttling_reasons(cause)})
        raise UnavailableError(f"DynamoDB is away: {type(cause).__name__}") from error


def _original(error: BaseException) -> BaseException:
    """botocore's own error, which PynamoDB wraps once or twice and strips of its details."""
    while True:
        inner = getattr(error, "cause", None) or error.__cause__
        if not isinstance(inner, (PynamoDBException, ClientError, BotoCoreError)):
            return error
        error = inner


def _throttling_reasons(error: ClientError) -> list[str]:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing.html
    # The service model spells it differently in two exceptions.
    answer: Mapping[str, Any] = error.response
    reasons = answer.get("ThrottlingReasons") or answer.get("throttlingReasons") or ()
    return [str(reason.get("reason")) for reason in reasons]
