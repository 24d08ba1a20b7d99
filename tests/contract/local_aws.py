"""A local AWS with what the adapters need, made from the product's own templates.

Not the deployed stack's tables: its functions would route and alert what the contract tests store there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import yaml

from answerby.adapters import aws

ROOT = Path(__file__).parents[2]
READY_WITHIN = 60
PREFIX = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAws:
    mentions_table: str
    sources_secret: str
    topic_prefix: str
    queue_url: str
    queue_arn: str
    schedule_group: str
    role_arn: str


@contextmanager
def ministack() -> Iterator[str]:
    """The endpoint of a MiniStack that ends with the block."""
    command = shutil.which("ministack", path=f"{ROOT}/.local/tools/bin{os.pathsep}{os.environ['PATH']}")
    if command is None:
        raise FileNotFoundError("MiniStack is not installed: run `make up`")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))},
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
    }
    process = subprocess.Popen([command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait_until_ready(endpoint, process)
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=READY_WITHIN)


def made() -> LocalAws:
    """Tables as in infra/data.yaml, a secret, a queue, a role and a group for schedules."""
    sqs = aws.client("sqs")
    queue_url = sqs.create_queue(QueueName=f"{PREFIX}-follow-ups")["QueueUrl"]
    trust = _template("infra/data.yaml")["Resources"]["TimerRole"]["Properties"]["AssumeRolePolicyDocument"]
    role = (
        boto3.Session()
        .client("iam")
        .create_role(RoleName=f"{PREFIX}-timers", AssumeRolePolicyDocument=json.dumps(trust))
    )
    aws.client("scheduler").create_schedule_group(Name=PREFIX)
    return LocalAws(
        mentions_table=make_table("MentionsTable", PREFIX),
        sources_secret=aws.client("secretsmanager").create_secret(Name=PREFIX, SecretString="{}")["ARN"],
        topic_prefix=f"{PREFIX}-person-",
        queue_url=queue_url,
        queue_arn=queue_arn(queue_url),
        schedule_group=PREFIX,
        role_arn=role["Role"]["Arn"],
    )


def make_table(resource: str, prefix: str) -> str:
    """A table with the keys and indexes that infra/data.yaml gives this resource."""
    properties = _template("infra/data.yaml")["Resources"][resource]["Properties"]
    wanted = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
    name = f"{prefix}-{resource}"
    aws.client("dynamodb").create_table(TableName=name, **{key: properties[key] for key in wanted if key in properties})
    return name


def queue_arn(queue_url: str) -> str:
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def _wait_until_ready(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    pause = threading.Event()
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{endpoint}/_ministack/health", timeout=1):  # noqa: S310
                return
        except (URLError, OSError):
            pause.wait(0.05)
    raise TimeoutError("MiniStack did not become ready")


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as plain values."""


_Loader.add_multi_constructor("!", lambda loader, _tag, node: _plain(loader, node))


def _plain(loader: yaml.Loader, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else loader.construct_mapping(node)


def _template(path: str) -> Any:
    return yaml.load((ROOT / path).read_text(), Loader=_Loader)  # noqa: S506
