"""The real template on the local AWS, with IAM enforced: the very stack that `make up` starts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from infra.local.layout import ROOT
from infra.local.stack import Stack, current
from tests.integration.asking import Api
from tests.integration.sending import Sender
from tests.integration.watching import Alerts


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """What stack.json tells. A stack that is up already is used, unless it is of other sources, and stays up.

    Started by a process of its own, because the product keeps clients for as long as its process lives.
    """
    was_up = current() is not None
    run("up")
    stack = current()
    assert stack is not None
    yield stack
    if not was_up:
        run("down")


@pytest.fixture(scope="session")
def client(stack: Stack) -> Callable[[str], Any]:
    """Clients of the stack's AWS, with the rights of its owner."""

    def of(service: str) -> Any:
        session = boto3.Session("test", "test", region_name=stack.region)
        return session.client(service, endpoint_url=stack.aws_endpoint_url)  # type: ignore[call-overload]

    return of


@pytest.fixture(scope="session")
def outputs(stack: Stack, client: Callable[[str], Any]) -> dict[str, str]:
    """The outputs of the CloudFormation stack."""
    found = client("cloudformation").describe_stacks(StackName=stack.stack_name)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in found}


@pytest.fixture(scope="session")
def alerts(stack: Stack, client: Callable[[str], Any]) -> Alerts:
    return Alerts(client("sqs"), stack.alerts_queue_url)


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    return Api(stack.api_url, stack.api_token)


@pytest.fixture(scope="module")
def quiet(api: Api) -> Iterator[None]:
    """For modules that leave urgent mentions open: they must not slow the tests of the next one."""
    yield
    api.dismiss_urgent()


@pytest.fixture(scope="session")
def facebook(stack: Stack) -> Sender:
    return Sender.to(stack, "facebook")


@pytest.fixture(scope="session")
def standard(stack: Stack) -> Sender:
    return Sender.to(stack, "standard")


def run(command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "infra.local", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
