"""An HTTP API in front of the function: requests become events of payload format 2.0, as API Gateway writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aws_lambda_powertools.utilities.typing import LambdaContext

from answerby import api
from answerby.domain.mention import Mention
from tests.builders import NOW, a_desk
from tests.fakes.desks import FakeDesks
from tests.fakes.mentions import FakeMentions
from tests.fakes.timers import FakeTimers
from tests.fakes.tokens import FakeTokens


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def fields(self) -> dict[str, str]:
        return {each["field"]: each["message"] for each in self.error["fields"]}


@dataclass
class Service:
    mentions: FakeMentions = field(default_factory=FakeMentions)
    desks: FakeDesks = field(default_factory=lambda: FakeDesks(a_desk()))
    tokens: FakeTokens = field(default_factory=FakeTokens)
    timers: FakeTimers = field(default_factory=FakeTimers)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.token = self.tokens.create("crm", ["read", "write"], self.now)
        self.api = api.build(self.mentions, self.desks, self.tokens, self.timers, lambda: self.now)

    def get(self, path: str, **given: Any) -> Answer:
        return self.ask("GET", path, **given)

    def post(self, path: str, document: object = None, **given: Any) -> Answer:
        return self.ask("POST", path, None if document is None else json.dumps(document), **given)

    def ask(self, method: str, path: str, body: str | None = None, **given: Any) -> Answer:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        answer = self.api.resolve(event(method, path, body, headers, **given), LambdaContext())
        return Answer(status=answer["statusCode"], headers=answer["headers"], body=answer["body"])

    def stored(self, mention_id: str) -> Mention:
        mention = self.mentions.get(mention_id)
        assert mention is not None
        return mention


def event(  # as in docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    method: str,
    path: str,
    body: str | None,
    defaults: Mapping[str, str],
    *,
    headers: Mapping[str, str | None] | None = None,
    encoded: bool = False,
    stage: str = "$default",
) -> dict[str, Any]:
    address = urlsplit(path)
    raw_path = address.path if stage == "$default" else f"/{stage}{address.path}"
    written: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": raw_path,
        "rawQueryString": address.query,
        "headers": {name: value for name, value in {**defaults, **(headers or {})}.items() if value is not None},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "domainName": "id.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "ANY /api/{proxy+}",
            "stage": stage,
            "time": "02/Mar/2026:09:00:00 +0000",
            "timeEpoch": 1772442000000,
        },
        "isBase64Encoded": encoded,
    }
    if address.query:
        values = parse_qs(address.query, keep_blank_values=True)
        written["queryStringParameters"] = {name: ",".join(value) for name, value in values.items()}
    if body is not None:
        written["body"] = body
    return written
