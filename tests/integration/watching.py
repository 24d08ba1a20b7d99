"""What goes out of the stack: the alerts, as programs get them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import Any


@dataclass
class Alerts:
    """Every alert so far, by the mention it is about. The tests share one reader: who reads an alert takes it.

    Its mail may follow its SMS in a message of its own, if the person had another just before: that is one alert. The
    same alert by the same channel again is another.
    """

    sqs: Any
    queue_url: str
    _heard: defaultdict[str | None, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, mention_id: str, count: int = 1, within: float = 30) -> list[dict[str, Any]]:
        """The alerts about a mention in the order they came, once there are `count` of them or at the deadline."""
        deadline = monotonic() + within
        while len(self._heard[mention_id]) < count and monotonic() < deadline:
            self._read(wait=1)
        return self._heard[mention_id]

    def so_far(self, mention_id: str | None) -> list[dict[str, Any]]:
        """The alerts about a mention that have gone out by now."""
        while self._read(wait=0):
            pass
        return self._heard[mention_id]

    def _read(self, wait: int) -> int:
        answer = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait)
        messages = answer.get("Messages", [])
        for message in messages:
            alert = json.loads(json.loads(message["Body"])["Message"])
            self._take(alert)
            self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def _take(self, alert: dict[str, Any]) -> None:
        heard = self._heard[alert["mention_id"]]
        for earlier in heard:
            if earlier.get("id") == alert.get("id") and not set(earlier["channels"]) & set(alert["channels"]):
                earlier["channels"] += alert["channels"]
                return
        heard.append(alert)
