"""The use cases together, over ports in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.calendar import Calendar, Span
from answerby.domain.mention import Author, Event, Notice, NoticeKind, State
from answerby.domain.transitions import Dismissal, StateConflictError
from answerby.usecases import answering
from answerby.usecases.update import UnknownMentionError
from tests.builders import ANA, HOUR, MINUTE, NOW, a_desk, a_post, a_reply
from tests.world import World, key_of

DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


def edit(text: str, **changes: Any) -> Notice:
    post = a_post(text=text, edited_at=NOW + MINUTE, **changes)
    return Notice(kind=NoticeKind.EDIT, post=post, next_check_at=NOW + MINUTE)


def removal() -> Notice:
    post = a_post(text="", author=Author())
    return Notice(kind=NoticeKind.REMOVAL, post=post, next_check_at=NOW + MINUTE)


def test_a_post_is_routed_and_its_owner_alerted(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    assert world.called() == ["ana"]
    assert world.get().history[-1].event is Event.ALERTED


def test_a_hundred_deliveries_are_one_mention_and_one_alert(world: World) -> None:
    for _ in range(100):
        world.deliver(a_post())
        world.stream()
    assert len(world.table.items) == 1
    assert world.called() == ["ana"]


def test_nobody_answers_and_the_calling_never_ends(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.pass_time(3 * HOUR)
    assert world.called()[:3] == ["ana", "ben", "cleo"]
    assert world.called().count("cleo") >= 5


def test_with_every_timer_lost_the_sweep_alone_escalates_at_most_two_minutes_late() -> None:
    world = World(timers_work=False)
    world.deliver(a_post())
    world.stream()
    world.pass_time(12 * MINUTE)
    assert world.called() == ["ana", "ben"]


def test_with_the_stream_lost_the_sweep_routes_within_two_minutes(world: World) -> None:
    world.deliver(a_post())
    world.lose_stream()
    world.pass_time(2 * MINUTE)
    assert world.called() == ["ana"]


def test_after_an_hour_without_anything_the_sweep_finds_what_it_missed(world: World) -> None:
    world.deliver(a_post())
    world.lose_stream()
    world.now += HOUR
    world.pass_time(MINUTE)
    assert world.called() == ["ana"]


def test_an_alert_that_could_not_be_sent_is_sent_when_it_can(world: World) -> None:
    world.phone.away = True
    world.deliver(a_post())
    world.stream()
    world.pass_time(5 * MINUTE)
    assert world.called() == []
    world.phone.away = False
    world.pass_time(MINUTE)
    assert world.called() == ["ana"]


def test_a_person_who_cannot_be_reached_is_passed_over_at_once(world: World) -> None:
    world.phone.unknown = {"ana"}
    world.deliver(a_post())
    world.stream()
    world.pass_time(MINUTE)
    assert world.called() == ["ben"]
    assert Event.ALERT_FAILED in [entry.event for entry in world.get().history]


def test_if_nobody_can_be_reached_all_are_tried_again_at_the_pace_of_the_top(world: World) -> None:
    world.phone.unknown = {"ana", "ben", "cleo"}
    world.deliver(a_post())
    world.stream()
    world.pass_time(2 * HOUR)
    failed = [entry for entry in world.get().history if entry.event is Event.ALERT_FAILED]
    assert 9 <= len(failed) <= 15


def test_the_brands_reply_stops_the_calling(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(a_reply())
    world.stream()
    world.pass_time(HOUR)
    assert world.get().state is State.ANSWERED
    assert world.called() == ["ana"]


def test_the_brands_reply_answers_all_its_author_wrote_in_the_thread_before(world: World) -> None:
    later = {"posted_at": NOW + MINUTE, "received_at": NOW + MINUTE}
    other = Author(id="8", name="Lee")
    world.deliver(a_post(), a_post("2", **later), a_post("3", author=other))
    world.stream()
    world.deliver(a_reply(to="facebook:2", at=NOW + 2 * MINUTE))
    world.stream()
    assert [world.get(n).state for n in "123"] == [State.ANSWERED, State.ANSWERED, State.OPEN]


def test_a_reply_heard_before_its_post_answers_it(world: World) -> None:
    world.deliver(a_reply())
    world.stream()
    world.deliver(a_post())
    world.stream()
    assert world.get().state is State.ANSWERED
    assert world.called() == []


def test_a_reply_whose_own_conversation_differs_is_filed_with_what_it_answers(world: World) -> None:
    reply = a_reply(conversation_id="facebook:another")
    world.deliver(a_post(), reply)
    world.stream()
    assert world.get().state is State.ANSWERED
    stored = world.table.get_notice(*key_of(reply))
    assert stored
    assert stored.post.conversation_id == "facebook:thread"
    assert stored.next_check_at is None


def test_an_edit_whose_stream_record_was_lost_is_found_by_the_sweep(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(edit("It came after all."))
    world.lose_stream()
    world.pass_time(3 * MINUTE)
    assert world.get().post.text == "It came after all."


@given(minute=st.integers(1, 90), conversation=st.sampled_from(["facebook:thread", "facebook:1"]), timers=st.booleans())
def test_a_reply_whose_stream_record_was_lost_closes_its_post_before_anybody_else_is_called(
    minute: int, conversation: str, timers: bool
) -> None:
    world = World(timers_work=timers)
    world.deliver(a_post())
    world.stream()
    world.pass_time((minute - 1) * MINUTE)
    world.now = replied_at = NOW + minute * MINUTE
    world.deliver(a_reply(at=replied_at, conversation_id=conversation))
    world.lose_stream()
    called, check_at = len(world.called()), world.get().next_check_at
    assert check_at
    world.pass_time(check_at - world.now + 2 * MINUTE)
    assert (world.get().state, world.get().answered_at) == (State.ANSWERED, replied_at)
    assert len(world.called()) == called


def test_a_reply_that_the_stream_tells_of_twice_is_not_written_again(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    reply = a_reply()
    world.deliver(reply)
    world.stream()
    closed = world.get()
    world.routed(*key_of(reply))
    assert (closed.state, world.get().version) == (State.ANSWERED, closed.version)
    assert world.table.items[key_of(reply)].version == 1


def test_a_further_post_joins_and_its_higher_priority_calls_again(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(a_post("2", text="I want a refund", posted_at=NOW + MINUTE, received_at=NOW + MINUTE))
    world.stream()
    assert world.called() == ["ana", "ana"]
    assert world.get("2").joined == "facebook:1"
    assert world.get().followed_by == ("facebook:2",)


def test_an_edit_updates_the_words(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(edit("It came!"))
    world.stream()
    assert world.get().post.text == "It came!"
    assert world.called() == ["ana"]


def test_an_edit_heard_before_its_post_is_the_post(world: World) -> None:
    world.deliver(edit("It came!"))
    world.stream()
    world.deliver(a_post())
    world.stream()
    assert world.get().post.text == "It came!"
    assert world.called() == ["ana"]


def test_a_removed_post_is_closed(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(removal())
    world.stream()
    assert world.get().state is State.REMOVED
    assert world.get().next_check_at is None


def test_a_removal_heard_before_its_post_leaves_a_tombstone(world: World) -> None:
    world.deliver(removal())
    world.stream()
    world.deliver(a_post())
    world.stream()
    assert world.get().state is State.REMOVED
    assert world.called() == []


def test_when_a_chains_head_is_removed_its_followers_call_for_themselves(world: World) -> None:
    world.deliver(a_post(), a_post("2", posted_at=NOW + MINUTE, received_at=NOW + MINUTE))
    world.stream()
    assert world.called() == ["ana"]
    world.deliver(removal())
    world.stream()
    assert world.called() == ["ana", "ana"]
    assert world.get("2").state is State.OPEN


def test_a_back_fill_is_one_digest_and_no_storm(world: World) -> None:
    world.deliver(*(a_post(str(n), author=Author(id=str(n)), posted_at=NOW - 30 * DAY) for n in range(50)))
    world.stream()
    world.pass_time(HOUR)
    assert world.called() == ["ana"]
    assert all(mention.is_open and not mention.breached for mention in map(world.get, map(str, range(50))))
    world.pass_time(DAY, step=5 * MINUTE)
    assert world.called() == ["ana", "ana"]


def test_an_answer_through_the_api_closes_the_authors_other_posts_too(world: World) -> None:
    world.deliver(a_post(), a_post("2", posted_at=NOW + MINUTE, received_at=NOW + MINUTE))
    world.stream()
    world.now += 2 * MINUTE
    answering.answer("facebook:1", "ana", "https://example.com/reply", world.mentions, world.now)
    assert [world.get(n).state for n in "12"] == [State.ANSWERED, State.ANSWERED]
    assert world.get().answer_url == "https://example.com/reply"


def test_the_same_answer_reported_twice_is_no_conflict_and_another_persons_is(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    first = answering.answer("facebook:1", "ana", None, world.mentions, world.now)
    assert answering.answer("facebook:1", "ana", None, world.mentions, world.now) == first
    with pytest.raises(StateConflictError):
        answering.answer("facebook:1", "ben", None, world.mentions, world.now)


def test_a_dismissed_head_releases_its_followers(world: World) -> None:
    world.deliver(a_post(), a_post("2", posted_at=NOW + MINUTE, received_at=NOW + MINUTE))
    world.stream()
    answering.dismiss("facebook:1", "ana", Dismissal.SPAM, None, world.mentions, world.now)
    world.stream()
    assert world.get().state is State.DISMISSED
    assert world.called() == ["ana", "ana"]


def test_acknowledging_a_joined_post_pauses_its_chain(world: World) -> None:
    world.deliver(a_post(), a_post("2", posted_at=NOW + MINUTE, received_at=NOW + MINUTE))
    world.stream()
    answering.acknowledge("facebook:2", "ana", world.mentions, world.desks, world.timers, world.now, None)
    assert world.get("1").acknowledged_by == "ana"
    world.pass_time(20 * MINUTE)
    assert world.called() == ["ana"]


def test_a_mention_can_be_acknowledged_before_it_was_routed(world: World) -> None:
    world.deliver(a_post())
    answering.acknowledge("facebook:1", "ana", world.mentions, world.desks, world.timers, world.now, None)
    world.stream()
    assert world.called() == []
    world.pass_time(31 * MINUTE)
    assert world.called() == ["ana"]


def test_assigning_calls_the_new_owner_and_keeps_the_deadline(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    answering.assign("facebook:1", "cleo", "ana", world.mentions, world.desks, world.timers, world.now)
    world.stream()
    assert world.called() == ["ana", "cleo"]
    assert (world.get().assignee, world.get().answer_by) == ("cleo", NOW + HOUR)


def test_nobody_unknown_is_assigned_and_no_unknown_mention_answered(world: World) -> None:
    world.deliver(a_post())
    with pytest.raises(answering.UnknownPersonError, match="it has ana, ben, cleo"):
        answering.assign("facebook:1", "dora", "ana", world.mentions, world.desks, world.timers, world.now)
    with pytest.raises(UnknownMentionError):
        answering.answer("facebook:none", "ana", None, world.mentions, world.now)


def test_a_person_who_left_the_desk_is_passed_over(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.desks.desk = a_desk(people={"ana": ANA, "cleo": a_desk().people["cleo"]})
    world.pass_time(12 * MINUTE)
    assert world.called() == ["ana", "cleo"]


def test_an_answer_between_the_decision_and_the_sending_drops_the_alert(world: World) -> None:
    world.deliver(a_post())
    world.routed("facebook:1", "mention")
    answering.answer("facebook:1", "ana", None, world.mentions, world.now)
    world.stream()
    assert world.called() == []
    assert Event.ALERT_DROPPED in [entry.event for entry in world.get().history]


def test_an_open_mention_always_has_a_next_check(world: World) -> None:
    world.deliver(a_post(), a_post("2", posted_at=NOW - 9 * DAY), a_reply(to="facebook:9"))
    world.stream()
    for _ in range(180):
        world.pass_time(MINUTE)
        assert all(
            item.next_check_at is not None for item in world.table.items.values() if item.state in ("new", "open")
        )


def test_two_posts_that_start_two_chains_at_once_are_one_after_the_next_check(world: World) -> None:
    class Lagging:
        def __getattr__(self, name: str) -> object:
            return getattr(world.table, name)

        def thread(self, *_: object, **__: object) -> list[object]:
            return []

    world.mentions = Lagging()  # type: ignore[assignment]
    world.deliver(a_post(), replace(a_post("2"), text="and again"))
    world.stream()
    assert world.called() == ["ana", "ana"]
    world.mentions = world.table
    world.pass_time(25 * MINUTE)
    assert world.get("2").joined == "facebook:1"
    assert world.called() == ["ana", "ana", "ben", "cleo"]


def test_who_was_asleep_is_called_in_the_morning_though_the_only_one_awake_cannot_be_reached() -> None:
    from_noon = Calendar(id="noon", time_zone="UTC", week=((Span(start=12 * 60, end=18 * 60),),) * 7)
    asleep = {id_: replace(a_desk().people[id_], working_hours=from_noon) for id_ in ("ana", "ben")}
    world = World(desk=a_desk(people={**a_desk().people, **asleep}))
    world.phone.unknown = {"cleo"}
    world.deliver(a_post())
    world.stream()
    world.pass_time(HOUR)
    assert world.called() == []
    world.pass_time(2 * HOUR + 31 * MINUTE)
    assert world.called()[0] == "ana"
