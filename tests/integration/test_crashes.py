"""A deployed function is killed by a signal at a named point: nothing is lost, and at most one alert is repeated.

The product has no hooks for this. A function's code is swapped for the same code behind a shim that kills the process
before or after a named call of an adapter, once for each mention that it has been told of.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from answerby.networks.samples import Sample
from infra.local.layout import ROOT
from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.alerts import Client, Scene, happened, id_of, scene

WITHIN = 200
"""Seconds until ben is called: 15 of the ladder, and a minute for each sweep that may be needed."""

SHIM = '''
import json, os, pathlib, signal
from answerby import runtime

HERE = pathlib.Path(__file__).parent
PLAN, MARKERS = json.loads((HERE / "plan.json").read_text())


def die(values, now):
    """Kill this process if it is to die at `now` with a mention that is among the values, for the first time."""
    for value in values:
        mention = getattr(value, "id", value)
        if isinstance(mention, str) and PLAN.get(mention) == now:
            try:
                (pathlib.Path(MARKERS) / mention).touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    def __init__(self, port, name):
        self._port, self._name = port, name

    def __getattr__(self, call):
        effect = getattr(self._port, call)

        def mortal(*args, **kwargs):
            values = [*args, *kwargs.values()]
            die(values, f"before {self._name}.{call}")
            result = effect(*args, **kwargs)
            die(values, f"after {self._name}.{call}")
            return result

        return mortal


for name in ("mentions", "notifier", "timers"):
    setattr(runtime, name, lambda make=getattr(runtime, name), name=name: Mortal(make(), name))

from product import lambda_handler
'''


@dataclass(frozen=True, slots=True)
class Point:
    function: str
    moment: str

    def __str__(self) -> str:
        return f"{self.function} {self.moment}"


POINTS = [
    Point("follow_up", "before mentions.save"),
    Point("follow_up", "after mentions.save"),
    Point("follow_up", "after timers.set"),
    Point("receive_webhook", "before mentions.add"),
    Point("receive_webhook", "after mentions.add"),
    Point("route_mention", "before mentions.thread"),
    Point("route_mention", "after mentions.thread"),
    Point("route_mention", "before mentions.save"),
    Point("route_mention", "after mentions.save"),
    Point("route_mention", "after timers.set"),
    Point("send_alert", "before notifier.send"),
    Point("send_alert", "after notifier.send"),
    Point("send_alert", "after mentions.save"),
]
FUNCTIONS = sorted({point.function for point in POINTS})


@dataclass(frozen=True, slots=True)
class Crashes:
    scene: Scene
    mentions: dict[Point, str]
    markers: Path


@pytest.fixture(scope="module")
def crashes(
    stack: Stack, client: Client, outputs: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crashes]:
    """One complaint for each point, all under way at once."""
    markers = tmp_path_factory.mktemp("markers")
    functions = client("lambda")
    with scene(stack, client, outputs) as played:
        posts = {point: played.compose() for point in POINTS}
        try:
            swap(functions, stack, {each: mortal(each, plan_of(each, posts), markers) for each in FUNCTIONS})
            start(played, posts)
            yield Crashes(played, {point: id_of(post) for point, post in posts.items()}, markers)
        finally:
            swap(functions, stack, {each: {"app.py": source_of(each)} for each in FUNCTIONS})


def plan_of(function: str, posts: dict[Point, Sample]) -> dict[str, str]:
    return {id_of(post): point.moment for point, post in posts.items() if point.function == function}


def mortal(function: str, plan: dict[str, str], markers: Path) -> dict[str, str]:
    return {"app.py": SHIM, "product.py": source_of(function), "plan.json": json.dumps([plan, str(markers)])}


def source_of(function: str) -> str:
    return (ROOT / "functions" / function / "app.py").read_text()


def swap(functions: Any, stack: Stack, codes: dict[str, dict[str, str]]) -> None:
    """Give each function other files; whoever ran the old ones is gone afterwards."""

    def give(function: str) -> None:
        name = f"{stack.stack_name}-{function.replace('_', '-')}"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as out:
            for path, content in codes[function].items():
                out.writestr(path, content)
        functions.update_function_code(FunctionName=name, ZipFile=archive.getvalue())
        waiter = functions.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    with ThreadPoolExecutor() as pool:
        list(pool.map(give, codes))


def start(played: Scene, posts: dict[Point, Sample]) -> None:
    """Deliver them as networks do: again, until 200. Those that are to crash in their escalation come last and some
    seconds apart: a crash takes all that is in its batch with it, until the next sweep."""
    escalating = [point for point in posts if point.function == "follow_up"]
    receiving = [point for point in posts if point.function == "receive_webhook"]
    others = [point for point in posts if point not in escalating + receiving]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda point: deliver(played, posts[point]), others))
    for point in others:
        played.until_called(id_of(posts[point]), "ana", within=60)
    for one, pause in zip_longest(escalating, receiving):
        deliver(played, posts[one])
        played.until_called(id_of(posts[one]), "ana", within=60)
        if pause:
            deliver(played, posts[pause])


def deliver(played: Scene, post: Sample) -> None:
    assert eventually(lambda: played.deliver(post).status_code, lambda status: status == 200, within=60) == 200


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_a_mention_survives(point: Point, crashes: Crashes) -> None:
    played, mention_id = crashes.scene, crashes.mentions[point]

    played.until_called(mention_id, "ben", WITHIN)

    assert (crashes.markers / mention_id).exists(), f"nothing was killed {point}"
    mention = eventually(lambda: played.look(mention_id), lambda seen: happened(seen).count("alerted") >= 2, 60)
    told = happened(mention)
    assert mention["state"] == "open"
    assert told.count("received") == told.count("routed") == 1
    called = list(dict.fromkeys(played.called(mention_id)))
    assert called[:2] == ["ana", "ben"]
    sent = Counter((alert["id"], *alert["channels"]) for alert in played.alerts(mention_id))
    assert len(sent) >= told.count("alerted")
    assert sum(count - 1 for count in sent.values()) <= 1
