"""Where posts come from. Apart from the desk, because receiving a webhook needs no more of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A webhook endpoint. Its secrets are kept elsewhere. `aliases` are further ids of the brand's account there."""

    id: str
    network: str
    brand_account: str
    aliases: tuple[str, ...] = ()
