"""Alerts over one SNS topic per person, each channel with a text of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from answerby.adapters import aws
from answerby.channels import mail, readiness, sms
from answerby.domain.desk import Desk, Person
from answerby.domain.mention import Alert, Channel, Mention
from answerby.domain.readiness import Finding
from answerby.ports import UnavailableError, UndeliverableError

MESSAGE_LIMIT = 256 * 1024
"""Bytes of a message with all its channels' texts: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

_READINESS = "readiness"
_ATTRIBUTES_ROOM = 4 * 1024
_CUT = "\n(cut here: the whole post is behind the link)\n"

# As a promotional message it may be dropped: https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
_TRANSACTIONAL = {"AWS.SNS.SMS.SMSType": "Transactional"}

_EVERY_CHANNEL = {"channels": {"DataType": "String.Array", "StringValue": json.dumps(list(Channel))}}
"""For subscriptions that hear only what is for their channel."""

# No retry mends these. Anything else may pass, a missing grant included: it can be given while the alert waits.
_HOPELESS = frozenset(
    {"NotFound", "EndpointDisabled", "InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"}
)


class TopicNotifier:
    """ports.Notifier. `topic_prefix` and a person's id make the ARN of their topic."""

    def __init__(self, topic_prefix: str, link_base_url: str) -> None:
        self._topic_prefix = topic_prefix
        self._link_base_url = link_base_url
        self._client = aws.client("sns")

    def send(self, alert: Alert, mention: Mention, person: Person, desk: Desk) -> str:
        if not (person.sms or person.email):
            raise UndeliverableError(f"{person.id} has neither a phone number nor a mail address")
        link = f"{self._link_base_url}/m/{quote(mention.id, safe=':')}"
        subject = mail.subject(alert, mention)
        text = mail.text(alert, mention, person, desk, link)
        message = _message(alert, mention, link, sms.text(alert, mention, person, link), subject, text)
        return _publish(
            self._client,
            TopicArn=self._topic_prefix + person.id,
            Subject=subject,
            MessageStructure="json",
            Message=message,
            MessageAttributes=_attributes(alert, mention),
        )


class TopicMessenger:
    """ports.Messenger. `topic_prefix` as above."""

    def __init__(self, topic_prefix: str) -> None:
        self._topic_prefix = topic_prefix
        self._client = aws.client("sns")

    def tell(self, person: Person, findings: Sequence[Finding], now: datetime) -> None:
        if not (person.sms or person.email):
            raise UndeliverableError(f"{person.id} has neither a phone number nor a mail address")
        text, short = readiness.mail(findings, person, now), readiness.sms(findings)
        # Programs that read alerts find the same fields here.
        document = {
            "mention_id": None,
            "person": person.id,
            "reason": _READINESS,
            "sms": short,
            "mail": {"subject": readiness.SUBJECT, "text": text},
        }
        _publish(
            self._client,
            TopicArn=self._topic_prefix + person.id,
            Subject=readiness.SUBJECT,
            MessageStructure="json",
            Message=_json({"default": text, "email": text, "sms": short, "sqs": _json(document)}),
            MessageAttributes=_texts({**_TRANSACTIONAL, "reason": _READINESS}) | _EVERY_CHANNEL,
        )


def _publish(client: Any, **message: Any) -> str:
    """The message id. Raises UndeliverableError when no retry can help, UnavailableError otherwise."""
    try:
        answer = client.publish(**message)
    except ClientError as error:
        if aws.code(error) in _HOPELESS:
            raise UndeliverableError(f"SNS refused the message to its topic: {aws.code(error)}") from error
        raise UnavailableError(f"SNS did not take the message: {aws.code(error)}") from error
    except BotoCoreError as error:
        raise UnavailableError(f"SNS is away: {type(error).__name__}") from error
    return str(answer["MessageId"])


def _message(alert: Alert, mention: Mention, link: str, short: str, subject: str, text: str) -> str:
    """The texts by channel. A mail too long for SNS is cut: an alert that says less beats one that is refused."""
    while True:
        document = {
            "id": alert.id,
            "mention_id": mention.id,
            "person": alert.person,
            "reason": alert.reason,
            "rung": alert.rung,
            "round": alert.round,
            "decided_at": _utc(alert),
            "network": mention.post.network,
            "link": link,
            "sms": short,
            "mail": {"subject": subject, "text": text},
        }
        message = _json({"default": text, "email": text, "sms": short, "sqs": _json(document)})
        if len(message.encode()) <= MESSAGE_LIMIT - _ATTRIBUTES_ROOM:
            return message
        text = text[: len(text) // 2] + _CUT


def _attributes(alert: Alert, mention: Mention) -> dict[str, Any]:
    values = {
        **_TRANSACTIONAL,
        "mention_id": mention.id,
        "network": mention.post.network,
        "reason": str(alert.reason),
        "rung": str(alert.rung),
    }
    return _texts(values)


def _texts(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def _utc(alert: Alert) -> str:
    return f"{alert.decided_at:%Y-%m-%dT%H:%M:%SZ}"


def _json(document: dict[str, Any]) -> str:
    # A lone surrogate, as a cut emoji leaves one behind, has no UTF-8 form.
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace").decode()
