"""What Facebook and Instagram share: Meta's handshake, signature and envelope of entries and changes.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from answerby.domain.source import Source
from answerby.networks.fields import FieldError, account_id, label, mapping, optional, required, sane, unix_time
from answerby.networks.reading import Found, is_brand, one_of_each
from answerby.networks.signature import is_signed, signature
from answerby.networks.webhook import Answer, BodyError, Delivery, Keys, Request

SIGNATURE = "x-hub-signature-256"

PRIVATE_REPLY_WINDOW = timedelta(days=7)
"""https://developers.facebook.com/documentation/business-messaging/messenger-platform/discovery/private-replies"""

MAX_ID = 120

_TEST_ACCOUNT = "0"
"""The dashboard's test button sends made-up events of this account."""

_TOLD_BY = frozenset({"changes", "changed_fields", "messaging", "standby"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One update of one account, as a source heard it. `time` is when Meta sent it, in seconds since 1970."""

    account: str | None
    time: Any
    field: str
    value: Mapping[str, Any]
    source: Source
    now: datetime

    @property
    def sent_at(self) -> datetime | None:
        return sane(optional({"entry.time": self.time}, "entry.time", unix_time), self.now)

    def is_own(self, *ids: str | None) -> bool:
        """Whether one of the ids or handles is the account's."""
        return is_brand(self.source, *ids) or (self.account is not None and self.account in ids)


class Dialect(NamedTuple):
    """What a network says in Meta's envelope: values of `object`, the fields that are read, and how."""

    objects: Collection[str]
    fields: Collection[str]
    read: Callable[[Change], Found]


def handshake(request: Request, keys: Keys) -> Answer | None:
    query = request.query
    known = _same(query.get("hub.verify_token", ""), keys.verify_token)
    challenge = query.get("hub.challenge")
    if request.method != "GET" or query.get("hub.mode") != "subscribe" or not known or not challenge:
        return None
    return Answer(status=200, body=challenge, content_type="text/plain")


def verify(request: Request, keys: Keys, now: datetime) -> bool:  # noqa: ARG001
    """Meta signs the body as sent, with every non-ASCII character escaped, and no time: only the bytes count."""
    return is_signed(request.headers.get(SIGNATURE, ""), request.body, keys, _spelled)


def sign(body: bytes, keys: Keys, now: datetime) -> dict[str, str]:  # noqa: ARG001
    return {"content-type": "application/json", SIGNATURE: signature(keys.secrets[0], body, _spelled)}


def parse(document: Any, source: Source, now: datetime, dialect: Dialect) -> Delivery:
    if not isinstance(document, dict | list):
        raise BodyError("the body must be a JSON object")
    delivery = Delivery()
    for envelope in document if isinstance(document, list) else [document]:
        for event in _events(envelope, dialect.objects, delivery):
            try:
                delivery.take(_read(event, source, now, dialect))
            except FieldError as error:
                delivery.spoil(event, str(error))
    delivery.posts = one_of_each(delivery.posts)
    return delivery


def _events(envelope: Any, objects: Collection[str], delivery: Delivery) -> Iterator[dict[str, Any]]:
    """Envelopes of one change each, as if it had been sent alone: so a bad one can be kept, and sent again."""
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    name = envelope.get("object") if isinstance(envelope, dict) else None
    if isinstance(name, str) and name not in objects:
        delivery.ignore(label("object", name))
    elif isinstance(entries, list):
        for entry in entries:
            yield from _entry_events(name, entry, delivery)
    elif isinstance(envelope, dict) and name is None and entries is None:
        delivery.ignore("unknown")
    else:
        delivery.spoil(envelope, "entry: must be a list")


def _entry_events(name: Any, entry: Any, delivery: Delivery) -> Iterator[dict[str, Any]]:
    if not isinstance(entry, dict):
        delivery.spoil({"object": name, "entry": [entry]}, "entry: must be an object")
        return
    if str(entry.get("id")) == _TEST_ACCOUNT:
        delivery.ignore("test")
        return
    about = {"id": entry.get("id"), "time": entry.get("time")}
    if len(str(about["id"])) > MAX_ID:
        delivery.spoil({"object": name, "entry": [entry]}, f"entry.id: is longer than {MAX_ID} characters")
        return
    for change in _changes(entry, delivery):
        yield {"object": name, "entry": [{**about, "changes": [change]}]}


def _changes(entry: dict[str, Any], delivery: Delivery) -> list[Any]:
    # Direct messages are a conversation of their own kind, in which a page's inbox takes part.
    for key in ("messaging", "standby"):
        if key in entry:
            delivery.ignore("messaging", _length(entry[key]))
    # Without the app's setting "Include Values" Meta names only what changed.
    names = entry.get("changed_fields")
    for name in names if isinstance(names, list) else ():
        delivery.ignore(label(name, "no_value"))
    if "field" in entry:  # newer examples of Instagram put the one change directly on the entry
        return [{"field": entry["field"], "value": entry.get("value")}]
    if not _TOLD_BY & entry.keys():
        delivery.ignore("unknown")
    changes = entry.get("changes", [])
    return changes if isinstance(changes, list) else [changes]


def _read(event: dict[str, Any], source: Source, now: datetime, dialect: Dialect) -> Found:
    (entry,) = event["entry"]
    (change,) = entry["changes"]
    name = change.get("field") if isinstance(change, dict) else None
    if not isinstance(name, str):
        raise FieldError("changes: must be objects with a field")
    if name not in dialect.fields:
        return label(name)
    if change.get("value") is None:
        return label(name, "no_value")
    value = required(change, "value", mapping)
    account = optional(entry, "id", account_id)
    return dialect.read(Change(account=account, time=entry["time"], field=name, value=value, source=source, now=now))


def _spelled(digest: bytes) -> str:
    return f"sha256={digest.hex()}"


def _same(given: str, expected: str) -> bool:
    """Constant-time; an unset token is nobody's."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode()) and bool(expected)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1
