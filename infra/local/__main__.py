"""`python -m infra.local up|down|run|demo`, behind the Makefile's targets."""

import importlib
import signal
import sys
import time

from rich.console import Console
from rich.status import Status

from infra.local.layout import ROOT, STACK_FILE, LocalError
from infra.local.ministack import named_by_environment
from infra.local.stack import Stack, current, down, up

_OUT = Console(highlight=False, soft_wrap=True)


def main(command: str) -> int:
    # As Ctrl-C does, the end of the terminal or of its job must leave no process behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        if command == "up":
            show(start())
            return 0
        if command == "down":
            _OUT.print("Stopped." if down() else "Nothing was running.")
            return 0
        if command in {"run", "demo"}:
            return play(command)
    except LocalError as error:
        _OUT.print(f"[bold red]{error}[/]")
        return 1
    except KeyboardInterrupt:
        return 130
    _OUT.print(__doc__)
    return 2


def play(command: str) -> int:
    """The story, and the end of the stack with it, unless it was up before."""
    was_up = current() is not None
    try:
        story = importlib.import_module("infra.local.story")
        stack = start()
        with named_by_environment(stack.aws_endpoint_url):
            return int(getattr(story, command)(stack))
    finally:
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


def _progress(status: Status, step: str) -> None:
    _OUT.print(f"[dim]{step}[/]")
    status.update(step)


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
