"""ports.Notifier, as SNS and the fake keep it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from answerby.adapters import aws
from answerby.adapters.sns import LINES_OF_A_MAIL, MESSAGE_LIMIT, TopicNotifier
from answerby.cli.topics import SnsTopics
from answerby.domain.decide import decide
from answerby.domain.desk import Person
from answerby.domain.manners import Line, line_of
from answerby.domain.mention import Channel, Mention
from answerby.ports import Bundle, Notifier, UnavailableError, UndeliverableError
from tests.builders import ANA, NOW, a_desk, a_mention
from tests.contract.faults import put_in_the_way, unreachable
from tests.contract.local_aws import LocalAws, queue_arn
from tests.contract.waiting import eventually
from tests.fakes.notifier import FakeNotifier


def routed(text: str = "My parcel never came.") -> Mention:
    return decide(a_mention("1_2", text=text), a_desk(), NOW)


def sent(notifier: Notifier, person: Person, mention: Mention | None = None) -> str:
    mention = mention or routed()
    return notifier.send(mention.outbox[0], mention, person, a_desk(), tuple(Channel))


def bundled(notifier: Notifier, lines: Sequence[Line], *channels: Channel, person: Person = ANA) -> Bundle:
    return notifier.send_bundle(lines, person, channels or tuple(Channel), NOW)


def lines(count: int, text: str = "My parcel never came.") -> list[Line]:
    mention = routed(text)
    line = line_of(mention.outbox[0], mention)
    return [replace(line, alert_id=str(n), mention_id=f"facebook:{n}") for n in range(count)]


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


def test_a_bundle_names_all_it_was_given(notifier: Notifier) -> None:
    bundle = bundled(notifier, lines(30))
    assert bundle.named == 30
    assert bundle.message_id


def test_a_bundle_for_nobody_cannot_be_delivered(notifier: Notifier) -> None:
    for person in (replace(ANA, id="nobody"), replace(ANA, sms=None, email=None)):
        with pytest.raises(UndeliverableError):
            bundled(notifier, lines(2), person=person)


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


def publications(notifier: TopicNotifier, act: Callable[[], object]) -> list[dict[str, Any]]:
    """The parameters of each Publish."""
    requests: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        requests.append(dict(params))

    notifier._client.meta.events.register("provide-client-params.sns.Publish", note)
    act()
    return requests


def published(notifier: TopicNotifier, mention: Mention | None = None) -> dict[str, Any]:
    return publications(notifier, lambda: sent(notifier, ANA, mention))[0]


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


def test_a_program_gets_a_bundle_as_a_document(by_sns: TopicNotifier, queue: str) -> None:
    bundled(by_sns, lines(3))
    message = received(queue)
    document = json.loads(message["Body"])
    assert document["reason"] == "bundle"
    assert document["mention_ids"] == ["facebook:0", "facebook:1", "facebook:2"]
    assert "3 posts" in document["sms"]
    assert message["MessageAttributes"]["channels"]["StringValue"] == '["sms", "email"]'


def test_of_thousands_a_bundle_names_as_many_as_a_mail_holds(by_sns: TopicNotifier) -> None:
    bundles: list[Bundle] = []
    (request,) = publications(by_sns, lambda: bundles.append(bundled(by_sns, lines(3_000))))
    told = json.loads(request["Message"])["email"]
    assert told.count("/m/facebook:") == bundles[0].named == LINES_OF_A_MAIL
    assert f"{LINES_OF_A_MAIL} posts of 3000" in told


def test_a_text_message_alone_counts_any_number(by_sns: TopicNotifier) -> None:
    bundles: list[Bundle] = []
    (request,) = publications(by_sns, lambda: bundles.append(bundled(by_sns, lines(2_000), Channel.SMS)))
    assert "2000 posts" in json.loads(request["Message"])["sms"]
    assert bundles[0].named == 2_000


@pytest.mark.parametrize("text", ["\N{PILE OF POO}" * 500, '"\\\n' * 500])
def test_no_bundle_is_too_large(by_sns: TopicNotifier, text: str) -> None:
    bundles: list[Bundle] = []
    requests = publications(by_sns, lambda: bundles.append(bundled(by_sns, lines(2_000, text))))
    assert all(len(each["Message"].encode()) < MESSAGE_LIMIT for each in requests)
    told = "".join(json.loads(each["Message"])["email"] for each in requests)
    assert told.count("/m/facebook:") == bundles[0].named
    assert bundles[0].named >= 100


def test_a_subscription_hears_only_what_is_for_its_channel(by_sns: TopicNotifier, topics: str, queue: str) -> None:
    """As people's subscriptions are made; what goes out by SMS and by mail cannot be looked at here."""
    (subscription,) = aws.client("sns").list_subscriptions_by_topic(TopicArn=f"{topics}ana")["Subscriptions"]
    SnsTopics(topics).limit(subscription["SubscriptionArn"], "sms")
    assert SnsTopics(topics).is_limited(subscription["SubscriptionArn"], "sms")
    assert not SnsTopics(topics).is_limited(subscription["SubscriptionArn"], "email")
    mention = routed()
    for channel in (Channel.EMAIL, Channel.SMS, Channel.EMAIL):
        by_sns.send(mention.outbox[0], mention, ANA, a_desk(), (channel,))
    assert json.loads(received(queue)["Body"])["channels"] == ["sms"]
