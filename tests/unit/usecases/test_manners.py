"""Nobody drowns in messages, and nothing is lost by it: on a desk with the usual manners."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from answerby.domain.desk import Condition, Ladder, Manners, Rule, Rung
from answerby.domain.mention import Author, Channel, Event, Notice, NoticeKind, Priority
from answerby.ports import UnavailableError
from answerby.usecases import answering
from tests.bench.storm import Storm
from tests.builders import ANA, BEN, CLEO, HOUR, MINUTE, NOW, a_desk, a_post
from tests.world import World

SECOND = timedelta(seconds=1)
SMS, EMAIL = Channel.SMS, Channel.EMAIL
THANKFUL = {"a", "b", "c"}


@pytest.fixture
def world() -> World:
    return World(a_desk(manners=Manners()))


def arrive(world: World, *ids: str, text: str = "My parcel never came.") -> None:
    """Posts of as many authors."""
    world.deliver(
        *(a_post(each, author=Author(id=each), text=text, posted_at=world.now, received_at=world.now) for each in ids)
    )
    world.stream()


def told(world: World, channel: Channel, person: str = "ana") -> list[set[str]]:
    """The mentions that each message by a channel names."""
    return [
        {mention_id.removeprefix("facebook:") for mention_id in message.mentions}
        for message in world.phone.messages
        if message.person == person and channel in message.channels
    ]


def events(world: World, native_id: str) -> list[Event]:
    return [entry.event for entry in world.get(native_id).history]


def notes(world: World, native_id: str, event: Event) -> list[str | None]:
    return [entry.note for entry in world.get(native_id).history if entry.event is event]


def pass_time(world: World, span: timedelta) -> None:
    world.pass_time(span, step=10 * SECOND)


def test_the_first_alert_to_a_calm_person_goes_at_once_by_all_channels(world: World) -> None:
    arrive(world, "1")
    assert [message.channels for message in world.phone.messages] == [(SMS, EMAIL)]
    assert not world.get().outbox


def test_what_comes_within_two_minutes_is_one_mail(world: World) -> None:
    arrive(world, "1")
    for n in "234":
        world.now += 20 * SECOND
        arrive(world, n)
    assert told(world, EMAIL) == [{"1"}]
    pass_time(world, 2 * MINUTE)
    assert told(world, EMAIL) == [{"1"}, {"2", "3", "4"}]


def test_there_is_one_text_message_in_five_minutes_and_it_tells_of_all(world: World) -> None:
    arrive(world, "1")
    arrive(world, "2", "3")
    pass_time(world, 4 * MINUTE)
    arrive(world, "4")
    assert told(world, SMS) == [{"1"}]
    pass_time(world, 90 * SECOND)
    assert told(world, SMS) == [{"1"}, {"2", "3", "4"}]


def test_a_delay_is_in_the_history_with_its_end_and_its_reason(world: World) -> None:
    arrive(world, "1")
    world.now += MINUTE
    arrive(world, "2")
    assert notes(world, "2", Event.ALERT_DELAYED) == [
        "sms held until 09:05:00: one was sent at 09:00:00; email held until 09:02:00: one was sent at 09:00:00"
    ]
    assert world.get("2").outbox[0].not_before
    pass_time(world, 6 * MINUTE)
    assert len(notes(world, "2", Event.ALERT_DELAYED)) == 1
    assert events(world, "2").count(Event.ALERTED) == 2
    assert not world.get("2").outbox


def test_a_held_alert_is_looked_at_when_its_time_has_come_and_not_each_minute(world: World) -> None:
    arrive(world, "1")
    arrive(world, "2")
    held = world.get("2")
    assert held.next_check_at
    assert held.next_check_at == held.outbox[0].not_before
    assert NOW + 2 * MINUTE <= held.next_check_at <= NOW + 150 * SECOND
    before = held.version
    pass_time(world, 110 * SECOND)
    assert world.get("2").version == before


def test_a_bundle_goes_though_every_timer_is_lost(world: World) -> None:
    world.timers_work = False
    arrive(world, "1")
    arrive(world, "2", "3")
    world.pass_time(4 * MINUTE)
    assert told(world, EMAIL) == [{"1"}, {"2", "3"}]


def test_when_the_channel_is_free_for_one_it_is_told_alone(world: World) -> None:
    arrive(world, "1")
    world.now += 3 * MINUTE
    arrive(world, "2")
    assert [message.channels for message in world.phone.messages] == [(SMS, EMAIL), (EMAIL,)]
    assert world.get("2").outbox[0].channels == (SMS,)
    pass_time(world, 3 * MINUTE)
    assert told(world, SMS) == [{"1"}, {"2"}]


def test_a_calm_person_gets_a_first_alert_at_once_again(world: World) -> None:
    arrive(world, "1")
    world.now += 5 * MINUTE
    arrive(world, "2")
    assert told(world, SMS) == [{"1"}, {"2"}]
    assert Event.ALERT_DELAYED not in events(world, "2")


def test_an_urgent_alert_is_never_held(world: World) -> None:
    arrive(world, "1")
    world.now += SECOND
    arrive(world, "2", text="refund!")
    assert told(world, SMS) == told(world, EMAIL) == [{"1"}, {"2"}]
    assert not world.pager.lines


def test_urgent_alerts_hold_back_no_others(world: World) -> None:
    arrive(world, "1", text="refund!")
    arrive(world, "2")
    assert told(world, SMS) == told(world, EMAIL) == [{"1"}, {"2"}]


def test_an_urgent_mail_tells_of_its_post_alone_and_what_waits_comes_in_its_time(world: World) -> None:
    arrive(world, "1")
    arrive(world, "2")
    world.now += SECOND
    arrive(world, "3", text="refund!")
    assert told(world, EMAIL) == [{"1"}, {"3"}]
    pass_time(world, 150 * SECOND)
    assert told(world, EMAIL) == [{"1"}, {"3"}, {"2"}]


def test_of_urgent_things_a_person_gets_mails_one_by_one_and_is_called_for_each_at_once(world: World) -> None:
    """Whichever processes send them."""
    arrive(world, *map(str, range(20)), text="refund!")
    assert len(told(world, SMS)) == 20
    assert told(world, EMAIL) == [{"0"}]
    for _ in range(30):
        world.pass_time(SECOND, step=SECOND)
    assert set.union(*told(world, EMAIL)) == set(map(str, range(20)))
    assert len(told(world, EMAIL)) <= 12


def test_urgent_mails_and_others_tell_of_none_of_each_other(world: World) -> None:
    """They take turns of their own, so two processes may send both at once, and would tell of the same twice."""
    arrive(world, "1", "2")
    arrive(world, "3", "4", text="I want a refund")
    pass_time(world, 3 * MINUTE)
    assert [mail for mail in told(world, EMAIL) if mail & {"1", "2"} and mail & {"3", "4"}] == []
    assert {"2"} in told(world, EMAIL)
    assert {"4"} in told(world, EMAIL)


def test_people_do_not_wait_for_one_another(world: World) -> None:
    arrive(world, "1")
    answering.assign("facebook:1", "ben", "ana", world.mentions, world.desks, world.timers, world.now)
    world.stream()
    assert world.called() == ["ana", "ben"]


def test_what_was_acknowledged_or_answered_meanwhile_is_not_told(world: World) -> None:
    arrive(world, "1")
    arrive(world, "2", "3", "4")
    answering.acknowledge("facebook:2", "ana", world.mentions, world.desks, world.timers, world.now, None)
    answering.answer("facebook:3", "ana", None, world.mentions, world.now)
    pass_time(world, 6 * MINUTE)
    assert told(world, EMAIL) == told(world, SMS) == [{"1"}, {"4"}]
    assert not any(world.pager.lines.values())


def test_a_bundle_of_nothing_is_not_sent(world: World) -> None:
    arrive(world, "1")
    arrive(world, "2")
    answering.answer("facebook:2", "ana", None, world.mentions, world.now)
    pass_time(world, 6 * MINUTE)
    assert world.called() == ["ana"]


def test_the_less_urgent_has_its_turn_though_the_more_urgent_fill_every_mail() -> None:
    ladder = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=MINUTE),), repeat_every=5 * MINUTE)
    thanks = Rule(id="thanks", when=Condition(phrases=("thanks",)), team="care", policy="hour", priority=Priority.LOW)
    desk = a_desk(manners=Manners(), ladders={"standard": ladder})
    world = World(replace(desk, rules=(thanks, *desk.rules)))
    world.phone.room = 2
    arrive(world, *(str(n) for n in range(1, 13)))
    arrive(world, *THANKFUL, text="thanks")
    pass_time(world, HOUR)
    assert set.union(*told(world, EMAIL)) >= THANKFUL


def test_what_a_mail_has_no_room_for_is_in_the_next_one(world: World) -> None:
    world.phone.room = 3
    arrive(world, "0")
    arrive(world, *map(str, range(1, 8)))
    pass_time(world, 5 * MINUTE)
    assert [len(mail) for mail in told(world, EMAIL)] == [1, 3, 3]
    pass_time(world, 3 * MINUTE)
    assert set.union(*told(world, EMAIL)) == set(map(str, range(8)))


def test_what_was_held_once_is_told_by_whoever_has_the_turn_however_late_the_checks_are(world: World) -> None:
    """Else another post's repeats would take each turn before it."""
    arrive(world, "1", "2")
    world.now += 7 * HOUR
    arrive(world, "3")
    assert told(world, EMAIL) == told(world, SMS) == [{"1"}, {"2", "3"}]


