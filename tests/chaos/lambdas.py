"""The deployed functions as their owner sees them: their code can be swapped, and their processes killed."""

from __future__ import annotations

import io
import json
import os
import signal
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.layout import ROOT
from infra.local.stack import Stack
from tests.chaos.points import Point

_SHIM = Path(__file__).with_name("mortal.py")


@dataclass(frozen=True, slots=True)
class Killer:
    """Speaks with the shim in front of each function through files below `folder`."""

    folder: Path

    def orders(self, function: str, longest_delay: float | None) -> str:
        folders = {"armed": self.folder / "armed" / function, "working": self.folder / "working" / function}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        return json.dumps({**{name: str(folder) for name, folder in folders.items()}, "longest_delay": longest_delay})

    def arm(self, point: Point, mention_id: str = "") -> None:
        self._file(point, mention_id).touch()

    def was_hit(self, point: Point, mention_id: str = "") -> bool:
        return not self._file(point, mention_id).exists()

    def disarm(self) -> None:
        for file in self.folder.glob("armed/*/*"):
            file.unlink(missing_ok=True)

    def forget_work(self) -> None:
        """Of processes that are gone."""
        for file in self.folder.glob("working/*/*"):
            file.unlink(missing_ok=True)

    def at_work(self, session: int) -> list[tuple[str, int]]:
        """Functions and processes that work just now, of those that belong to the session of a local AWS."""
        found = [(file.parent.name, int(file.name)) for file in self.folder.glob("working/*/*")]
        return [(function, pid) for function, pid in found if pid != session == _session_of(pid)]

    def kill(self, function: str, pid: int) -> bool:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        (self.folder / "working" / function / str(pid)).unlink(missing_ok=True)
        return True

    def _file(self, point: Point, mention_id: str) -> Path:
        return self.folder / "armed" / point.function / f"{point.moment} {mention_id}".strip()


@contextmanager
def mortal(
    functions: Any, stack: Stack, names: Iterable[str], killer: Killer, longest_delay: float | None = None
) -> Iterator[None]:
    """Within the block, these functions can be killed at named points; afterwards their code is the product's again.

    `longest_delay` is how many seconds a timer may be SQS's before it is Scheduler's.
    """
    names = list(names)
    codes = {
        name: {
            "app.py": _SHIM.read_text(),
            "product.py": _source(name),
            "orders.json": killer.orders(name, longest_delay),
        }
        for name in names
    }
    _swap(functions, stack, codes)
    try:
        yield
    finally:
        _swap(functions, stack, {name: {"app.py": _source(name)} for name in names})


def roles_of(functions: Any, stack: Stack, names: Iterable[str]) -> list[str]:
    found = [functions.get_function_configuration(FunctionName=_deployed(stack, name))["Role"] for name in names]
    return [arn.rpartition("/")[2] for arn in found]


def _deployed(stack: Stack, function: str) -> str:
    return f"{stack.stack_name}-{function.replace('_', '-')}"


def _source(function: str) -> str:
    return (ROOT / "functions" / function / "app.py").read_text()


def _swap(functions: Any, stack: Stack, codes: Mapping[str, Mapping[str, str]]) -> None:
    """Give each function other files; whoever ran the old ones is gone afterwards."""

    def give(function: str) -> None:
        name = _deployed(stack, function)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as out:
            for path, content in codes[function].items():
                out.writestr(path, content)
        functions.update_function_code(FunctionName=name, ZipFile=archive.getvalue())
        waiter = functions.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    with ThreadPoolExecutor() as pool:
        list(pool.map(give, codes))


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
