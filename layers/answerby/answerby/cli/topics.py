"""The SNS topics that people are called through: one each, with a subscription per contact."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from answerby.adapters import aws

OURS = ("sms", "email")
"""Protocols that the desk file decides about. What else is subscribed was put there by somebody for a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    protocol: str
    endpoint: str


def _only(protocol: str) -> str:
    """A filter policy: of the messages, those that are to go by this channel.
    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"""
    return json.dumps({"channels": [protocol]})


class SnsTopics:
    """`prefix` and a person's id make the ARN of their topic."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._client: Any = aws.client("sns")

    def arn(self, person: str) -> str:
        return self._prefix + person

    def people(self) -> Sequence[str]:
        """Who has a topic, on the desk or not: the topics themselves tell, even after a change that broke off."""
        pages = self._client.get_paginator("list_topics").paginate()
        arns = [each["TopicArn"] for page in pages for each in page["Topics"]]
        return [arn.removeprefix(self._prefix) for arn in arns if arn.startswith(self._prefix)]

    def contacts(self, person: str) -> dict[Contact, str] | None:
        """Those subscriptions of a person's topic that are ours, with their ARNs; None if there is no topic."""
        subscriptions = self._subscriptions(person)
        if subscriptions is None:
            return None
        return {contact: arn for contact, arn in subscriptions.items() if contact.protocol in OURS}

    def foreign(self, person: str) -> Sequence[Contact]:
        """What is subscribed to a person's topic and not ours."""
        return [contact for contact in self._subscriptions(person) or () if contact.protocol not in OURS]

    def create(self, person: str) -> None:
        """Nothing happens if it is there."""
        self._client.create_topic(Name=self.arn(person).rpartition(":")[2])

    def subscribe(self, person: str, contact: Contact) -> None:
        self._client.subscribe(
            TopicArn=self.arn(person),
            Protocol=contact.protocol,
            Endpoint=contact.endpoint,
            Attributes={"FilterPolicy": _only(contact.protocol)},
        )

    def is_limited(self, subscription_arn: str, protocol: str) -> bool:
        """Whether the subscription hears only what is for its channel. One that has not confirmed yet cannot be asked,
        and was made so."""
        if not subscription_arn.startswith("arn:"):
            return True
        attributes = self._client.get_subscription_attributes(SubscriptionArn=subscription_arn)["Attributes"]
        return bool(attributes.get("FilterPolicy") == _only(protocol))

    def limit(self, subscription_arn: str, protocol: str) -> None:
        self._client.set_subscription_attributes(
            SubscriptionArn=subscription_arn, AttributeName="FilterPolicy", AttributeValue=_only(protocol)
        )

    def unsubscribe(self, subscription_arn: str) -> None:
        """A mail address that never confirmed cannot be unsubscribed: SNS forgets it by itself."""
        if subscription_arn.startswith("arn:"):
            self._client.unsubscribe(SubscriptionArn=subscription_arn)

    def delete(self, person: str) -> None:
        """With all its subscriptions."""
        self._client.delete_topic(TopicArn=self.arn(person))

    def _subscriptions(self, person: str) -> dict[Contact, str] | None:
        pages = self._client.get_paginator("list_subscriptions_by_topic")
        try:
            listed = [each for page in pages.paginate(TopicArn=self.arn(person)) for each in page["Subscriptions"]]
        except ClientError as error:
            if aws.code(error) in {"NotFound", "NotFoundException"}:
                return None
            raise
        return {
            Contact(protocol=each["Protocol"], endpoint=each["Endpoint"]): each["SubscriptionArn"]
            for each in listed
            if each["SubscriptionArn"] != "Deleted"
        }
