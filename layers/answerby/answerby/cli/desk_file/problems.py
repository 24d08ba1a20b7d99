"""What is wrong with a desk file: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nlargest
from os.path import commonprefix

MOST_ERRORS = 100
"""More are not collected: whoever has that many mends the first ones first, and a hostile file stays cheap."""

_SHOWN = 60
_LOOKED_AT = 1_000
_COMPARED = 40
"""Comparing closely takes 0.1 ms a name: of many names only those are compared that begin most alike."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column, both from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`warning`: the desk works without mending it."""

    place: Place
    what: str
    to_do: str
    warning: bool = False

    def line(self, file: str) -> str:
        level = "warning" if self.warning else "error"
        return f"{file}:{self.place.line}:{self.place.column}: {level}: {self.what}. {self.to_do}"


class DeskFileError(Exception):
    """The file makes no desk; `problems` says why, in the file's order."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.line(file) for problem in self.problems))


class TooManyError(Exception):
    """Enough was found to stop reading."""


class Problems:
    """Collects what is found, so that it can be mended at once and not one by one."""

    def __init__(self) -> None:
        self.count = 0
        """Of errors; no higher after reading something means that all of it could be read."""
        self._found: list[Problem] = []

    def error(self, place: Place, what: str, to_do: str) -> None:
        """Raises TooManyError instead of collecting without end."""
        if self.count >= MOST_ERRORS:
            raise TooManyError
        self.count += 1
        self._found.append(Problem(place=place, what=what, to_do=to_do))

    def warning(self, place: Place, what: str, to_do: str) -> None:
        if len(self._found) - self.count < MOST_ERRORS:
            self._found.append(Problem(place=place, what=what, to_do=to_do, warning=True))

    @property
    def errors(self) -> list[Problem]:
        return sorted((found for found in self._found if not found.warning), key=_place)

    @property
    def warnings(self) -> list[Problem]:
        return sorted((found for found in self._found if found.warning), key=_place)


def quoted(text: str) -> str:
    """What the file says, short enough for a line and without anything a terminal would act on."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text[:_SHOWN])
    return f'"{shown}…"' if len(text) > _SHOWN else f'"{shown}"'


def one_of(name: str, known: Iterable[str]) -> str:
    """The advice for a name that is none of the known ones, the nearest first."""
    names = list(known)
    wanted = name[:_SHOWN].casefold()
    folded = {known_name.casefold(): known_name for known_name in names[:_LOOKED_AT]}
    candidates = nlargest(_COMPARED, folded, key=lambda other: len(commonprefix((wanted, other))))  # noqa: RUF071
    nearest = get_close_matches(wanted, candidates, n=1)
    if nearest:
        return f"Did you mean {quoted(folded[nearest[0]])}?"
    if not names:
        return "There are none yet: add it first"
    listed = ", ".join(names[:10])
    return f"Write one of: {listed}, …" if len(names) > 10 else f"Write one of: {listed}"  # noqa: PLR2004


def _place(problem: Problem) -> Place:
    return problem.place
