from __future__ import annotations

import pytest
from botocore.stub import Stubber

from answerby.cli.topics import Contact, SnsTopics

PREFIX = "arn:aws:sns:eu-west-1:111122223333:answerby-person-"
DEV = f"{PREFIX}dev"


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> SnsTopics:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return SnsTopics(PREFIX)


def subscription(protocol: str, endpoint: str, arn: str) -> dict[str, str]:
    return {"Protocol": protocol, "Endpoint": endpoint, "SubscriptionArn": arn, "TopicArn": DEV, "Owner": "1"}


def test_everybody_with_a_topic_of_this_stack_is_found_on_every_page(topics: SnsTopics) -> None:
    pages = [["answerby-person-ana", "other-person-ben"], ["answerby-alarms", "answerby-person-dev"]]
    with Stubber(topics._client) as answers:
        for at, names in enumerate(pages):
            arns = [{"TopicArn": f"arn:aws:sns:eu-west-1:111122223333:{name}"} for name in names]
            more = {"NextToken": "more"} if at == 0 else {}
            answers.add_response("list_topics", {"Topics": arns, **more}, {"NextToken": "more"} if at else {})
        assert topics.people() == ["ana", "dev"]


def test_what_others_subscribed_is_told_from_what_is_ours(topics: SnsTopics) -> None:
    listed = [
        subscription("sms", "+12025550144", f"{DEV}:1"),
        subscription("sqs", "arn:aws:sqs:eu-west-1:111122223333:pager", f"{DEV}:2"),
        subscription("https", "https://example.com/gone", "Deleted"),
    ]
    with Stubber(topics._client) as answers:
        for _ in range(2):
            answers.add_response("list_subscriptions_by_topic", {"Subscriptions": listed}, {"TopicArn": DEV})
        assert topics.contacts("dev") == {Contact(protocol="sms", endpoint="+12025550144"): f"{DEV}:1"}
        assert topics.foreign("dev") == [Contact(protocol="sqs", endpoint="arn:aws:sqs:eu-west-1:111122223333:pager")]


def test_a_subscription_hears_only_what_goes_by_its_channel(topics: SnsTopics) -> None:
    contact = Contact(protocol="email", endpoint="dev@example.com")
    with Stubber(topics._client) as answers:
        answers.add_response(
            "subscribe",
            {"SubscriptionArn": "pending confirmation"},
            {
                "TopicArn": DEV,
                "Protocol": contact.protocol,
                "Endpoint": contact.endpoint,
                "Attributes": {"FilterPolicy": '{"channels": ["email"]}'},
            },
        )
        topics.subscribe("dev", contact)
        answers.add_response("get_subscription_attributes", {"Attributes": {}}, {"SubscriptionArn": f"{DEV}:1"})
        assert not topics.is_limited(f"{DEV}:1", "email")
        assert topics.is_limited("PendingConfirmation", "email")


def test_a_topic_that_is_not_there_has_no_contacts(topics: SnsTopics) -> None:
    with Stubber(topics._client) as answers:
        answers.add_client_error("list_subscriptions_by_topic", "NotFound")
        assert topics.contacts("dev") is None
