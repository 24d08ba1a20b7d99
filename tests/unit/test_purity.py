"""Time, randomness and the outside world enter only through ports, so that all of it can run in a simulator."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "layers/answerby/answerby"
PURE = sorted(
    path
    for part in ("domain", "usecases", "networks", "channels", "ports.py")
    for path in [CORE / part, *(CORE / part).rglob("*.py")]
    if path.suffix == ".py"
)
IMPURE = {"asyncio", "http", "io", "logging", "os", "random", "secrets", "shutil", "socket", "subprocess", "sys"}
IMPURE |= {"tempfile", "threading", "time", "urllib", "uuid"}
CLOCKS = {"now", "today", "utcnow"}


def impurities(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.partition(".")[0] in IMPURE)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in IMPURE:
            yield str(node.module)
        elif (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS) or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("open", "print", "input")
        ):
            yield ast.unparse(node)


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(CORE)))
def test_the_core_reads_no_clock_and_reaches_nothing(path: Path) -> None:
    assert list(impurities(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "code", ["import random", "from os import environ", "datetime.now(UTC)", "datetime.datetime.utcnow()", "open('x')"]
)
def test_what_is_looked_for_is_found(code: str) -> None:
    assert list(impurities(ast.parse(code)))


def test_receiving_a_webhook_loads_nothing_of_the_desk() -> None:
    """A network waits for its answer while a cold start imports."""
    loads = "import sys, answerby.adapters.dynamodb, answerby.usecases.take_delivery; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)

    assert "answerby.usecases.take_delivery" in ran.stdout.split()
    assert not {"answerby.domain.desk", "answerby.domain.calendar", "answerby.api"} & set(ran.stdout.split())
