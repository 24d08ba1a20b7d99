"""What is found in the stack when the fire is out: its tables, its alerts and its dead letters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from answerby.adapters.dynamodb import MentionsTable
from answerby.adapters.items import MENTION
from answerby.domain.desk import Desk
from answerby.domain.mention import Mention, Notice
from infra.local.stack import Stack
from tests.contract.waiting import eventually

_DEAD_LETTERS = "DeadLetters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An alert as it went out by one channel, with the id that SNS gave the message."""

    message: str
    id: str
    mention_id: str
    person: str
    channel: str
    rung: int | None
    round: int | None
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class Evidence:
    now: datetime
    mentions: Mapping[str, Mention] = field(default_factory=dict)
    """With their whole histories."""
    notices: Mapping[tuple[str, str], Notice] = field(default_factory=dict)
    alerts: tuple[Heard, ...] = ()
    dead_letters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Documents by the logical name of their queue."""
    reachable: frozenset[str] = frozenset()
    """People who have somewhere to be called, and are subscribed there."""


def gather(stack: Stack, client: Callable[[str], Any], outputs: Mapping[str, str], desk: Desk) -> Evidence:
    """Of the stack that the environment names."""
    name = outputs["MentionsTable"]
    keys = [(each["mention_id"]["S"], each["item"]["S"]) for each in items(client("dynamodb"), name)]
    table, now = stored(name), datetime.now(UTC)
    found = table.get_each([mention_id for mention_id, item in keys if item == MENTION])
    others = {key: table.get_notice(*key) for key in keys if key[1] != MENTION}
    sqs = client("sqs")
    return Evidence(
        now=now,
        mentions={mention_id: table.history(mention) for mention_id, mention in found.items()},
        notices={key: notice for key, notice in others.items() if notice},
        alerts=tuple(_alerts(sqs, stack.alerts_queue_url)),
        dead_letters=_dead_letters(sqs),
        reachable=_reachable(client("sns"), outputs["PersonTopicPrefix"], desk),
    )


def stored(table: str) -> MentionsTable:
    return MentionsTable(table, retention=timedelta(days=1))


def items(dynamodb: Any, table: str) -> Iterator[Mapping[str, Any]]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def heard(message_id: str, message: Mapping[str, Any]) -> Iterator[Heard]:
    """The alerts that a message to programs tells of: one, or those of a bundle."""
    mentions = message.get("mention_ids") or [message["mention_id"]]
    alerts = message.get("alert_ids") or [message["id"]]
    for mention_id, alert_id in zip(mentions, alerts, strict=True):
        for channel in message["channels"]:
            yield Heard(
                message=message_id,
                id=alert_id,
                mention_id=mention_id,
                person=message["person"],
                channel=channel,
                rung=message.get("rung"),
                round=message.get("round"),
                decided_at=datetime.fromisoformat(message["decided_at"]),
            )


def _reachable(sns: Any, topic_prefix: str, desk: Desk) -> frozenset[str]:
    """Who has a phone number or a mail address on the desk, and is subscribed to their topic with it."""
    found = set()
    for person in desk.people.values():
        answer = sns.list_subscriptions_by_topic(TopicArn=topic_prefix + person.id)
        if {each["Endpoint"] for each in answer["Subscriptions"]} & {person.sms, person.email}:
            found.add(person.id)
    return frozenset(found)


def _alerts(sqs: Any, queue_url: str) -> Iterator[Heard]:
    for body in _drained(sqs, queue_url):
        message = json.loads(body["Message"])
        if message["mention_id"]:
            yield from heard(body["MessageId"], message)


def _dead_letters(sqs: Any) -> dict[str, tuple[Any, ...]]:
    urls = [url for page in sqs.get_paginator("list_queues").paginate() for url in page.get("QueueUrls", ())]
    return {_logical_name(url): tuple(_drained(sqs, url)) for url in urls if _DEAD_LETTERS in url}


def _logical_name(queue_url: str) -> str:
    """Of a queue that CloudFormation has named <stack>-<logical name>-<random>."""
    parts = queue_url.rpartition("/")[2].split("-")
    return next(part for part in parts if part.endswith(_DEAD_LETTERS))


def _drained(sqs: Any, queue_url: str) -> Iterator[Any]:
    """Every message: what somebody else has received and not deleted is waited for."""

    def waiting() -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
        return sum(map(int, attributes.values()))

    while waiting():
        answer = eventually(
            lambda: sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1),
            lambda answer: "Messages" in answer or not waiting(),
            within=60,
        )
        for message in answer.get("Messages", ()):
            yield json.loads(message["Body"])
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
