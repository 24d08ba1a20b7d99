"""Where things are. Everything a local run writes is below `.local`."""

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".local"
TOOLS = STATE / "tools" / "bin"
STACK_FILE = STATE / "stack.json"


class LocalError(Exception):
    """The stack cannot be started or used; the message says what to do."""


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """One process of this checkout at a time within the block; the others wait."""
    STATE.mkdir(exist_ok=True)
    with (STATE / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(paths: Iterable[Path], salt: str = "") -> str:
    """A short name for the content of files and folders (without caches)."""
    found = hashlib.sha256(salt.encode())
    for path in sorted(_files(paths)):
        found.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _files(paths: Iterable[Path]) -> set[Path]:
    found: set[Path] = set()
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else [path]
        found.update(file for file in inside if file.is_file() and "__pycache__" not in file.parts)
    return found
