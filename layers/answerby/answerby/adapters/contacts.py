"""What SNS knows of the ways to people: their topics' subscriptions, opt-outs, and what the account may send.

A call that is refused, or that a local AWS does not know, leaves its fact unknown; so does one that fails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from answerby.adapters import aws
from answerby.domain.desk import Person
from answerby.domain.mention import Channel
from answerby.domain.readiness import ContactState, SmsAccount

T = TypeVar("T")

_DELETED = "Deleted"
"""In place of the ARN of a subscription that was; `PendingConfirmation` of one that is not confirmed yet.
https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html"""

_log = logging.getLogger(__name__)


class SnsContacts:
    """ports.Contacts. `topic_prefix` and a person's id make the ARN of their topic."""

    def __init__(self, topic_prefix: str) -> None:
        self._topic_prefix = topic_prefix
        self._client = aws.client("sns")

    def states(self, person: Person) -> Mapping[Channel, ContactState]:
        wanted = {Channel.SMS: person.sms, Channel.EMAIL: person.email}
        contacts = {channel: contact for channel, contact in wanted.items() if contact}
        if not contacts:
            return {}
        subscribed = _asked(lambda: self._subscriptions(person.id))
        if subscribed is None:
            return dict.fromkeys(contacts, ContactState.UNKNOWN)
        states = {channel: subscribed.get((channel, to), ContactState.MISSING) for channel, to in contacts.items()}
        if person.sms and states[Channel.SMS] is ContactState.CONFIRMED:
            states[Channel.SMS] = self._opted_out(person.sms)
        return states

    def account(self) -> SmsAccount:
        in_sandbox = _asked(lambda: bool(self._client.get_sms_sandbox_account_status()["IsInSandbox"]))
        verified = _asked(self._verified) if in_sandbox else None
        return SmsAccount(in_sandbox=in_sandbox, verified=verified, monthly_limit=_asked(self._monthly_limit))

    def _subscriptions(self, person: str) -> Mapping[tuple[str, str], ContactState]:
        """By protocol, which is the channel's name, and endpoint. Without a topic there are none."""
        pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._topic_prefix + person)
        try:
            listed = [each for page in pages for each in page["Subscriptions"]]
        except ClientError as error:
            if aws.code(error) in {"NotFound", "NotFoundException"}:
                return {}
            raise
        states: dict[tuple[str, str], ContactState] = {}
        for each in listed:
            key, state = (each["Protocol"], each["Endpoint"]), _state(each["SubscriptionArn"])
            # A contact that unsubscribed and subscribed again is listed twice.
            if key not in states or states[key] is ContactState.GONE:
                states[key] = state
        return states

    def _opted_out(self, number: str) -> ContactState:
        answer = _asked(lambda: self._client.check_if_phone_number_is_opted_out(phoneNumber=number))
        if answer is None:
            return ContactState.UNKNOWN
        return ContactState.OPTED_OUT if answer["isOptedOut"] else ContactState.CONFIRMED

    def _verified(self) -> frozenset[str]:
        pages = self._client.get_paginator("list_sms_sandbox_phone_numbers").paginate()
        numbers = [each for page in pages for each in page["PhoneNumbers"]]
        return frozenset(each["PhoneNumber"] for each in numbers if each["Status"] == "Verified")

    def _monthly_limit(self) -> float:
        answer: Any = self._client.get_sms_attributes(attributes=["MonthlySpendLimit"])
        return float(answer["attributes"]["MonthlySpendLimit"])


def _state(subscription_arn: str) -> ContactState:
    if subscription_arn == _DELETED:
        return ContactState.GONE
    return ContactState.CONFIRMED if subscription_arn.startswith("arn:") else ContactState.PENDING


def _asked(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (ClientError, BotoCoreError, KeyError, ValueError) as error:
        why = aws.code(error) if isinstance(error, ClientError) else type(error).__name__
        _log.info("SNS did not tell", extra={"error": why})
        return None
