"""Limits of processor time on a machine that others share, where the same work takes several times as long at times."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import TypeVar

STEPS = 1_000_000
USUAL = 0.05
"""CPU seconds for so many steps on a machine of usual speed."""
TRIES = 3

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What the work gives, which takes no more CPU seconds than these on a machine of usual speed. Neighbours only ever
    add to them, so it may try again."""
    for _ in range(TRIES):
        slow, started = _slowness(), process_time()
        done = work()
        taken = process_time() - started
        if taken < seconds * max(slow, _slowness()):
            return done
    raise AssertionError(f"it took {taken:.1f} s of processor time")


def _slowness() -> float:
    """1 on a machine that is no slower than usual."""
    started, steps = process_time(), 0
    while steps < STEPS:
        steps += 1
    return max(1.0, (process_time() - started) / USUAL)
