"""The guide: its pieces add up to a sound desk, its faults are told as it says, and its commands exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from answerby.cli import desk_file
from answerby.cli.main import app
from tests.unit.desk_file.files import TODAY
from tests.unit.desk_file.test_schema import errors

GUIDE = (Path(__file__).parents[3] / "docs/guides/desk.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([^\n]*)\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)
PIECES = [text for kind, text in BLOCKS if kind == "yaml"]


def tree(text: str) -> Any:
    """As it is written: every value is text, as the reader of desk files has it."""
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it makes text only


def added(desk: Any, piece: Any) -> Any:
    """The desk so far with a piece: names are merged, rules of the same id too, other values replaced."""
    if isinstance(desk, dict) and isinstance(piece, dict):
        return {**desk, **{name: added(desk.get(name), value) for name, value in piece.items()}}
    if isinstance(desk, list) and all(isinstance(item, dict) for item in (*desk, *piece)):
        found = list(desk)
        for item in piece:
            at = next((at for at, other in enumerate(found) if "id" in item and other.get("id") == item["id"]), None)
            if at is None:
                found.append(item)
            else:
                found[at] = added(found[at], item)
        return found
    return piece


def written(desk: Any) -> str:
    return yaml.safe_dump(desk, sort_keys=False, allow_unicode=True)


DESKS = [written(desk) for desk in accumulate(map(tree, PIECES), added)]


@pytest.mark.parametrize("text", DESKS, ids=[piece.split("\n")[0] for piece in PIECES])
def test_every_piece_makes_a_sound_desk_with_those_before_it(text: str) -> None:
    reading = desk_file.read(text.encode(), TODAY)
    assert [problem.line("desk.yaml") for problem in (*reading.errors, *reading.warnings)] == []


def test_the_first_piece_is_a_whole_desk_of_fifteen_lines() -> None:
    assert desk_file.read(PIECES[0].encode(), TODAY).desk
    assert PIECES[0].count("\n") <= 15


def test_the_whole_guide_satisfies_the_schema() -> None:
    assert [error for piece in PIECES for error in errors(piece) if "required property" not in error] == []


def test_faults_are_told_as_the_guide_says() -> None:
    at = next(at for at, (kind, _) in enumerate(BLOCKS) if kind == "yaml wrong")
    told = desk_file.read(BLOCKS[at][1].encode(), TODAY).errors
    assert sorted(problem.line("desk.yaml") for problem in told) == sorted(BLOCKS[at + 1][1].splitlines())


def commands() -> Iterator[str]:
    """Every command of the guide, from its blocks and between its words."""
    for kind, text in BLOCKS:
        if kind == "sh":
            yield from text.splitlines()
    yield from re.findall(r"`(answerby [^`]+)`", GUIDE)


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_every_command_exists(line: str) -> None:
    name, *words = line.split()
    assert name == "answerby"
    command: Any = typer.main.get_command(app)
    while known := getattr(command, "commands", None):
        assert words[0] in known, f"there is no {words[0]} among {', '.join(known)}"
        command = known[words.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options
