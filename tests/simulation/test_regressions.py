"""What the simulator has found, each made as small as it gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from answerby.domain import transitions
from answerby.domain.desk import Ladder, Rung
from answerby.domain.mention import Author, Event, Notice, NoticeKind, Post, Priority, State
from answerby.usecases import answering
from answerby.usecases.adopt import adopt
from tests.builders import HOUR, MINUTE, NOW, a_desk, a_post, a_reply
from tests.fakes.desks import FakeDesks
from tests.fakes.reader import FakeReader
from tests.simulation.desks import DORA, ELI
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


def later(native_id: str, minutes: float, **changes: Any) -> Post:
    at = NOW + minutes * MINUTE
    return a_post(native_id, posted_at=at, received_at=at, **changes)


def edit(native_id: str, text: str, world: World) -> Notice:
    post = a_post(native_id, text=text, edited_at=world.now)
    return Notice(kind=NoticeKind.EDIT, post=post, next_check_at=world.now + MINUTE)


def test_when_the_top_cannot_be_reached_those_below_are_called_again(world: World) -> None:
    world.phone.unknown = {"cleo"}
    world.deliver(a_post())
    world.stream()
    world.pass_time(3 * HOUR)
    assert world.called()[:2] == ["ana", "ben"]
    assert world.called()[2:4] == ["ana", "ben"]


def test_when_all_whom_a_plan_calls_have_left_those_now_on_the_desk_are_called(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    team = replace(a_desk().teams["care"], members=("dora",), lead="eli")
    world.desks.desk = a_desk(people={"dora": DORA, "eli": ELI}, teams={"care": team})
    world.pass_time(2 * HOUR)
    assert {"dora", "eli"} <= set(world.called())
    assert world.get().assignee == "dora"


def test_who_is_on_a_plan_by_a_later_desk_has_not_left(world: World) -> None:
    _routed_by_a_later_desk(world)
    world.pass_time(HOUR)
    assert world.get().assignee == "dora"
    assert set(world.called()) == {"dora", "eli"}


def test_while_the_later_desk_cannot_be_read_the_earlier_one_calls(world: World) -> None:
    _routed_by_a_later_desk(world)
    world.desks.away = True
    world.pass_time(HOUR)
    assert {"ana", "cleo"} <= set(world.called())


def test_a_post_that_an_old_copy_of_the_desk_gives_to_somebody_who_left_goes_to_their_successor(world: World) -> None:
    """Seed 119542 of 3 mentions, faults 2: while the desk could not be read, a process that had slept since before its
    publication assigned a post to whom it had left out. The lead was called, and nobody owned the post."""
    _assigned_to_ben_who_left(world)
    world.pass_time(2 * HOUR)
    assert world.get().assignee == "ana"
    assert world.called()[:2] == ["ana", "ana"]
    assert [entry.note for entry in world.get().history if entry.event is Event.ASSIGNED] == [
        "to ben",
        "to ana: ben left the desk",
    ]


def test_while_the_desk_cannot_be_read_nobody_is_taken_for_one_who_left(world: World) -> None:
    """A copy cannot tell them from those who have come since, and copies would pass the post to and fro."""
    _assigned_to_ben_who_left(world)
    world.desks.cached, world.desks.away = world.desks.desk, True
    world.pass_time(HOUR)
    assert world.get().assignee == "ben"
    assert set(world.called()) == {"ana", "cleo"}


def _assigned_to_ben_who_left(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    old, team = a_desk(), replace(a_desk().teams["care"], members=("ana",))
    people = {id_: replace(person, backups=()) for id_, person in old.people.items() if id_ != "ben"}
    world.desks.desk = a_desk(people=people, teams={"care": team}, version=2)
    answering.assign("facebook:1", "ben", "ana", world.mentions, FakeDesks(old), world.timers, world.now)


def _routed_by_a_later_desk(world: World) -> None:
    """Then it is checked by a process that has not heard of that one."""
    team = replace(a_desk().teams["care"], members=("dora",), lead="eli")
    world.desks.desk = a_desk(people={"dora": DORA, "eli": ELI}, teams={"care": team}, version=2)
    world.deliver(a_post())
    world.stream()
    world.desks.cached = a_desk()


def test_a_person_who_cannot_be_reached_is_passed_over_at_once_though_clocks_differ(world: World) -> None:
    world.phone.unknown = {"ana"}
    world.deliver(a_post())
    world.routed("facebook:1", "mention")
    world.now -= timedelta(seconds=2)
    world.alerted("facebook:1")
    world.pass_time(MINUTE)
    assert world.called() == ["ben"]


def test_an_urgent_chain_that_is_routed_anew_stays_urgent(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(later("2", 1, text="I want a refund"))
    world.stream()
    assert world.get().priority is Priority.URGENT
    team = replace(a_desk().teams["care"], members=("dora",), lead="eli")
    world.desks.desk = a_desk(people={"dora": DORA, "eli": ELI}, teams={"care": team})
    world.pass_time(HOUR)
    assert world.get().assignee == "dora"
    assert world.get().priority is Priority.URGENT


def test_a_post_whose_chain_was_answered_before_it_was_written_is_called_for_soon(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.pass_time(5 * MINUTE)
    world.deliver(later("2", 5))
    world.stream()
    world.deliver(a_reply(at=NOW + 4 * MINUTE))
    world.stream()
    assert [world.get(n).state for n in "12"] == [State.ANSWERED, State.OPEN]
    world.pass_time(12 * MINUTE)
    assert world.get("2").joined is None
    assert world.called() == ["ana", "ana", "ben"]


def test_a_post_whose_chain_was_dismissed_by_a_process_that_died_is_called_for_soon(world: World) -> None:
    world.deliver(a_post(), later("2", 1))
    world.stream()
    head = world.get()
    world.table.save(transitions.dismiss(head, "ana", transitions.Dismissal.SPAM, world.now))
    world.pass_time(32 * MINUTE)
    assert world.called() == ["ana", "ana"]


def test_a_post_written_after_the_answer_is_released_though_that_was_completed_later(world: World) -> None:
    """Seed 274 of 100 mentions: the first try closed the follower, and died before it came to the head."""
    world.deliver(a_post(), later("2", 1))
    world.stream()
    world.table.save(transitions.answer(world.get("2"), "ana", NOW + 2 * MINUTE))
    world.deliver(later("3", 3))
    world.stream()
    assert world.get("3").joined == "facebook:1"
    answering.answer("facebook:2", "ana", None, world.mentions, NOW + 4 * MINUTE)
    assert [world.get(n).state for n in "123"] == [State.ANSWERED, State.ANSWERED, State.NEW]
    world.stream()
    assert world.get("3").joined is None
    assert world.called() == ["ana", "ana"]


def test_whom_a_closed_chain_left_behind_stands_alone_when_it_is_looked_after(world: World) -> None:
    """Each process died that was to release it: the edge of a mention's states that campaigns hardly ever meet."""
    world.deliver(a_post(), later("2", 1))
    world.stream()
    assert world.get("2").joined == "facebook:1"
    world.table.save(transitions.removed(world.get(), NOW + 2 * MINUTE))
    world.pass_time(HOUR)
    alone = world.get("2")
    assert (alone.state, alone.joined) == (State.OPEN, None)
    assert any(entry.event is Event.ALERTED for entry in alone.history)


