"""`make bench`: everything measured against its goal, in a table and in .local/bench.json. Fails if a goal is missed.

Fresh processes, a stub for AWS and a MiniStack of its own: neither a running stack nor its functions take part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import boto3
from rich.console import Console
from rich.text import Text

from answerby.adapters import aws
from answerby.adapters.desks import DeskTable
from answerby.adapters.tokens import TokenTable
from answerby.domain.desk import Manners
from infra.local.layout import ROOT, STATE
from tests.bench import calendar, cost, events, flow, fresh, growth, life, load, measure, routing, storm, warm
from tests.bench.metering import Step
from tests.bench.stub import stub
from tests.builders import a_desk
from tests.contract.local_aws import made, make_table, ministack

REGION = "eu-west-1"


@dataclass(frozen=True, slots=True)
class Local:
    """The environment of all functions on a MiniStack of their own, and a token of their API."""

    environment: dict[str, str]
    token: str

    def item(self, mention_id: str) -> Mapping[str, Any]:
        key = {"mention_id": {"S": mention_id}, "item": {"S": "mention"}}
        found: Mapping[str, Any] = boto3.client("dynamodb").get_item(
            TableName=self.environment["MENTIONS_TABLE"], Key=key, ConsistentRead=True
        )["Item"]
        return found


def main() -> int:
    screen = Console()
    began = perf_counter()
    measures: list[measure.Measure] = []
    with tempfile.TemporaryDirectory() as scratch, screen.status("Measuring") as status:
        folder = Path(scratch)
        environment = _environment(folder)
        os.environ.update(environment)
        status.update("A cold start of receive_webhook (half a minute)")
        measures += fresh.cold_import(_receiving(environment, "http://127.0.0.1:9"))
        status.update("A warm webhook")
        with stub() as endpoint:
            ours, theirs = _result("tests.bench.warm", _receiving(environment, endpoint), folder)
        measures.append(warm.warm_webhook(ours, theirs))
        status.update("The way of a comment")
        with _local(environment) as local:
            steps = [Step(**step) for step in _result("tests.bench.flow", local.environment, folder)]
            measures += flow.measures(steps)
            status.update("Whole lives of posts")
            record = life.record_of(_result("tests.bench.life", local.environment, folder))
            measures += cost.measures(record)
            rows = load.rows(record)
            measures += load.measures(rows)
            status.update("The memory of each function")
            measures += fresh.memory(local.environment, local.item, local.token)
            status.update("Few open posts and many (two minutes)")
            growths = _result("tests.bench.growth", local.environment, folder)
            measures += growth.measures([growth.growth_of(each) for each in growths])
        status.update("A decision")
        measures.append(routing.route_100_rules())
        measures.append(calendar.calendar())
        status.update("A storm of 10,000 posts (a minute)")
        measures += storm.storm_10k()
        measures += routing.rules_1000()
    screen.print(measure.table(measures))
    screen.print(cost.table(record))
    screen.print(load.table(rows))
    for step in steps:
        for write in step.writes:
            screen.print(Text(f"{step.name} wrote {write}", style="dim"))
    measure.write(measures, STATE / "bench.json")
    screen.print(f"{perf_counter() - began:.0f} s; written to {(STATE / 'bench.json').relative_to(ROOT)}")
    return any(each.missed for each in measures)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the caller's: neither settings of AWS nor of Python. Byte code is kept, wherever it may be written."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "answerby",
        "POWERTOOLS_METRICS_NAMESPACE": "Answerby",
        "RETENTION_DAYS": "400",
    }


def _receiving(environment: Mapping[str, str], endpoint: str) -> dict[str, str]:
    return {**environment, "AWS_ENDPOINT_URL": endpoint, "MENTIONS_TABLE": "mentions", "SOURCES_SECRET": "sources"}


@contextmanager
def _local(environment: Mapping[str, str]) -> Iterator[Local]:
    with ministack() as endpoint:
        os.environ["AWS_ENDPOINT_URL"] = endpoint
        there = made()
        desk_table = make_table("DeskTable", "bench")
        now = datetime.now(UTC)
        desk = a_desk(manners=Manners())
        DeskTable(desk_table).publish(desk, by="bench", why="to be measured", now=now, expected_version=0)
        aws.client("secretsmanager").put_secret_value(SecretId=there.sources_secret, SecretString=events.secret())
        sns = aws.client("sns")
        *_, topic = (sns.create_topic(Name=f"bench-person-{person}")["TopicArn"] for person in desk.people)
        variables = {
            "AWS_ENDPOINT_URL": endpoint,
            "MENTIONS_TABLE": there.mentions_table,
            "DESK_TABLE": desk_table,
            "SOURCES_SECRET": there.sources_secret,
            "FOLLOW_UPS_QUEUE_URL": there.queue_url,
            "FOLLOW_UPS_QUEUE_ARN": there.queue_arn,
            "SCHEDULE_GROUP": there.schedule_group,
            "SCHEDULER_ROLE_ARN": there.role_arn,
            "PERSON_TOPIC_PREFIX": topic.rpartition("-")[0] + "-",
            "LINK_BASE_URL": "https://answerby.example",
        }
        yield Local({**environment, **variables}, TokenTable(desk_table).create("bench", ["read"], now))


def _result(module: str, environment: Mapping[str, str], folder: Path) -> Any:
    """What a module of this package writes into the file it is given, run in a process and environment of its own."""
    result = folder / f"{module}.json"
    subprocess.run(
        [sys.executable, "-m", module, str(result)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True
    )
    return json.loads(result.read_text())


if __name__ == "__main__":
    raise SystemExit(main())
