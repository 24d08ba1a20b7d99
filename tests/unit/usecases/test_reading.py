"""What is read of a post before it is routed, and only where a rule asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from answerby.domain.desk import Condition, Desk, Rule
from answerby.domain.mention import Mention, NoticeKind, Priority, Sentiment, State
from answerby.usecases.attend import MENTION, attend
from tests.builders import ANA, CATCH_ALL, MINUTE, NOW, a_desk, a_post, a_reply
from tests.fakes.reader import FakeReader
from tests.world import World

ANGRY = Condition(sentiments=frozenset({Sentiment.NEGATIVE}))
GERMAN = Condition(languages=frozenset({"de"}))
REPEATED = Condition(earlier_posts=1)
ONE = "facebook:1"


def a_desk_with(when: Condition, **changes: Any) -> Desk:
    rule = Rule(id="it", when=when, team="care", policy="hour", priority=Priority.HIGH)
    return a_desk(rules=(rule, CATCH_ALL), **changes)


def routed(desk: Desk, reader: FakeReader | None, **post: Any) -> Mention:
    world = World(desk)
    world.deliver(a_post(**post))
    attend(ONE, MENTION, world.mentions, world.desks, world.timers, world.now, None, reader)
    return world.get()


def test_a_post_is_routed_by_its_sentiment() -> None:
    mention = routed(a_desk_with(ANGRY), FakeReader(sentiment=Sentiment.NEGATIVE))
    assert (mention.rule, mention.post.sentiment, mention.post.language) == ("it", Sentiment.NEGATIVE, "en")


def test_a_post_is_routed_by_its_language() -> None:
    mention = routed(a_desk_with(GERMAN), FakeReader("de", Sentiment.NEGATIVE))
    assert (mention.rule, mention.post.language) == ("it", "de")
    assert mention.post.sentiment is None


@pytest.mark.parametrize("tag", ["de", "de-AT"])
def test_what_the_network_says_of_the_language_is_kept(tag: str) -> None:
    reader = FakeReader(None, Sentiment.NEGATIVE)
    assert routed(a_desk_with(GERMAN), reader, language=tag).rule == "it"
    assert reader.asked == []
    assert routed(a_desk_with(ANGRY), reader, language=tag).post.language == tag
    assert [language for _, language in reader.asked] == ["de"]


def test_nothing_is_read_that_no_rule_asks_for() -> None:
    reader = FakeReader("de", Sentiment.NEGATIVE)
    mention = routed(a_desk(), reader)
    assert (mention.post.language, mention.post.sentiment, mention.earlier_posts) == (None, None, ())
    assert reader.asked == []


def test_the_language_is_read_if_it_matters_to_a_person() -> None:
    people = {**a_desk().people, "ana": replace(ANA, languages=("de",))}
    assert routed(a_desk(people=people), FakeReader("de")).post.language == "de"


def test_nothing_is_read_of_a_post_without_words() -> None:
    reader = FakeReader()
    assert routed(a_desk_with(ANGRY), reader, text="").rule == "otherwise"
    assert reader.asked == []


@pytest.mark.parametrize("reader", [None, FakeReader(None, None)])
def test_a_post_that_cannot_be_read_is_routed_all_the_same(reader: FakeReader | None) -> None:
    mention = routed(a_desk_with(ANGRY), reader)
    assert (mention.rule, mention.assignee) == ("otherwise", "ana")


def test_an_edited_text_is_read_again() -> None:
    world, reader = World(a_desk_with(ANGRY)), FakeReader()
    world.deliver(a_post())
    attend(ONE, MENTION, world.mentions, world.desks, world.timers, world.now, None, reader)
    assert world.get().post.sentiment is Sentiment.NEUTRAL
    edit = a_reply("1", to=None, text="This is a scandal", author=a_post().author, edited_at=NOW + MINUTE)
    world.deliver(replace(edit, kind=NoticeKind.EDIT))
    name = next(item for id_, item in world.table.items if item.startswith("edit"))
    angry = FakeReader(sentiment=Sentiment.NEGATIVE)
    attend(ONE, name, world.mentions, world.desks, world.timers, world.now, None, angry)
    assert world.get().post.sentiment is Sentiment.NEGATIVE
    assert world.get().priority is Priority.HIGH


def test_a_post_that_is_read_joins_a_chain_as_any_other() -> None:
    world, reader = World(a_desk_with(ANGRY)), FakeReader()
    for native_id, at in (("1", NOW), ("2", NOW + MINUTE)):
        world.deliver(a_post(native_id, posted_at=at, received_at=at))
        attend(f"facebook:{native_id}", MENTION, world.mentions, world.desks, world.timers, at, None, reader)
    assert world.get("2").joined == ONE
    assert world.get("2").post.sentiment is Sentiment.NEUTRAL


def test_a_repeat_author_is_known_by_the_posts_before() -> None:
    world = World(a_desk_with(REPEATED))
    for at, native_id in ((NOW, "1"), (NOW + MINUTE, "2")):
        world.deliver(a_post(native_id, conversation_id=f"facebook:{native_id}", posted_at=at, received_at=at))
        world.stream()
    assert (world.get("1").rule, world.get("2").rule) == ("otherwise", "it")
    assert world.get("2").earlier_posts == (NOW,)


def test_a_post_that_was_routed_once_is_not_counted_again() -> None:
    world = World(a_desk_with(REPEATED))
    world.deliver(a_post())
    world.stream()
    world.table.authors.clear()
    world.table.save(replace(world.get(), state=State.NEW))
    attend(ONE, MENTION, world.mentions, world.desks, world.timers, world.now)
    assert world.table.authors == {}


def test_authors_are_not_counted_unless_a_rule_asks() -> None:
    world = World()
    world.deliver(a_post())
    world.stream()
    assert world.table.authors == {}