def test_a_post_that_is_called_for_while_its_alert_is_held_waits_with_one_alert(world: World) -> None:
    quick = Ladder(id="quick", rungs=(Rung(who=("ana",), wait=MINUTE),), repeat_every=MINUTE)
    world.desks.desk = replace(world.desk, ladders=dict.fromkeys(world.desk.ladders, quick))
    arrive(world, "1", "2")
    pass_time(world, 4 * MINUTE)
    waiting = [alert for alert in world.get("2").outbox if SMS in alert.channels]
    assert [alert.round for alert in waiting] == [world.get("2").round]
    assert any("with the call before" in (note or "") for note in notes(world, "2", Event.ALERT_DELAYED))
    pass_time(world, 2 * MINUTE)
    assert told(world, SMS) == [{"1"}, {"1", "2"}]


def test_an_alert_that_becomes_urgent_does_not_wait_for_the_one_that_is_held(world: World) -> None:
    arrive(world, "1", "2")
    assert world.get("2").outbox[0].not_before
    words = replace(world.get("2").post, text="refund!", edited_at=world.now)
    world.deliver(Notice(kind=NoticeKind.EDIT, post=words, next_check_at=world.now))
    world.stream()
    pass_time(world, 10 * SECOND)
    assert told(world, SMS) == [{"1"}, {"2"}]


