"""Who may call: bearer tokens (RFC 6750) with the scopes read and write."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Protocol

from answerby.api.problems import ProblemError

PROTECTED = "/api/"
READ, WRITE = "read", "write"
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,512}=*)", re.IGNORECASE)


class Token(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def scopes(self) -> Collection[str]: ...


class Tokens(Protocol):
    def find(self, token: str) -> Token | None:
        """The token that this secret belongs to; None if it is unknown or revoked. Raises UnavailableError."""


def caller(method: str, headers: Mapping[str, str], tokens: Tokens) -> str:
    """The name of the caller's token. Raises ProblemError, the same one for a missing, unknown and revoked token."""
    given = _BEARER.fullmatch(headers.get("authorization", "").strip())
    token = tokens.find(given[1]) if given else None
    if token is None:
        raise ProblemError(
            401,
            "unauthorized",
            "a valid token is needed: Authorization: Bearer <token>",
            {"WWW-Authenticate": 'Bearer realm="answerby"'},
        )
    scope = READ if method == "GET" else WRITE
    if scope not in token.scopes:
        raise ProblemError(403, "forbidden", f"this token lacks the scope {scope!r}")
    return token.name
