"""The stream tells of a new mention or notice: decide who owns it, or act on it."""

from __future__ import annotations

from typing import Any

from answerby import runtime
from answerby.adapters.dynamodb import stored
from answerby.domain.mention import Mention
from answerby.usecases.attend import attend

mentions, desks, timers = runtime.mentions(), runtime.desks(), runtime.timers()
reader, heard = runtime.reader(), runtime.heard()


def route(record: Any) -> None:
    key = record.dynamodb.keys
    # The stream brings the item itself, which spares a read: a write to an older version than is stored is refused.
    seen = stored(record.raw_event["dynamodb"]["NewImage"])
    attend(key["mention_id"], key["item"], mentions, desks, timers, runtime.clock(), seen, reader)
    if isinstance(seen, Mention):
        heard.note(seen.post.source, runtime.clock())


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    response = runtime.attempt(event, "DynamoDBStreams", route, context)
    runtime.count({"HeardFailed": heard.take_failed()})
    return response
