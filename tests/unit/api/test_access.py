"""Who is let in, and how those are answered who are not."""

import logging

import pytest

from answerby.ports import UnavailableError
from tests.builders import NOW, a_mention
from tests.unit.api.gateway import Answer, Service

PROTECTED = [
    ("GET", "/api/mentions/facebook:1"),
    ("GET", "/api/mentions"),
    ("GET", "/api/desk"),
    ("HEAD", "/api/desk"),
    ("POST", "/api/mentions/facebook:1/acknowledge"),
    ("POST", "/api/mentions/facebook:1/answer"),
    ("POST", "/api/mentions/facebook:1/dismiss"),
    ("POST", "/api/mentions/facebook:1/assign"),
    ("GET", "/api/nowhere"),
    ("DELETE", "/api/mentions/facebook:1"),
]


def refused(service: Service, authorization: str | None) -> Answer:
    return service.get("/api/desk", headers={"authorization": authorization})


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_without_a_token_nothing_under_api_answers(service: Service, method: str, path: str) -> None:
    assert service.ask(method, path, headers={"authorization": None}).status == 401


@pytest.mark.parametrize("stage", ["$default", "live"])
def test_a_stage_in_the_path_opens_no_way_around_the_token(service: Service, stage: str) -> None:
    assert service.get("/api/desk", headers={"authorization": None}, stage=stage).status == 401
    assert service.get("/api/desk", stage=stage).status == 200


def test_every_refusal_of_a_token_is_the_same(service: Service) -> None:
    revoked = service.tokens.create("gone", ["read"], NOW)
    service.tokens.revoke("gone", NOW)
    answers = [
        refused(service, authorization)
        for authorization in (None, "", "Bearer", "Bearer ", "Bearer unknown", f"Bearer {revoked}", "Basic YTpi",
                              f"Bearer {service.token} x", f"{service.token}", "Bearer " + "a" * 9000, "Bearer ü")
    ]  # fmt: skip
    assert {(answer.status, answer.body) for answer in answers} == {(401, answers[0].body)}
    assert answers[0].error["code"] == "unauthorized"
    assert answers[0].headers["WWW-Authenticate"].startswith("Bearer")


def test_the_scheme_is_read_in_any_case(service: Service) -> None:
    assert refused(service, f"bEARER {service.token}").status == 200


def test_a_body_is_not_looked_at_before_the_token(service: Service) -> None:
    answer = service.ask("POST", "/api/mentions/facebook:1/dismiss", "{", headers={"authorization": None})
    assert answer.status == 401


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_needs_the_scope_read(service: Service, method: str) -> None:
    service.token = service.tokens.create("writer", ["write"], NOW)
    assert service.ask(method, "/api/desk").status == 403


def test_changing_needs_the_scope_write(service: Service) -> None:
    service.mentions.add(a_mention())
    service.token = service.tokens.create("reader", ["read"], NOW)
    answer = service.post("/api/mentions/facebook:1/answer")
    assert (answer.status, answer.error["code"]) == (403, "forbidden")
    assert service.stored("facebook:1").version == 1


def test_tokens_that_cannot_be_looked_up_are_worth_a_retry(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(token: str) -> None:
        raise UnavailableError

    monkeypatch.setattr(service.tokens, "find", away)
    answer = service.get("/api/desk")
    assert (answer.status, answer.error["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_neither_token_nor_post_is_logged(
    service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(mention_id: str) -> None:
        raise RuntimeError("the post says: my secret")

    monkeypatch.setattr(service.mentions, "get", broken)
    with caplog.at_level(logging.DEBUG):
        answer = service.get("/api/mentions/facebook:1")
    assert (answer.status, answer.error["code"]) == (500, "internal")
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text + answer.body
    assert service.token not in caplog.text
