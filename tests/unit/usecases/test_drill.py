"""A test alert goes the way of every alert, and ends without calling anybody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answerby.domain.drill import UNHEARD, Drills, conversation_of, outcome
from answerby.domain.mention import Channel, Event, Mention, Reason, State
from answerby.domain.transitions import Dismissal
from answerby.usecases import answering
from answerby.usecases.answering import UnknownPersonError
from answerby.usecases.drill import NoContactError, send_test
from tests.builders import ANA, HOUR, MINUTE, NOW, a_desk, a_post
from tests.world import World


@pytest.fixture
def world() -> World:
    return World()


def drilled(world: World, person: str = "ana") -> Mention:
    test = send_test(person, "cleo", world.mentions, world.desks, world.timers, world.now)
    world.stream()
    return test


def stored(world: World, test: Mention) -> Mention:
    known = world.mentions.get(test.id)
    assert known
    return known


def acknowledged(world: World, test: Mention) -> Mention:
    return answering.acknowledge(test.id, "ana", world.mentions, world.desks, world.timers, world.now, None)


def drills(world: World) -> Drills:
    said = world.mentions.conversation(conversation_of("ana"))
    return outcome(each for each in said if isinstance(each, Mention))


def test_it_is_sent_at_once_by_all_contacts(world: World) -> None:
    drilled(world)
    (alert,) = world.phone.sent
    assert (alert.person, alert.reason) == ("ana", Reason.TEST)
    assert set(alert.channels) == set(Channel)


def test_an_acknowledgement_closes_it(world: World) -> None:
    test = drilled(world)
    world.pass_time(5 * MINUTE)
    after = acknowledged(world, test)
    assert (after.state, after.answered_by, after.next_check_at) == (State.ANSWERED, "ana", None)
    assert drills(world) == Drills(acknowledged_at=NOW + 5 * MINUTE)


def test_an_answer_closes_it_as_well(world: World) -> None:
    test = drilled(world)
    answering.answer(test.id, "ana", None, world.mentions, world.now)
    assert drills(world) == Drills(acknowledged_at=NOW)


@pytest.mark.parametrize("timers_work", [True, False])
def test_nobody_else_is_ever_called_and_after_an_hour_it_is_dismissed(timers_work: bool) -> None:
    world = World(timers_work=timers_work)
    test = drilled(world)
    world.pass_time(3 * HOUR)
    assert world.called() == ["ana"]
    after = stored(world, test)
    assert (after.state, after.next_check_at) == (State.DISMISSED, None)
    assert [(each.by, each.note) for each in after.history if each.event is Event.DISMISSED] == [("answerby", UNHEARD)]
    assert drills(world) == Drills(missed_at=NOW)


def test_one_that_a_person_dismissed_was_not_missed(world: World) -> None:
    test = drilled(world)
    answering.dismiss(test.id, "cleo", Dismissal.NEEDS_NO_ANSWER, None, world.mentions, world.now)
    assert drills(world) == Drills()


def test_an_alert_that_cannot_be_delivered_calls_nobody_else(world: World) -> None:
    world.phone.unknown = {"ana"}
    test = drilled(world)
    world.pass_time(2 * HOUR)
    assert world.called() == []
    assert stored(world, test).state is State.DISMISSED


def test_an_alert_is_sent_when_the_notifier_is_back(world: World) -> None:
    world.phone.away = True
    drilled(world)
    world.phone.away = False
    world.pass_time(5 * MINUTE)
    assert world.called() == ["ana"]


def test_a_second_one_is_one_of_its_own(world: World) -> None:
    first = drilled(world)
    acknowledged(world, first)
    world.pass_time(10 * MINUTE)
    second = drilled(world)
    world.pass_time(2 * HOUR)
    assert second.id != first.id
    assert world.called() == ["ana", "ana"]
    assert drills(world) == Drills(acknowledged_at=NOW, missed_at=NOW + 10 * MINUTE)


def test_who_is_not_on_the_desk_or_has_no_contact_is_told_so() -> None:
    world = World(a_desk(people={**a_desk().people, "ana": replace(ANA, sms=None, email=None)}))
    with pytest.raises(UnknownPersonError, match="ana, ben, cleo"):
        drilled(world, "dora")
    with pytest.raises(NoContactError):
        drilled(world)
    assert world.table.items == {}


def test_a_delivered_post_that_claims_to_be_a_test_is_routed_like_any_other(world: World) -> None:
    forged = a_post("1", id="answerby:test-ana-1", network="answerby", conversation_id=conversation_of("ana"))
    world.deliver(forged)
    world.stream()
    world.pass_time(HOUR)
    known = world.mentions.get(forged.id)
    assert known
    assert known.state is State.OPEN
    assert {"ana", "ben", "cleo"} <= set(world.called())
    assert drills(world) == Drills()
