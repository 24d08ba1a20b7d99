"""One comment from its webhook to its answer, through the functions themselves: every call of AWS counted.

`python -m tests.bench.flow RESULT` in an environment of all functions; RESULT is the file for the counts of each step.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from answerby import runtime
from answerby.usecases import answering
from tests.bench import events
from tests.bench.measure import Measure, exactly
from tests.bench.metering import Meter, Step

URGENT_TEXT = events.TEXT.replace("send the 249.90 back", "give me a refund")
GOALS = {"units_acceptance": 2, "units_first_alert": 8, "units_answer": 11}
"""With the turn that a person's pager takes."""
URGENT_GOALS = {f"{name}_urgent": goal for name, goal in GOALS.items()}
CALLS_GOAL = 10


def walk(meter: Meter, number: int, text: str) -> list[Step]:
    """The steps, each with what it cost. In the first walk nothing is cached, as in a function that just started."""
    mention_id = events.mention_id(number)
    before = len(meter.steps)

    def changed() -> dict[str, Any]:
        return events.stream(meter.stored(mention_id))

    with meter.step("receive_webhook"):
        _handle("receive_webhook", events.webhook(number, text))
    with meter.step("route_mention"):
        _handle("route_mention", changed())
    with meter.step("send_alert"):
        _handle("send_alert", changed())
    with meter.step("answer"):
        answering.answer(mention_id, "ana", None, runtime.mentions(), datetime.now(UTC))
    return meter.steps[before:]


def measures(steps: list[Step]) -> list[Measure]:
    """Of a usual comment, and of an urgent one after it."""
    usual, urgent = steps[: len(steps) // 2], steps[len(steps) // 2 :]
    calls: dict[str, int] = {}
    for step in usual[:3]:
        for name, count in step.calls.items():
            calls[name] = calls.get(name, 0) + count
    listed = ", ".join(f"{count} {name}" for name, count in sorted(calls.items()))
    return [
        *_units(usual, GOALS),
        exactly("aws_calls_first_alert", sum(calls.values()), "calls", CALLS_GOAL, listed),
        *_units(urgent, URGENT_GOALS),
    ]


def _units(steps: list[Step], goals: Mapping[str, float]) -> list[Measure]:
    units = [step.units for step in steps]
    found = []
    for (name, goal), until in zip(goals.items(), (1, 3, 4), strict=True):
        against = ", ".join(f"{step.name} {cost:g}" for step, cost in zip(steps[:until], units, strict=False))
        told, ruled = sum(step.counted for step in steps[:until]), sum(step.computed for step in steps[:until])
        found.append(
            exactly(name, sum(units[:until]), "units", goal, f"{against} (told {told:g}, by the rules {ruled:g})")
        )
    return found


def _handle(function: str, event: Mapping[str, Any]) -> None:
    answer = import_module(f"functions.{function}.app").lambda_handler(event, None)
    if answer.get("statusCode", 200) != 200 or answer.get("batchItemFailures"):
        raise RuntimeError(f"{function} did not handle its event: {answer}")


if __name__ == "__main__":
    meter = Meter()
    steps = [*walk(meter, 0, events.TEXT), *walk(meter, 100, URGENT_TEXT)]
    Path(sys.argv[1]).write_text(json.dumps([asdict(step) for step in steps]))
