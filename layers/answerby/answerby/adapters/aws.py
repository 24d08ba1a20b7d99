"""The one place where clients of AWS are made, and where their failures are told apart."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

import botocore.session
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader

CONNECT_TIMEOUT, READ_TIMEOUT = 1, 2
ATTEMPTS = 2
"""Two attempts with the pause between them take at most 7 s: below every function's timeout and every network's."""

AT_ONCE = 16
"""Connections that threads may use at the same time."""

UNREACHABLE = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.CredentialRetrievalError)

_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_FAILED = frozenset({"InternalError", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException"})
_SERVER_ERROR_STATUS = 500

_SERVICES = ["cloudformation", "dynamodb", "scheduler", "secretsmanager", "sns", "sqs"]

_making = Lock()


class _Loader(Loader):
    """botocore looks a service's name up in a listing of the 400 folders of all services: a third of what the first
    client takes. Ours are known."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002
        return _SERVICES


@cache
def session() -> botocore.session.Session:
    """One for all clients, because each session reads the service models and finds the credentials anew (90 ms).

    botocore itself and not boto3, which takes 80 ms more to import and adds nothing that is used here.
    """
    made = botocore.session.get_session()
    made.register_component("data_loader", _Loader())
    # botocore's own name of many parts is put together anew for each request: a tenth of what a request takes.
    made.set_default_client_config(Config(user_agent="answerby"))
    return made


def client(service: str) -> Any:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=AT_ONCE,
        tcp_keepalive=True,
    )
    # Clients may be shared by threads, sessions may not:
    # https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
    with _making:
        return session().create_client(service, config=config)


def code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def is_throttled(error: ClientError) -> bool:
    return code(error) in _THROTTLED


def may_pass(error: ClientError | BotoCoreError) -> bool:
    """Whether the same call may succeed later: throttled, failed on the service's side, or not reached at all."""
    if not isinstance(error, ClientError):
        return isinstance(error, UNREACHABLE)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return is_throttled(error) or code(error) in _FAILED or status >= _SERVER_ERROR_STATUS
