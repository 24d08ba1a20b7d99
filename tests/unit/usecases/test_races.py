"""Two things at once, late, twice or half-way: what went wrong once must not again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from answerby.adapters.items import MENTION, mention_item
from answerby.domain import transitions
from answerby.domain.desk import Ladder, Person, Rung, Team
from answerby.domain.mention import Author, Event, Notice, NoticeKind, Priority, State
from answerby.domain.source import Source
from answerby.domain.transitions import Dismissal
from answerby.networks import instagram
from answerby.ports import SHARDS, NoDeskError, UnavailableError
from answerby.usecases import answering
from answerby.usecases import sweep as sweeping
from answerby.usecases.attend import attend
from answerby.usecases.receive import accepted
from answerby.usecases.send_alert import send_alerts
from answerby.usecases.sweep import sweep
from answerby.usecases.update import update
from tests.builders import BEN, CLEO, HOUR, MINUTE, NOW, a_desk, a_post, a_reply
from tests.fakes.desks import FakeDesks
from tests.fakes.mentions import RETENTION
from tests.world import World

DAY = timedelta(days=1)
ONE, TWO, THREE = "facebook:1", "facebook:2", "facebook:3"


class Between:
    """A port that has something else happen before one of its calls, once."""

    def __init__(self, port: Any, call: str, argument: object, happens: Callable[[], object]) -> None:
        self._port, self._call, self._argument, self._happens = port, call, argument, happens

    def __getattr__(self, name: str) -> Any:
        effect = getattr(self._port, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            if name == self._call and getattr(args[0], "id", args[0]) == self._argument:
                self._argument = None
                self._happens()
            return effect(*args, **kwargs)

        return called


class Blind:
    """A table whose conversation index does not know some mentions yet."""

    def __init__(self, table: Any, unknown: Iterable[str]) -> None:
        self._table, self._unknown = table, set(unknown)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def thread(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [each for each in self._table.thread(*args, **kwargs) if each.post.id not in self._unknown]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def patient() -> World:
    """A day to answer: whoever falls silent until the deadline is silent for long."""
    policies = {name: replace(policy, answer_within=DAY) for name, policy in a_desk().policies.items()}
    return World(desk=a_desk(policies=policies))


def at(minute: int, **changes: Any) -> dict[str, Any]:
    return {"posted_at": NOW + minute * MINUTE, "received_at": NOW + minute * MINUTE, **changes}


def removal(native_id: str = "1") -> Notice:
    post = a_post(native_id, text="", author=Author())
    return Notice(kind=NoticeKind.REMOVAL, post=post, next_check_at=NOW + MINUTE)


def is_called_again(world: World, span: timedelta = 23 * HOUR) -> bool:
    before = len(world.called())
    world.pass_time(span, step=5 * MINUTE)
    return len(world.called()) > before


def two_chains(world: World, *others: str) -> None:
    """#1 and #2 of one author, which have not seen each other."""
    world.mentions = Blind(world.table, [ONE, TWO])
    world.deliver(a_post(), a_post("2", text="again", **at(1)))
    world.stream()
    world.mentions = world.table


def test_a_comment_of_the_same_delivery_as_the_reply_to_another_stays_open(world: World) -> None:
    customer, brand = {"id": "7", "username": "sam"}, {"id": "100", "username": "brand"}
    said = [("11", customer, "where is it?", None), ("12", brand, "sent!", "11"), ("13", customer, "it was not", "11")]
    changes = [
        {"field": "comments", "value": {"id": id_, "from": by, "text": text, "parent_id": to}}
        for id_, by, text, to in said
    ]
    entry = {"id": "100", "time": int(NOW.timestamp()), "changes": changes}
    source = Source(id="ig", network="instagram", brand_account="100")
    delivery = instagram.parse({"object": "instagram", "entry": [entry]}, source, NOW)
    world.deliver(*delivery.posts, *delivery.notices)
    world.stream()
    states = {id_: mention.state for id_ in ("11", "13") if (mention := world.table.get(f"instagram:{id_}"))}
    assert states == {"11": State.ANSWERED, "13": State.OPEN}