def test_a_digest_that_its_owner_cannot_get_goes_to_the_next_and_does_not_run_hot(world: World) -> None:
    world.phone.unknown = {"ana"}
    world.deliver(a_post(posted_at=NOW - 30 * DAY))
    world.stream()
    world.pass_time(2 * HOUR)
    assert world.called() == ["ben"]
    assert world.get().version < 10


def test_a_digest_that_nobody_can_get_does_not_run_hot(world: World) -> None:
    world.phone.unknown = {"ana", "ben", "cleo"}
    world.deliver(a_post(posted_at=NOW - 30 * DAY))
    world.stream()
    world.pass_time(2 * HOUR)
    assert world.get().version < 20


def test_a_back_fill_whose_owner_cannot_be_reached_is_soon_in_the_next_ones_digest(world: World) -> None:
    world.phone.unknown = {"ana"}
    world.deliver(*(a_post(str(n), author=Author(id=str(n)), posted_at=NOW - 30 * DAY) for n in range(20)))
    world.stream()
    world.pass_time(32 * MINUTE)
    assert world.called() == ["ben"]
    assert all(not world.get(str(n)).outbox for n in range(20))


def test_a_digest_that_a_shorter_ladder_takes_over_goes_on_from_its_top(world: World) -> None:
    """Seed 36 of 30 mentions: the rung it was on was not of the new ladder."""
    world.phone.unknown = {"ana", "ben"}
    world.deliver(a_post(posted_at=NOW - 30 * DAY))
    world.stream()
    world.pass_time(40 * MINUTE)
    assert world.get().rung == 3
    ladder = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=10 * MINUTE),))
    desk = world.desks.desk = a_desk(ladders={"standard": ladder}, version=2)
    adopt("facebook:1", desk, "cleo", world.mentions, world.timers, FakeReader(), world.now)
    assert world.get().rung == 1
    world.phone.unknown = set()
    world.pass_time(25 * HOUR)
    assert world.called()[-1] == "ana"


def test_an_acknowledged_digest_resumes_when_the_acknowledgement_runs_out(world: World) -> None:
    world.deliver(a_post(posted_at=NOW - 30 * DAY))
    world.stream()
    world.pass_time(20 * MINUTE)
    answering.acknowledge("facebook:1", "ana", world.mentions, world.desks, world.timers, world.now, None)
    world.pass_time(2 * HOUR)
    mention = world.get()
    assert mention.acknowledged_until is None
    assert mention.next_check_at
    assert mention.next_check_at > world.now
    assert not mention.breached


def test_an_edit_that_makes_a_joined_post_urgent_calls_again(world: World) -> None:
    world.deliver(a_post(), later("2", 1))
    world.stream()
    world.now += 2 * MINUTE
    world.deliver(edit("2", "I want a refund", world))
    world.stream()
    assert world.get().priority is Priority.URGENT
    assert world.get("2").joined == "facebook:1"
    assert world.called() == ["ana", "ana"]


def test_a_post_whose_chain_knew_it_before_it_became_urgent_calls_again(world: World) -> None:
    """The process dies between telling the head and joining it; then the author edits the post."""
    world.deliver(a_post())
    world.stream()
    world.deliver(later("2", 1))
    head = replace(world.get(), followed_by=("facebook:2",))
    world.table.save(head)
    world.deliver(edit("2", "I want a refund", world))
    world.stream()
    world.pass_time(2 * MINUTE)
    assert world.get().priority is Priority.URGENT
    assert world.get().followed_by == ("facebook:2",)


def test_alerts_that_wait_when_two_chains_become_one_are_told_as_dropped(world: World) -> None:
    world.phone.away = True
    world.deliver(later("2", 0.5))
    world.stream()
    world.deliver(a_post())
    world.stream()
    world.pass_time(3 * MINUTE)
    younger = world.get("2")
    assert younger.joined == "facebook:1"
    assert Event.ALERT_DROPPED in [entry.event for entry in younger.history]
