"""The stack's API, asked as programs ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from tests.contract.waiting import eventually

Shown = dict[str, Any]


@dataclass(frozen=True)
class Api:
    """With the rights of one token."""

    url: str
    token: str

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=30, **options)

    def mention(self, mention_id: str) -> Shown:
        """The mention with its history; empty if there is none."""
        answer = self.ask("GET", f"/api/mentions/{quote(mention_id)}")
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.ok else {}

    def mention_when(self, mention_id: str, wanted: Callable[[Shown], object], within: float = 30) -> Shown:
        """The mention once it is as wanted, or at the deadline."""
        return eventually(lambda: self.mention(mention_id), lambda shown: bool(shown and wanted(shown)), within)

    def alerted(self, mention_id: str) -> Shown:
        """The mention once its first alert has gone out, by all channels: a mail may wait for another one's turn."""
        return self.mention_when(
            mention_id, lambda shown: events(shown).count("alerted") > events(shown).count("alert_delayed")
        )

    def act(self, mention_id: str, action: str, **body: object) -> requests.Response:
        return self.ask("POST", f"/api/mentions/{quote(mention_id)}/{action}", json=body)

    def dismiss_urgent(self) -> None:
        """Close what would be called out every few seconds from now on."""
        cursor = None
        while True:
            asked = {"state": "open", "limit": "100", **({"cursor": cursor} if cursor else {})}
            page = self.ask("GET", "/api/mentions", params=asked).json()
            for shown in page["mentions"]:
                if shown["priority"] in ("high", "urgent"):
                    self.act(shown["id"], "dismiss", reason="needs_no_answer")
            cursor = page["cursor"]
            if cursor is None:
                return


def events(shown: Shown) -> list[str]:
    return [entry["event"] for entry in shown["history"]]
