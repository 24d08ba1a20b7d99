"""Plays the networks on the deployed stack, and hears what its owners hear."""

from __future__ import annotations

import json
import math
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import boto3
import requests

from answerby.domain.mention import Author
from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.networks.samples import SAMPLES, Sample
from answerby.networks.webhook import Keys
from infra.local.alerts_queue import subscribe_alerts_queue
from infra.local.layout import ROOT
from infra.local.ministack import CREDENTIALS, named_by_environment
from infra.local.stack import Stack
from tests.contract.waiting import eventually

Client = Callable[[str], Any]

COMPLAINT = "My order never arrived, and nobody answers!"
"""What the sample desk calls ana, then ben, then cleo for, every 15 seconds."""


@dataclass
class Scene:
    """Posts are of people of their own, so that none joins another's chain. What is left open is answered at the end.

    Alerts are heard on a queue of the scene's own: nobody else takes them out of it.
    """

    stack: Stack
    client: Client
    queue_url: str
    _posts: dict[str, Sample] = field(default_factory=dict)
    _alerts: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._number = time.time_ns() // 1_000_000 * 1_000
        self._sqs = self.client("sqs")
        self._http = requests.Session()
        self._http.headers["authorization"] = f"Bearer {self.stack.api_token}"

    def compose(self, text: str = COMPLAINT, source: str = "facebook") -> Sample:
        """A post that is yet to be delivered."""
        self._number += 1
        number, about = str(self._number), self.stack.sources[source]
        return Sample(
            text=text,
            author=Author(id=f"7{number}", handle=f"u{number[-9:]}", name=f"Kim {number[-4:]}"),
            source=Source(id=source, network=about["network"], brand_account=about["brand_account"]),
            now=datetime.now(UTC),
            event_id=number,
        )

    def deliver(self, sample: Sample) -> requests.Response:
        about = self.stack.sources[sample.source.id]
        body = SAMPLES[about["network"]](sample)
        keys = Keys(secrets=(about["secret"],), verify_token="")
        headers = NETWORKS[about["network"]].sign(body, keys, datetime.now(UTC))
        if not sample.own:
            self._posts[id_of(sample)] = sample
        return requests.post(about["url"], data=body, headers=headers, timeout=30)

    def post(self, text: str = COMPLAINT, source: str = "facebook") -> str:
        """Deliver a new post; the mention's id."""
        sample = self.compose(text, source)
        answer = self.deliver(sample)
        assert answer.status_code == 200, answer.text
        return id_of(sample)

    def reply(self, mention_id: str) -> None:
        """The brand answers on the network itself."""
        self._number += 1
        reply = replace(
            self._posts[mention_id],
            text="So sorry! We have sent you a message.",
            own=True,
            in_reply_to=mention_id,
            now=datetime.now(UTC),
            event_id=str(self._number),
        )
        answer = self.deliver(reply)
        assert answer.status_code == 200, answer.text

    def look(self, mention_id: str) -> dict[str, Any]:
        """The mention with its history; empty as long as there is none."""
        answer = self._http.get(f"{self.stack.api_url}/api/mentions/{quote(mention_id)}", timeout=30)
        found: dict[str, Any] = answer.json() if answer.ok else {}
        return found

    def act(self, mention_id: str, action: str, **body: object) -> requests.Response:
        address = f"{self.stack.api_url}/api/mentions/{quote(mention_id)}/{action}"
        return self._http.post(address, json=body, timeout=30)

    def alerts(self, mention_id: str) -> list[dict[str, Any]]:
        """The alerts about a mention that have gone out by now, as programs get them."""
        while messages := self._received():
            for message in messages:
                alert = json.loads(json.loads(message["Body"])["Message"])
                named = alert.get("mention_ids", [alert["mention_id"]]), alert.get("alert_ids", [alert.get("id")])
                for about, alert_id in zip(*named, strict=True):
                    self._alerts[about].append({**alert, "id": alert_id, "mention_id": about})
                self._sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return self._alerts[mention_id]

    def called(self, mention_id: str) -> list[str]:
        """Whom each alert called, by whichever channel first."""
        return list({alert["id"]: alert["person"] for alert in self.alerts(mention_id)}.values())

    def until_called(self, mention_id: str, person: str, within: float) -> None:
        called = eventually(lambda: self.called(mention_id), lambda called: person in called, within)
        assert person in called, f"{mention_id}: {called}, {self.look(mention_id)}"

    def close(self) -> None:
        for mention_id in self._posts:
            self.act(mention_id, "answer", by="the test")

    def _received(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages


@contextmanager
def scene(stack: Stack, client: Client, outputs: Mapping[str, str]) -> Iterator[Scene]:
    sns, sqs = client("sns"), client("sqs")
    pages = sns.get_paginator("list_topics").paginate()
    topics = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    people = [arn for arn in topics if arn.startswith(outputs["PersonTopicPrefix"])]
    with named_by_environment(stack.aws_endpoint_url):
        url = subscribe_alerts_queue(boto3.Session(), f"scene-{time.time_ns()}", people)
    played = Scene(stack, client, url)
    try:
        yield played
    finally:
        played.close()
        for subscription in sns.list_subscriptions()["Subscriptions"]:
            if subscription["Endpoint"].endswith(f":{url.rpartition('/')[2]}"):
                sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        sqs.delete_queue(QueueUrl=url)


def id_of(sample: Sample) -> str:
    return f"{sample.source.network}:{sample.event_id}"


def happened(mention: Mapping[str, Any]) -> list[str]:
    return [entry["event"] for entry in mention.get("history", ())]


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def logged(client: Client, stack: Stack, function: str, since: datetime) -> list[str]:
    """What a function has logged, its platform's lines included."""
    pages = (
        client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=f"/aws/lambda/{stack.stack_name}-{function}", startTime=math.floor(since.timestamp() * 1000)
        )
    )
    return [event["message"] for page in pages for event in page["events"]]


def answerby(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line as it is installed, on the stack's AWS."""
    command = [str(ROOT / ".venv" / "bin" / "answerby"), *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(stack), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def environment(stack: Stack) -> dict[str, str]:
    """What `python -m infra.local env` sets, and a terminal that is wide enough for tables."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": stack.aws_endpoint_url,
        "ANSWERBY_STACK": stack.stack_name,
        "ANSWERBY_WEBHOOK_URL": stack.webhook_url,
        "COLUMNS": "200",
    }
