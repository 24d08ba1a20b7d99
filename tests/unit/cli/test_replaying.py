from __future__ import annotations

from dataclasses import replace

from answerby.cli.replaying import Tally, replayed, tally_document
from answerby.domain.decide import decide
from answerby.domain.desk import Condition, Desk
from answerby.domain.mention import Mention, Sentiment, State
from answerby.domain.transitions import Dismissal, answer, dismiss
from tests.builders import CATCH_ALL, HOUR, MINUTE, NOW, REFUND, a_desk, a_mention
from tests.fakes.reader import FakeReader

QUICKER = a_desk(policies={**a_desk().policies, "hour": replace(a_desk().policies["hour"], answer_within=10 * MINUTE)})
TO_BEN = a_desk(rules=(REFUND, replace(CATCH_ALL, person="ben")))
ROUTED = decide(a_mention(), a_desk(), NOW)


def tally(after: Desk, *mentions: Mention, before: Desk | None = None) -> Tally:
    found = Tally()
    for mention in mentions:
        found.add(replayed(mention, before or a_desk(), after, FakeReader(), NOW + 9 * HOUR))
    return found


def answered(minutes: int) -> Mention:
    return answer(ROUTED, "ana", NOW + minutes * MINUTE)


def test_the_same_desk_routes_nothing_otherwise() -> None:
    found = tally(a_desk(), ROUTED, answered(5))
    assert (found.posts, found.moved, found.more, found.fewer) == (2, 0, [], [])


def test_posts_of_another_owner_are_counted_by_the_change() -> None:
    found = tally(TO_BEN, ROUTED, answered(5), a_mention(text="refund"))
    assert (found.posts, found.moved, dict(found.owners)) == (3, 2, {("ana", "ben"): 2})


def test_posts_of_another_rule_are_counted_by_the_change() -> None:
    assert dict(tally(a_desk(rules=(CATCH_ALL,)), a_mention(text="refund")).rules) == {("refunds", "otherwise"): 1}


def test_a_shorter_time_breaches_what_was_answered_later() -> None:
    found = tally(QUICKER, answered(5), answered(30))
    assert (found.missed_before, found.missed_after, len(found.more)) == (0, 1, 1)


def test_a_longer_time_would_have_been_met() -> None:
    found = tally(a_desk(), answered(30), before=QUICKER)
    assert (found.missed_before, found.missed_after, len(found.fewer)) == (1, 0, 1)


def test_what_is_still_open_is_late_once_its_time_is_over() -> None:
    assert tally(a_desk(), ROUTED).missed_after == 1


def test_what_was_dismissed_in_time_was_not_late() -> None:
    dismissed = dismiss(ROUTED, "ana", Dismissal.SPAM, NOW + 5 * MINUTE)
    assert dismissed.state is State.DISMISSED
    assert tally(QUICKER, dismissed).missed_after == 0


def test_a_desk_that_asks_for_the_mood_is_told_it() -> None:
    felt = replace(REFUND, id="felt", when=Condition(sentiments=frozenset({Sentiment.NEUTRAL})))
    assert dict(tally(a_desk(rules=(felt, CATCH_ALL)), ROUTED).rules) == {("otherwise", "felt"): 1}


def test_the_document_names_examples() -> None:
    document = tally_document(tally(TO_BEN, ROUTED))
    assert document["owners"] == [{"was": "ana", "is": "ben", "posts": 1}]
    assert document["examples"][0]["mention"] == "facebook:1"
