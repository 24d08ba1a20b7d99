"""The one place where a Lambda function's collaborators are put together, from its environment.

Each is built on first use and kept for the life of the process; modules that a function does not need are not imported.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics

from answerby.ports import NoDeskError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from answerby.adapters.contacts import SnsContacts
    from answerby.adapters.desks import DeskTable
    from answerby.adapters.dynamodb import MentionsTable
    from answerby.adapters.heard import HeardTable
    from answerby.adapters.pagers import PagerTable
    from answerby.adapters.reader import TextReader
    from answerby.adapters.sns import TopicMessenger, TopicNotifier
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
def pagers() -> PagerTable:
    from answerby.adapters.pagers import PagerTable

    return PagerTable(os.environ["MENTIONS_TABLE"])


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
def reader() -> TextReader:
    from answerby.adapters.reader import TextReader

    return TextReader()


@cache
def notifier() -> TopicNotifier:
    from answerby.adapters.sns import TopicNotifier

    return TopicNotifier(os.environ["PERSON_TOPIC_PREFIX"], os.environ["LINK_BASE_URL"])


@cache
def messenger() -> TopicMessenger:
    from answerby.adapters.sns import TopicMessenger

    return TopicMessenger(os.environ["PERSON_TOPIC_PREFIX"])


@cache
def contacts() -> SnsContacts:
    from answerby.adapters.contacts import SnsContacts

    return SnsContacts(os.environ["PERSON_TOPIC_PREFIX"])


@cache
def heard() -> HeardTable:
    from answerby.adapters.heard import HeardTable

    return HeardTable(os.environ["DESK_TABLE"])


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


def count(counts: Mapping[str, float], unit: str = "Count") -> None:
    """Publish what is not zero as metrics. They are written to the log, so that they cost no call."""
    told = {name: value for name, value in counts.items() if value}
    for name, value in told.items():
        metrics.add_metric(name=name, unit=unit, value=value)
    if told:
        metrics.flush_metrics()


class UnexpectedError(Exception):
    """Stands for an error nobody foresaw: its kind and place."""


@contextmanager
def discreet() -> Iterator[None]:
    """Lambda logs the message of whatever a function raises, and that of an unexpected error may quote a post."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        raise UnexpectedError(f"{type(error).__name__} at {_place(error.__traceback__)}") from None


def attempt(event: dict[str, Any], kind: str, attend: Callable[[Any], None], context: Any) -> Any:
    """Attend to each record of a batch (`kind` as in EventType); the source delivers again those that failed.

    Mentions that wait for a first desk are no failures: their next check finds them. Of a failure only its type and
    place are logged, because its message may quote a post.
    """
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    waiting = []

    def patiently(record: Any) -> None:
        try:
            attend(record)
        except NoDeskError:
            waiting.append(record)

    processor = BatchProcessor(event_type=EventType[kind], raise_on_entire_batch_failure=False)
    response = process_partial_response(event=event, record_handler=patiently, processor=processor, context=context)
    for error, _, trace in processor.exceptions:
        told = {"error": error.__name__ if error else None, "where": _place(trace)}
        logger.warning("record failed", extra=told)
    count({"RecordsFailed": len(processor.exceptions), "WaitingForDesk": len(waiting)})
    count_timers()
    return response


def count_timers() -> None:
    """Timers that could not be set are no failures, because the sweep finds their mentions; but many are a fault."""
    count({"TimersFailed": timers().take_failed()})


def _place(trace: TracebackType | None) -> str | None:
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else None
