"""Timers are hints: with every one of them lost, the sweep alone keeps the promise, at most two minutes late."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.alerts import Client, happened, logged, moment, scene

SWEEP = "sweep-overdue"
LATE_AT_MOST = timedelta(minutes=2)


@pytest.fixture
def lost_timers(stack: Stack, client: Client) -> Iterator[None]:
    """What sets timers sets them into a queue that does not exist; the sweep asks for checks in the one that does."""
    functions = client("lambda")
    names = [f"{stack.stack_name}-{name}" for name in ("route-mention", "follow-up")]
    before = {name: functions.get_function_configuration(FunctionName=name)["Environment"] for name in names}

    def configure(name: str, variables: dict[str, str]) -> None:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        waiter = functions.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    try:
        for name in names:
            variables = before[name]["Variables"]
            configure(name, variables | {"FOLLOW_UPS_QUEUE_URL": variables["FOLLOW_UPS_QUEUE_URL"] + "-lost"})
        yield
    finally:
        for name in names:
            configure(name, before[name]["Variables"])


def test_the_sweep_alone_escalates_at_most_two_minutes_late(
    stack: Stack,
    client: Client,
    outputs: dict[str, str],
    lost_timers: None,
) -> None:
    began = datetime.now(UTC)
    with scene(stack, client, outputs) as played:
        mention_id = played.post()
        played.until_called(mention_id, "ana", within=30)
        routed = eventually(lambda: played.look(mention_id), lambda seen: "alerted" in happened(seen), within=10)
        escalate_at = moment(routed["next_check_at"])

        played.until_called(mention_id, "ben", within=LATE_AT_MOST.total_seconds() + 30)

        called = next(alert for alert in played.alerts(mention_id) if alert["person"] == "ben")
        assert timedelta(0) <= moment(called["decided_at"]) + timedelta(seconds=1) - escalate_at
        assert moment(called["decided_at"]) - escalate_at <= LATE_AT_MOST
        assert any("A timer was not set" in line for line in logged(client, stack, "route-mention", began))


def test_the_sweep_is_scheduled_each_minute(stack: Stack, client: Client) -> None:
    scheduler = client("scheduler")
    listed = scheduler.list_schedules(GroupName="default")["Schedules"]
    found = [scheduler.get_schedule(Name=each["Name"], GroupName="default") for each in listed]

    sweeps = [each for each in found if each["Target"]["Arn"].endswith(f":{stack.stack_name}-{SWEEP}")]

    assert [(each["ScheduleExpression"], each["State"]) for each in sweeps] == [("rate(1 minute)", "ENABLED")]


def test_the_sweeps_heart_beats_each_minute(stack: Stack, client: Client) -> None:
    """In CloudWatch's embedded metric format, with the name and dimension that the alarm on it has."""
    since = datetime.now(UTC) - timedelta(minutes=4)

    def beats() -> list[dict[str, Any]]:
        return [json.loads(line) for line in logged(client, stack, SWEEP, since) if '"SweepHeartbeat"' in line]

    seen = eventually(beats, lambda seen: len(seen) >= 3, within=150)

    assert len(seen) >= 3
    times = [each["_aws"]["Timestamp"] for each in seen]
    assert all(40_000 < after - before < 80_000 for before, after in pairwise(times))
    metrics = seen[-1]["_aws"]["CloudWatchMetrics"][0]
    assert (metrics["Namespace"], metrics["Dimensions"]) == ("Answerby", [["service"]])
    assert seen[-1]["SweepHeartbeat"] == [1]
