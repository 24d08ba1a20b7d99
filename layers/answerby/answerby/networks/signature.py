"""Signatures of the raw body by a shared secret, as Meta and X send them."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from answerby.networks.webhook import Keys

Spell = Callable[[bytes], str]
"""How a network writes an HMAC-SHA256 into its header."""


def signature(secret: str, body: bytes, spell: Spell) -> str:
    return spell(hmac.digest(secret.encode(), body, "sha256"))


def is_signed(claimed: str, body: bytes, keys: Keys, spell: Spell) -> bool:
    """Whether one active secret made the claimed signature: in constant time, and without an early end."""
    valid = False
    for secret in filter(None, keys.secrets):
        expected = signature(secret, body, spell)
        valid |= hmac.compare_digest(claimed.encode(errors="replace"), expected.encode())
    return valid
