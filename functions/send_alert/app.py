"""An alert waits in a mention's outbox: hand it to the person's channels."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from answerby import runtime
from answerby.usecases.send_alert import send_alerts

mentions, desks, notifier, timers = runtime.mentions(), runtime.desks(), runtime.notifier(), runtime.timers()
processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def send(record: Any) -> None:
    send_alerts(record.dynamodb.keys["mention_id"], mentions, desks, notifier, timers, runtime.clock())


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(event=event, record_handler=send, processor=processor, context=context)
