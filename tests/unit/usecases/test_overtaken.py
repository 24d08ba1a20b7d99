"""Use cases that something else has overtaken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from answerby.adapters.items import MENTION
from answerby.domain.mention import Event, Notice, NoticeKind, State
from answerby.domain.paging import told
from answerby.domain.transitions import Dismissal, StateConflictError
from answerby.ports import ConflictError
from answerby.usecases import answering
from answerby.usecases.attend import attend
from answerby.usecases.update import UnknownMentionError, update
from tests.builders import BEN, CLEO, MINUTE, NOW, a_desk, a_post, a_reply
from tests.simulation.ports import CrashError
from tests.world import World, key_of

ONE, TWO = "facebook:1", "facebook:2"
LATER = {"posted_at": NOW + MINUTE, "received_at": NOW + MINUTE}


class Meanwhile:
    """A table in which something else happens, once, before a mention is read."""

    def __init__(self, table: Any, mention_id: str, happens: Callable[[], object]) -> None:
        self._table, self._mention_id, self._happens = table, mention_id, happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def get(self, mention_id: str) -> Any:
        if mention_id == self._mention_id:
            self._mention_id = ""
            self._happens()
        return self._table.get(mention_id)


@pytest.fixture
def world() -> World:
    return World()


def test_a_change_that_others_always_forestall_is_given_up(world: World) -> None:
    world.deliver(a_post())
    world.stream()

    class Busy(Meanwhile):
        def save(self, mention: Any) -> Any:
            answering.assign(ONE, "ben", "ana", world.table, world.desks, world.timers, NOW)
            return self._table.save(mention)

    with pytest.raises(ConflictError, match="kept changing"):
        answering.acknowledge(ONE, "ana", Busy(world.table, "", list), world.desks, world.timers, NOW, None)
    assert world.get().acknowledged_by is None


def test_what_is_not_there_can_be_neither_taken_on_nor_changed(world: World) -> None:
    with pytest.raises(UnknownMentionError):
        answering.acknowledge(ONE, "ana", world.mentions, world.desks, world.timers, NOW, None)
    with pytest.raises(UnknownMentionError):
        update(ONE, world.mentions, lambda mention: mention)


def test_a_follower_whose_chain_is_dismissed_while_somebody_takes_it_on_is_routed_first(world: World) -> None:
    world.deliver(a_post(), a_post("2", **LATER))
    world.stream()

    def dismiss() -> None:
        answering.dismiss(ONE, "cleo", Dismissal.SPAM, None, world.table, NOW)

    racing: Any = Meanwhile(world.table, ONE, dismiss)
    with pytest.raises(ConflictError):
        answering.acknowledge(TWO, "ana", racing, world.desks, world.timers, NOW, None)
    world.stream()
    assert answering.acknowledge(TWO, "ana", world.mentions, world.desks, world.timers, NOW, None).acknowledged_by


def test_a_post_that_joins_one_that_is_gone_calls_for_itself(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    world.deliver(a_post("2", **LATER))
    world.mentions = Meanwhile(world.table, ONE, lambda: world.table.items.pop((ONE, MENTION)))
    world.routed(TWO, MENTION)
    assert (world.get("2").joined, world.get("2").state) == (None, State.OPEN)
    assert [alert.person for alert in world.get("2").outbox] == ["ana"]


def test_an_alert_to_somebody_who_left_before_it_went_out_fails_and_the_next_is_called(world: World) -> None:
    world.deliver(a_post())
    world.routed(ONE, MENTION)
    world.desks.desk = a_desk(people={"ben": BEN, "cleo": CLEO})
    world.alerted(ONE)
    failed = world.get().history[-1]
    assert (failed.event, failed.note) == (Event.ALERT_FAILED, "ana is no longer on the desk")
    world.pass_time(2 * MINUTE)
    assert world.called() == ["ben"]


def test_news_that_was_handled_already_is_not_handled_again(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    reply = a_reply()
    world.deliver(reply)
    world.stream()
    heard = world.table.items[key_of(reply)]
    attend(*key_of(reply), world.mentions, world.desks, world.timers, NOW)
    assert world.table.items[key_of(reply)].version == heard.version


def test_an_edit_of_an_answered_post_is_kept_and_calls_nobody(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    answering.answer(ONE, "ana", None, world.mentions, NOW)
    edit = Notice(kind=NoticeKind.EDIT, post=a_post(text="a refund, now!"), next_check_at=NOW + MINUTE)
    world.deliver(edit)
    world.stream()
    assert (world.get().state, world.get().post.text) == (State.ANSWERED, "a refund, now!")
    assert world.called() == ["ana"]


def test_whose_dismissal_it_was_is_known_though_an_alert_fails_afterwards(world: World) -> None:
    world.deliver(a_post())
    world.stream()
    answering.dismiss(ONE, "ben", Dismissal.SPAM, None, world.mentions, NOW)
    update(ONE, world.mentions, lambda mention: told(mention, NOW, Event.ALERT_FAILED, "cleo"))

    assert answering.dismiss(ONE, "ben", Dismissal.SPAM, None, world.mentions, NOW).state is State.DISMISSED
    with pytest.raises(StateConflictError):
        answering.dismiss(ONE, "cleo", Dismissal.SPAM, None, world.mentions, NOW)


def test_a_reply_whose_first_try_died_half_way_still_releases_what_came_after_it(world: World) -> None:
    world.deliver(a_post(), a_post("2", **LATER))
    world.stream()
    reply = a_reply(to=None, at=NOW + MINUTE / 2)
    world.deliver(reply)
    world.lose_stream()

    class Dying(Meanwhile):
        def save(self, mention: Any) -> Any:
            self._table.save(mention)
            raise CrashError

    with pytest.raises(CrashError):
        attend(*key_of(reply), Dying(world.table, "", list), world.desks, world.timers, NOW)
    assert (world.get().state, world.get("2").joined) == (State.ANSWERED, ONE)
    attend(*key_of(reply), world.mentions, world.desks, world.timers, NOW)
    assert world.get("2").joined is None
