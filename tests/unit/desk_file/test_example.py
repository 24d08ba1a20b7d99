"""The desk of examples/desk.yaml routes posts as its comments say it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from answerby.cli import desk_file
from answerby.domain.decide import decide
from answerby.domain.desk import Desk
from answerby.domain.mention import Author, Kind, Mention, Post, Priority, Sentiment
from answerby.usecases.receive import accepted

EXAMPLES = Path(__file__).parents[3] / "examples"
TODAY = date(2026, 3, 2)
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
"""Ana is on call: it is her week, and day in Lisbon."""
NEXT_MONDAY = MONDAY + timedelta(days=7)
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
DAY = timedelta(days=1)

NEGATIVE, POSITIVE = {"sentiment": Sentiment.NEGATIVE}, {"sentiment": Sentiment.POSITIVE}
AGAIN = {"earlier_posts": (MONDAY - DAY, MONDAY - 2 * DAY)}
BIG = {"network": "x", "author": Author(id="1", handle="bigvoice", followers=80_000)}

Sample = tuple[str, Mapping[str, Any], str, str | None, str, str]
"""Text, what else is known of the post, and its owner, topic, priority and policy."""

SAMPLES: tuple[Sample, ...] = (
    ("I got sick after your oat latte", {}, "ana", "health", "urgent", "at-once"),
    ("My son is ALLERGIC, and the label said nothing", {}, "ana", "health", "urgent", "at-once"),
    ("Food-poisoning?! Never again", {}, "ana", "health", "urgent", "at-once"),
    ("glass in my cup", {"now": NEXT_MONDAY}, "ben", "health", "urgent", "at-once"),
    ("I got sick tonight", {"now": NIGHT}, "dev", "health", "urgent", "at-once"),
    ("Press enquiry: your new shops", {}, "ella", "press", "high", "two-hours"),
    ("I am a journalist, my deadline is at noon", {}, "ella", "press", "high", "two-hours"),
    ("The deadline of the raffle?", {}, "ana", None, "normal", "same-day"),
    ("The checkout hangs again", NEGATIVE, "ana", "website", "high", "solved"),
    ("Your app is broken", NEGATIVE, "ana", "website", "high", "solved"),
    ("Thanks for the new app", POSITIVE, "finn", "praise", "low", "when-we-can"),
    ("I love coffee but your website is broken", NEGATIVE, "ana", None, "normal", "same-day"),
    ("How do I cancel?", {}, "ana", "cancellation", "high", "two-hours"),
    ("Cancelled my subscription today", {}, "ana", "cancellation", "high", "two-hours"),
    ("please unsubscribe me", {"now": NEXT_MONDAY}, "ben", "cancellation", "high", "two-hours"),
    ("Close my account.", {"network": "instagram"}, "ana", "cancellation", "high", "two-hours"),
    ("Bitter.", {"kind": Kind.REVIEW, "rating": 1.0}, "ana", "reviews", "high", "two-hours"),
    ("", {"kind": Kind.RATING, "rating": 2.0}, "ana", "reviews", "high", "two-hours"),
    ("Great place", {"kind": Kind.REVIEW, "rating": 5.0}, "finn", "praise", "low", "when-we-can"),
    ("It was fine", {"kind": Kind.REVIEW, "rating": 3.0}, "ana", "reviews", "normal", "same-day"),
    ("No stars given", {"kind": Kind.REVIEW}, "ana", "reviews", "normal", "same-day"),
    ("Just landed, need coffee", BIG, "ella", None, "high", "two-hours"),
    ("Just landed, need coffee", {**BIG, "network": "instagram"}, "ana", None, "normal", "same-day"),
    ("Hm.", {"author": Author(id="2", handle="Cold_Brew_Critic")}, "ella", "press", "high", "two-hours"),
    ("Still no answer, this is a shame", {**NEGATIVE, **AGAIN}, "cleo", None, "high", "two-hours"),
    ("Still no answer", AGAIN, "ana", None, "normal", "same-day"),
    ("What a bad day", {**NEGATIVE, "now": NIGHT}, "dev", None, "high", "two-hours"),
    ("What a bad day", NEGATIVE, "ana", None, "normal", "same-day"),
    ("Where is my order?", {}, "ana", "orders", "normal", "same-day"),
    ("It was delivered to my neighbour", {}, "ana", "orders", "normal", "same-day"),
    ("I want a refund", {"now": NEXT_MONDAY}, "ben", "orders", "normal", "same-day"),
    ("Buongiorno a tutti", {"language": "it"}, "cleo", None, "normal", "same-day"),
    ("Bonjour", {"language": "fr"}, "ben", None, "normal", "same-day"),
    ("Bom dia!", {"language": "pt", "now": NEXT_MONDAY}, "ana", None, "normal", "same-day"),
    ("Win now http://prizes.example/x", {"followers": 3}, "finn", None, "low", "same-day"),
    ("See https://www.harbourcoffee.example/menu", {"followers": 3}, "ana", None, "normal", "same-day"),
    ("Hello from Oslo", {"author": Author(id="3", handle="@Latte.Lena")}, "finn", "praise", "low", "when-we-can"),
    ("Where can I buy beans?", {}, "finn", "question", "normal", "same-day"),
    ("Lovely shop!", POSITIVE, "finn", "praise", "low", "when-we-can"),
    ("Lovely shop, but so loud", POSITIVE, "ana", None, "normal", "same-day"),
)


@cache
def example() -> Desk:
    desk, warnings = desk_file.load(EXAMPLES / "desk.yaml", TODAY)
    assert not warnings
    return replace(desk, version=1)


def routed(text: str, said: Mapping[str, Any]) -> Mention:
    changes = dict(said)
    now = changes.pop("now", MONDAY)
    earlier = changes.pop("earlier_posts", ())
    followers = changes.pop("followers", 200)
    post = Post(
        id="facebook:1",
        network="facebook",
        kind=Kind.COMMENT,
        source="facebook",
        brand_account="101234567890123",
        author=Author(id="7", handle="sam", followers=followers),
        text=text,
        conversation_id="facebook:thread",
        received_at=now,
        language="en",
        sentiment=Sentiment.NEUTRAL,
    )
    mention = accepted(replace(post, **changes))
    return decide(replace(mention, earlier_posts=earlier), example(), now)


@pytest.mark.parametrize(
    ("text", "said", "owner", "topic", "priority", "policy"),
    SAMPLES,
    ids=[f"{at}-{each[0]}" for at, each in enumerate(SAMPLES, 1)],
)
def test_sample(text: str, said: Mapping[str, Any], owner: str, topic: str | None, priority: str, policy: str) -> None:
    mention = routed(text, said)
    assert (mention.assignee, mention.topic, mention.priority, mention.policy) == (
        owner,
        topic,
        Priority(priority),
        policy,
    ), mention.history[-1]


def test_there_are_forty_samples_and_every_rule_takes_one() -> None:
    taken = {routed(text, said).rule for text, said, *_ in SAMPLES}
    assert len(SAMPLES) == 40
    assert taken == {rule.id for rule in example().rules}


def test_the_example_is_a_mid_size_brand() -> None:
    desk = example()
    assert len({person.time_zone for person in desk.people.values()}) >= 3
    assert len(desk.teams) == 3
    assert len(desk.topics) == 8
    assert len(desk.rules) >= 15
    assert any(topic.crisis for topic in desk.topics.values())


def test_the_small_example_has_fifteen_lines_and_takes_every_post() -> None:
    path = EXAMPLES / "small.yaml"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    desk, warnings = desk_file.load(path, TODAY)
    assert len(lines) <= 15
    assert not warnings
    assert [(rule.id, rule.team, rule.policy) for rule in desk.rules] == [
        ("illness", "everyone", "urgent"),
        ("complaints", "everyone", "high"),
        ("otherwise", "everyone", "normal"),
    ]
