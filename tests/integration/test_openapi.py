"""Whatever a program sends that has read the OpenAPI document, the running stack answers as the document says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.local.stack import Stack
from tests.integration.asking import Api, Shown
from tests.integration.sending import JSON, Sender, new_number

Operation = APIOperation[Any, Any, Any, Any]
Sent = Case[Any]
EXAMPLES = int(os.environ.get("EXAMPLES", "5"))
"""Of each operation, for what the document allows and for what it does not."""
CONFORMS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
briefly = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def operations(stack: Stack) -> list[Operation]:
    """Of the document that the running stack gives."""
    written = requests.get(f"{stack.api_url}/openapi.json", timeout=60).json()
    found = list(schemathesis.openapi.from_dict(written).get_all_operations())
    understood = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(understood) == len(found)
    return understood


@pytest.fixture(scope="module")
def known(api: Api, standard: Sender) -> Iterator[Shown]:
    """A mention that stays as it is: somebody has taken it on."""
    number = new_number()
    standard.deliver({"id": number, "text": "Where is my parcel?"})
    api.alerted(f"standard:{number}")
    api.act(f"standard:{number}", "acknowledge")
    yield api.mention(f"standard:{number}")
    api.act(f"standard:{number}", "dismiss", reason="spam")


def send(case: Sent, api: Api, headers: dict[str, str] | None = None) -> Any:
    # The gateway of the local AWS knows no route with a line break in it, and answers itself.
    assume(not set("\n\r") & set(unquote(case.formatted_path)))
    return case.call(base_url=api.url, headers=headers, timeout=60)


def about(case: Sent, mention_id: str) -> None:
    if "mention_id" in case.path_parameters:
        case.path_parameters["mention_id"] = mention_id


def can_be_wrong(operation: Operation) -> bool:
    """Whether it takes more than an id, which may be any text."""
    raw = operation.definition.raw
    return "requestBody" in raw or any(parameter["in"] == "query" for parameter in raw.get("parameters", ()))


def conform(operation: Operation, mode: GenerationMode, api: Api, mention_id: str) -> None:
    bearer, checks = {"authorization": f"Bearer {api.token}"}, [*CONFORMS]
    # Queries that no parameter has the name of are let pass, as those that mail programs add to links.
    if "requestBody" in operation.definition.raw:
        checks.append(negative_data_rejection)

    @briefly
    @given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
    def conforms(case: Sent, is_known: bool) -> None:
        if is_known and mode is GenerationMode.POSITIVE:
            about(case, mention_id)
        case.validate_response(send(case, api, bearer), checks=checks, headers=bearer)

    conforms()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_operation_answers_as_its_document_says(
    mode: GenerationMode, operations: list[Operation], api: Api, standard: Sender
) -> None:
    number = new_number()
    standard.deliver({"id": number, "text": "Where is my parcel?"})
    for operation in operations:
        if mode is GenerationMode.POSITIVE or can_be_wrong(operation):
            conform(operation, mode, api, f"standard:{number}")


def test_no_operation_on_mentions_or_the_desk_is_open_to_whom_nobody_knows(
    operations: list[Operation], api: Api, known: Shown
) -> None:
    protected = [operation for operation in operations if operation.path.startswith("/api/")]
    assert len(protected) > 6
    for operation in protected:

        @briefly
        @given(case=operation.as_strategy(), token=st.sampled_from([None, "Bearer none", "Basic YTpi", "Bearer"]))
        def refused(case: Sent, token: str | None) -> None:
            about(case, known["id"])
            answer = send(case, api, {"authorization": token} if token else None)
            assert answer.status_code == 401, (case.operation.label, token, answer.status_code)
            case.validate_response(answer, checks=CONFORMS)

        refused()
    assert api.mention(known["id"]) == known


def test_no_get_changes_anything(operations: list[Operation], api: Api, known: Shown) -> None:
    bearer = {"authorization": f"Bearer {api.token}"}
    for operation in operations:
        if operation.method.upper() != "GET":
            continue

        @briefly
        @given(case=operation.as_strategy(), is_head=st.booleans())
        def looks(case: Sent, is_head: bool) -> None:
            about(case, known["id"])
            case.method = "HEAD" if is_head else "GET"
            assert send(case, api, bearer).status_code < 500

        looks()
    assert api.mention(known["id"]) == known


@briefly
@given(
    source=st.sampled_from(["facebook", "instagram", "x", "standard", "nobody"]) | st.text(min_size=1, max_size=20),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]),
    body=st.binary(max_size=500) | st.builds(json.dumps, st.recursive(st.none() | st.text(), st.lists)).map(str.encode),
    query=st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3),
)
def test_whatever_nobody_signed_is_refused_by_the_webhook(
    stack: Stack, source: str, method: str, body: bytes, query: dict[str, str]
) -> None:
    address = f"{stack.webhook_url}/{quote(source, safe='')}"
    assume(source not in (".", "..") and not set("\n\r") & set(source))
    answer = requests.request(method, address, params=query, data=body, headers=JSON, timeout=60)
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
