"""What the local stack does, as it does it: alerts from the queue, history and state from the API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import boto3
import requests
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from answerby.cli.output import shown
from infra.local.stack import Stack

_STYLE = {"received": "cyan", "routed": "cyan", "escalated": "yellow", "breached": "red", "answered": "green"}


@dataclass
class Watch:
    """Prints what is new whenever it looks. `alerts` are documents as programs get them, in the order they came.

    Alerts of before are left out: on a stack that has been up for a while, nobody may have read them.
    """

    stack: Stack
    out: Console
    alerts: list[dict[str, Any]] = field(default_factory=list)
    mentions: dict[str, dict[str, Any]] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self._sqs = boto3.client("sqs", endpoint_url=self.stack.aws_endpoint_url, region_name=self.stack.region)
        self._http = requests.Session()
        self._http.headers["authorization"] = f"Bearer {self.stack.api_token}"

    def follow(self, *mention_ids: str) -> None:
        for mention_id in mention_ids:
            self._told.setdefault(mention_id, 0)

    def follows(self, mention_id: str) -> bool:
        return mention_id in self._told

    def until(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Look again and again until it has happened; False if it has not in time."""
        deadline = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > deadline:
                return False
            self.look()
        return True

    def look(self) -> None:
        for mention_id in self._told:
            self._history(mention_id)
        answer = self._sqs.receive_message(
            QueueUrl=self.stack.alerts_queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in answer.get("Messages", ()):
            self._alert(json.loads(json.loads(message["Body"])["Message"]))
            self._sqs.delete_message(QueueUrl=self.stack.alerts_queue_url, ReceiptHandle=message["ReceiptHandle"])

    def say(self, *parts: str | tuple[str, str]) -> None:
        """A line with the seconds since the beginning; what does not fit hangs below its first word."""
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_column(style="dim", no_wrap=True)
        line.add_column(overflow="fold")
        line.add_row(f"{time.monotonic() - self._began:5.1f}", Text.assemble(*parts))
        self.out.print(line)

    def alerted(self, mention_id: str) -> list[str]:
        """Whom each alert called; one may go by SMS first and by mail later."""
        called = {alert["id"]: alert["person"] for alert in self.alerts if alert["mention_id"] == mention_id}
        return list(called.values())

    def state(self, mention_id: str) -> str | None:
        return self.mentions.get(mention_id, {}).get("state")

    def act(self, mention_id: str, action: str, **body: object) -> requests.Response:
        address = f"{self.stack.api_url}/api/mentions/{quote(mention_id)}/{action}"
        return self._http.post(address, json=body, timeout=10)

    def _history(self, mention_id: str) -> None:
        found = self._http.get(f"{self.stack.api_url}/api/mentions/{quote(mention_id)}", timeout=10)
        if not found.ok:
            return
        mention = found.json()
        self.mentions[mention_id] = mention
        for entry in mention["history"][self._told[mention_id] :]:
            style = _STYLE.get(entry["event"], "default")
            self.say((f"{mention_id}  ", "dim"), (entry["event"], f"bold {style}"), (_words(entry), style))
        self._told[mention_id] = len(mention["history"])

    def _alert(self, alert: dict[str, Any]) -> None:
        """The message as a phone gets it, in one piece; of the mails, the first one whole."""
        if alert["decided_at"] < self._since:
            return
        first = not self.alerts
        self.alerts.append(alert)
        to = f"to {alert['person']}, " + (f"level {alert['rung']}" if "rung" in alert else "several posts")
        again = f", call {alert['round']}" if alert.get("round", 1) > 1 else ""
        if "sms" in alert["channels"]:
            self._heading(f"SMS {to}{again}", "magenta")
            self.out.print(Text(shown(alert["sms"])), soft_wrap=True)
        mail = alert["mail"]
        if first and "text" in mail:
            self.out.print(Text("(L1.1: level 1, which is the first rung of the ladder, and call 1 there)", "dim"))
            self._heading(f"Mail {to}", "blue")
            text = f"Subject: {shown(mail['subject'])}\n\n{shown(mail['text'].rstrip(), lines=True)}"
            self.out.print(Text(text), soft_wrap=True)
        elif "email" in alert["channels"]:
            self.out.print(Text(f"and by mail: {shown(mail['subject'])}", "dim"))
        self.out.print()

    def _heading(self, title: str, style: str) -> None:
        self.out.print(Rule(Text(title, f"bold {style}"), align="left", style=style))


def _words(entry: dict[str, str | None]) -> str:
    """An alert's entry names whom it went to, every other one who did it; a message's id is for looking it up later."""
    note = str(entry["note"] or "").partition(", message ")[0]
    by = "" if str(entry["event"]).startswith("alert") else "by "
    return shown(f" {by}{entry['by']}" + (f": {note}" if note else ""))
