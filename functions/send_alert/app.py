"""An alert waits in a mention's outbox: hand it to the person's channels."""

from __future__ import annotations

from typing import Any

from answerby import runtime
from answerby.usecases.send_alert import send_alerts

mentions, desks, notifier, timers = runtime.mentions(), runtime.desks(), runtime.notifier(), runtime.timers()


def send(record: Any) -> None:
    mention_id = record.dynamodb.keys["mention_id"]
    runtime.count({"AlertsFailed": send_alerts(mention_id, mentions, desks, notifier, timers, runtime.clock())})


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    return runtime.attempt(event, "DynamoDBStreams", send, context)
