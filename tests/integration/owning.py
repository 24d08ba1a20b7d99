"""What only the stack's owner can do: configure its functions, and read and write its stores directly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from answerby.adapters import aws, tables
from infra.local.stack import Stack
from tests.contract.waiting import eventually


@contextmanager
def product_on(stack: Stack) -> Iterator[None]:
    """Within the block, the product's adapters made in this process work on the stack."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", stack.aws_endpoint_url)
        patch.setenv("AWS_DEFAULT_REGION", stack.region)
        _forget_clients()
        yield
    _forget_clients()


@contextmanager
def environment(functions: Any, name: str, **variables: str) -> Iterator[None]:
    """Within the block, the function has further variables. Its processes are started anew before and after."""
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    _configure(functions, name, before | variables)
    try:
        yield
    finally:
        _configure(functions, name, before)


@contextmanager
def unrouted(functions: Any, name: str) -> Iterator[None]:
    """Within the block, the stream passes nothing on to the function. For posts that are only to be stored: a thousand
    take more than a minute to be routed here."""
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    nothing = {"Filters": [{"Pattern": json.dumps({"eventName": ["NONE"]})}]}
    functions.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria=nothing)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria=mapping["FilterCriteria"])


def stored(dynamodb: Any, table: str, mention_ids: Iterable[str]) -> set[str]:
    """Which of them the table holds."""
    found: set[str] = set()
    for some in _in_parts(list(mention_ids), 100):
        asked: Mapping[str, Any] = {table: {"Keys": [_key(each) for each in some], "ConsistentRead": True}}
        while asked:
            answer = dynamodb.batch_get_item(RequestItems=asked)
            found.update(item["mention_id"]["S"] for item in answer["Responses"][table])
            asked = answer.get("UnprocessedKeys") or {}
    return found


def forget(dynamodb: Any, table: str, mention_ids: Iterable[str]) -> None:
    """Delete mentions, so that no later check of theirs keeps the stack busy."""
    for some in _in_parts(list(mention_ids), 25):
        asked: Mapping[str, Any] = {table: [{"DeleteRequest": {"Key": _key(each)}} for each in some]}
        while asked:
            asked = dynamodb.batch_write_item(RequestItems=asked).get("UnprocessedItems") or {}


def _in_parts(values: list[str], size: int) -> Iterator[list[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _configure(functions: Any, name: str, variables: Mapping[str, str]) -> None:
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": dict(variables)})
    ready = eventually(
        lambda: functions.get_function_configuration(FunctionName=name)["LastUpdateStatus"], "Successful".__eq__
    )
    assert ready == "Successful"


def _forget_clients() -> None:
    aws.session.cache_clear()
    tables.connection.cache_clear()


def _key(mention_id: str) -> dict[str, Any]:
    return {"mention_id": {"S": mention_id}, "item": {"S": "mention"}}
