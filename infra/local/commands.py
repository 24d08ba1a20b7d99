"""`python -m infra.local up|down|run|demo|env`, behind the Makefile's targets; `env` names the stack to a shell."""

import importlib
import shlex
import signal
import sys
import time

import requests
from botocore.exceptions import ConnectionError as EndpointError
from botocore.exceptions import HTTPClientError
from rich.console import Console
from rich.status import Status

from answerby.cli.stack import STACK_VARIABLE, WEBHOOK_URL_VARIABLE
from infra.local.layout import ROOT, STACK_FILE, LocalError
from infra.local.ministack import CREDENTIALS, named_by_environment
from infra.local.stack import Stack, current, down, up

_OUT = Console(highlight=False, soft_wrap=True)
# Not where a shell reads commands from.
_ERR = Console(highlight=False, soft_wrap=True, stderr=True)
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(command: str) -> int:
    # As Ctrl-C does, the end of the terminal or of its job must leave no process behind.
    for number in _ENDING:
        signal.signal(number, signal.default_int_handler)
    try:
        match command:
            case "up":
                show(start())
            case "down":
                _OUT.print("Stopped." if down() else "Nothing was running.")
            case "env":
                name_to_shell()
            case "run" | "demo":
                return play(command)
            case _:
                _ERR.print(__doc__)
                return 2
    except LocalError as error:
        _ERR.print(str(error), style="bold red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def play(command: str) -> int:
    """The story, and the end of the stack with it, unless it was up before."""
    was_up = current() is not None
    try:
        story = importlib.import_module("infra.local.story")
        stack = start()
        with named_by_environment(stack.aws_endpoint_url):
            return int(getattr(story, command)(stack))
    except (requests.ConnectionError, EndpointError, HTTPClientError) as error:
        raise LocalError("The stack was stopped.") from error
    finally:
        # A second Ctrl-C must not keep half of it alive.
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)
        if not was_up:
            down()


def start() -> Stack:
    began = time.monotonic()
    with _OUT.status("Starting") as status:
        stack = up(lambda step: _progress(status, step))
    _OUT.print(f"Ready after {time.monotonic() - began:.1f} s.")
    return stack


def show(stack: Stack) -> None:
    _OUT.print(f"Webhooks  {stack.webhook_url}/<source>   {', '.join(stack.sources)}")
    _OUT.print(f"API       {stack.api_url}")
    _OUT.print(f"All of it {STACK_FILE.relative_to(ROOT)}   (make down stops it)")


def name_to_shell() -> None:
    """Lines for a shell's `eval`, after which the command line finds the stack that is up, and nothing else."""
    stack = current()
    if stack is None:
        raise LocalError("No stack is up: start one by `make up`, or by `make run` in another terminal.")
    named = CREDENTIALS | {
        "AWS_REGION": stack.region,
        "AWS_ENDPOINT_URL": stack.aws_endpoint_url,
        STACK_VARIABLE: stack.stack_name,
        WEBHOOK_URL_VARIABLE: stack.webhook_url,
    }
    exports = [f"export {name}={shlex.quote(value)}" for name, value in named.items()]
    sys.stdout.write("\n".join(["unset AWS_PROFILE AWS_SESSION_TOKEN", *exports, ""]))


def _progress(status: Status, step: str) -> None:
    _OUT.print(f"[dim]{step}[/]")
    status.update(step)
