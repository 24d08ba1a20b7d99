"""Tokens of the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from answerby.adapters.tokens import Token, TokenTable
from answerby.cli.errors import CommandError
from answerby.cli.stack import Stack

READ, WRITE = SCOPES = ("read", "write")


def create_token(stack: Stack, name: str, scopes: Iterable[str], now: datetime | None = None) -> str:
    """The new token, which is stored nowhere. Raises CommandError for a scope that does not exist, or none."""
    wanted = list(dict.fromkeys(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise CommandError(f"A token needs one or both of the scopes {' and '.join(SCOPES)}.")
    if not name.strip() or not name.isprintable():
        raise CommandError("A token needs a name, to be told from others and revoked by.")
    return TokenTable(stack.desk_table).create(name.strip(), wanted, now or datetime.now(UTC))


def tokens_of(stack: Stack) -> Sequence[Token]:
    return TokenTable(stack.desk_table).all()


def revoke_tokens(stack: Stack, name: str, now: datetime | None = None) -> int:
    """Revoke every token of this name. Raises CommandError if there is none."""
    revoked = TokenTable(stack.desk_table).revoke(name, now or datetime.now(UTC))
    if not revoked:
        raise CommandError(f"There is no token named {name} that is still valid.")
    return revoked
