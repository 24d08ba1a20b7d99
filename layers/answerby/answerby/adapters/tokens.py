"""Bearer tokens of the API. Only their hashes are stored; a token has enough entropy to need no salt."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.models import Model

from answerby.adapters import tables
from answerby.adapters.items import ms, time

_TOKEN = "token"  # noqa: S105
_BYTES = 32


class _Record(Model):
    kind = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    scopes = UnicodeSetAttribute()
    created_at = NumberAttribute()
    revoked_at = NumberAttribute(null=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    name: str
    scopes: frozenset[str]
    created_at: datetime


class TokenTable:
    def __init__(self, table_name: str) -> None:
        self._record = tables.bound(_Record, table_name)

    def create(self, name: str, scopes: Iterable[str], now: datetime) -> str:
        """The new token, which nobody can show again."""
        token = secrets.token_urlsafe(_BYTES)
        tables.put(self._record(_TOKEN, _hash(token), name=name, scopes=set(scopes), created_at=ms(now)))
        return token

    def find(self, token: str) -> Token | None:
        """The token if it is known and not revoked. One hash and one read, whatever was handed in; what is compared
        are hashes, so the duration of the look-up tells nothing of a token."""
        with tables.reaching():
            try:
                record = self._record.get(_TOKEN, _hash(token), consistent_read=True)
            except self._record.DoesNotExist:
                return None
        return None if record.revoked_at else _token(record)

    def all(self) -> Sequence[Token]:
        """The tokens that are not revoked, oldest first."""
        tokens = [_token(record) for record in self._stored() if not record.revoked_at]
        return sorted(tokens, key=lambda token: token.created_at)

    def revoke(self, name: str, now: datetime) -> int:
        """Revoke every token of this name, at once; how many there were."""
        records = [record for record in self._stored() if record.name == name and not record.revoked_at]
        for record in records:
            record.revoked_at = ms(now)
            tables.put(record)
        return len(records)

    def _stored(self) -> list[_Record]:
        with tables.reaching():
            return list(self._record.query(_TOKEN, consistent_read=True))


def _token(record: _Record) -> Token:
    return Token(name=record.name, scopes=frozenset(record.scopes), created_at=time(int(record.created_at)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
