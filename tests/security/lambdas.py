"""The functions themselves over ports in memory: what each answers, and everything that Lambda would write to a log."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from answerby import runtime
from answerby.adapters import bodies
from answerby.adapters.items import Item
from answerby.adapters.reader import TextReader
from tests.builders import NOW, a_desk
from tests.fakes.contacts import FakeContacts
from tests.fakes.desks import FakeDesks
from tests.fakes.heard import FakeHeard
from tests.fakes.mentions import FakeMentions
from tests.fakes.messenger import FakeMessenger
from tests.fakes.notifier import FakeNotifier
from tests.fakes.pagers import FakePagers
from tests.fakes.timers import FakeTimers
from tests.fakes.tokens import FakeTokens
from tests.security.senders import SOURCES

FUNCTIONS = Path(__file__).parents[2] / "functions"


class Timers(FakeTimers):
    def take_failed(self) -> int:
        return 0


class Heard(FakeHeard):
    def take_failed(self) -> int:
        return 0


@dataclass
class Ports:
    """What `runtime` hands to the functions. A test puts in what fails."""

    mentions: Any = field(default_factory=FakeMentions)
    desks: Any = field(default_factory=lambda: FakeDesks(a_desk()))
    tokens: Any = field(default_factory=FakeTokens)
    sources: Any = SOURCES
    timers: Any = field(default_factory=Timers)
    notifier: Any = field(default_factory=FakeNotifier)
    pagers: Any = field(default_factory=FakePagers)
    reader: Any = field(default_factory=TextReader)
    heard: Any = field(default_factory=Heard)
    contacts: Any = field(default_factory=FakeContacts)
    messenger: Any = field(default_factory=FakeMessenger)


@dataclass
class Lambda:
    """Loads a function anew for each call, as a cold start does, and keeps what it logs."""

    patch: pytest.MonkeyPatch
    ports: Ports = field(default_factory=Ports)
    log: io.StringIO = field(default_factory=io.StringIO)

    def call(self, name: str, event: dict[str, Any]) -> Any:
        """The function's answer; None if it raised, which Lambda logs."""
        with self._logging():
            try:
                return self._load(name).lambda_handler(event, LambdaContext())
            except Exception as error:  # noqa: BLE001
                frames = "".join(traceback.format_tb(error.__traceback__))
                self.log.write(f"[ERROR] {type(error).__name__}: {error}\nTraceback:\n{frames}")
                return None

    def _load(self, name: str) -> ModuleType:
        for port in vars(self.ports):
            self.patch.setattr(runtime, port, _always(getattr(self.ports, port)))
        self.patch.setattr(runtime, "clock", lambda: NOW)
        spec = importlib.util.spec_from_file_location(f"function_{name}", FUNCTIONS / name / "app.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    @contextlib.contextmanager
    def _logging(self) -> Iterator[None]:
        """Of the root logger warnings, as Lambda sets it up; of our own everything, with all that it carries along."""
        ours = runtime.logger.registered_handler
        assert isinstance(ours, logging.StreamHandler)
        stream, root, own = ours.setStream(self.log), logging.getLogger(), logging.getLogger("answerby")
        handler = _Everything(self.log)
        levels = root.level, own.level, runtime.logger.log_level
        root.addHandler(handler)
        root.setLevel(logging.WARNING)
        own.setLevel(logging.DEBUG)
        runtime.logger.setLevel(logging.DEBUG)
        try:
            with contextlib.redirect_stdout(self.log), contextlib.redirect_stderr(self.log):
                yield
        finally:
            root.setLevel(levels[0])
            own.setLevel(levels[1])
            runtime.logger.setLevel(levels[2])
            root.removeHandler(handler)
            if stream is not None:
                ours.setStream(stream)


class _Everything(logging.StreamHandler[io.StringIO]):
    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {vars(record)}"


def _always(port: Any) -> Callable[[], Any]:
    return lambda: port


def webhook(source: str, body: bytes, headers: dict[str, str], method: str = "POST", **query: str) -> dict[str, Any]:
    """The event of a function's own address (payload format 2.0), its body in base64 as Lambda writes what may be no
    text."""
    return {
        "version": "2.0",
        "rawPath": f"/webhooks/{source}",
        "requestContext": {"http": {"method": method, "path": f"/webhooks/{source}"}},
        "headers": headers,
        "queryStringParameters": query,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def stream_of(*items: Item) -> dict[str, Any]:
    """A batch of the table's stream, with the new image of each item."""
    return {"Records": [_stream_record(number, item) for number, item in enumerate(items)]}


def queue_of(*messages: str) -> dict[str, Any]:
    return {"Records": [{"messageId": str(n), "body": said, "attributes": {}} for n, said in enumerate(messages)]}


def _stream_record(number: int, item: Item) -> dict[str, Any]:
    image: dict[str, dict[str, str]] = {"body": {"B": base64.b64encode(bodies.pack(item.body)).decode()}}
    for name in ("mention_id", "item", "state", "conversation_id", "author_id"):
        if getattr(item, name) is not None:
            image[name] = {"S": getattr(item, name)}
    for name in ("version", "due_shard", "next_check_at", "posted_at", "outbox_at"):
        if getattr(item, name) is not None:
            image[name] = {"N": str(getattr(item, name))}
    keys = {name: image[name] for name in ("mention_id", "item")}
    return {
        "eventID": str(number),
        "eventName": "INSERT",
        "dynamodb": {"Keys": keys, "NewImage": image, "SequenceNumber": str(number)},
    }


def told(answer: Any) -> Any:
    return json.loads(answer["body"])