def test_a_person_without_a_contact_fails_at_once_and_holds_nobody_up(world: World) -> None:
    world.desks.desk = replace(world.desk, people={"ana": replace(ANA, sms=None, email=None), "ben": BEN, "cleo": CLEO})
    arrive(world, "1", "2")
    pass_time(world, 3 * MINUTE)
    assert [events(world, n).count(Event.ALERT_FAILED) for n in "12"] == [1, 1]
    assert told(world, EMAIL, "ben") == [{"1"}, {"2"}]


def test_who_cannot_be_reached_is_found_out_at_once_by_each_alert(world: World) -> None:
    world.phone.unknown = {"ana"}
    arrive(world, "1", "2", "3")
    assert [events(world, n).count(Event.ALERT_FAILED) for n in "123"] == [1, 1, 1]


def test_an_alert_goes_by_what_is_left_when_its_channel_is_gone(world: World) -> None:
    arrive(world, "1")
    world.now += 3 * MINUTE
    arrive(world, "2")
    assert world.get("2").outbox[0].channels == (SMS,)
    world.desks.desk = replace(world.desk, people={**world.desk.people, "ana": replace(ANA, sms=None)})
    pass_time(world, 5 * MINUTE)
    assert told(world, EMAIL)[-1] == {"2"}
    assert not world.get("2").outbox


