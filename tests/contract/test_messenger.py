"""ports.Messenger, as SNS and the fake keep it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from answerby.adapters import aws
from answerby.adapters.sns import MESSAGE_LIMIT, TopicMessenger
from answerby.domain.readiness import Finding, Severity
from answerby.ports import Messenger, UnavailableError, UndeliverableError
from tests.builders import ANA, NOW
from tests.contract.faults import unreachable
from tests.contract.local_aws import LocalAws
from tests.fakes.messenger import FakeMessenger

GONE = Finding(severity=Severity.ERROR, about="person ben", what="the mail address was unsubscribed", to_do="Ask Ben")


@pytest.fixture
def by_sns(local_aws: LocalAws, unique: str) -> TopicMessenger:
    arn: str = aws.client("sns").create_topic(Name=f"{unique}-person-ana")["TopicArn"]
    return TopicMessenger(arn.removesuffix("ana"))


@pytest.fixture(params=["memory", "sns"])
def messenger(request: pytest.FixtureRequest) -> Messenger:
    if request.param == "memory":
        return FakeMessenger(unknown={"nobody"})
    made: TopicMessenger = request.getfixturevalue("by_sns")
    return made


def test_a_person_is_told(messenger: Messenger) -> None:
    messenger.tell(ANA, [GONE], NOW)


@pytest.mark.parametrize("person", [replace(ANA, id="nobody"), replace(ANA, sms=None, email=None)])
def test_who_has_no_topic_or_no_contact_cannot_be_told(messenger: Messenger, person: Any) -> None:
    with pytest.raises(UndeliverableError):
        messenger.tell(person, [GONE], NOW)


def test_sns_being_away_may_pass(by_sns: TopicMessenger) -> None:
    with unreachable(by_sns._client, "Publish"), pytest.raises(UnavailableError):
        by_sns.tell(ANA, [GONE], NOW)


def test_each_channel_has_a_text_of_its_own(by_sns: TopicMessenger) -> None:
    sent: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        sent.append(dict(params))

    by_sns._client.meta.events.register("provide-client-params.sns.Publish", note)
    by_sns.tell(ANA, [GONE] * 5_000, NOW)
    texts = json.loads(sent[0]["Message"])
    assert len(texts["sms"]) <= 160 < len(texts["email"])
    assert json.loads(texts["sqs"])["reason"] == "readiness"
    assert len(sent[0]["Message"].encode()) < MESSAGE_LIMIT