def test_a_head_dismissed_while_a_post_is_joining_leaves_nobody_silent(patient: World) -> None:
    world, table = patient, patient.table
    world.deliver(a_post())
    world.stream()
    world.deliver(a_post("2", **at(1)))
    world.mentions = Between(
        table, "save", TWO, lambda: answering.dismiss(ONE, "ana", Dismissal.SPAM, None, table, world.now)
    )
    world.stream()
    assert is_called_again(world)


def test_a_head_removed_while_a_post_is_joining_leaves_nobody_silent(patient: World) -> None:
    world, table = patient, patient.table
    world.deliver(a_post())
    world.stream()
    world.deliver(a_post("2", **at(1)))

    def remove() -> None:
        table.add_notice(removal())
        attend(ONE, "removal", table, world.desks, world.timers, world.now)

    world.mentions = Between(table, "save", TWO, remove)
    world.stream()
    assert is_called_again(world)


def test_a_post_written_after_the_reply_that_closed_its_chain_calls_for_itself(patient: World) -> None:
    world = patient
    world.deliver(a_post(), a_post("2", **at(3)))
    world.stream()
    world.now = NOW + 4 * MINUTE
    world.deliver(a_reply(at=NOW + 2 * MINUTE))
    world.stream()
    assert (world.get("1").state, world.get("2").state) == (State.ANSWERED, State.OPEN)
    assert is_called_again(world)


def test_a_reply_that_closes_the_head_while_a_later_post_is_joining_leaves_nobody_silent(patient: World) -> None:
    world, table = patient, patient.table
    world.deliver(a_post())
    world.stream()
    world.now = NOW + 3 * MINUTE
    world.deliver(a_post("2", **at(3)))

    def reply() -> None:
        table.add_notice(a_reply(at=NOW + 2 * MINUTE))
        attend("facebook:r1", "own_reply", table, world.desks, world.timers, world.now)

    world.mentions = Between(table, "save", TWO, reply)
    world.stream()
    assert is_called_again(world)


def test_a_dismissal_that_died_half_way_is_completed_by_repeating_it(patient: World) -> None:
    world = patient
    world.deliver(a_post(), a_post("2", **at(1)))
    world.stream()

    def die() -> None:
        raise UnavailableError

    dying: Any = Between(world.table, "get", TWO, die)
    with pytest.raises(UnavailableError):
        answering.dismiss(ONE, "ana", Dismissal.SPAM, None, dying, world.now)
    answering.dismiss(ONE, "ana", Dismissal.SPAM, None, world.table, world.now)
    world.stream()
    assert world.get("2").joined is None


def test_a_follower_whose_head_closed_can_be_acknowledged_itself(world: World) -> None:
    world.deliver(a_post(), a_post("2", **at(1)))
    world.stream()
    update(ONE, world.mentions, lambda mention: transitions.dismiss(mention, "ana", Dismissal.SPAM, world.now))
    acknowledged = answering.acknowledge(TWO, "ana", world.mentions, world.desks, world.timers, world.now, None)
    assert acknowledged.id == TWO


