"""Short stories of whatever may happen: the same ones in every run. HYPOTHESIS_PROFILE=long for other, more and longer
ones."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.state_machine.machine import Machine

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
STORIES = settings(
    max_examples=2_000 if LONG else 200,
    stateful_step_count=50 if LONG else 30,
    deadline=None,
    database=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

TestStories = Machine.TestCase
TestStories.settings = STORIES
