"""The API's tokens in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from answerby.adapters.tokens import Token


class FakeTokens:
    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}

    def create(self, name: str, scopes: Iterable[str], now: datetime) -> str:
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = Token(name=name, scopes=frozenset(scopes), created_at=now)
        return token

    def find(self, token: str) -> Token | None:
        return self.tokens.get(token)

    def revoke(self, name: str, now: datetime) -> int:  # noqa: ARG002
        revoked = [token for token, known in self.tokens.items() if known.name == name]
        for token in revoked:
            del self.tokens[token]
        return len(revoked)
