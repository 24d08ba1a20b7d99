"""ports.Notifier, as SNS and the fake keep it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from answerby.adapters import aws
from answerby.adapters.sns import MESSAGE_LIMIT, TopicNotifier
from answerby.domain.decide import decide
from answerby.domain.desk import Person
from answerby.domain.mention import Mention
from answerby.ports import Notifier, UnavailableError, UndeliverableError
from tests.builders import ANA, NOW, a_desk, a_mention
from tests.contract.faults import put_in_the_way, unreachable
from tests.contract.local_aws import LocalAws, queue_arn
from tests.contract.waiting import eventually
from tests.fakes.notifier import FakeNotifier


def routed(text: str = "My parcel never came.") -> Mention:
    return decide(a_mention("1_2", text=text), a_desk(), NOW)


def sent(notifier: Notifier, person: Person, mention: Mention | None = None) -> str:
    mention = mention or routed()
    return notifier.send(mention.outbox[0], mention, person, a_desk())


@pytest.fixture
def topics(local_aws: LocalAws, unique: str) -> str:
    """A prefix of topic ARNs: Ana has a topic, nobody else has."""
    arn: str = aws.client("sns").create_topic(Name=f"{unique}-person-ana")["TopicArn"]
    return arn.removesuffix("ana")


@pytest.fixture
def by_sns(topics: str) -> TopicNotifier:
    return TopicNotifier(topics, "https://answerby.example")


@pytest.fixture(params=["memory", "sns"])
def notifier(request: pytest.FixtureRequest) -> Notifier:
    if request.param == "memory":
        return FakeNotifier(unknown={"nobody"})
    made: TopicNotifier = request.getfixturevalue("by_sns")
    return made


def test_each_alert_that_was_handed_over_has_an_id(notifier: Notifier) -> None:
    assert sent(notifier, ANA) != sent(notifier, ANA)


def test_a_person_without_a_topic_cannot_be_reached(notifier: Notifier) -> None:
    with pytest.raises(UndeliverableError):
        sent(notifier, replace(ANA, id="nobody"))


def test_a_person_without_a_contact_cannot_be_reached(notifier: Notifier) -> None:
    with pytest.raises(UndeliverableError):
        sent(notifier, replace(ANA, sms=None, email=None))


@pytest.fixture
def queue(topics: str, unique: str) -> str:
    """A queue that programs would read Ana's alerts from."""
    queue_url: str = aws.client("sqs").create_queue(QueueName=f"{unique}-alerts")["QueueUrl"]
    aws.client("sns").subscribe(
        TopicArn=f"{topics}ana",
        Protocol="sqs",
        Endpoint=queue_arn(queue_url),
        Attributes={"RawMessageDelivery": "true"},
    )
    return queue_url


def received(queue: str) -> dict[str, Any]:
    (message,) = eventually(
        lambda: aws.client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"]).get("Messages", []),
        bool,
    )
    found: dict[str, Any] = message
    return found


def published(notifier: TopicNotifier, mention: Mention | None = None) -> dict[str, str]:
    """The parameters of one Publish."""
    requests: list[dict[str, str]] = []

    def note(params: dict[str, str], **_: Any) -> None:
        requests.append(dict(params))

    notifier._client.meta.events.register("provide-client-params.sns.Publish", note)
    sent(notifier, ANA, mention)
    return requests[0]


def test_a_program_gets_the_alert_as_a_document(by_sns: TopicNotifier, queue: str) -> None:
    mention = routed()
    sent(by_sns, ANA, mention)
    message = received(queue)
    document = json.loads(message["Body"])
    assert document["mention_id"] == mention.id
    assert document["person"] == "ana"
    assert document["link"] == "https://answerby.example/m/facebook:1_2"
    assert document["link"] in document["sms"]
    assert mention.post.text in document["mail"]["text"]
    assert message["MessageAttributes"]["reason"]["StringValue"] == "routed"


def test_each_channel_has_a_text_of_its_own(by_sns: TopicNotifier) -> None:
    request = published(by_sns)
    texts = json.loads(request["Message"])
    assert request["MessageStructure"] == "json"
    assert set(texts) == {"default", "email", "sms", "sqs"}
    assert texts["default"] == texts["email"]
    assert len(texts["sms"]) <= 160 < len(texts["email"])


@pytest.mark.parametrize("text", ["\N{PILE OF POO}" * 49_000, '"\\\n' * 16_000, "half an emoji \ud83d"])
def test_no_post_is_too_large_or_too_odd_for_a_message(by_sns: TopicNotifier, text: str) -> None:
    message = published(by_sns, routed(text))["Message"]
    assert len(message.encode()) < MESSAGE_LIMIT
    assert json.loads(json.loads(message)["sqs"])["mail"]["text"]


def answering(code: str, status: int) -> Any:
    """SNS speaks XML."""
    from botocore.awsrequest import AWSResponse

    from tests.contract.faults import _Body

    content = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>".encode()
    return lambda request: AWSResponse(request.url, status, {}, _Body(content))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("NotFound", 404, UndeliverableError),
        ("EndpointDisabled", 400, UndeliverableError),
        ("InvalidParameter", 400, UndeliverableError),
        ("Throttled", 429, UnavailableError),
        ("ThrottledException", 429, UnavailableError),
        ("InternalError", 500, UnavailableError),
        ("KMSThrottling", 400, UnavailableError),
        ("KMSAccessDenied", 400, UnavailableError),
        ("AuthorizationError", 403, UnavailableError),
    ],
)
def test_only_what_no_retry_mends_is_undeliverable(
    by_sns: TopicNotifier, code: str, status: int, error: type[Exception]
) -> None:
    with put_in_the_way(by_sns._client, "Publish", answering(code, status), 9), pytest.raises(error):
        sent(by_sns, ANA)


def test_sns_being_away_may_pass(by_sns: TopicNotifier) -> None:
    with unreachable(by_sns._client, "Publish"), pytest.raises(UnavailableError):
        sent(by_sns, ANA)
