"""Open posts when a new desk is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.desk import Condition, Desk, Team
from answerby.domain.drill import drill
from answerby.domain.mention import Author, Event, Mention, Priority, Sentiment, State
from answerby.domain.paging import told
from answerby.domain.transitions import acknowledge
from answerby.usecases.adopt import adopt, hand_over, open_posts
from answerby.usecases.answering import answer, assign
from answerby.usecases.check import check
from tests.builders import ANA, CATCH_ALL, CLEO, HOUR, MINUTE, NOW, REFUND, a_desk, a_mention
from tests.fakes.desks import FakeDesks
from tests.fakes.mentions import FakeMentions
from tests.fakes.reader import FakeReader
from tests.fakes.timers import FakeTimers

LATER = NOW + 5 * MINUTE
SAM = Author(id="7", name="Sam Carter")
OLD = a_desk()
WITHOUT_ANA = a_desk(
    people={"ben": OLD.people["ben"], "cleo": CLEO},
    teams={"care": Team(id="care", members=("ben",), lead="cleo")},
    version=2,
)
TO_BEN = a_desk(rules=(REFUND, replace(CATCH_ALL, person="ben")), version=2)


class Brand:
    def __init__(self, *mentions: Mention) -> None:
        self.mentions = FakeMentions()
        self.timers = FakeTimers()
        self.reader = FakeReader()
        for mention in mentions:
            self.mentions.add(mention)
            check(mention.id, self.mentions, FakeDesks(OLD), self.timers, NOW)

    def get(self, mention_id: str = "facebook:1") -> Mention:
        found = self.mentions.get(mention_id)
        assert found
        return found

    def save(self, mention: Mention) -> None:
        self.mentions.save(mention)

    def hand_over(self, to: str, desk: Desk = WITHOUT_ANA) -> bool:
        return hand_over("facebook:1", "ana", to, desk, "cleo", self.mentions, self.timers, LATER)

    def adopt(self, desk: Desk, mention_id: str = "facebook:1") -> bool:
        return adopt(mention_id, desk, "cleo", self.mentions, self.timers, self.reader, LATER)


def with_policy(policy: str, **changes: Any) -> Desk:
    policies = OLD.policies
    return a_desk(policies={**policies, policy: replace(policies[policy], **changes)}, version=2)


def calls(mention: Mention) -> list[str]:
    return [alert.person for alert in mention.outbox]


def test_a_post_of_somebody_who_left_calls_who_takes_it_over_at_once() -> None:
    brand = Brand(a_mention())
    promised = brand.get().answer_by
    assert brand.hand_over("ben")
    after = brand.get()
    assert (after.assignee, calls(after), after.answer_by) == ("ben", ["ben"], promised)
    assert (after.history[-1].event, after.history[-1].by) == (Event.ASSIGNED, "cleo")


def test_handing_over_again_changes_nothing() -> None:
    brand = Brand(a_mention())
    brand.hand_over("ben")
    before = brand.get()
    assert not brand.hand_over("ben")
    assert brand.get() == before


def test_a_post_that_was_closed_meanwhile_is_not_handed_over() -> None:
    brand = Brand(a_mention())
    answer("facebook:1", "ana", None, brand.mentions, LATER)
    assert not brand.hand_over("ben")
    assert brand.get().state is State.ANSWERED


def test_a_post_that_somebody_else_has_taken_meanwhile_is_not_handed_over() -> None:
    brand = Brand(a_mention())
    brand.save(replace(brand.get(), assignee="cleo"))
    assert not brand.hand_over("ben")


def test_a_post_in_a_chain_calls_nobody_when_it_is_handed_over() -> None:
    brand = Brand(a_mention(), a_mention("2"))
    hand_over("facebook:2", "ana", "ben", WITHOUT_ANA, "cleo", brand.mentions, brand.timers, LATER)
    joined = brand.get("facebook:2")
    assert (joined.assignee, joined.joined, joined.outbox) == ("ben", "facebook:1", ())


def test_open_posts_are_listed_while_they_change_hands() -> None:
    brand = Brand(*(a_mention(str(n), conversation_id=f"facebook:{n}") for n in range(250)))
    for n in range(250):
        # In its owner's list from the minute after it came.
        check(f"facebook:{n}", brand.mentions, FakeDesks(OLD), brand.timers, NOW + MINUTE)
    for mention in open_posts(brand.mentions, "ana"):
        hand_over(mention.id, "ana", "ben", WITHOUT_ANA, "cleo", brand.mentions, brand.timers, LATER)
    assert len(list(open_posts(brand.mentions, "ben"))) == 250
    assert not list(open_posts(brand.mentions, "ana"))


def test_a_test_alert_stays_with_its_person() -> None:
    brand = Brand()
    brand.mentions.add(drill(ANA, "cleo", NOW))
    assert not list(open_posts(brand.mentions))


def test_a_running_clock_keeps_the_desk_it_was_routed_by() -> None:
    assert Brand(a_mention()).get().desk_version == OLD.version


def test_an_adopted_post_calls_its_new_owner_at_once() -> None:
    brand = Brand(a_mention())
    assert brand.adopt(TO_BEN)
    after = brand.get()
    assert (after.assignee, calls(after), after.desk_version) == ("ben", ["ben"], 2)
    adopted = [entry for entry in after.history if entry.event is Event.ADOPTED]
    assert [(each.by, each.note) for each in adopted] == [("cleo", "by version 2, rule otherwise: to ben")]


def test_adopting_never_lengthens_a_promised_deadline() -> None:
    brand = Brand(a_mention())
    brand.adopt(with_policy("hour", answer_within=9 * HOUR))
    assert brand.get().answer_by == NOW + HOUR


def test_adopting_brings_a_deadline_forward_and_its_check_with_it() -> None:
    brand = Brand(a_mention())
    brand.save(replace(brand.get(), outbox=()))
    brand.adopt(with_policy("hour", answer_within=8 * MINUTE))
    after = brand.get()
    assert (after.answer_by, after.next_check_at) == (NOW + 8 * MINUTE, NOW + 8 * MINUTE)
    assert brand.timers.waiting[-1].next_check_at == NOW + 8 * MINUTE


def test_adopting_calls_nobody_if_the_owner_stays() -> None:
    brand = Brand(a_mention())
    before = replace(brand.get(), outbox=())
    brand.save(before)
    brand.adopt(with_policy("hour", answer_within=HOUR / 2))
    after = brand.get()
    assert (after.rung, after.round, after.escalate_at, after.outbox) == (1, 1, before.escalate_at, ())


def test_adopting_keeps_an_acknowledgement() -> None:
    brand = Brand(a_mention())
    brand.save(acknowledge(brand.get(), "ana", NOW, HOUR / 2))
    brand.adopt(TO_BEN)
    after = brand.get()
    assert (after.acknowledged_by, after.acknowledged_until) == ("ana", NOW + HOUR / 2)
    assert (after.assignee, after.outbox) == ("ben", ())


def test_adopting_never_lowers_a_priority() -> None:
    brand = Brand(a_mention(text="refund"))
    brand.adopt(a_desk(rules=(replace(REFUND, priority=Priority.LOW), CATCH_ALL), version=2))
    assert brand.get().priority is Priority.URGENT


def test_adopting_twice_is_adopting_once() -> None:
    brand = Brand(a_mention())
    brand.adopt(TO_BEN)
    before = brand.get()
    assert not brand.adopt(TO_BEN)
    assert not brand.adopt(OLD)
    assert brand.get() == before


def test_a_post_that_was_closed_meanwhile_is_not_adopted() -> None:
    brand = Brand(a_mention())
    answer("facebook:1", "ana", None, brand.mentions, LATER)
    before = brand.get()
    assert not brand.adopt(TO_BEN)
    assert brand.get() == before


def test_a_chain_is_adopted_as_one() -> None:
    brand = Brand(a_mention(), a_mention("2"))
    assert brand.adopt(TO_BEN, "facebook:2")
    head, follower = brand.get(), brand.get("facebook:2")
    assert (head.assignee, follower.assignee, follower.joined) == ("ben", "ben", "facebook:1")
    assert (head.desk_version, follower.desk_version) == (2, 2)
    assert not brand.adopt(TO_BEN)


def test_a_follower_that_the_new_desk_finds_urgent_raises_its_chain() -> None:
    brand = Brand(a_mention(), a_mention("2", text="Where is my voucher?"))
    voucher = replace(REFUND, when=Condition(phrases=("voucher",)))
    desk = a_desk(rules=(voucher, CATCH_ALL), version=2)
    for mention in list(open_posts(brand.mentions)):
        brand.adopt(desk, mention.id)
    assert brand.get().priority is Priority.URGENT


def test_a_shorter_ladder_is_gone_on_with_from_its_top() -> None:
    brand = Brand(a_mention())
    brand.save(replace(brand.get(), rung=3, outbox=()))
    ladder = OLD.ladders["standard"]
    brand.adopt(a_desk(ladders={"standard": replace(ladder, rungs=ladder.rungs[:1])}, version=2))
    assert brand.get().rung == 1


@given(st.integers(min_value=1, max_value=200), st.integers(min_value=0, max_value=90))
def test_whatever_the_new_time_the_deadline_is_the_earlier_one(within: int, later: int) -> None:
    brand = Brand(a_mention())
    desk = with_policy("hour", answer_within=timedelta(minutes=within))
    adopt("facebook:1", desk, "cleo", brand.mentions, brand.timers, brand.reader, NOW + later * MINUTE)
    assert brand.get().answer_by == NOW + min(within, 60) * MINUTE
    assert brand.get().next_check_at is not None


def test_adopting_reads_of_a_post_what_the_new_rules_ask_for() -> None:
    brand = Brand(a_mention())
    brand.reader.sentiment = Sentiment.NEGATIVE
    angry = replace(REFUND, id="angry", when=Condition(sentiments=frozenset({Sentiment.NEGATIVE})))
    brand.adopt(a_desk(rules=(angry, CATCH_ALL), version=2))
    assert (brand.get().rule, brand.get().post.sentiment) == ("angry", Sentiment.NEGATIVE)


def test_adopting_leaves_a_post_that_is_yet_to_be_routed() -> None:
    brand = Brand()
    brand.mentions.add(a_mention())
    angry = replace(REFUND, id="angry", when=Condition(sentiments=frozenset({Sentiment.NEGATIVE})))
    assert not brand.adopt(a_desk(rules=(angry, CATCH_ALL), version=2))
    assert brand.get() == a_mention()


def test_adopting_knows_what_was_answered_before() -> None:
    brand = Brand(a_mention(author=SAM))
    answer("facebook:1", "ana", None, brand.mentions, NOW + MINUTE)
    asked = NOW + 2 * MINUTE
    brand.mentions.add(a_mention("2", author=SAM, received_at=asked, posted_at=asked))
    check("facebook:2", brand.mentions, FakeDesks(OLD), brand.timers, asked)
    brand.adopt(with_policy("hour", next_within=20 * MINUTE), "facebook:2")
    assert brand.get("facebook:2").answer_by == asked + 20 * MINUTE


def test_a_post_stays_with_whom_a_person_chose_however_long_ago() -> None:
    brand = Brand(a_mention())
    assign("facebook:1", "ben", "cleo", brand.mentions, FakeDesks(OLD), brand.timers, NOW)
    for n in range(100):
        brand.save(told(brand.get(), NOW, Event.EDITED, "Sam Carter", f"was: {n}"))
    assert brand.get().archived
    assert brand.adopt(a_desk(version=2))
    assert brand.get().assignee == "ben"
