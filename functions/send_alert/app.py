"""An alert waits in a mention's outbox: hand it to the person's channels."""

from __future__ import annotations

from typing import Any

from answerby import runtime
from answerby.usecases.send_alert import send_alerts

mentions, desks, timers = runtime.mentions(), runtime.desks(), runtime.timers()
notifier, pagers = runtime.notifier(), runtime.pagers()


def send(record: Any) -> None:
    mention_id = record.dynamodb.keys["mention_id"]
    failed = send_alerts(mention_id, mentions, desks, timers, notifier, pagers, runtime.clock())
    runtime.count({"AlertsFailed": failed})


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    return runtime.attempt(event, "DynamoDBStreams", send, context)
