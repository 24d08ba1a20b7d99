"""A deployed function is killed by a signal at a named point: nothing is lost, and at most one alert is repeated.

The product has no hooks for this. A function's code is swapped for the same code behind a shim that kills the process
before or after a named call of an adapter, once for the mention that it is armed for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest

import pytest

from answerby.networks.samples import Sample
from infra.local.stack import Stack
from tests.chaos.lambdas import Killer, mortal
from tests.chaos.points import Point
from tests.contract.waiting import eventually
from tests.integration.alerts import Client, Scene, happened, id_of, scene

WITHIN = 200
"""Seconds until ben is called: 15 of the ladder, and a minute for each sweep that may be needed."""

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
    killer: Killer


@pytest.fixture(scope="module")
def crashes(
    stack: Stack, client: Client, outputs: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crashes]:
    """One complaint for each point, all under way at once."""
    killer = Killer(tmp_path_factory.mktemp("killer"))
    with scene(stack, client, outputs) as played:
        posts = {point: played.compose() for point in POINTS}
        with mortal(client("lambda"), stack, FUNCTIONS, killer):
            for point, post in posts.items():
                killer.arm(point, id_of(post))
            start(played, posts)
            yield Crashes(played, {point: id_of(post) for point, post in posts.items()}, killer)


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

    assert crashes.killer.was_hit(point, mention_id), f"nothing was killed {point}"
    mention = eventually(lambda: played.look(mention_id), lambda seen: happened(seen).count("alerted") >= 2, 60)
    told = happened(mention)
    assert mention["state"] == "open"
    assert told.count("received") == told.count("routed") == 1
    called = list(dict.fromkeys(played.called(mention_id)))
    assert called[:2] == ["ana", "ben"]
    sent = Counter((alert["id"], *alert["channels"]) for alert in played.alerts(mention_id))
    assert len(sent) >= told.count("alerted")
    assert sum(count - 1 for count in sent.values()) <= 1