def test_an_open_post_is_routed_anew_when_nobody_of_its_top_rung_is_left(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    dora = Person(id="dora", name="Dora", email="dora@example.com")
    team = Team(id="care", members=("dora",), lead="dora")
    world.desks.desk = a_desk(people={"dora": dora}, teams={"care": team})
    world.pass_time(HOUR)
    assert "dora" in world.called()
    assert world.get().answer_by == NOW + HOUR


def test_a_person_who_was_just_added_is_called_though_the_desk_at_hand_is_older(world: World) -> None:
    class Cached(FakeDesks):
        def current(self, *, fresh: bool = False) -> Any:
            return world.desks.current() if fresh else super().current()

    world.deliver(a_post())
    world.routed(ONE, MENTION)
    older = Cached(a_desk(people={"ben": BEN, "cleo": CLEO}))
    send_alerts(ONE, world.mentions, older, world.timers, world.notifier, world.pagers, world.now)
    assert world.called() == ["ana"]


def test_a_stale_stream_record_of_a_removed_post_calls_nobody(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(a_post("2", text="refund!", **at(1)))
    stale = world.get("2")
    world.deliver(removal("2"))
    attend(TWO, "removal", world.mentions, world.desks, world.timers, world.now)
    attend(TWO, MENTION, world.mentions, world.desks, world.timers, world.now, stale)
    world.stream()
    assert world.called() == ["ana"]
    assert world.get("1").followed_by == ()


def test_an_edit_that_makes_a_joined_post_urgent_calls_for_its_chain(world: World) -> None:
    world.deliver(a_post(), a_post("2", **at(1)))
    world.stream()
    newer = a_post("2", text="I want a refund now", edited_at=NOW + 2 * MINUTE, **at(1))
    world.deliver(Notice(kind=NoticeKind.EDIT, post=newer, next_check_at=NOW + 3 * MINUTE))
    world.stream()
    assert world.get("1").priority is Priority.URGENT
    assert world.called() == ["ana", "ana"]


def test_acknowledging_a_follower_of_a_merged_chain_pauses_the_one_that_calls(world: World) -> None:
    two_chains(world)
    world.mentions = Blind(world.table, [ONE])
    world.deliver(a_post("3", text="hello?", **at(2)))
    world.stream()
    world.mentions = world.table
    world.pass_time(10 * MINUTE)
    assert (world.get("3").joined, world.get("2").joined) == (TWO, ONE)
    acknowledged = answering.acknowledge(
        THREE, "ana", world.mentions, world.desks, world.timers, world.now, 30 * MINUTE
    )
    assert acknowledged.id == ONE


def test_a_raise_does_not_page_in_a_chain_that_has_joined_another_meanwhile(world: World) -> None:
    two_chains(world)
    world.deliver(a_post("3", text="refund", **at(2)))
    world.now = NOW + 12 * MINUTE

    def merge() -> None:
        attend(TWO, MENTION, world.table, world.desks, world.timers, world.now)

    blind = Blind(Between(world.table, "get", TWO, merge), [ONE])
    attend(THREE, MENTION, blind, world.desks, world.timers, world.now, world.get("3"))
    assert world.get("2").joined == ONE
    assert not world.get("2").outbox


def test_a_reply_to_a_reply_that_was_not_heard_yet_answers_it_when_it_is(world: World) -> None:
    world.deliver(a_reply("r", to="facebook:B", conversation_id="facebook:B"))
    world.stream()
    world.now = NOW + 2 * MINUTE
    world.deliver(a_post("B", conversation_id="facebook:A", in_reply_to="facebook:A"))
    world.stream()
    world.pass_time(10 * MINUTE)
    assert world.get("B").state is State.ANSWERED


def test_a_reply_to_what_is_never_heard_is_looked_for_less_and_less(world: World) -> None:
    reply = a_reply("r", to="facebook:never")
    world.deliver(reply)
    world.stream()
    world.pass_time(2 * DAY, step=5 * MINUTE)
    item = world.table.items["facebook:r", "own_reply"]
    assert item.next_check_at is None
    assert item.version < 20


def test_who_can_be_reached_on_a_rung_is_given_its_time(world: World) -> None:
    rungs = (Rung(who=("care",), wait=10 * MINUTE), Rung(who=("lead",), wait=10 * MINUTE))
    world.desks.desk = a_desk(ladders={"standard": Ladder(id="standard", rungs=rungs)})
    world.phone.unknown = {"ana"}
    world.deliver(a_post())
    world.stream()
    world.pass_time(3 * MINUTE)
    assert world.called() == ["ben"]


def test_one_throttled_shard_does_not_stop_the_sweep(world: World) -> None:
    world.deliver(*(a_post(str(n), author=Author(id=str(n))) for n in range(40)))

    class Throttled(Blind):
        def due(self, shard: int, *args: Any) -> Any:
            if shard == 0:
                raise UnavailableError
            return world.table.due(shard, *args)

    with pytest.raises(UnavailableError):
        sweep(Throttled(world.table, []), world.clock, NOW + 2 * MINUTE)
    assert len(world.clock.waiting) > 20


def test_a_shard_that_takes_all_the_time_takes_no_check_of_those_before_it(world: World) -> None:
    world.deliver(*(a_post(str(n), author=Author(id=str(n))) for n in range(40)))

    class OutOfTimeError(BaseException):
        """Lambda ends the process."""

    class Slow(Blind):
        def due(self, shard: int, *args: Any) -> Any:
            if shard == SHARDS - 1:
                raise OutOfTimeError
            return world.table.due(shard, *args)

    with pytest.raises(OutOfTimeError):
        sweep(Slow(world.table, []), world.clock, NOW + 2 * MINUTE)
    assert len(world.clock.waiting) == 40


def test_a_full_shard_gets_what_others_leave_and_each_check_is_asked_for_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "SHARE", 5)
    first = mention_item(accepted(a_post("0")), RETENTION).due_shard
    names = (str(number) for number in range(2_000))
    alike = [name for name in names if mention_item(accepted(a_post(name)), RETENTION).due_shard == first][:50]
    world.deliver(*(a_post(name, author=Author(id=name)) for name in alike))
    swept = sweep(world.table, world.clock, NOW + 2 * MINUTE)
    assert (swept.overdue, swept.asked) == (50, 50)
    assert len({each.mention_id for each in world.clock.waiting}) == len(world.clock.waiting) == 50


def test_a_second_reading_that_is_throttled_takes_nothing_of_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "SHARE", 1)
    world.deliver(*(a_post(str(n), author=Author(id=str(n))) for n in range(40)))

    class Throttled(Blind):
        def due(self, shard: int, now: datetime, limit: int) -> Any:
            if limit > 1:
                raise UnavailableError
            return world.table.due(shard, now, limit)

    swept = sweep(Throttled(world.table, []), world.clock, NOW + 2 * MINUTE)
    assert swept.asked == swept.overdue == len(world.clock.waiting) == 8


