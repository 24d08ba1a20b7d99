"""Looks at the mentions table all the time: how late checks are, and whether anything is open and forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from answerby.adapters.items import MENTION
from tests.chaos.evidence import items

EVERY = 1.0
PROMPT = 30.0
"""Seconds after which a check that is due, or an alert that was decided, should have been seen to when nothing goes
wrong; on a busy machine."""


@dataclass
class Watch:
    client: Callable[[str], Any]
    table: str
    worst: float = 0.0
    """Seconds that a check was late, at most; and of which item."""
    latest: str = ""
    unwatched: set[str] = field(default_factory=set)
    """What was open without a next check."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within the block, by a thread of its own."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(EVERY):
                try:
                    self.unsettled()
                except (ClientError, BotoCoreError):
                    continue  # the local AWS is away

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def unsettled(self) -> int:
        """How many items should have been seen to by now, and were not."""
        now, count = time.time(), 0
        for item in items(self.client("dynamodb"), self.table):
            late = self._late(item, now)
            count += late > PROMPT or _is_unseen(item) or _waits(item, now)
            if late > self.worst:
                self.worst, self.latest = late, f"{item['mention_id']['S']} {item['item']['S']}"
        return count

    def _late(self, item: Mapping[str, Any], now: float) -> float:
        due = item.get("next_check_at")
        if due is None:
            if item["item"]["S"] == MENTION and item["state"]["S"] in ("new", "open"):
                self.unwatched.add(item["mention_id"]["S"])
            return 0.0
        return now - int(due["N"]) / 1000


def _is_unseen(item: Mapping[str, Any]) -> bool:
    """A post to be routed, or news that is to be looked at and was not yet."""
    is_first = item["item"]["S"] == MENTION or item.get("version") == {"N": "1"}
    return item.get("state") == {"S": "new"} and "next_check_at" in item and is_first


def _waits(item: Mapping[str, Any], now: float) -> bool:
    """An alert that should have been sent."""
    decided_at = item.get("outbox_at")
    return decided_at is not None and now - int(decided_at["N"]) / 1000 > PROMPT
