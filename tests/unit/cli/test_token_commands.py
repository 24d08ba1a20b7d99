from __future__ import annotations

from collections.abc import Iterable

import pytest
from typer.testing import CliRunner

from answerby.cli import stack, token_commands
from answerby.cli.main import app
from answerby.cli.stack import Stack
from tests.unit.cli.offices import STACK


@pytest.mark.parametrize(
    ("options", "scopes", "said"),
    [
        ([], ["read"], "Token ci, to read;"),
        (["--scope", "write"], ["write"], "Token ci, to write;"),
        (["--scope", "read", "--scope", "write"], ["read", "write"], "Token ci, to read and write;"),
    ],
)
def test_a_token_may_read_unless_more_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, options: list[str], scopes: list[str], said: str
) -> None:
    made: list[tuple[str, list[str]]] = []

    def create(_stack: Stack, name: str, wanted: Iterable[str]) -> str:
        made.append((name, list(wanted)))
        return "the-token"

    monkeypatch.setattr(stack, "find", lambda _name: STACK)
    monkeypatch.setattr(token_commands, "create_token", create)
    result = CliRunner().invoke(app, ["token", "create", "ci", *options])
    assert (result.exit_code, result.stdout, made) == (0, "the-token\n", [("ci", scopes)])
    assert said in result.stderr
