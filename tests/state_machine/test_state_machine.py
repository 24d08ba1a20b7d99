"""Short stories of whatever may happen: the same ones in every run, HYPOTHESIS_PROFILE=long for other, more and longer
ones. And that the shortest one is told of a mistake."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from answerby.usecases import sweep
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


def test_shards_that_are_never_swept_are_found_and_told_by_a_short_story(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "SHARDS", 4)
    brief = settings(STORIES, stateful_step_count=8, derandomize=True, report_multiple_bugs=False)
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(Machine, settings=brief)
    told = "\n".join(found.value.__notes__)
    steps = re.findall(r"state\.(?!promises_hold|teardown)\w+\(", told)
    assert 0 < len(steps) <= 5, told
