"""One mutant in a copy of the tree, and the tests run on it until the first fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.mutant import Mutant, apply

ROOT = Path(__file__).parents[2]
SUITE = ("tests/unit", "tests/simulation")
"""What a mutant must pass that none of the tests named in its patch has killed."""
NOT_ON_A_MUTANT = ("tests/unit/test_mutants.py",)
"""It holds that patches apply, and on a mutant one no longer does."""
SLOWEST = 150
"""Seconds of one test. A mutant that never ends is killed by that."""
_PASSED, _FAILED = 0, 1
_FAILURE = re.compile(r"^(?:FAILED|ERROR) (?P<test>\S+?::.+?)(?: - (?P<why>.*))?$", re.MULTILINE)


class Outcome(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"
    BROKEN = "broken"
    """The tests could not even be run: that says nothing of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`test` is the first that failed, and `why` what it says; `expected` if the patch names it."""

    outcome: Outcome
    test: str = ""
    why: str = ""
    expected: bool = True


def trial(mutant: Mutant) -> Verdict:
    """Raises StaleError."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        tree = _copy(Path(folder))
        apply(mutant, tree)
        verdict = run(mutant.killed_by, tree)
        if verdict.outcome is not Outcome.SURVIVED:
            return verdict
        verdict = replace(run(SUITE, tree), expected=False)
    if verdict.outcome is Outcome.KILLED and control([verdict.test]).outcome is not Outcome.SURVIVED:
        return replace(verdict, outcome=Outcome.BROKEN, why=f"{verdict.test} fails without the mutant, too")
    return verdict


def control(tests: Iterable[str]) -> Verdict:
    """The tests on a copy without a mistake: what kills that kills no mutant."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        return run(tests, _copy(Path(folder)))


def run(tests: Iterable[str], tree: Path) -> Verdict:
    ignored = [f"--ignore={path}" for path in NOT_ON_A_MUTANT]
    # Always the same examples, so that a verdict is one that can be looked into.
    settings = ["--exitfirst", "-vv", "--tb=short", "--hypothesis-seed=0", "-o", f"timeout={SLOWEST}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, *ignored, *tests],
        cwd=tree,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "PYTHONPATH": os.pathsep.join(map(str, (tree / "layers/answerby", tree))),
            "COLUMNS": "300",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == _PASSED:
        return Verdict(outcome=Outcome.SURVIVED)
    failure = _FAILURE.search(done.stdout)
    if done.returncode != _FAILED or failure is None:
        return Verdict(outcome=Outcome.BROKEN, why=(done.stdout + done.stderr)[-2_000:])
    return Verdict(outcome=Outcome.KILLED, test=failure["test"], why=failure["why"] or "")


def _copy(folder: Path) -> Path:
    """Of what is hidden only the installed tools, which start the local AWS."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*"))
    if (ROOT / ".local").exists():
        (tree / ".local").symlink_to(ROOT / ".local")
    return tree
