from __future__ import annotations

from typing import Any

import pytest

from answerby.adapters import tables
from answerby.adapters.tokens import Token, TokenTable
from answerby.ports import UnavailableError
from tests.builders import NOW
from tests.contract.faults import counting, unreachable
from tests.contract.local_aws import LocalAws, make_table
from tests.fakes.tokens import FakeTokens

Tokens = TokenTable | FakeTokens


@pytest.fixture
def table_name(local_aws: LocalAws, unique: str) -> str:
    return make_table("DeskTable", unique)


@pytest.fixture(params=["memory", "dynamodb"])
def tokens(request: pytest.FixtureRequest) -> Tokens:
    return FakeTokens() if request.param == "memory" else TokenTable(request.getfixturevalue("table_name"))


def test_a_token_is_found_with_its_scopes(tokens: Tokens) -> None:
    token = tokens.create("ops", {"read", "write"}, NOW)
    assert tokens.find(token) == Token(name="ops", scopes=frozenset({"read", "write"}), created_at=NOW)


@pytest.mark.parametrize("wrong", ["", "x", "\ud83d", "a" * 10_000])
def test_an_unknown_token_is_none(tokens: Tokens, wrong: str) -> None:
    tokens.create("ops", {"read"}, NOW)
    assert tokens.find(wrong) is None


def test_a_revoked_token_is_none_at_once_and_others_stay(tokens: Tokens) -> None:
    revoked, kept = tokens.create("ops", {"read"}, NOW), tokens.create("inbox", {"read"}, NOW)
    assert tokens.revoke("ops", NOW) == 1
    assert tokens.find(revoked) is None
    assert tokens.find(kept)
    assert tokens.revoke("ops", NOW) == 0


def test_no_two_tokens_are_alike(tokens: Tokens) -> None:
    assert len({tokens.create("ops", {"read"}, NOW) for _ in range(10)}) == 10


def test_the_table_never_sees_a_token(table_name: str) -> None:
    tokens = TokenTable(table_name)
    client: Any = tables.connection().client
    with counting(client) as sent:
        token = tokens.create("ops", {"read"}, NOW)
        tokens.find(token)
    assert len(sent) == 2
    assert not any(token.encode() in request.body for request in sent)


def test_a_found_and_an_unknown_token_cost_the_same_calls(table_name: str) -> None:
    tokens = TokenTable(table_name)
    token = tokens.create("ops", {"read"}, NOW)
    client: Any = tables.connection().client
    with counting(client) as found:
        tokens.find(token)
    with counting(client) as unknown:
        tokens.find("x" * len(token))
    assert len(found) == len(unknown) == 1


def test_revoked_tokens_are_not_listed(table_name: str) -> None:
    tokens = TokenTable(table_name)
    tokens.create("ops", {"read"}, NOW)
    tokens.create("inbox", {"read"}, NOW)
    tokens.revoke("ops", NOW)
    assert [token.name for token in tokens.all()] == ["inbox"]


def test_the_table_being_away_is_said(table_name: str) -> None:
    with unreachable(tables.connection().client, "GetItem"), pytest.raises(UnavailableError):
        TokenTable(table_name).find("token")
