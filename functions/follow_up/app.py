"""A timer fired or the sweep asked: is there anything to be done about this mention now?"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from answerby import runtime
from answerby.usecases.attend import attend

mentions, desks, timers = runtime.mentions(), runtime.desks(), runtime.timers()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def follow_up(record: Any) -> None:
    key = record.json_body
    attend(key["mention_id"], key["item"], mentions, desks, timers, runtime.clock())


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(event=event, record_handler=follow_up, processor=processor, context=context)
