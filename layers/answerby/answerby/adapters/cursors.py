"""Where a list of mentions goes on, as an opaque text that is only good for the criteria it was made with."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    state: str | None
    assignee: str | None
    network: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An entry of an index: its partition, a shard of `due`, and keys."""

    partition: int
    sort: int
    mention_id: str
    item: str


def encode(position: Position, criteria: Criteria) -> str:
    text = json.dumps([position.partition, position.sort, position.mention_id, position.item], separators=(",", ":"))
    return base64.urlsafe_b64encode(_check(text, criteria) + text.encode()).decode().rstrip("=")


def decode(cursor: str, criteria: Criteria) -> Position:
    """Raises ValueError for any other text than `encode` made with the same criteria."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, text = raw[:4], raw[4:].decode()
    except ValueError as error:
        raise ValueError("the cursor is damaged") from error
    if check != _check(text, criteria):
        raise ValueError("the cursor is damaged, or was made with other criteria")
    partition, sort, mention_id, item = json.loads(text)
    return Position(partition=partition, sort=sort, mention_id=mention_id, item=item)


def _check(text: str, criteria: Criteria) -> bytes:
    """Against mistakes, not against malice: a forged position only begins the same list elsewhere."""
    return zlib.crc32(json.dumps([text, asdict(criteria)]).encode()).to_bytes(4)
