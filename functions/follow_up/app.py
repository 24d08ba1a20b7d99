"""A timer fired or the sweep asked: is there anything to be done about this mention now?"""

from __future__ import annotations

from typing import Any

from answerby import runtime
from answerby.usecases.attend import attend

mentions, desks, timers, reader = runtime.mentions(), runtime.desks(), runtime.timers(), runtime.reader()


def follow_up(record: Any) -> None:
    key = record.json_body
    attend(key["mention_id"], key["item"], mentions, desks, timers, runtime.clock(), reader=reader)


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    return runtime.attempt(event, "SQS", follow_up, context)
