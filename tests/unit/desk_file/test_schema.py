"""The JSON Schema that editors check desk files by, against what the reader itself takes and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from answerby.cli import desk_file
from answerby.cli.desk_file import tree
from answerby.cli.desk_file.problems import Problems
from answerby.cli.desk_file.shapes import DESK, SHAPES
from answerby.cli.main import app
from tests.unit.desk_file.files import FULL, SOUND, read

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads(desk_file.json_schema())


def as_an_editor_sees_it(raw: bytes) -> Any:
    """YAML 1.2: plain numbers, true and false are typed, all else is text."""
    return typed(tree.read_tree(raw, Problems()))


def typed(node: tree.Node | None) -> Any:
    match node:
        case tree.Mapping():
            return {name: typed(value) for name, (_, value) in node.values.items()}
        case tree.Sequence():
            return [typed(item) for item in node.items]
        case tree.Scalar(text=text, plain=True) if text in ("true", "false"):
            return text == "true"
        case tree.Scalar(text=text, plain=True) if re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
            return float(text) if "." in text else int(text)
        case tree.Scalar(text=text):
            return text
    return None


def errors(text: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(as_an_editor_sees_it(text.encode()))]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_in_the_docs_is_fresh() -> None:
    path = ROOT / "docs/desk.schema.json"
    assert path.read_text(encoding="utf-8") == desk_file.json_schema(), "answerby desk schema > docs/desk.schema.json"


def test_the_command_prints_it() -> None:
    assert CliRunner().invoke(app, ["desk", "schema"]).stdout == desk_file.json_schema()


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        FULL,
        *((ROOT / name).read_text() for name in ("examples/small.yaml", "examples/desk.yaml", "infra/local/desk.yaml")),
    ],
    ids=["sound", "full", "small", "example", "local"],
)
def test_a_sound_desk_satisfies_the_schema(text: str) -> None:
    assert errors(text) == []


def test_every_field_of_the_schema_is_used_by_a_sound_desk() -> None:
    def fields(schema: Any) -> set[str]:
        return {name for name in schema if f"{name}:" not in FULL}

    assert fields(DESK.fields) == set()
    assert {name: fields(shape.fields) for name, shape in SHAPES.items() if fields(shape.fields)} == {}


REFUSED: dict[str, Callable[[str], str]] = {
    "unknown section": lambda text: text + "polices: {}\n",
    "unknown field": lambda text: text.replace("    sms: ", "    phone: ", 1),
    "no people": lambda text: text[text.index("teams:") :],
    "missing field": lambda text: text.replace("    lead: cleo\n", "", 1),
    "unknown priority": lambda text: text.replace("priority: high", "priority: hihg", 1),
    "duration without unit": lambda text: text.replace("answer_within: 8h", "answer_within: 8", 1),
    "rating out of range": lambda text: text.replace("rating_at_most: 2", "rating_at_most: 11", 1),
    "id in capitals": lambda text: text.replace("  ben:\n", "  Ben O:\n", 1),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_the_schema_refuses_the_reader_refuses_too(change: Callable[[str], str]) -> None:
    text = change(SOUND)
    assert errors(text)
    assert read(text).errors
