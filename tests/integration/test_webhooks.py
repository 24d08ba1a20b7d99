"""Signed deliveries of every network, over HTTP, and what becomes of them on the deployed stack."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from answerby.adapters.sources import SecretSources
from answerby.channels.gsm7 import ALPHABET, ONE_PART
from infra.local.stack import Stack
from tests.integration.asking import Api, Shown, events
from tests.integration.owning import environment, product_on
from tests.integration.sending import Sender, Story, base64_of, body_of, new_number
from tests.integration.watching import Alerts

pytestmark = pytest.mark.usefixtures("quiet")

NEW = {"stored": 1, "duplicates": 0, "ignored": 0}
KNOWN = {"stored": 0, "duplicates": 1, "ignored": 0}


@pytest.fixture
def tell(stack: Stack) -> Callable[[str], Story]:
    return lambda source: Story(Sender.to(stack, source))


def accepted(story: Story, name: str) -> dict[str, int]:
    answer = story.sender.deliver(story.sample(name))
    assert answer.status_code == 200, answer.text
    counts: dict[str, int] = answer.json()
    return counts


def shows(shown: Shown, **expected: object) -> None:
    assert {name: shown[name] for name in expected} == expected


def test_a_facebook_comment_is_stored_as_it_was_written(tell: Callable[[str], Story], api: Api) -> None:
    story = tell("facebook")
    page = story.sender.brand_account

    assert accepted(story, "comment") == NEW

    comment = story.id("2001_3001")
    shown = api.alerted(comment)
    shows(
        shown,
        id=comment,
        network="facebook",
        kind="comment",
        source="facebook",
        brand_account=page,
        text="My order never arrived ☹ 📦",
        conversation_id=comment,
        in_reply_to=story.id("104200000000001_2001"),
        posted_at=f"{story.written:%Y-%m-%dT%H:%M:%SZ}",
        state="open",
        priority="urgent",
        rule="complaints",
        team="support",
        assignee="ana",
    )
    author = {"id": f"5550001{story.number}", "handle": None, "name": "Mara Lind", "followers": None, "url": None}
    assert shown["author"] == author
    assert events(shown)[:3] == ["received", "routed", "alerted"]


def test_an_instagram_comment_is_stored_as_it_was_written(tell: Callable[[str], Story], api: Api) -> None:
    story = tell("instagram")

    assert accepted(story, "comment") == NEW

    shown = api.alerted(story.id("18000000000000001"))
    shows(shown, network="instagram", kind="comment", text="Where is my refund?", rule="complaints", state="open")
    assert shown["author"]["handle"] == "mara.l"
    assert shown["brand_account"] == story.sender.brand_account


def test_an_x_post_is_stored_as_it_was_written(tell: Callable[[str], Story], api: Api) -> None:
    story = tell("x")

    assert accepted(story, "mention") == NEW

    post = story.id("1990000000000000001")
    shown = api.alerted(post)
    shows(
        shown,
        network="x",
        kind="post",
        text="@ourbrand broken again & again <3",
        language="en",
        url=f"https://x.com/mara_l/status/{post.removeprefix('x:')}",
        state="open",
        assignee="ana",
    )
    assert shown["author"]["followers"] == 1200


def test_a_mention_by_standard_webhooks_keeps_its_public_shape(standard: Sender, api: Api) -> None:
    number = new_number()
    told = {
        "id": f"t-{number}",
        "network": "forum",
        "kind": "review",
        "author": {
            "id": "u1",
            "handle": "mara",
            "name": "Mara Lind",
            "followers": 12,
            "url": "https://forum.example/m",
        },
        "text": "A request for comment 📰",
        "language": "en",
        "rating": 2.5,
        "url": "https://forum.example/t/1",
        "conversation_id": f"forum:c-{number}",
        "in_reply_to": f"forum:r-{number}",
    }

    assert standard.deliver(told).json() == NEW

    shown = api.alerted(f"forum:t-{number}")
    shows(shown, **{**told, "id": f"forum:t-{number}"}, rule="journalists", assignee="dev", team="press")


@pytest.mark.parametrize(
    ("source", "sample", "native", "words"),
    [
        ("facebook", "comment", "2001_3001", "My order never arrived"),
        ("instagram", "comment", "18000000000000001", "Where is my refund?"),
        ("x", "mention", "1990000000000000001", "broken again & again <3"),
    ],
)
def test_its_owner_is_alerted_in_one_part_of_an_sms_and_by_mail(
    tell: Callable[[str], Story], alerts: Alerts, stack: Stack, source: str, sample: str, native: str, words: str
) -> None:
    story = tell(source)
    accepted(story, sample)

    mention_id = story.id(native)
    (alert,) = alerts.of(mention_id)[:1]

    link = f"{stack.api_url}/m/{mention_id}"
    assert (alert["person"], alert["rung"], alert["round"], alert["reason"]) == ("ana", 1, 1, "routed")
    assert len(alert["sms"]) <= ONE_PART
    assert set(alert["sms"]) <= ALPHABET
    assert alert["sms"].startswith("Answerby L1.1")
    assert alert["sms"].endswith(link)
    assert words in alert["mail"]["text"]
    assert link in alert["mail"]["text"]
    assert alert["mail"]["subject"].isascii()


def test_a_post_of_ten_thousand_characters_in_two_scripts_is_one_part_of_an_sms(
    standard: Sender, alerts: Alerts
) -> None:
    number = new_number()
    said = "😡 طلبي لم يصل\r\nSubject: forged\u202e " * 400

    standard.deliver({"id": number, "text": said, "author": {"name": "ليلى 😀"}})

    (alert,) = alerts.of(f"standard:{number}")
    assert len(alert["sms"]) <= ONE_PART
    assert set(alert["sms"]) <= ALPHABET
    assert f"/m/standard:{number}" in alert["sms"]
    assert alert["mail"]["subject"].isprintable()
    assert "\u202e" not in alert["mail"]["text"]


def test_whom_an_alert_is_for_hears_it_by_phone_and_mail(stack: Stack, client: Callable[[str], Any]) -> None:
    sns = client("sns")
    (topic,) = [
        each["TopicArn"] for each in sns.list_topics()["Topics"] if each["TopicArn"].endswith(":answerby-person-ana")
    ]

    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]

    contacts = {(each["Protocol"], each["Endpoint"]) for each in subscriptions}
    assert {("sms", "+12025550141"), ("email", "ana@example.com")} <= contacts


@pytest.mark.parametrize("source", ["facebook", "instagram"])
def test_metas_challenge_is_returned_to_who_knows_the_token(stack: Stack, source: str) -> None:
    sender = Sender.to(stack, source)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}

    answer = sender.ask(**asked, **{"hub.verify_token": sender.verify_token})
    refused = sender.ask(**asked, **{"hub.verify_token": "guessed"})

    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"] == "text/plain"
    assert refused.status_code == 401


def test_xs_challenge_is_answered_with_its_hash(stack: Stack) -> None:
    sender = Sender.to(stack, "x")

    answer = sender.ask(crc_token="OWI1ZmE0")

    assert answer.status_code == 200
    assert answer.json() == {"response_token": "sha256=" + base64_of(sender.secret.encode(), b"OWI1ZmE0")}


def test_nobody_else_answers_a_get(stack: Stack, standard: Sender) -> None:
    for sender in (standard, Sender.to(stack, "x"), replace(standard, url=f"{stack.webhook_url}/nowhere")):
        assert sender.ask().status_code == 401


def test_a_post_that_x_tells_of_in_three_ways_is_one_mention(
    tell: Callable[[str], Story], api: Api, alerts: Alerts
) -> None:
    story = tell("x")
    activity = story.sample("mention")
    streamed = {"data": activity["data"]["payload"], "includes": activity["data"]["includes"], "matching_rules": []}

    assert accepted(story, "account_activity_mention") == NEW
    assert accepted(story, "mention") == KNOWN
    assert story.sender.deliver(streamed).json() == KNOWN

    post = story.id("1990000000000000001")
    assert api.alerted(post)["text"] == "@ourbrand broken again & again <3"
    assert len(alerts.so_far(post)) == 1


def test_a_reply_that_x_tells_of_in_three_ways_is_one_mention(tell: Callable[[str], Story], api: Api) -> None:
    story = tell("x")

    assert accepted(story, "reply_from_filtered_stream") == NEW
    assert accepted(story, "reply") == KNOWN
    assert accepted(story, "reply_as_mention") == KNOWN

    shown = api.mention(story.id("1990000000000000002"))
    shows(shown, kind="reply", in_reply_to=story.id("1990000000000000001"))


def test_an_edited_comment_shows_its_newer_words_and_tells_of_the_older(tell: Callable[[str], Story], api: Api) -> None:
    story = tell("facebook")
    accepted(story, "comment")
    comment = story.id("2001_3001")
    api.alerted(comment)

    accepted(story, "comment_edited")

    shown = api.mention_when(comment, lambda shown: "edited" in events(shown))
    assert shown["text"] == "It arrived, but broken"
    assert shown["edited_at"] is not None
    (edit,) = [entry for entry in shown["history"] if entry["event"] == "edited"]
    assert "My order never arrived" in edit["note"]


def test_a_removed_comment_is_closed(tell: Callable[[str], Story], api: Api) -> None:
    story = tell("facebook")
    accepted(story, "comment")
    comment = story.id("2001_3001")
    api.alerted(comment)

    accepted(story, "comment_removed")

    shown = api.mention_when(comment, lambda shown: shown["state"] == "removed")
    shows(shown, state="removed", next_check_at=None)


def test_a_comment_delivered_after_its_removal_is_never_called_out(
    tell: Callable[[str], Story], api: Api, alerts: Alerts
) -> None:
    story = tell("facebook")
    accepted(story, "comment_removed")
    comment = story.id("2001_3001")
    api.mention_when(comment, bool)

    assert accepted(story, "comment") == KNOWN

    shows(api.mention(comment), state="removed")
    assert alerts.so_far(comment) == []


def test_the_pages_own_reply_answers_the_comment(tell: Callable[[str], Story], api: Api) -> None:
    story = tell("facebook")
    accepted(story, "comment")
    comment = story.id("2001_3001")
    api.alerted(comment)

    assert accepted(story, "own_reply") == NEW

    shown = api.mention_when(comment, lambda shown: shown["state"] == "answered")
    shows(shown, state="answered", answered_by="Our Page", next_check_at=None)
    assert api.mention(story.id("2001_3003")) == {}


def test_the_echo_of_the_brands_own_reply_on_instagram_answers_the_comment(
    tell: Callable[[str], Story], api: Api
) -> None:
    story = tell("instagram")
    accepted(story, "comment")
    comment = story.id("18000000000000001")
    api.alerted(comment)

    assert accepted(story, "own_reply") == NEW

    shown = api.mention_when(comment, lambda shown: shown["state"] == "answered")
    shows(shown, state="answered", answered_by="ourbrand", next_check_at=None)


class Rotation:
    """While the secrets of the source `standard` are changed: the old one, a new one and a public key are active."""

    def __init__(self, old: Sender) -> None:
        self.old = old
        self.new = old.with_secret("whsec_" + base64.b64encode(b"a secret that replaces it").decode())
        self.key = Ed25519PrivateKey.generate()

    @property
    def secrets(self) -> tuple[str, ...]:
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        return self.old.secret, self.new.secret, f"whpk_{public}"


@pytest.fixture(scope="module")
def rotation(
    stack: Stack, standard: Sender, client: Callable[[str], Any], outputs: dict[str, str]
) -> Iterator[Rotation]:
    """The function keeps secrets for a minute, so its processes are started anew."""
    functions, name = client("lambda"), f"{stack.stack_name}-receive-webhook"
    rotation = Rotation(standard)
    with product_on(stack):
        sources = SecretSources(outputs["SourcesSecretArn"])
        before = dict(sources.read())
        source, keys = before["standard"]
        sources.write({**before, "standard": (source, replace(keys, secrets=rotation.secrets))})
    try:
        with environment(functions, name):
            yield rotation
    finally:
        with product_on(stack):
            SecretSources(outputs["SourcesSecretArn"]).write(before)
        with environment(functions, name):
            pass


def test_two_secrets_are_active_while_they_are_rotated(rotation: Rotation) -> None:
    for sender in (rotation.old, rotation.new):
        assert sender.deliver({"id": new_number(), "text": "Hello"}).status_code == 200


def test_one_of_several_signatures_is_enough(rotation: Rotation) -> None:
    body = body_of({"id": new_number(), "text": "Hello"})
    headers = rotation.new.signature(body)
    signatures = f"v1,{base64.b64encode(bytes(32)).decode()} v9,? {headers['webhook-signature']}"

    assert rotation.new.deliver(body, **{**headers, "webhook-signature": signatures}).status_code == 200


def test_an_asymmetric_signature_is_accepted(rotation: Rotation, api: Api) -> None:
    number = new_number()
    body = body_of({"id": number, "text": "Hello"})
    headers = rotation.old.signature(body)
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = "v1a," + base64.b64encode(rotation.key.sign(content)).decode()

    answer = rotation.old.deliver(body, **{**headers, "webhook-signature": signature})

    assert answer.json() == NEW
    assert api.mention(f"standard:{number}")["text"] == "Hello"


def test_an_asymmetric_signature_of_another_key_is_refused(rotation: Rotation) -> None:
    body = body_of({"id": new_number(), "text": "Hello"})
    headers = rotation.old.signature(body)
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = "v1a," + base64.b64encode(Ed25519PrivateKey.generate().sign(content)).decode()

    answer = rotation.old.deliver(body, **{**headers, "webhook-signature": signature})

    assert answer.status_code == 401


def test_a_secret_that_is_not_active_is_refused(rotation: Rotation) -> None:
    retired = rotation.old.with_secret("whsec_" + base64.b64encode(b"a secret from long ago").decode())

    assert retired.deliver({"id": new_number(), "text": "Hello"}).status_code == 401
