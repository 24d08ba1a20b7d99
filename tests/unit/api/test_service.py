"""Routing, headers and the OpenAPI document."""

import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from answerby import __version__
from tests.builders import a_mention
from tests.unit.api.gateway import Answer, Service

ROOT = Path(__file__).parents[3]
PUBLIC = ["/health", "/openapi.json", "/m/{mention_id}"]


@pytest.fixture
def document(service: Service) -> dict[str, Any]:
    written: dict[str, Any] = service.get("/openapi.json", headers={"authorization": None}).json
    return written


def test_health_is_for_everybody_and_tells_the_version(service: Service) -> None:
    answer = service.get("/health", headers={"authorization": None})
    assert answer.json == {"status": "ok", "version": __version__}


def test_the_version_is_that_of_the_package() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__


@pytest.mark.parametrize("path", ["/nowhere", "/", "/api/", "/api/mentions/", "/api/mentions/a/forget", "/m/"])
def test_an_unknown_address_is_404(service: Service, path: str) -> None:
    assert service.get(path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
def test_another_method_is_405_with_those_allowed(service: Service, method: str) -> None:
    answer = service.ask(method, "/api/mentions/facebook:1")
    assert (answer.status, answer.error["code"]) == (405, "method")
    assert answer.headers["Allow"] == "GET, HEAD"


def test_an_action_is_not_taken_by_looking(service: Service) -> None:
    service.mentions.add(a_mention())
    answer = service.get("/api/mentions/facebook:1/answer")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert service.stored("facebook:1").version == 1


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/health", {}),
        ("GET", "/openapi.json", {}),
        ("GET", "/api/desk", {}),
        ("GET", "/api/desk", {"authorization": None}),
        ("GET", "/m/facebook:none", {}),
        ("GET", "/nowhere", {}),
        ("DELETE", "/api/desk", {}),
        ("POST", "/api/mentions/facebook:none/answer", {}),
    ],
)
def test_every_answer_is_guarded(service: Service, method: str, path: str, headers: dict[str, str | None]) -> None:
    answer = service.ask(method, path, headers=headers)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_document_names_its_title_version_and_scheme(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Answerby"
    assert document["info"]["version"] == __version__
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_the_schemas_of_the_document_are_valid_and_all_there(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert named == set(document["components"]["schemas"])


def test_exactly_what_is_under_api_needs_a_token(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert (operation.get("security") == [{"bearer": []}]) is (path not in PUBLIC), path
            assert ("401" in operation["responses"]) is (path not in PUBLIC), path


def test_every_error_of_the_document_has_the_one_shape(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                for kind, content in response["content"].items():
                    if status >= "400" and kind == "application/json":
                        wanted = "ConflictBody" if status == "409" else "ErrorBody"
                        assert content["schema"]["$ref"].endswith(f"/{wanted}"), (path, status)


def test_numbers_in_a_body_are_bounded_in_the_document_too(document: dict[str, Any]) -> None:
    minutes = document["components"]["schemas"]["Acknowledgement"]["properties"]["minutes"]["anyOf"][0]
    assert (minutes["minimum"], minutes["maximum"]) == (1, 10_080)


def documented(document: dict[str, Any], path: str, method: str, answer: Answer) -> None:
    """The answer is one that the document tells of."""
    response = document["paths"][path][method]["responses"][str(answer.status)]
    kind = answer.headers["Content-Type"].partition(";")[0]
    schema = {**response["content"][kind]["schema"], "components": document["components"]}
    format_checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    body = answer.body if kind == "text/html" else answer.json
    jsonschema.Draft202012Validator(schema, format_checker=format_checker).validate(body)


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/api/mentions/{mention_id}", None, 200),
        ("GET", "/api/mentions", None, 200),
        ("GET", "/api/desk", None, 200),
        ("GET", "/health", None, 200),
        ("GET", "/openapi.json", None, 200),
        ("GET", "/m/{mention_id}", None, 200),
        ("POST", "/api/mentions/{mention_id}/acknowledge", "{}", 200),
        ("POST", "/api/mentions/{mention_id}/assign", '{"to": "ben"}', 200),
        ("POST", "/api/mentions/{mention_id}/assign", '{"to": "dan"}', 422),
        ("POST", "/api/mentions/{mention_id}/answer", '{"url": "https://example.com"}', 200),
        ("POST", "/api/mentions/{mention_id}/answer", "{", 400),
        ("POST", "/api/mentions/{mention_id}/dismiss", '{"reason": "spam"}', 200),
    ],
)
def test_answers_are_as_documented(
    service: Service, document: dict[str, Any], method: str, path: str, sent: str | None, status: int
) -> None:
    service.mentions.add(a_mention(url="https://example.com/1", rating=2.0))
    answer = service.ask(method, path.replace("{mention_id}", "facebook:1"), sent)
    assert answer.status == status
    documented(document, path, method.lower(), answer)


def test_a_conflict_is_as_documented(service: Service, document: dict[str, Any]) -> None:
    service.mentions.add(a_mention())
    service.post("/api/mentions/facebook:1/answer")
    answer = service.post("/api/mentions/facebook:1/dismiss", {"reason": "spam"})
    documented(document, "/api/mentions/{mention_id}/dismiss", "post", answer)
