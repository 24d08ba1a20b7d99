"""Messages over one SNS topic per person, each channel with a text of its own."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from answerby.adapters import aws
from answerby.channels import bundle, mail, readiness, sms
from answerby.domain.desk import Desk, Person
from answerby.domain.manners import Line, most_urgent_first
from answerby.domain.mention import Alert, Channel, Mention
from answerby.domain.readiness import Finding
from answerby.ports import Bundle, UnavailableError, UndeliverableError

MESSAGE_LIMIT = 256 * 1024
"""Bytes of a message with all its channels' texts: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
BUNDLE = "bundle"
"""The reason that programs get for a message that names several alerts."""
LINES_OF_A_MAIL = 1_000

_READINESS = "readiness"
_ROOM = MESSAGE_LIMIT - 4 * 1024
"""Of a message, beside its attributes."""
_CUT = "\n(cut here: the whole post is behind the link)\n"

# No retry mends these. Anything else may pass, a missing grant included: it can be given while the alert waits.
_HOPELESS = frozenset(
    {"NotFound", "EndpointDisabled", "InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"}
)


class TopicNotifier:
    """ports.Notifier. `topic_prefix` and a person's id make the ARN of their topic. A message says in its attribute
    `channels` by which it is to go: people's subscriptions hear only theirs, those of programs hear everything."""

    def __init__(self, topic_prefix: str, link_base_url: str) -> None:
        self._topic_prefix = topic_prefix
        self._link_base_url = link_base_url
        self._client = aws.client("sns")

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk, channels: Collection[Channel]) -> str:
        link = self._link(mention.id)
        subject = mail.subject(alert, mention)
        text = mail.text(alert, mention, person, desk, link)
        message = _message(alert, mention, link, channels, sms.text(alert, mention, person, link), subject, text)
        told = {
            "mention_id": mention.id,
            "network": mention.post.network,
            "reason": str(alert.reason),
            "rung": str(alert.rung),
        }
        return self._publish(person, subject, message, channels, told)

    def send_bundle(
        self, lines: Sequence[Line], person: Person, channels: Collection[Channel], now: datetime
    ) -> Bundle:
        """A mail names each with its link, as many as it holds; the text message tells their number."""
        some = lines[:LINES_OF_A_MAIL] if Channel.EMAIL in channels else lines
        while len((message := self._bundled(some, len(lines), person, channels, now)).encode()) > _ROOM:
            some = some[: len(some) // 2]
        subject = bundle.subject(most_urgent_first(some), person, now)
        told = {"mention_id": lines[0].mention_id, "reason": BUNDLE}
        return Bundle(self._publish(person, subject, message, channels, told), len(some))

    def _bundled(
        self, lines: Sequence[Line], of: int, person: Person, channels: Collection[Channel], now: datetime
    ) -> str:
        ordered = most_urgent_first(lines)
        link = self._link(ordered[0].mention_id)
        short = bundle.sms(ordered, person, link, now)
        text = bundle.mail(ordered, of, person, self._link, now) if Channel.EMAIL in channels else short
        document = {
            "id": lines[0].alert_id,
            "mention_id": lines[0].mention_id,
            "mention_ids": [line.mention_id for line in ordered],
            "alert_ids": [line.alert_id for line in ordered],
            "person": person.id,
            "reason": BUNDLE,
            "decided_at": _utc(now),
            "channels": list(channels),
            "link": link,
            "sms": short,
            # Without the mail's text, which would halve what a message has room for.
            "mail": {"subject": bundle.subject(ordered, person, now)},
        }
        return _json({"default": short, "email": text, "sms": short, "sqs": _json(document)})

    def _publish(
        self, person: Person, subject: str, message: str, channels: Collection[Channel], told: Mapping[str, str]
    ) -> str:
        return _publish(self._client, self._topic_prefix, person, subject, message, _attributes(channels, told))

    def _link(self, mention_id: str) -> str:
        return f"{self._link_base_url}/m/{quote(mention_id, safe=':')}"


class TopicMessenger:
    """ports.Messenger. `topic_prefix` as above."""

    def __init__(self, topic_prefix: str) -> None:
        self._topic_prefix = topic_prefix
        self._client = aws.client("sns")

    def tell(self, person: Person, findings: Sequence[Finding], now: datetime) -> None:
        text, short = readiness.mail(findings, person, now), readiness.sms(findings)
        # Programs that read alerts find the same fields here.
        document = {
            "mention_id": None,
            "person": person.id,
            "reason": _READINESS,
            "decided_at": _utc(now),
            "channels": list(Channel),
            "sms": short,
            "mail": {"subject": readiness.SUBJECT, "text": text},
        }
        message = _json({"default": short, "email": text, "sms": short, "sqs": _json(document)})
        attributes = _attributes(tuple(Channel), {"reason": _READINESS})
        _publish(self._client, self._topic_prefix, person, readiness.SUBJECT, message, attributes)


def _publish(
    client: Any, topic_prefix: str, person: Person, subject: str, message: str, attributes: Mapping[str, Any]
) -> str:
    """The message id. Raises UndeliverableError when no retry can help, UnavailableError otherwise."""
    if not (person.sms or person.email):
        raise UndeliverableError(f"{person.id} has neither a phone number nor a mail address")
    try:
        answer = client.publish(
            TopicArn=topic_prefix + person.id,
            Subject=subject,
            MessageStructure="json",
            Message=message,
            MessageAttributes=attributes,
        )
    except ClientError as error:
        if aws.code(error) in _HOPELESS:
            raise UndeliverableError(f"SNS refused the message to {person.id}: {aws.code(error)}") from error
        raise UnavailableError(f"SNS did not take the message: {aws.code(error)}") from error
    except BotoCoreError as error:
        raise UnavailableError(f"SNS is away: {type(error).__name__}") from error
    return str(answer["MessageId"])


def _message(
    alert: Alert, mention: Mention, link: str, channels: Collection[Channel], short: str, subject: str, text: str
) -> str:
    """The texts by channel. A mail too long for SNS is cut: an alert that says less beats one that is refused."""
    while True:
        document = {
            "id": alert.id,
            "mention_id": mention.id,
            "person": alert.person,
            "reason": alert.reason,
            "rung": alert.rung,
            "round": alert.round,
            "decided_at": _utc(alert.decided_at),
            "channels": list(channels),
            "network": mention.post.network,
            "link": link,
            "sms": short,
            "mail": {"subject": subject, "text": text},
        }
        message = _json({"default": text, "email": text, "sms": short, "sqs": _json(document)})
        if len(message.encode()) <= _ROOM:
            return message
        text = text[: len(text) // 2] + _CUT


def _attributes(channels: Collection[Channel], told: Mapping[str, str]) -> dict[str, Any]:
    values = {
        # As a promotional message it may be dropped:
        # https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
        "AWS.SNS.SMS.SMSType": "Transactional",
        **told,
    }
    return {
        "channels": {"DataType": "String.Array", "StringValue": json.dumps(list(channels))},
        **{name: {"DataType": "String", "StringValue": value} for name, value in values.items()},
    }


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _json(document: dict[str, Any]) -> str:
    # A lone surrogate, as a cut emoji leaves one behind, has no UTF-8 form.
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace").decode()
