"""A campaign small enough for every run of the tests. `make simulate` makes a large one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.simulation.campaign import campaign, run

SEEDS, MENTIONS = range(112), 30
ROOT = Path(__file__).parents[2]


def test_a_campaign_finds_no_violation_and_has_met_every_fault_crash_and_edge() -> None:
    whole = campaign(SEEDS, MENTIONS)
    assert whole.violations == []
    assert whole.unseen() == []
    assert whole.worst <= 120_000


def test_a_seed_gives_the_same_run_in_any_process() -> None:
    code = "from tests.simulation.campaign import run; print(run(5, 20).trace)"
    traces = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for salt in ("1", "2")
    }
    assert traces == {run(5, 20).trace}


def test_another_seed_gives_another_run() -> None:
    assert run(5, 10).trace != run(6, 10).trace


def test_a_story_is_told_and_changes_nothing() -> None:
    told = run(5, 10, tell=True)
    assert told.story
    assert told.trace == run(5, 10).trace