def test_posts_wait_for_the_first_desk(world: World) -> None:
    world.desks.desk = None
    world.deliver(a_post())
    with pytest.raises(NoDeskError):
        attend(ONE, MENTION, world.mentions, world.desks, world.timers, world.now)
    world.desks.desk = a_desk()
    world.pass_time(2 * MINUTE)
    assert world.called() == ["ana"]


def test_a_stale_timer_of_a_deleted_mention_changes_nothing(world: World) -> None:
    attend("facebook:gone", MENTION, world.mentions, world.desks, world.timers, world.now)
    assert not world.table.items


def test_a_removal_is_handled_though_a_follower_was_deleted(world: World) -> None:
    world.deliver(a_post(), a_post("2", **at(1)))
    world.stream()
    answering.answer(ONE, "ana", None, world.mentions, world.now + 2 * MINUTE)
    del world.table.items[TWO, MENTION]
    world.deliver(removal())
    attend(ONE, "removal", world.mentions, world.desks, world.timers, world.now)
    assert world.table.items[ONE, "removal"].next_check_at is None


def test_joining_tells_of_the_alerts_it_drops(world: World) -> None:
    world.phone.away = True
    two_chains(world)
    with suppress(UnavailableError):
        world.pass_time(3 * MINUTE)
    assert Event.ALERT_DROPPED in [entry.event for entry in world.get("2").history]


