"""Every mutant is still one: its patch changes the tree as it is, into something that can be read."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from tests.mutants.mutant import Hunk, Mutant, StaleError, apply, mutants, parsed

ROOT = Path(__file__).parents[2]
MUTANTS = mutants()


def a_mutant(**changes: str) -> Mutant:
    hunk = {"path": "code.py", "old": "a = 1\n", "new": "a = 2\n", **changes}
    return Mutant(name="wrong", why="It is wrong.", killed_by=("tests/unit",), hunks=(Hunk(**hunk),))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_patch_applies(mutant: Mutant, tmp_path: Path) -> None:
    for path in {hunk.path for hunk in mutant.hunks}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    apply(mutant, tmp_path)
    for path in {hunk.path for hunk in mutant.hunks}:
        changed, known = (ast.dump(ast.parse((tree / path).read_text())) for tree in (tmp_path, ROOT))
        assert changed != known


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_are_to_kill_a_mutant_are_there(mutant: Mutant) -> None:
    for test in mutant.killed_by:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists()
        assert f"def {name.partition('[')[0]}" in ((ROOT / path).read_text() if name else "def ")


def test_there_are_at_least_25() -> None:
    assert len(MUTANTS) >= 25


@pytest.mark.parametrize(
    ("code", "found"), [("b = 1\n", "0 places"), ("a = 1\na = 1\n", "2 places"), ("  a = 1\n", "0 places")]
)
def test_a_patch_that_fits_nowhere_or_twice_says_so(code: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(code)
    with pytest.raises(StaleError, match=found):
        apply(a_mutant(), tmp_path)


def test_a_patch_of_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(StaleError, match=r"there is no code\.py"):
        apply(a_mutant(), tmp_path)


def test_a_diff_of_git_is_read() -> None:
    diff = """\
It is wrong.
Killed-by: tests/unit tests/contract

diff --git a/code.py b/code.py
index 1111111..2222222 100644
--- a/code.py
+++ b/code.py
@@ -1,3 +1,3 @@ def f():
 x = 0
-a = 1
+a = 2
@@ -9 +9,2 @@
+b = 3
 y = 0
"""
    hunks = parsed("wrong", diff).hunks
    assert hunks == (
        Hunk(path="code.py", old="x = 0\na = 1\n", new="x = 0\na = 2\n"),
        Hunk(path="code.py", old="y = 0\n", new="b = 3\ny = 0\n"),
    )


@pytest.mark.parametrize("patch", ["It is wrong.\nKilled-by: tests/unit\n", "It is wrong.\n--- a/x\n+++ b/x\n@@\n-a\n"])
def test_a_patch_without_a_change_or_tests_is_none(patch: str) -> None:
    with pytest.raises(StaleError):
        parsed("wrong", patch)
