"""Timers: SQS up to 15 minutes ahead, EventBridge Scheduler beyond. Both only make prompt what the sweep makes sure."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from answerby.adapters import aws
from answerby.adapters.items import MENTION
from answerby.ports import Due

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-timers.html
LONGEST_DELAY = timedelta(minutes=15)
SKEW = timedelta(seconds=1)
"""The clocks of two functions differ: a timer that seems early to the one it reaches is spent for nothing."""
_BATCH = 10

_log = logging.getLogger(__name__)


class QueueTimers:
    """ports.Timers. Without a `schedule_group` only SQS is used, for programs whose role grants no more.

    `role_arn` is the role in which Scheduler sends to the queue, `dead_letters_arn` where it leaves what it could not.
    `failed` counts the timers that could not be set; the sweep finds their mentions.
    """

    def __init__(
        self,
        *,
        queue_url: str,
        queue_arn: str = "",
        schedule_group: str = "",
        role_arn: str = "",
        dead_letters_arn: str = "",
    ) -> None:
        self._queue_url = queue_url
        self._group = schedule_group
        self._target = {"Arn": queue_arn, "RoleArn": role_arn}
        self._dead_letters_arn = dead_letters_arn
        self.failed = 0

    def set(self, mention_id: str, at: datetime, now: datetime) -> None:
        try:
            if at - now <= LONGEST_DELAY or not self._group:
                delay = min(max(at - now, timedelta(0)) + SKEW, LONGEST_DELAY)
                self._sqs.send_message(
                    QueueUrl=self._queue_url,
                    MessageBody=_message(mention_id, MENTION),
                    DelaySeconds=math.ceil(delay.total_seconds()),
                )
            else:
                self._schedule(mention_id, at)
        except (ClientError, BotoCoreError) as error:
            self._note_failure(error, 1)

    def check_now(self, due: Sequence[Due]) -> int:
        taken = 0
        for start in range(0, len(due), _BATCH):
            batch = due[start : start + _BATCH]
            entries = [
                {"Id": str(position), "MessageBody": _message(each.mention_id, each.item)}
                for position, each in enumerate(batch)
            ]
            try:
                answer = self._sqs.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            except (ClientError, BotoCoreError) as error:
                self._note_failure(error, len(batch))
                continue
            taken += len(answer.get("Successful", ()))
            self.failed += len(answer.get("Failed", ()))
        return taken

    def take_failed(self) -> int:
        """How many timers could not be set since this was asked last."""
        taken, self.failed = self.failed, 0
        return taken

    def _schedule(self, mention_id: str, at: datetime) -> None:
        """One schedule per mention and time: asking for it again is no second one."""
        second = math.ceil((at + SKEW).timestamp())
        name = hashlib.sha256(f"{mention_id}|{second}".encode()).hexdigest()
        target: dict[str, Any] = {**self._target, "Input": _message(mention_id, MENTION)}
        if self._dead_letters_arn:
            target["DeadLetterConfig"] = {"Arn": self._dead_letters_arn}
        try:
            self._scheduler.create_schedule(
                Name=name,
                GroupName=self._group,
                ClientToken=name,
                ScheduleExpression=f"at({datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                # Nobody deletes it otherwise: a check that finds nothing to do is the cancellation.
                ActionAfterCompletion="DELETE",
                Target=target,
            )
        except ClientError as error:
            if aws.code(error) != "ConflictException":
                raise

    def _note_failure(self, error: Exception, timers: int) -> None:
        self.failed += timers
        _log.warning("A timer was not set", extra={"error": type(error).__name__, "timers": timers})

    # Each is made when it is first needed: most mentions need only one of them.
    @cached_property
    def _sqs(self) -> Any:
        return aws.client("sqs")

    @cached_property
    def _scheduler(self) -> Any:
        return aws.client("scheduler")


def _message(mention_id: str, item: str) -> str:
    return json.dumps({"mention_id": mention_id, "item": item})