def test_an_answer_in_time_that_is_heard_late_is_no_breach(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.pass_time(HOUR + 2 * MINUTE)
    assert world.get().breached
    world.deliver(a_reply(at=NOW + 50 * MINUTE))
    world.stream()
    assert not world.get().breached


def test_posts_of_unknown_authors_do_not_read_the_whole_conversation(world: World) -> None:
    read = []

    class Counting(Blind):
        def thread(self, *args: Any, **kwargs: Any) -> list[Any]:
            found = super().thread(*args, **kwargs)
            read.extend(found)
            return found

    world.mentions = Counting(world.table, [])
    world.deliver(*(a_post(str(n), author=Author()) for n in range(60)))
    world.stream()
    assert not read


def test_an_answer_reported_again_does_not_answer_what_was_posted_since(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    answering.answer(ONE, "ana", None, world.mentions, world.now)
    world.now = NOW + 10 * MINUTE
    world.deliver(a_post("2", **at(10)))
    world.stream()
    answering.answer(ONE, "ana", None, world.mentions, world.now)
    assert world.get("2").state is State.OPEN


def test_an_edit_in_a_merged_chain_is_raised_where_it_calls(world: World) -> None:
    two_chains(world)
    world.mentions = Blind(world.table, [ONE])
    world.deliver(a_post("3", text="hello?", **at(2)))
    world.stream()
    world.mentions = world.table
    world.pass_time(10 * MINUTE)
    assert (world.get("3").joined, world.get("2").joined) == (TWO, ONE)
    newer = a_post("3", text="I want a refund now", edited_at=world.now, **at(2))
    world.deliver(Notice(kind=NoticeKind.EDIT, post=newer, next_check_at=world.now + MINUTE))
    world.stream()
    assert world.get("1").priority is Priority.URGENT


def test_a_new_post_that_somebody_takes_on_joins_its_chain_and_knows_what_was_answered(world: World) -> None:
    desk = a_desk()
    sooner = replace(desk.policies["hour"], next_within=20 * MINUTE)
    world.desks.desk = replace(desk, policies={**desk.policies, "hour": sooner})
    world.deliver(a_post())
    world.stream()
    answering.answer(ONE, "ana", None, world.mentions, world.now)
    world.now = NOW + 10 * MINUTE
    world.deliver(a_post("2", **at(10)))
    answering.acknowledge(TWO, "ana", world.mentions, world.desks, world.timers, world.now, None)
    assert world.get("2").answer_by == NOW + 30 * MINUTE
    world.deliver(a_post("3", **at(10)))
    acknowledged = answering.acknowledge(THREE, "ana", world.mentions, world.desks, world.timers, world.now, None)
    assert (acknowledged.id, world.get("3").joined) == (TWO, TWO)


def test_a_post_whose_people_all_left_while_it_was_paused_is_routed_anew_when_the_pause_ends(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    answering.acknowledge(ONE, "ana", world.mentions, world.desks, world.timers, world.now, 10 * MINUTE)
    dora = Person(id="dora", name="Dora", email="dora@example.com")
    world.desks.desk = a_desk(people={"dora": dora}, teams={"care": Team(id="care", members=("dora",), lead="dora")})
    world.pass_time(11 * MINUTE)
    assert world.called() == ["ana", "dora"]


def test_a_pause_ends_by_a_deadline_that_has_become_earlier(world: World) -> None:
    desk = a_desk()
    quick = replace(desk.rules[0], priority=desk.rules[1].priority)
    world.desks.desk = replace(desk, rules=(quick, desk.rules[1]))
    world.deliver(a_post())
    world.stream()
    answering.acknowledge(ONE, "ana", world.mentions, world.desks, world.timers, world.now, HOUR)
    world.deliver(a_post("2", text="refund", **at(1)))
    world.stream()
    one = world.get("1")
    assert (one.answer_by, one.acknowledged_until) == (NOW + 16 * MINUTE, NOW + 16 * MINUTE)
    assert (one.acknowledged_by, one.history[-1].note) == ("ana", "until 2026-03-02T09:16:00Z")


def test_an_answer_between_two_alerts_drops_the_second() -> None:
    ladder = Ladder(id="standard", rungs=(Rung(who=("owner", "lead"), wait=10 * MINUTE),))
    world = World(desk=a_desk(ladders={"standard": ladder}))
    world.deliver(a_post())
    world.routed(ONE, MENTION)
    assert len(world.get().outbox) == 2
    table = world.table
    world.mentions = Between(table, "save", ONE, lambda: answering.answer(ONE, "ana", None, table, world.now))
    world.alerted(ONE)
    assert world.called() == ["ana"]


def test_a_head_dismissed_before_it_hears_of_a_further_post_is_not_joined(patient: World) -> None:
    world, table = patient, patient.table
    world.deliver(a_post())
    world.stream()
    world.deliver(a_post("2", **at(1)))
    world.mentions = Between(
        table, "get", ONE, lambda: answering.dismiss(ONE, "ana", Dismissal.SPAM, None, table, world.now)
    )
    attend(TWO, MENTION, world.mentions, world.desks, world.timers, world.now)
    world.mentions = table
    world.stream()
    assert world.get("2").joined is None
    assert world.called() == ["ana", "ana"]


def test_an_answer_that_meets_another_write_is_not_lost(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    table = world.table
    meets = Between(table, "save", ONE, lambda: table.save(replace(world.get(), tags=("other",))))
    assert answering.answer(ONE, "ana", None, meets, world.now).state is State.ANSWERED
    assert world.get().state is State.ANSWERED
    assert world.get().tags == ("other",)
