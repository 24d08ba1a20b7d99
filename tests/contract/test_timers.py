"""ports.Timers, as SQS and Scheduler and the fake keep it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import pytest

from answerby.adapters import aws
from answerby.adapters.timers import QueueTimers
from answerby.ports import Due, Timers
from tests.builders import HOUR, MINUTE, NOW
from tests.contract.faults import put_in_the_way, unreachable
from tests.contract.local_aws import LocalAws, queue_arn
from tests.contract.waiting import eventually
from tests.fakes.timers import FakeTimers


class Fired(Protocol):
    @property
    def timers(self) -> Timers: ...

    def arrived(self, count: int) -> list[tuple[str, str]]:
        """Keys of the checks that were asked for and are due."""


@dataclass
class FiredInMemory:
    timers: FakeTimers = field(default_factory=FakeTimers)

    def arrived(self, count: int) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(due.mention_id, due.item) for due in self.timers.fired(NOW)]


@dataclass
class FiredByAws:
    timers: QueueTimers
    queue_url: str
    messages: list[dict[str, Any]] = field(default_factory=list)

    def arrived(self, count: int) -> list[tuple[str, str]]:
        eventually(self._receive, lambda messages: len(messages) >= count)
        return [(message["mention_id"], message["item"]) for message in self.messages]

    def _receive(self) -> list[dict[str, Any]]:
        sqs = aws.client("sqs")
        received = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        for message in received:
            sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        self.messages += [json.loads(message["Body"]) for message in received]
        return self.messages


@pytest.fixture
def by_aws(local_aws: LocalAws, unique: str) -> FiredByAws:
    queue_url = aws.client("sqs").create_queue(QueueName=unique)["QueueUrl"]
    timers = QueueTimers(
        queue_url=queue_url,
        queue_arn=queue_arn(queue_url),
        schedule_group=local_aws.schedule_group,
        role_arn=local_aws.role_arn,
        dead_letters_arn=local_aws.queue_arn,
    )
    return FiredByAws(timers, queue_url)


@pytest.fixture(params=["memory", "aws"])
def fired(request: pytest.FixtureRequest) -> Fired:
    if request.param == "memory":
        return FiredInMemory()
    made: FiredByAws = request.getfixturevalue("by_aws")
    return made


def due(count: int) -> list[Due]:
    return [Due(mention_id=f"x:{number}", item="removal", next_check_at=NOW - MINUTE) for number in range(count)]


@pytest.mark.parametrize("late", [timedelta(0), HOUR])
def test_a_timer_that_is_due_fires_at_once(fired: Fired, late: timedelta) -> None:
    fired.timers.set("x:1", NOW - late, NOW)
    assert fired.arrived(1) == [("x:1", "mention")]


def test_checks_are_asked_for_at_once_in_any_number(fired: Fired) -> None:
    assert fired.timers.check_now(due(23)) == 23
    assert sorted(fired.arrived(23)) == sorted((each.mention_id, "removal") for each in due(23))


def test_asking_for_no_checks_asks_for_none(fired: Fired) -> None:
    assert fired.timers.check_now([]) == 0


def sent_by_set(timers: QueueTimers, ahead: timedelta) -> dict[str, Any]:
    with put_in_the_way(timers._sqs, "SendMessage", lambda _: None, 0) as sent:
        timers.set("x:1", NOW + ahead, NOW)
    request: dict[str, Any] = json.loads(sent[0].body)
    return request


@pytest.mark.parametrize(
    ("ahead", "seconds"),
    [(timedelta(milliseconds=1), 2), (timedelta(seconds=59.5), 61), (timedelta(minutes=15), 900)],
)
def test_up_to_a_quarter_of_an_hour_a_message_is_delayed(by_aws: FiredByAws, ahead: timedelta, seconds: int) -> None:
    assert sent_by_set(by_aws.timers, ahead)["DelaySeconds"] == seconds


def schedules(by_aws: FiredByAws) -> list[dict[str, Any]]:
    scheduler, arn = aws.client("scheduler"), queue_arn(by_aws.queue_url)
    names = [each["Name"] for each in scheduler.list_schedules()["Schedules"] if each["Target"]["Arn"] == arn]
    group = by_aws.timers._group
    return [scheduler.get_schedule(GroupName=group, Name=name) for name in names]


def test_just_beyond_a_quarter_of_an_hour_a_schedule_is_made(by_aws: FiredByAws, unique: str) -> None:
    by_aws.timers.set(unique, NOW + timedelta(minutes=15, milliseconds=1), NOW)
    assert [each["ScheduleExpression"] for each in schedules(by_aws)] == ["at(2026-03-02T09:15:02)"]


def test_beyond_a_quarter_of_an_hour_a_schedule_is_made(by_aws: FiredByAws, local_aws: LocalAws, unique: str) -> None:
    at = NOW + 3650 * 24 * HOUR + timedelta(milliseconds=1)
    by_aws.timers.set(unique, at, NOW)
    (schedule,) = schedules(by_aws)
    assert schedule["ScheduleExpression"] == "at(2036-02-28T09:00:02)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert len(schedule["Name"]) <= 64
    assert schedule["Target"]["RoleArn"] == local_aws.role_arn
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": local_aws.queue_arn}
    assert json.loads(schedule["Target"]["Input"]) == {"mention_id": unique, "item": "mention"}


def test_the_same_timer_twice_is_one_schedule(by_aws: FiredByAws, unique: str) -> None:
    for at in (NOW + 3650 * 24 * HOUR, NOW + 3650 * 24 * HOUR, NOW + 3651 * 24 * HOUR):
        by_aws.timers.set(unique, at, NOW)
    assert len(schedules(by_aws)) == 2
    assert by_aws.timers.failed == 0


def test_without_a_schedule_group_a_late_timer_fires_early(by_aws: FiredByAws) -> None:
    timers = QueueTimers(queue_url=by_aws.queue_url)
    assert sent_by_set(timers, HOUR)["DelaySeconds"] == 900


@pytest.mark.parametrize(
    ("client", "operation", "ahead"), [("_sqs", "SendMessage", MINUTE), ("_scheduler", "CreateSchedule", HOUR)]
)
def test_a_timer_that_cannot_be_set_is_counted_and_raises_nothing(
    by_aws: FiredByAws, client: str, operation: str, ahead: timedelta
) -> None:
    timers = by_aws.timers
    with unreachable(getattr(timers, client), operation):
        timers.set("x:1", NOW + ahead, NOW)
    assert timers.failed == 1


def test_checks_that_could_not_be_asked_for_are_not_counted_as_taken(by_aws: FiredByAws) -> None:
    timers = by_aws.timers
    with unreachable(timers._sqs, "SendMessageBatch", times=2):
        assert timers.check_now(due(12)) == 2
    assert timers.failed == 10
