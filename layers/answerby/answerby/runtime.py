"""The one place where a Lambda function's collaborators are put together, from its environment.

Each is built on first use and kept for the life of the process; modules that a function does not need are not imported.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from answerby.adapters.desks import DeskTable
    from answerby.adapters.dynamodb import MentionsTable
    from answerby.adapters.sns import TopicNotifier
    from answerby.adapters.sources import SecretSources
    from answerby.adapters.timers import QueueTimers
    from answerby.adapters.tokens import TokenTable
    from answerby.usecases.receive import Task

STORED_AT_ONCE = 16
"""Of one body's posts: DynamoDB takes a few ms for each, and a network waits some seconds for its answer."""

logger = Logger()
metrics = Metrics()


def clock() -> datetime:
    """In whole milliseconds, as times are stored: what is written and what is read back are the same."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@cache
def mentions() -> MentionsTable:
    from answerby.adapters.dynamodb import MentionsTable

    retention = timedelta(days=int(os.environ["RETENTION_DAYS"]))
    return MentionsTable(os.environ["MENTIONS_TABLE"], retention)


@cache
def desks() -> DeskTable:
    from answerby.adapters.desks import DeskTable

    return DeskTable(os.environ["DESK_TABLE"])


@cache
def tokens() -> TokenTable:
    from answerby.adapters.tokens import TokenTable

    return TokenTable(os.environ["DESK_TABLE"])


@cache
def sources() -> SecretSources:
    from answerby.adapters.sources import SecretSources

    return SecretSources(os.environ["SOURCES_SECRET"])


@cache
def timers() -> QueueTimers:
    from answerby.adapters.timers import QueueTimers

    return QueueTimers(
        queue_url=os.environ["FOLLOW_UPS_QUEUE_URL"],
        queue_arn=os.environ.get("FOLLOW_UPS_QUEUE_ARN", ""),
        schedule_group=os.environ.get("SCHEDULE_GROUP", ""),
        role_arn=os.environ.get("SCHEDULER_ROLE_ARN", ""),
        dead_letters_arn=os.environ.get("TIMER_DEAD_LETTERS_ARN", ""),
    )


@cache
def notifier() -> TopicNotifier:
    from answerby.adapters.sns import TopicNotifier

    return TopicNotifier(os.environ["PERSON_TOPIC_PREFIX"], os.environ["LINK_BASE_URL"])


@cache
def _pool() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(STORED_AT_ONCE)


def run(tasks: Iterable[Task]) -> Iterable[bool]:
    """Run tasks side by side; a single one, as most webhooks hold, without a thread."""
    tasks = list(tasks)
    if len(tasks) == 1:
        return [tasks[0]()]
    return _pool().map(lambda task: task(), tasks) if tasks else []


def count(counts: dict[str, Any]) -> None:
    """Add to the metrics of this invocation what is not zero. Written to the log, so it costs no call."""
    for name, value in counts.items():
        if value:
            metrics.add_metric(name=name, unit="Count", value=value)


def attempt(event: dict[str, Any], kind: str, attend: Callable[[Any], None], context: Any) -> Any:
    """Attend to each record of a batch (`kind` as in EventType); the source delivers again those that failed.

    Of a failure only its type and place are logged: its message may quote a post.
    """
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    processor = BatchProcessor(event_type=EventType[kind], raise_on_entire_batch_failure=False)
    response = process_partial_response(event=event, record_handler=attend, processor=processor, context=context)
    for kind_of, _, trace in processor.exceptions:
        place = traceback.extract_tb(trace)[-1] if trace else None
        where = f"{place.name}:{place.lineno}" if place else None
        logger.warning("record failed", extra={"error": kind_of.__name__ if kind_of else None, "where": where})
    return response
