"""Starts and stops the stack, and tells others where it is by `.local/stack.json`."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import boto3

from infra.local import ministack
from infra.local.alerts_queue import subscribe_alerts_queue
from infra.local.deploy import STACK_NAME, api_address, deploy, webhook_address
from infra.local.layout import ROOT, STACK_FILE, STATE, digest, exclusive
from infra.local.sample_desk import publish_sample_desk
from infra.local.warm import start_functions

_MADE_OF = ("template.yaml", "infra", "functions", "layers", "examples", "requirements")
_DEPLOYED = STATE / "deployed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What stack.json holds. `sources` by id: network, url, secret, verify_token, brand_account."""

    aws_endpoint_url: str
    region: str
    stack_name: str
    webhook_url: str
    api_url: str
    api_token: str
    sources: dict[str, dict[str, str]]
    alerts_queue_url: str


def up(progress: Callable[[str], None], launcher: Path = ministack.LAUNCHER) -> Stack:
    """The stack of the sources as they are now, started unless it runs already. Raises LocalError."""
    with exclusive("up"):
        return _up(progress, launcher)


def down() -> bool:
    """Stop the stack; False when it was not running."""
    with exclusive("up"):
        return _down()


def current() -> Stack | None:
    """The stack that is up, whatever it was made of."""
    if not (STACK_FILE.exists() and _DEPLOYED.exists() and ministack.is_running()):
        return None
    return Stack(**json.loads(STACK_FILE.read_text()))


def _up(progress: Callable[[str], None], launcher: Path) -> Stack:
    made_of = digest(ROOT / path for path in _MADE_OF)
    running = current()
    if running and _DEPLOYED.read_text() == made_of:
        return running
    _down()
    with ministack.stopped_on_failure():
        progress("Starting the local AWS")
        endpoint_url = ministack.endpoint(ministack.start(launcher))
        with ministack.named_by_environment(endpoint_url):
            aws = boto3.Session()
            progress("Building and deploying template.yaml")
            outputs = deploy(aws, endpoint_url)
            progress("Publishing the sample desk")
            stack = _publish(aws, endpoint_url, outputs)
            progress("Starting the functions")
            start_functions(aws, STACK_NAME)
        _DEPLOYED.write_text(made_of)
        _write(stack)
    return stack


def _down() -> bool:
    STACK_FILE.unlink(missing_ok=True)
    _DEPLOYED.unlink(missing_ok=True)
    return ministack.stop()


def _publish(aws: boto3.Session, endpoint_url: str, outputs: dict[str, str]) -> Stack:
    desk = publish_sample_desk(STACK_NAME, outputs)
    api_url = api_address(endpoint_url)
    webhook_url = webhook_address(endpoint_url, outputs)
    return Stack(
        aws_endpoint_url=endpoint_url,
        region=ministack.REGION,
        stack_name=STACK_NAME,
        webhook_url=webhook_url,
        api_url=api_url,
        api_token=desk.api_token,
        sources={name: {**source, "url": f"{webhook_url}/{name}"} for name, source in desk.sources.items()},
        alerts_queue_url=subscribe_alerts_queue(aws, STACK_NAME, desk.topics),
    )


def _write(stack: Stack) -> None:
    unfinished = STACK_FILE.with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(stack), indent=2) + "\n")
    unfinished.rename(STACK_FILE)
