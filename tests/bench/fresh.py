"""Measurements of fresh processes: what a cold start costs, and how much memory a function needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from infra.local.layout import ROOT
from infra.local.package import build_layers
from tests.bench import events, one_event
from tests.bench.measure import Measure, median, ratio

ROUNDS = 25
MEMORY_ROUNDS = 3
BARE = 'import boto3; boto3.client("dynamodb")'
MEMORY_GOALS = {
    "receive_webhook": 80,
    "route_mention": 80,
    "send_alert": 80,
    "follow_up": 80,
    "sweep_overdue": 80,
    "serve_api": 112,
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor time, and of a clock on the wall."""

    cpu: float
    wall: float


def cold_import(environment: Mapping[str, str]) -> list[Measure]:
    """receive_webhook as Lambda imports it, clients made, against a process that only makes one client.

    Processor time is the headline: Lambda gives a function a share of a processor, and on a busy machine the time on
    the wall measures the neighbours. The order is swapped each round. Byte code of both is kept from the first, which
    is not counted.
    """
    function = as_in_lambda("receive_webhook", environment)
    ours: list[Cost] = []
    theirs: list[Cost] = []
    for round_ in range(ROUNDS + 1):
        pair = [(ours, "import app", function), (theirs, BARE, environment)]
        for sample, code, variables in pair if round_ % 2 else reversed(pair):
            cost = _run(code, variables)
            if round_:
                sample.append(cost)
    against = f"`{BARE}`"
    return [
        ratio("cold_import", [each.cpu for each in ours], [each.cpu for each in theirs], 1.0, f"CPU of {against}"),
        ratio("cold_import_wall", [each.wall for each in ours], [each.wall for each in theirs], None, against),
    ]


def memory(environment: Mapping[str, str], item: Callable[[str], Mapping[str, Any]], token: str) -> list[Measure]:
    """The peak of a process that imports a function and handles one event of a comment's way."""
    peaks: dict[str, list[float]] = {name: [] for name in MEMORY_GOALS}
    for number in range(1, MEMORY_ROUNDS + 1):
        mention_id = events.mention_id(number)
        prepared: dict[str, Callable[[], dict[str, Any]]] = {
            "receive_webhook": lambda number=number: events.webhook(number),  # type: ignore[misc]
            "route_mention": lambda mention_id=mention_id: events.stream(item(mention_id)),  # type: ignore[misc]
            "send_alert": lambda mention_id=mention_id: events.stream(item(mention_id)),  # type: ignore[misc]
            "follow_up": lambda number=number: events.queued(events.mention_id(number)),  # type: ignore[misc]
            "sweep_overdue": dict,
            "serve_api": lambda path=f"/api/mentions/{mention_id}": events.http(  # type: ignore[misc]
                "GET", path, {"authorization": f"Bearer {token}"}
            ),
        }
        for name, event in prepared.items():
            peaks[name].append(_peak(as_in_lambda(name, environment), event()))
    against = "peak of a process that handled one event"
    return [median(f"memory_{name}", sample, "MB", MEMORY_GOALS[name], against) for name, sample in peaks.items()]


def as_in_lambda(function: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with the layers and the function on Python's path."""
    layers = [layer / "python" for layer in build_layers()]
    path = [ROOT / "functions" / function, *layers]
    return {**environment, "PYTHONPATH": os.pathsep.join(str(folder) for folder in path)}


def _run(code: str, environment: Mapping[str, str]) -> Cost:
    began = perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, code)
    return Cost(cpu=(used.ru_utime + used.ru_stime) * 1000, wall=wall * 1000)


def _peak(environment: Mapping[str, str], event: Mapping[str, Any]) -> float:
    """In MB. Raises CalledProcessError if the event was not handled."""
    process = subprocess.run(
        # -P, because its folder has modules named as the standard library's.
        [sys.executable, "-P", str(Path(one_event.__file__))],
        env=environment,
        input=json.dumps(event),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(process.stdout.splitlines()[-1]) / 1024
