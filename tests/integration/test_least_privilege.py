"""IAM is enforced here as on AWS: what passes these tests needs no right that the template does not grant."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.stack import Stack

PROBE = """
import boto3
def lambda_handler(event, context):
    try:
        getattr(boto3.client(event["service"]), event["call"])(**event["arguments"])
    except Exception as error:
        return str(error)
    return "done"
"""

Call = Callable[[str, str, dict[str, Any]], str]


@pytest.fixture(scope="module")
def as_sweep(stack: Stack, client: Callable[[str], Any]) -> Iterator[Call]:
    """Calls AWS from a function that has the role, and so the grants, of sweep_overdue."""
    functions = client("lambda")
    role = functions.get_function_configuration(FunctionName=f"{stack.stack_name}-sweep-overdue")["Role"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("app.py", PROBE)
    name = f"{stack.stack_name}-probe"
    functions.create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.13",
        Handler="app.lambda_handler",
        Timeout=30,
        Code={"ZipFile": archive.getvalue()},
    )

    def call(service: str, name_of_call: str, arguments: dict[str, Any]) -> str:
        event = {"service": service, "call": name_of_call, "arguments": arguments}
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
        said: str = json.load(answer["Payload"])
        return said

    yield call
    functions.delete_function(FunctionName=name)


def due(table: str, index: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "IndexName": index,
        "KeyConditionExpression": f"{'due_shard' if index == 'due' else 'conversation_id'} = :key",
        "ExpressionAttributeValues": {":key": {"N": "0"} if index == "due" else {"S": "facebook:1"}},
    }


def test_a_function_does_what_it_is_granted(as_sweep: Call, outputs: dict[str, str]) -> None:
    assert as_sweep("dynamodb", "query", due(outputs["MentionsTable"], "due")) == "done"


def test_a_function_is_refused_a_write_without_a_grant(as_sweep: Call, outputs: dict[str, str]) -> None:
    item = {"mention_id": {"S": "x:1"}, "item": {"S": "mention"}}

    said = as_sweep("dynamodb", "put_item", {"TableName": outputs["MentionsTable"], "Item": item})

    assert "AccessDenied" in said
    assert "dynamodb:PutItem" in said


def test_a_function_is_refused_an_index_without_a_grant(as_sweep: Call, outputs: dict[str, str]) -> None:
    assert "AccessDenied" in as_sweep("dynamodb", "query", due(outputs["MentionsTable"], "conversation"))


def test_a_function_is_refused_the_secrets_without_a_grant(as_sweep: Call, outputs: dict[str, str]) -> None:
    said = as_sweep("secretsmanager", "get_secret_value", {"SecretId": outputs["SourcesSecretArn"]})

    assert "AccessDenied" in said
