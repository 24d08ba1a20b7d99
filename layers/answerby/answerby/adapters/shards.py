"""Where what waits lies in the `due` index: the sweep asks it shard by shard, and it is the list of what is open."""

from __future__ import annotations

import zlib

from answerby.domain.mention import ROUTE_WITHIN, Mention
from answerby.ports import SHARDS

_FRESH, _OWNED, _OTHER = range(8), range(8, 16), range(16, SHARDS)
"""Shards of the `due` index: of mentions that were just accepted, by their id; of open ones, by their owner; and of all
else, so that the first two groups are a list of what is open."""


def listed_in(assignee: str | None) -> list[int]:
    """The shards of everybody's open mentions, or of one person's: their own, which others share, and what is so new
    that the index does not know yet whose it is."""
    return [*_FRESH, *_OWNED] if assignee is None else [_spread(assignee, _OWNED), *_FRESH]


def known_owner(mention: Mention) -> str | None:
    """Who owns it, as the `due` index knows. Its entry goes to the owner's shard together with the first move of its
    check, when the owner has been told: by itself that would cost two writes more."""
    unmoved = mention.next_check_at == mention.post.received_at + ROUTE_WITHIN
    return None if unmoved or not mention.is_open else mention.assignee


def of_mention(mention: Mention, owner: str | None) -> int:
    if owner:
        return _spread(owner, _OWNED)
    return _spread(mention.id, _FRESH if mention.is_open else _OTHER)


def of_notice(mention_id: str) -> int:
    return _spread(mention_id, _OTHER)


def _spread(text: str, group: range) -> int:
    return group[zlib.crc32(text.encode("utf-8", "surrogatepass")) % len(group)]
