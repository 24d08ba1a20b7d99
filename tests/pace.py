"""How slow this machine is just now: a shared one takes several times as long for the same at times."""

from __future__ import annotations

from time import process_time

STEPS = 1_000_000
USUAL = 0.05
"""CPU seconds for so many steps on a machine of usual speed."""


def slowness() -> float:
    """By which to multiply a limit of CPU seconds; 1 on a machine that is no slower than usual."""
    started, steps = process_time(), 0
    while steps < STEPS:
        steps += 1
    return max(1.0, (process_time() - started) / USUAL)
