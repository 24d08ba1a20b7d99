"""The campaign of every run of the tests, and what a seed is worth. `make simulate` makes a larger one."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import report, simulation
from tests.simulation.campaign import campaign, run
from tests.simulation.replay import replay

SEEDS, MENTIONS = range(1_000), 100
AT_LEAST, LONG_ENOUGH = 300, 600
"""Seeds, and seconds after which it ends with so many: 1,000 take less than four minutes on two processors that nobody
else uses, and a shared machine may be several times as slow."""
ROOT = Path(__file__).parents[2]


# It runs beside the tests of the stack, and gives way to them.
@pytest.mark.timeout(1_800)
def test_a_campaign_finds_no_violation_and_has_met_every_fault_crash_and_edge(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = campaign(SEEDS, MENTIONS, enough=lambda so_far: so_far.runs >= AT_LEAST and so_far.seconds > LONG_ENOUGH)
    report.record(whole, SEEDS, MENTIONS, 1.0)
    with capsys.disabled():
        sys.stdout.write(f"\n{report.summary(whole)}\n")
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


def test_a_seed_is_replayed_within_5_seconds() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "tests.simulation"],
        env={**os.environ, "SEED": "4", "MENTIONS": str(MENTIONS)},
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of a processor: others may be using it, too.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= 5


def test_a_broken_core_is_found_and_its_seed_tells_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(simulation, "sweep", lambda *_: None)
    found = next(result for seed in range(100) if (result := run(seed, 30)).violation)
    again, told = replay(found.seed, 30, 1.0, tmp_path)
    assert (again.violation, again.trace) == (found.violation, found.trace)
    assert found.violation
    assert found.violation in told
    assert f"the story of {found.concerns[0]}" in told
    assert len(told.splitlines()) <= 60
    whole = (tmp_path / f"story-{found.seed}.txt").read_text()
    assert whole.splitlines()[-1].endswith(f"VIOLATION: {found.violation}")
    monkeypatch.undo()
    assert run(found.seed, 30).violation is None