def test_an_alert_whose_sender_died_after_it_took_the_turn_goes_with_the_retry(world: World) -> None:
    arrive(world, "1")
    world.now += 6 * MINUTE
    world.phone.away = True
    arrive(world, "2")
    world.phone.away = False
    world.alerted("facebook:2")
    assert told(world, SMS) == [{"1"}, {"2"}]


class Forgetful:
    """A pager that fails once, when it is to strike what was named off its list."""

    def __init__(self, port: Any) -> None:
        self._port, self.failed = port, False

    def __getattr__(self, name: str) -> Any:
        if name == "named" and not self.failed:
            self.failed = True
            raise UnavailableError("away")
        return getattr(self._port, name)


def test_a_sender_that_dies_after_a_bundle_repeats_it_and_loses_nothing(world: World) -> None:
    arrive(world, "1")
    arrive(world, "2", "3")
    world.pagers = Forgetful(world.pager)
    pass_time(world, 4 * MINUTE)
    assert told(world, EMAIL) == [{"1"}, {"2", "3"}, {"2", "3"}]
    assert [world.get(n).outbox[0].channels for n in "23"] == [(SMS,), (SMS,)]


def test_an_alert_registered_by_a_process_that_died_is_told_though_its_mention_knows_nothing(world: World) -> None:
    arrive(world, "1")

    arrive(world, "2")
    held = world.get("2")
    # As it was before it was held: it had been registered first.
    before = replace(held.outbox[0], channels=(SMS, EMAIL), not_before=None)
    world.table.save(replace(held, outbox=(before,), next_check_at=NOW + MINUTE))
    world.stream()
    pass_time(world, 6 * MINUTE)
    assert told(world, EMAIL) == told(world, SMS) == [{"1"}, {"2"}]


def test_older_posts_are_one_digest_and_do_not_hide_a_fresh_one(world: World) -> None:
    old = [a_post(f"old{n}", author=Author(id=f"old{n}"), posted_at=NOW - 30 * 24 * HOUR) for n in range(50)]
    world.deliver(*old)
    world.stream()
    assert world.called() == []
    assert notes(world, "old1", Event.ALERT_DELAYED) == [
        "sms held until 09:15:00, with other older posts; email held until 09:15:00, with other older posts"
    ]
    world.now += 4 * MINUTE
    arrive(world, "1")
    world.now += 3 * MINUTE
    arrive(world, "2")
    assert told(world, EMAIL) == [{"1"}, {"2"}]
    pass_time(world, 10 * MINUTE)
    assert told(world, EMAIL)[-1] == told(world, SMS)[-1] == {post.id.removeprefix("facebook:") for post in old}
    assert len(told(world, EMAIL)) == 3


def test_a_storm_of_posts_is_a_few_messages_to_each_and_loses_none() -> None:
    """Five hundred in a minute, and nobody answers."""
    after = Storm(a_desk(manners=Manners())).blow(500, 30 * MINUTE)
    assert after.sms_in_5_minutes == 1
    assert (after.posts, after.lost, after.waiting) == (500, 0, 0)
    assert after.messages == {
        ("ana", SMS): 2,
        ("ana", EMAIL): 2,
        ("ben", SMS): 2,
        ("ben", EMAIL): 2,
        ("cleo", EMAIL): 2,
    }
