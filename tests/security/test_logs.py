"""Whatever happens, no log tells a secret, a number, an address, a name or a word of a post."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools import Metrics
from botocore.exceptions import ClientError, ParamValidationError

from answerby import runtime
from answerby.adapters import aws
from answerby.adapters.contacts import SnsContacts
from answerby.adapters.items import MENTION
from answerby.adapters.sns import TopicNotifier
from answerby.domain.mention import Author, Channel
from answerby.domain.readiness import ContactState
from answerby.ports import ConflictError, UnavailableError, UndeliverableError
from tests.builders import ANA, NOW, a_desk, a_mention
from tests.fakes.desks import FakeDesks
from tests.security.deliveries import comment, page_of
from tests.security.lambdas import FUNCTIONS, Lambda, queue_of, stream_of, webhook
from tests.security.senders import SENDERS, TOKEN
from tests.unit.api.gateway import event

TEXT = "canary-text never came and I am furious"
NAME, HANDLE, AUTHOR = "Canary-Name Miller", "canary_handle", "4711canary-author"
NUMBER, ADDRESS = "+4915112345678", "canary.person@example.org"
BEARER, NOTE = "canary-bearer-token", "canary-note to self"
SECRETS = [secret for sender in SENDERS.values() for keys in (sender.keys, sender.theirs) for secret in keys.secrets]
CANARIES = ("canary", "Canary", "5112345678", "furious", "Miller", TOKEN, *SECRETS)
EVERYTHING = f"{TEXT} {NAME} {HANDLE} {AUTHOR} {NUMBER} {ADDRESS} {BEARER} {SECRETS}"

ERRORS: dict[str, Exception] = {
    "away": UnavailableError(EVERYTHING),
    "conflict": ConflictError(EVERYTHING),
    "undeliverable": UndeliverableError(EVERYTHING),
    "a bug": ValueError(EVERYTHING),
    "a key": KeyError(EVERYTHING),
    "AWS": ClientError({"Error": {"Code": "ValidationException", "Message": EVERYTHING}}, "PutItem"),
    "botocore": ParamValidationError(report=f"Invalid type for parameter Item.body, value: {EVERYTHING}"),
}
errors = pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)


class Broken:
    """A port of which every method raises."""

    def __init__(self, error: Exception, *works: str, of: Any = None) -> None:
        self._error, self._works, self._of = error, works, of

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in self._works:
            working: Callable[..., Any] = getattr(self._of, name)
            return working

        def fail(*_: Any, **__: Any) -> None:
            raise self._error

        return fail


@pytest.fixture
def aws_lambda(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    monkeypatch.setattr(runtime, "metrics", Metrics(namespace="Answerby", service="answerby"))
    made = Lambda(monkeypatch)
    ana = replace(ANA, sms=NUMBER, email=ADDRESS, name=NAME)
    made.ports.desks = FakeDesks(a_desk(people={**a_desk().people, "ana": ana}))
    return made


def quiet(log: str) -> bool:
    return not [canary for canary in CANARIES if canary in log]


def signed(source: str, document: Any) -> dict[str, Any]:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return webhook(source, body, SENDERS[source].signed(body))


def a_comment() -> Any:
    said = comment("1_2", TEXT, NAME)
    said["value"]["from"]["id"] = AUTHOR
    return page_of(said)


def unreadable() -> Any:
    said = comment(TEXT, TEXT, NAME)
    return page_of(said, {"field": "feed", "value": TEXT}, TEXT)


def a_mention_by_somebody() -> Any:
    return a_mention(text=TEXT, author=Author(id=AUTHOR, name=NAME, handle=HANDLE))


DELIVERIES: dict[str, tuple[dict[str, Any], int]] = {
    "stored": (signed("page", a_comment()), 200),
    "unreadable": (signed("page", unreadable()), 200),
    "of wrong fields": (signed("forum", {"id": TEXT, "text": [TEXT], "url": TEXT, "kind": TEXT}), 400),
    "another network's": (signed("forum", {"id": "x:1", "state": "removed", "text": TEXT}), 200),
    "ignored": (signed("page", page_of({"field": "feed", "value": {"item": "like", "message": TEXT}})), 200),
    "not JSON": (signed("bird", TEXT.encode()), 400),
    "not UTF-8": (signed("bird", b"\xff" + TEXT.encode()), 400),
    "forged": (webhook("page", json.dumps(a_comment()).encode(), {"x-hub-signature-256": "canary"}), 401),
    "to a source named so": (webhook("canary", b"{}", {"authorization": BEARER}), 401),
    "of an odd type": (
        webhook("page", b"{}", SENDERS["page"].signed(b"{}") | {"content-type": TEXT}),
        400,
    ),
    "a handshake": (
        webhook("page", b"", {}, "GET", **{"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": TEXT}),
        200,
    ),
    "a guessed handshake": (webhook("page", b"", {}, "GET", **{"hub.verify_token": "canary"}), 401),
}


@pytest.mark.parametrize("what", DELIVERIES)
def test_of_a_delivery(aws_lambda: Lambda, what: str) -> None:
    sent, status = DELIVERIES[what]

    assert [aws_lambda.call("receive_webhook", sent)["statusCode"] for _ in range(2)] == [status] * 2
    assert aws_lambda.log.getvalue() or what == "a handshake"
    assert quiet(aws_lambda.log.getvalue())


@errors
@pytest.mark.parametrize("port", ["mentions", "sources"])
def test_of_a_delivery_that_cannot_be_stored(aws_lambda: Lambda, port: str, error: Exception) -> None:
    setattr(aws_lambda.ports, port, Broken(error))

    answer = aws_lambda.call("receive_webhook", DELIVERIES["stored"][0])

    assert answer is None or answer["statusCode"] == 503
    assert aws_lambda.log.getvalue()
    assert quiet(aws_lambda.log.getvalue())


def test_an_unexpected_error_is_logged_by_its_kind_and_place(aws_lambda: Lambda) -> None:
    aws_lambda.ports.mentions = Broken(ERRORS["a bug"])

    assert aws_lambda.call("receive_webhook", DELIVERIES["stored"][0]) is None
    assert "UnexpectedError: ValueError at fail:" in aws_lambda.log.getvalue()


@errors
@pytest.mark.parametrize("port", ["mentions", "desks", "timers", "reader", "heard"])
@pytest.mark.parametrize("function", ["route_mention", "follow_up"])
def test_of_a_check_that_fails(aws_lambda: Lambda, function: str, port: str, error: Exception) -> None:
    table = aws_lambda.ports.mentions
    table.add(a_mention_by_somebody())
    key = json.dumps({"mention_id": "facebook:1", "item": MENTION})
    sent = queue_of(key) if function == "follow_up" else stream_of(table.items["facebook:1", MENTION])
    setattr(aws_lambda.ports, port, Broken(error, "take_failed", of=aws_lambda.ports.timers))

    answer = aws_lambda.call(function, sent)

    assert answer is not None
    assert aws_lambda.log.getvalue() or not answer["batchItemFailures"]
    assert quiet(aws_lambda.log.getvalue())


def test_of_records_that_make_no_sense(aws_lambda: Lambda) -> None:
    poison = {"Records": [{"eventID": "1", "dynamodb": {"Keys": {"mention_id": {"S": TEXT}}, "SequenceNumber": "1"}}]}

    for function, sent in (
        ("follow_up", queue_of(TEXT, json.dumps({"mention_id": TEXT}), json.dumps([TEXT]))),
        ("route_mention", poison),
        ("send_alert", poison),
    ):
        aws_lambda.call(function, sent)

    assert "record failed" in aws_lambda.log.getvalue()
    assert quiet(aws_lambda.log.getvalue())


def waiting(aws_lambda: Lambda) -> dict[str, Any]:
    """A mention that was routed, so that an alert to Ana waits in its outbox."""
    table = aws_lambda.ports.mentions
    table.add(a_mention_by_somebody())
    aws_lambda.call("route_mention", stream_of(table.items["facebook:1", MENTION]))
    item = table.items["facebook:1", MENTION]
    assert item.outbox_at is not None
    return stream_of(item)


@errors
@pytest.mark.parametrize("port", ["mentions", "desks", "notifier"])
def test_of_an_alert_that_cannot_be_sent(aws_lambda: Lambda, port: str, error: Exception) -> None:
    sent = waiting(aws_lambda)
    setattr(aws_lambda.ports, port, Broken(error))

    assert aws_lambda.call("send_alert", sent) is not None
    assert aws_lambda.log.getvalue()
    assert quiet(aws_lambda.log.getvalue())


@pytest.mark.parametrize("code", ["Throttled", "InvalidParameter", "AuthorizationError", "OptedOut"])
def test_of_an_alert_that_sns_refuses(aws_lambda: Lambda, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    refusal = ClientError({"Error": {"Code": code, "Message": EVERYTHING}}, "Publish")
    monkeypatch.setattr(aws, "client", lambda _service: Broken(refusal))
    sent = waiting(aws_lambda)
    aws_lambda.ports.notifier = TopicNotifier("arn:aws:sns:us-east-1:1:answerby-person-", "https://a.example")

    assert aws_lambda.call("send_alert", sent) is not None
    assert quiet(aws_lambda.log.getvalue())


def test_of_an_alert_that_is_sent(aws_lambda: Lambda) -> None:
    assert aws_lambda.call("send_alert", waiting(aws_lambda)) == {"batchItemFailures": []}
    assert len(aws_lambda.ports.notifier.sent) == 1
    assert quiet(aws_lambda.log.getvalue())


@errors
@pytest.mark.parametrize("port", ["mentions", "timers"])
def test_of_a_sweep_that_fails(aws_lambda: Lambda, port: str, error: Exception) -> None:
    aws_lambda.ports.mentions.add(a_mention_by_somebody())
    broken = Broken(error, "take_failed", of=aws_lambda.ports.timers)
    setattr(aws_lambda.ports, port, broken)

    aws_lambda.call("sweep_overdue", {})

    assert aws_lambda.log.getvalue()
    assert quiet(aws_lambda.log.getvalue())


@errors
@pytest.mark.parametrize("port", ["desks", "contacts", "heard", "mentions", "messenger"])
def test_of_a_check_of_readiness_that_fails(aws_lambda: Lambda, port: str, error: Exception) -> None:
    aws_lambda.ports.contacts.known = {("ana", channel): ContactState.MISSING for channel in Channel}
    setattr(aws_lambda.ports, port, Broken(error))

    aws_lambda.call("check_readiness", {})

    assert quiet(aws_lambda.log.getvalue())


def test_of_contacts_that_sns_refuses_to_tell_of(aws_lambda: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", lambda _service: Broken(ERRORS["AWS"]))
    aws_lambda.ports.contacts = SnsContacts("arn:aws:sns:us-east-1:1:answerby-person-")

    aws_lambda.call("check_readiness", {})

    assert "SNS did not tell" in aws_lambda.log.getvalue()
    assert quiet(aws_lambda.log.getvalue())


PATH = f"/api/mentions/{quote('facebook:1', safe='')}"
ASKED: dict[str, tuple[str, str, str | None]] = {
    "looked up": ("GET", PATH, None),
    "listed": ("GET", "/api/mentions?assignee=canary&cursor=canary", None),
    "unknown": ("GET", "/api/mentions/canary", None),
    "nowhere": ("GET", "/canary?token=canary", None),
    "its page": ("GET", "/m/facebook%3A1", None),
    "dismissed with a note": ("POST", f"{PATH}/dismiss", json.dumps({"reason": "spam", "note": NOTE, "by": NAME})),
    "wrong fields": ("POST", f"{PATH}/dismiss", json.dumps({"reason": NOTE, "note": [NOTE], "canary": NUMBER})),
    "assigned to nobody": ("POST", f"{PATH}/assign", json.dumps({"to": "canary"})),
    "not JSON": ("POST", f"{PATH}/answer", f'{{"url": "{NOTE}'),
    "the desk": ("GET", "/api/desk", None),
}


def asked(what: str, token: str) -> dict[str, Any]:
    method, path, body = ASKED[what]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "cookie": BEARER}
    return event(method, path, body, headers)


@pytest.mark.parametrize("what", ASKED)
def test_of_what_is_asked(aws_lambda: Lambda, what: str) -> None:
    aws_lambda.ports.mentions.add(a_mention_by_somebody())
    token = aws_lambda.ports.tokens.create("crm", ["read", "write"], NOW)

    for given in (token, BEARER):
        assert aws_lambda.call("serve_api", asked(what, given))["statusCode"] < 500

    assert quiet(aws_lambda.log.getvalue())


@errors
@pytest.mark.parametrize("port", ["mentions", "desks", "tokens", "timers"])
@pytest.mark.parametrize("what", ["looked up", "dismissed with a note", "its page", "the desk"])
def test_of_what_is_asked_and_fails(aws_lambda: Lambda, what: str, port: str, error: Exception) -> None:
    aws_lambda.ports.mentions.add(a_mention_by_somebody())
    token = aws_lambda.ports.tokens.create("crm", ["read", "write"], NOW)
    setattr(aws_lambda.ports, port, Broken(error))

    answer = aws_lambda.call("serve_api", asked(what, token))

    assert answer is not None
    assert quiet(aws_lambda.log.getvalue())
    assert quiet(answer["body"]) or answer["statusCode"] == 200


def test_every_function_is_tried_here() -> None:
    here = Path(__file__).read_text()

    assert all(f'"{each.parent.name}"' in here for each in FUNCTIONS.glob("*/app.py"))


def test_a_canary_would_be_seen(aws_lambda: Lambda) -> None:
    aws_lambda.ports.sources = Broken(ERRORS["a bug"])
    with aws_lambda._logging():
        aws_lambda._load("receive_webhook").runtime.logger.debug("told", extra={"text": TEXT})

    assert not quiet(aws_lambda.log.getvalue())
