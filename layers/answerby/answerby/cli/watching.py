"""What has happened since one last looked: new lines of histories, and alerts as they went out."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerby.adapters import aws
from answerby.domain.mention import Entry, Mention
from answerby.ports import Mentions

FOLLOWED = 200
"""Mentions followed at most, so that a look costs a bounded number of reads."""

_BATCH = 10
# Below the read timeout of our clients; a longer wait would be cut off.
_WAIT_SECONDS = 1


class Histories:
    """Open mentions, looked at again and again; one that is no longer listed is looked at once more."""

    def __init__(self, mentions: Mentions, since: datetime) -> None:
        self._mentions = mentions
        self._since = since
        self._told: dict[str, int] = {}

    def news(self) -> Iterator[tuple[Mention, Entry]]:
        """A query for each shard of the list, and a read for every open mention."""
        page = self._mentions.inbox(state=None, assignee=None, network=None, cursor=None, limit=FOLLOWED)
        found = {mention.id: mention for mention in page.mentions}
        gone = [mention_id for mention_id in self._told if mention_id not in found]
        for mention_id in gone:
            if closed := self._mentions.get(mention_id):
                found[mention_id] = closed
        news = [(mention, entry) for mention in found.values() for entry in self._untold(mention)]
        self._told = {mention.id: _length(mention) for mention in found.values() if mention.is_open}
        yield from sorted(news, key=lambda each: each[1].at)

    def _untold(self, mention: Mention) -> Iterator[Entry]:
        told = self._told.get(mention.id)
        if told is None:
            yield from (entry for entry in mention.history if entry.at >= self._since)
        else:
            yield from mention.history[max(told - mention.archived, 0) :]


def _length(mention: Mention) -> int:
    return mention.archived + len(mention.history)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardAlert:
    person: str
    mention_id: str
    sms: str
    subject: str


class AlertQueue:
    """A queue that is subscribed to people's topics. What is read is taken out of it."""

    def __init__(self, queue_url: str) -> None:
        self._url = queue_url
        self._client: Any = aws.client("sqs")

    def news(self) -> Iterator[HeardAlert]:
        answer = self._client.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=_BATCH, WaitTimeSeconds=_WAIT_SECONDS
        )
        for message in answer.get("Messages", ()):
            if alert := heard(message["Body"]):
                yield alert
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])


def heard(body: str) -> HeardAlert | None:
    """The alert in a message, with or without SNS's envelope; None for anything else."""
    try:
        document = json.loads(body)
        if "Message" in document:
            document = json.loads(document["Message"])
        mail: Mapping[str, str] = document["mail"]
        return HeardAlert(
            person=document["person"], mention_id=document["mention_id"], sms=document["sms"], subject=mail["subject"]
        )
    except (ValueError, KeyError, TypeError):
        return None
