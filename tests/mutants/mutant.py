"""Mutants: small wrong versions of the core, each kept as a patch.

A patch is a unified diff, as `git diff` writes it, below a reason of one line and the tests that are expected to see
the mistake. Its lines are looked for by what they say and not by their numbers, so it outlives changes elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PATCHES = Path(__file__).parent / "patches"
_KILLED_BY = "Killed-by: "


class StaleError(Exception):
    """The patch is no longer one of the tree; the message says how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """In `path`, relative to the tree, the lines `old` are to become `new`."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    name: str
    why: str
    killed_by: tuple[str, ...]
    hunks: tuple[Hunk, ...]


def mutants() -> list[Mutant]:
    return [parsed(path.stem, path.read_text()) for path in sorted(PATCHES.glob("*.patch"))]


def parsed(name: str, patch: str) -> Mutant:
    """Raises StaleError for a patch without a reason, without tests, or that changes nothing."""
    why, tests, *diff = patch.splitlines()
    hunks = tuple(_hunks(diff))
    if not why or not tests.startswith(_KILLED_BY) or not hunks:
        raise StaleError(f"{name}: the first line must tell why, the second begin with {_KILLED_BY!r}, then the diff")
    return Mutant(name=name, why=why, killed_by=tuple(tests.removeprefix(_KILLED_BY).split()), hunks=hunks)


def apply(mutant: Mutant, tree: Path) -> None:
    """Raises StaleError."""
    for hunk in mutant.hunks:
        path = tree / hunk.path
        if not path.is_file():
            raise StaleError(f"{mutant.name}: there is no {hunk.path}")
        path.write_text(_mutated(mutant, hunk, path.read_text()))


def _mutated(mutant: Mutant, hunk: Hunk, text: str) -> str:
    lines = re.compile(f"^{re.escape(hunk.old)}", re.MULTILINE)
    mutated, places = lines.subn(lambda _: hunk.new, text)
    if places != 1:
        raise StaleError(
            f"{mutant.name}: {hunk.path} has {places} places like this, and should have one:\n{hunk.old}"
            f"Make the change anew, and write it with `git diff` into {PATCHES.name}/{mutant.name}.patch"
        )
    return mutated


def _hunks(diff: list[str]) -> Iterator[Hunk]:
    path, old, new = "", "", ""
    for line in [*diff, "@@"]:
        if line.startswith(("diff ", "index ", "--- ", "@@")):
            if old != new:
                yield Hunk(path=path, old=old, new=new)
            old, new = "", ""
        elif line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/")
        else:
            text = f"{line[1:]}\n"
            old += "" if line.startswith("+") else text
            new += "" if line.startswith("-") else text
