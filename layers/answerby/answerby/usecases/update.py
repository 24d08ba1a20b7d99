"""Read, change, write if nobody else did meanwhile: the one way in which a stored mention changes."""

from __future__ import annotations

from collections.abc import Callable

from answerby.domain.mention import Mention
from answerby.ports import ConflictError, Mentions

TRIES = 5


class UnknownMentionError(LookupError):
    """No mention has this id."""


def update(
    mention_id: str, mentions: Mentions, change: Callable[[Mention], Mention], seen: Mention | None = None
) -> tuple[Mention, Mention]:
    """Apply `change` to the newest version; the mention before and after. A `change` that returns its argument writes
    nothing. `seen` saves the first read where the newest version is probably at hand.

    Raises UnknownMentionError, what `change` raises, and ConflictError if others kept changing the mention.
    """
    for _ in range(TRIES):
        mention = seen or mentions.get(mention_id)
        seen = None
        if mention is None:
            raise UnknownMentionError(f"there is no mention {mention_id}")
        try:
            changed = change(mention)
            if changed is mention:
                return mention, mention
            return mention, mentions.save(changed)
        except ConflictError:
            continue
    raise ConflictError(f"{mention_id} kept changing")
