"""A function's app.py under fire, in front of the product's own (product.py): it dies where it is told to.

The product has no hooks for this. Its ports are wrapped here, and the process kills itself by SIGKILL at a moment for
which there is a file in the folder `armed`. Whoever deletes the file dies, so that each file costs one process.

A file's name is a moment (`after mentions.save`), or a moment and a mention's id. While a process works there is a file
in the folder `working`, so that others can kill it meanwhile.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from answerby import runtime
from answerby.adapters import timers as timers_adapter

ORDERS = json.loads(Path(__file__).with_name("orders.json").read_text())
ARMED, WORKING = Path(ORDERS["armed"]), Path(ORDERS["working"])
AMID = "amid a batch"

if ORDERS["longest_delay"]:
    # Else the minutes that a test takes are all SQS's, and no timer is ever Scheduler's.
    timers_adapter.LONGEST_DELAY = timedelta(seconds=ORDERS["longest_delay"])


def die(moment: str, *values: object) -> None:
    """Kill this process if it is to die at this moment, or at this moment with a mention that is among the values."""
    mentions = [getattr(value, "id", value) for value in values]
    for name in (moment, *(f"{moment} {mention}" for mention in mentions if isinstance(mention, str))):
        try:
            (ARMED / name).unlink()
        except OSError:
            continue
        os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    def __init__(self, port: Any, name: str) -> None:
        self._port, self._name = port, name

    def __getattr__(self, call: str) -> Any:
        effect = getattr(self._port, call)
        if not callable(effect):
            return effect

        def mortal(*args: Any, **kwargs: Any) -> Any:
            values = [*args, *kwargs.values()]
            die(f"before {self._name}.{call}", *values)
            result = effect(*args, **kwargs)
            die(f"after {self._name}.{call}", *values)
            return result

        return mortal


def attempt(event: Any, kind: str, attend: Callable[[Any], None], context: Any) -> Any:
    def attended(record: Any) -> None:
        if done:
            die(AMID)
        attend(record)
        done.append(record)

    done: list[Any] = []
    return _attempt(event, kind, attended, context)


def _wrapped(name: str) -> Callable[[], Mortal]:
    make = getattr(runtime, name)
    return lambda: Mortal(make(), name)


_attempt = runtime.attempt
setattr(runtime, "attempt", attempt)  # noqa: B010
for port in ("mentions", "notifier", "timers"):
    setattr(runtime, port, _wrapped(port))

import product  # type: ignore[import-not-found]  # noqa: E402


def lambda_handler(event: Any, context: Any) -> Any:
    mark = WORKING / str(os.getpid())
    mark.touch()
    try:
        return product.lambda_handler(event, context)
    finally:
        mark.unlink(missing_ok=True)
