"""A process that dies before or after any one call of a port loses nothing, and repeats at most one alert."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from answerby.domain.desk import Manners
from answerby.domain.mention import Author, Channel, State
from answerby.usecases import answering
from tests.builders import MINUTE, NOW, a_desk, a_post, a_reply
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


def busy_story(crash_at: int, *, after: bool) -> tuple[World, int]:
    """Four complaints at once on a desk with the usual manners, then one more and an answer; ten minutes later."""
    world, calls = World(a_desk(manners=Manners())), Counter[str]()
    for port in ("mentions", "timers", "notifier", "pagers"):
        setattr(world, port, Crashing(getattr(world, port), calls, crash_at, after))

    def surely(work: Any) -> None:
        try:
            work()
        except CrashError:
            work()

    def arrive(*ids: str) -> None:
        posts = [a_post(n, author=Author(id=n), posted_at=world.now, received_at=world.now) for n in ids]
        surely(lambda: world.deliver(*posts))
        world.stream()

    world._attempt = surely  # type: ignore[method-assign]
    arrive("1", "2", "3", "4")
    world.pass_time(3 * MINUTE)
    arrive("5")
    surely(lambda: answering.answer("facebook:4", "ana", None, world.mentions, world.now))
    world.pass_time(6 * MINUTE, step=MINUTE / 2)
    return world, calls["all"]


BUSY_CALLS = busy_story(0, after=False)[1]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("crash_at", range(1, BUSY_CALLS + 1))
def test_a_crash_around_a_bundle_loses_nothing(crash_at: int, after: bool) -> None:
    world, _ = busy_story(crash_at, after=after)
    for channel, wanted in ((Channel.SMS, "1235"), (Channel.EMAIL, "12345")):
        named = Counter(
            each for message in world.phone.messages if channel in message.channels for each in message.mentions
        )
        assert {f"facebook:{n}" for n in wanted} <= set(named)
        assert sum(named.values()) <= len(wanted) + 4
    assert all(not world.get(n).outbox for n in "12345")
