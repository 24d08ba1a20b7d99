"""A signed delivery, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from answerby.networks.webhook import Request
from answerby.usecases.receive import Task
from answerby.usecases.take_delivery import Reply, take_delivery
from tests.builders import NOW
from tests.fakes.mentions import FakeMentions
from tests.security.senders import SENDERS, SOURCES


def deliver(source: str, body: Any, mentions: FakeMentions | None = None, **headers: str) -> Reply:
    """Signed by the source; a body that is not bytes yet is written as JSON, `_` in a header's name is a hyphen."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {name.replace("_", "-"): said for name, said in headers.items()}
    return send(
        source, Request(method="POST", headers=SENDERS[source].signed(raw) | given, query={}, body=raw), mentions
    )


def ask(source: str, **query: str) -> Reply:
    """A handshake; `_` in a name is a dot."""
    named = {name if name == "crc_token" else name.replace("_", ".", 1): said for name, said in query.items()}
    return send(source, Request(method="GET", headers={}, query=named, body=b""))


def send(source: str, request: Request, mentions: FakeMentions | None = None) -> Reply:
    return take_delivery(request, source, SOURCES, mentions or FakeMentions(), NOW, _run)


def page_of(*changes: Any, **entry: Any) -> Any:
    return {"object": "page", "entry": [{"id": "100", "time": 1, "changes": list(changes), **entry}]}


def comment(native_id: str, text: str, name: str = "Sam") -> Any:
    said = {"item": "comment", "verb": "add", "comment_id": native_id, "message": text}
    return {"field": "feed", "value": {**said, "from": {"id": "7", "name": name}}}


def _run(tasks: Iterable[Task]) -> list[bool]:
    return [task() for task in tasks]
