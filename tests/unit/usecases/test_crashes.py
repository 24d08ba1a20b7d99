"""A process that dies before or after any one call of a port loses nothing, and repeats at most one alert."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from answerby.domain.mention import State
from answerby.usecases import answering
from tests.builders import MINUTE, NOW, a_post, a_reply
from tests.world import World


class CrashError(Exception):
    """The process is gone; its memory with it."""


class Crashing:
    """A port in front of another, which crashes once: at the n-th call of all ports, before or after its effect."""

    def __init__(self, port: Any, calls: Counter[str], crash_at: int, after: bool) -> None:
        self._port, self._calls, self._at, self._after = port, calls, crash_at, after

    def __getattr__(self, name: str) -> Any:
        effect = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._calls["all"] += 1
            crash = self._calls["all"] == self._at
            if crash and not self._after:
                raise CrashError
            result = effect(*args, **kwargs)
            if crash:
                raise CrashError
            return result

        return call


def story(crash_at: int, *, after: bool) -> tuple[World, int]:
    """A complaint, a further post, an escalation, the brand's reply; then an answer through the API to another post."""
    world, calls = World(), Counter[str]()
    for port in ("mentions", "timers", "notifier"):
        setattr(world, port, Crashing(getattr(world, port), calls, crash_at, after))

    def surely(work: Any) -> None:
        """As a network, a stream, a queue or a person does: once more if it failed."""
        try:
            work()
        except CrashError:
            work()

    world._attempt = surely  # type: ignore[method-assign]
    surely(lambda: world.deliver(a_post()))
    world.stream()
    later = NOW + MINUTE
    surely(lambda: world.deliver(a_post("2", text="a refund!", posted_at=later, received_at=later)))
    world.stream()
    world.pass_time(11 * MINUTE)
    surely(lambda: world.deliver(a_reply(to="facebook:2", at=world.now)))
    world.stream()
    surely(lambda: world.deliver(a_post("3", conversation_id="facebook:3", posted_at=world.now, received_at=world.now)))
    world.stream()
    world.pass_time(MINUTE)
    surely(lambda: answering.answer("facebook:3", "ana", None, world.mentions, world.now))
    world.pass_time(30 * MINUTE)
    return world, calls["all"]


CALLS = story(0, after=False)[1]


def test_the_story_without_a_crash() -> None:
    assert story(0, after=False)[0].called() == ["ana", "ana", "ben", "ana"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("crash_at", range(1, CALLS + 1))
def test_a_crash_at_any_call_loses_nothing(crash_at: int, after: bool) -> None:
    world, _ = story(crash_at, after=after)
    assert [world.get(n).state for n in "123"] == [State.ANSWERED] * 3
    sent = Counter(alert.id for alert in world.phone.sent)
    assert Counter(alert.person for alert in world.phone.sent) >= Counter(ana=3, ben=1)
    assert max(sent.values()) <= 2
    assert len(world.phone.sent) <= 5
