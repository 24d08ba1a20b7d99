"""Links in a text."""

from __future__ import annotations

import re
from collections.abc import Collection

from answerby.domain.phrases import fold

# Nothing follows the repeated part, so there is nothing to go back for.
_LINK = re.compile(r"""(?:https?://|(?<![\w@./-])www\.)[^\s/?#\\<>"'(),;|]+""")

LONGEST_HOST = 253
"""https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4"""


def hosts(text: str) -> tuple[str, ...]:
    """Where the text links to, bare `www.` included; in its order."""
    linked = (link.group().partition("://")[2] or link.group() for link in _LINK.finditer(fold(text)))
    # https://user:password@host:port
    names = (authority.rpartition("@")[2].partition(":")[0].strip(".") for authority in linked)
    return tuple(name for name in names if "." in name and len(name) <= LONGEST_HOST)


def is_within(host: str, domains: Collection[str]) -> bool:
    """Whether the host is one of the domains or below it."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))
