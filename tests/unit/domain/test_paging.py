"""Moving along a ladder: empty rungs, sleep, absence, rounds, shifts, and an end that never comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerby.domain.calendar import Calendar, Span
from answerby.domain.decide import decide, followed_up, reconsidered
from answerby.domain.desk import Condition, Desk, Ladder, Manners, Person, Rule, Rung, Team, Topic
from answerby.domain.mention import Alert, Channel, Event, Mention, Priority
from answerby.domain.rotation import Change, Layer, Override, Rotation, Unit
from answerby.domain.transitions import acknowledge, alert_failed, alert_sent, assign, edited, raised
from tests.builders import ANA, BEN, CATCH_ALL, CLEO, HOUR, MINUTE, NOW, REFUND, a_desk, a_mention, a_post

DAY = timedelta(days=1)
NIGHT = NOW + 13 * HOUR


def hours(start: int, end: int) -> Calendar:
    return Calendar(id=f"{start}-{end}", time_zone="UTC", week=((Span(start=start * 60, end=end * 60),),) * 7)


def a_rung(*who: str, **changes: Any) -> Rung:
    return Rung(who=who, wait=10 * MINUTE, **changes)


def a_ladder(*rungs: Rung) -> dict[str, Ladder]:
    return {"standard": Ladder(id="standard", rungs=rungs)}


def with_people(*people: Person, **changes: Any) -> Desk:
    return a_desk(people={person.id: person for person in (ANA, BEN, CLEO, *people)}, **changes)


def asleep(*, ana: Calendar | None = None, ben: Calendar | None = None, cleo: Calendar | None = None) -> Desk:
    return with_people(
        replace(ANA, working_hours=ana), replace(BEN, working_hours=ben), replace(CLEO, working_hours=cleo)
    )


def away(person: str, by: str | None = None, until: datetime = NOW + DAY) -> Override:
    change = Change.REPLACE if by else Change.REMOVE
    return Override(change=change, person=person, by=by, starts=NOW - HOUR, ends=until)


def support(*people: str, **changes: Any) -> dict[str, Rotation]:
    layer = Layer(people=people, starts=NOW.date(), **{"unit": Unit.DAYS, **changes})
    return {"support": Rotation(id="support", time_zone="UTC", layers=(layer,))}


def routed(desk: Desk, now: datetime = NOW, **changes: Any) -> Mention:
    return decide(a_mention(**{"posted_at": now, "received_at": now, **changes}), desk, now)


def sent(mention: Mention, now: datetime) -> Mention:
    for alert in mention.outbox:
        mention = alert_sent(mention, alert, "m-1", now)
    return mention


def failed(mention: Mention, now: datetime) -> Mention:
    for alert in mention.outbox:
        mention = alert_failed(mention, alert, "no contact", now)
    return mention


def due(mention: Mention) -> datetime:
    assert mention.next_check_at
    return mention.next_check_at


def step(mention: Mention, desk: Desk) -> Mention:
    """What its next check makes of a mention whose alerts were sent."""
    mention = sent(mention, mention.outbox[0].decided_at) if mention.outbox else mention
    return decide(mention, desk, due(mention))


def people(mention: Mention) -> list[str]:
    return [alert.person for alert in mention.outbox]


def notes(mention: Mention, event: Event) -> list[str]:
    return [entry.note or "" for entry in mention.history if entry.event is event]


# Rungs with nobody


def test_an_empty_rung_is_skipped_at_once_and_says_why() -> None:
    desk = a_desk(overrides=(away("ben"),), ladders=a_ladder(a_rung("owner"), a_rung("ben"), a_rung("lead")))
    mention = step(routed(desk), desk)
    assert (people(mention), mention.rung) == (["cleo"], 3)
    assert notes(mention, Event.SKIPPED) == ["rung 2: ben is away until 2026-03-03T09:00Z"]
    assert notes(mention, Event.ESCALATED) == ["rung 3: cleo"]


def test_an_empty_first_rung_is_skipped_when_the_post_is_routed() -> None:
    rule = replace(CATCH_ALL, person="ana")
    mention = routed(a_desk(rules=(rule,), overrides=(away("ana"),)))
    assert (people(mention), mention.rung, mention.assignee) == (["ben"], 2, "ana")
    assert mention.escalate_at == NOW + 10 * MINUTE


def test_a_rotation_with_a_gap_skips_to_the_next_rung() -> None:
    office = ((Span(start=10 * 60, end=17 * 60),),) * 7
    desk = a_desk(ladders=a_ladder(a_rung("support"), a_rung("lead")), rotations=support("ana", "ben", during=office))
    mention = routed(desk)
    assert people(mention) == ["cleo"]
    assert notes(mention, Event.SKIPPED) == ["rung 1: nobody is on call in support until 2026-03-02T10:00Z"]


def test_a_gap_at_the_top_calls_the_lead() -> None:
    office = ((Span(start=10 * 60, end=17 * 60),),) * 7
    desk = a_desk(ladders=a_ladder(a_rung("support")), rotations=support("ana", during=office))
    assert people(routed(desk)) == ["cleo"]


def test_an_owner_whose_backups_are_all_away_leaves_it_to_the_lead() -> None:
    desk = a_desk(overrides=(away("ben"),))
    assert people(step(routed(desk), desk)) == ["cleo"]


# Shifts and replacements


def test_a_replaced_persons_alert_goes_to_the_replacement() -> None:
    desk = a_desk(rules=(replace(CATCH_ALL, person="ana"),), overrides=(away("ana", by="ben"),))
    mention = routed(desk)
    assert (people(mention), mention.assignee) == (["ben"], "ana")
    assert notes(mention, Event.SKIPPED) == ["rung 1: ben for ana"]


def test_an_override_made_after_routing_holds_for_the_next_call() -> None:
    mention = routed(a_desk())
    assert people(step(mention, a_desk(overrides=(away("ben", by="cleo"),)))) == ["cleo"]


def test_a_shift_change_during_the_wait_calls_the_new_one() -> None:
    desk = a_desk(
        ladders=a_ladder(a_rung("owner"), a_rung("support")), rotations=support("ben", "cleo", hand_over=9 * 60 + 5)
    )
    mention = routed(desk, NOW + DAY)
    mention = step(mention, desk)
    assert people(mention) == ["cleo"]
    assert notes(mention, Event.ESCALATED) == ["rung 2: cleo for support"]


def test_who_is_on_call_is_called_by_the_desk_as_it_is_then() -> None:
    ladders = a_ladder(a_rung("owner"), a_rung("support"))
    mention = routed(a_desk(ladders=ladders, rotations=support("ben")))
    assert people(step(mention, a_desk(ladders=ladders, rotations=support("cleo")))) == ["cleo"]


# Sleep


def test_who_is_asleep_is_skipped_for_normal() -> None:
    mention = routed(asleep(ana=hours(9, 17)), NIGHT)
    assert people(mention) == ["ben"]
    assert notes(mention, Event.SKIPPED) == ["rung 1: ana is asleep until 2026-03-03T09:00Z"]


def test_who_is_asleep_is_called_for_urgent() -> None:
    mention = routed(asleep(ana=hours(9, 17)), NIGHT, text="refund")
    assert (people(mention), mention.rung) == (["ana"], 1)


def test_everyone_asleep_is_called_quietly_by_mail_and_again_when_the_first_wakes() -> None:
    desk = asleep(ana=hours(9, 17), ben=hours(8, 17), cleo=hours(10, 17))
    mention = routed(desk, NIGHT)
    assert [(alert.person, alert.channels) for alert in mention.outbox] == [("ana", (Channel.EMAIL,))]
    assert mention.escalate_at == datetime.fromisoformat("2026-03-03T08:00Z")
    assert notes(mention, Event.ESCALATED) == ["rung 1 quietly: ana"]
    breached = step(mention, desk)
    assert breached.breached
    assert [alert.channels for alert in breached.outbox] == [(Channel.EMAIL,)]
    woken = step(breached, desk)
    assert people(woken) == ["ben"]
    assert Channel.SMS in woken.outbox[0].channels


def test_the_first_to_wake_is_called_before_those_above_if_it_is_their_turn() -> None:
    """A quiet call counts as none."""
    desk = asleep(ana=hours(9, 17), ben=hours(9, 17), cleo=hours(10, 17))
    mention = replace(routed(desk, NIGHT), breached=True)
    woken = step(mention, desk)
    assert (people(woken), woken.rung, woken.round) == (["ana"], 1, 1)
    assert people(step(woken, desk)) == ["ben"]


def test_while_all_above_are_asleep_those_below_are_called_again() -> None:
    desk = asleep(ben=hours(9, 17), cleo=hours(9, 17))
    mention = step(routed(desk, NIGHT), desk)
    assert (people(mention), mention.rung) == (["ana"], 1)
    assert mention.escalate_at == NIGHT + 40 * MINUTE


def test_while_the_top_is_asleep_those_below_are_called_again() -> None:
    desk = asleep(cleo=hours(9, 22))
    mention = routed(desk, NOW + 12.5 * HOUR)
    mention = step(step(mention, desk), desk)
    assert (people(mention), mention.rung) == (["cleo"], 3)
    mention = step(mention, desk)
    assert (people(mention), mention.rung) == (["ana"], 1)
    assert mention.escalate_at == NOW + 13 * HOUR + 50 * MINUTE


def test_when_all_are_away_they_are_called_after_all() -> None:
    desk = a_desk(overrides=(away("ana"), away("ben"), away("cleo")))
    mention = routed(desk)
    assert [(alert.person, alert.channels) for alert in mention.outbox] == [("ana", (Channel.EMAIL,))]
    assert mention.escalate_at == NOW + 10 * MINUTE
    urgent = routed(desk, text="refund")
    assert [(alert.person, alert.channels) for alert in urgent.outbox] == [("ana", (Channel.SMS, Channel.EMAIL))]


# Rounds and the top


def test_a_rung_is_called_as_often_as_it_says_before_the_next() -> None:
    desk = a_desk(ladders=a_ladder(a_rung("owner", rounds=3), a_rung("lead")))
    mention, called = routed(desk), []
    for _ in range(4):
        called += [(alert.person, alert.round) for alert in mention.outbox]
        mention = step(mention, desk)
    assert called == [("ana", 1), ("ana", 2), ("ana", 3), ("cleo", 1)]


def test_the_deadline_goes_to_the_next_rung_whatever_the_rounds() -> None:
    desk = a_desk(ladders=a_ladder(Rung(who=("owner",), wait=2 * HOUR, rounds=9), a_rung("lead")))
    assert people(step(routed(desk), desk)) == ["cleo"]


def test_a_rung_that_nobody_can_be_reached_on_is_left_at_once_whatever_its_rounds() -> None:
    desk = a_desk(ladders=a_ladder(a_rung("owner", rounds=3), a_rung("lead")))
    mention = failed(routed(desk), NOW + MINUTE)
    assert due(mention) == NOW + MINUTE
    assert people(decide(mention, desk, NOW + MINUTE)) == ["cleo"]


def test_one_of_two_who_cannot_be_reached_moves_nothing() -> None:
    desk = a_desk(ladders=a_ladder(a_rung("support", "care"), a_rung("lead")), rotations=support("ben"))
    mention = routed(desk)
    assert people(mention) == ["ben", "ana"]
    mention = alert_failed(mention, mention.outbox[0], "no contact", NOW)
    assert sent(mention, NOW).escalate_at == NOW + 10 * MINUTE
    assert alert_failed(mention, mention.outbox[0], "no contact", NOW).escalate_at == NOW


def test_failures_do_not_go_round_in_a_circle() -> None:
    """Those below are not called again at once: the same alert would fail again, for ever."""
    desk = asleep(ben=hours(9, 17), cleo=hours(9, 17))
    mention = routed(desk, NIGHT)
    for _ in range(2):
        mention = failed(mention, NIGHT)
        assert due(mention) == NIGHT
        mention = decide(mention, desk, NIGHT)
        assert mention.outbox[0].channels == (Channel.EMAIL,)
    assert people(mention) == ["cleo"]
    assert due(failed(mention, NIGHT)) > NIGHT


@pytest.mark.parametrize("text", ["hello", "refund"])
def test_the_ladder_never_ends(text: str) -> None:
    desk = asleep(ana=hours(9, 17), ben=hours(6, 14), cleo=hours(13, 22))
    mention = routed(desk, text=text)
    ids: list[str] = []
    for _ in range(300):
        ids += [alert.id for alert in mention.outbox]
        before = due(sent(mention, due(mention)))
        mention = replace(step(mention, desk), history=mention.history[-20:])
        assert mention.outbox
        assert mention.next_check_at
        assert mention.next_check_at > before - MINUTE
    assert len(ids) == len(set(ids))


# Manners


def test_alerts_go_by_the_channels_of_their_priority() -> None:
    desk = a_desk(manners=Manners(channels={Priority.NORMAL: (Channel.EMAIL,), Priority.URGENT: (Channel.SMS,)}))
    assert routed(desk).outbox[0].channels == (Channel.EMAIL,)
    assert routed(desk, text="refund").outbox[0].channels == (Channel.SMS,)


def test_a_rung_may_choose_its_own_channels() -> None:
    desk = a_desk(ladders=a_ladder(a_rung("owner", channels=(Channel.EMAIL,)), a_rung("lead")))
    assert routed(desk, text="refund").outbox[0].channels == (Channel.EMAIL,)


def a_crisis_desk() -> Desk:
    topic = Topic(id="recall", crisis=True)
    rule = Rule(
        id="recalls",
        when=Condition(phrases=("burns",)),
        team="care",
        policy="hour",
        topic="recall",
        priority=Priority.URGENT,
        tags=("safety",),
    )
    manners = Manners(channels=dict.fromkeys(Priority, (Channel.EMAIL,)))
    return a_desk(topics={"recall": topic}, rules=(rule, REFUND, CATCH_ALL), manners=manners)


def test_a_crisis_calls_the_lead_at_once_by_every_channel() -> None:
    mention = routed(a_crisis_desk(), text="It burns!")
    assert [(alert.person, alert.channels) for alert in mention.outbox] == [
        ("ana", tuple(Channel)),
        ("cleo", tuple(Channel)),
    ]
    assert (mention.crisis, mention.tags, mention.desk_version) == (True, ("safety",), 1)


@pytest.mark.parametrize("text", ["Where is it?", "refund"])
def test_a_chain_that_becomes_a_crisis_calls_the_lead_too(text: str) -> None:
    desk = a_crisis_desk()
    head = sent(routed(desk, text=text), NOW)
    more = a_mention("2", text="It burns!", posted_at=NOW + MINUTE, received_at=NOW + MINUTE)
    raised = followed_up(head, decide(more, desk, NOW + MINUTE, [head]), desk, NOW + MINUTE)
    assert (raised.crisis, people(raised)) == (True, ["ana", "cleo"])
    newer = edited(head, a_post(text="It burns!", edited_at=NOW + MINUTE), NOW + MINUTE)
    assert people(reconsidered(head, newer, desk, NOW + MINUTE)) == ["ana", "cleo"]


def test_a_ladder_that_begins_anew_in_a_crisis_says_so() -> None:
    desk = a_crisis_desk()
    second = step(routed(desk), desk)
    assert second.rung == 2
    crisis = reconsidered(second, edited(second, a_post(text="It burns!", edited_at=NOW), NOW), desk, NOW)
    assert crisis.rung == 1
    assert [entry.note for entry in crisis.history if entry.event is Event.RAISED] == ["normal to urgent, rung 1"]


def test_two_calls_of_one_moment_that_move_past_the_same_rung_are_two_alerts() -> None:
    desk = a_desk(overrides=(away("ana"),))
    first = sent(routed(a_desk()), NOW)
    high, worst = (replace(first, priority=Priority.HIGH, crisis=crisis) for crisis in (False, True))
    once = raised(first, high, desk, NOW)
    twice = raised(once, worst, desk, NOW)
    assert [(alert.person, alert.rung, alert.round) for alert in twice.outbox] == [("ben", 2, 1)] * 2
    assert len({alert.id for alert in twice.outbox}) == 2
    assert raised(once, worst, desk, NOW) == twice


# Assignment and acknowledgement


def test_a_post_assigned_to_somebody_asleep_calls_their_backup() -> None:
    desk = asleep(cleo=hours(9, 17))
    mention = assign(sent(routed(desk, NIGHT), NIGHT), "cleo", "ben", NIGHT, desk)
    assert (mention.assignee, people(mention)) == ("cleo", ["ana"])


def test_an_acknowledgement_that_ends_at_night_resumes_with_whoever_is_awake() -> None:
    desk = asleep(ana=hours(9, 17))
    start = NOW + 7.5 * HOUR
    mention = acknowledge(sent(routed(desk, start), start), "ana", start, 45 * MINUTE)
    assert people(decide(mention, desk, start + 45 * MINUTE)) == ["ben"]


# Everything at once


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    waking = st.one_of(st.none(), st.builds(hours, st.integers(0, 11), st.integers(12, 24)))
    overrides = [
        Override(
            change=draw(st.sampled_from((Change.REMOVE, Change.REPLACE))),
            person=draw(st.sampled_from(("ana", "ben", "cleo"))),
            by=draw(st.sampled_from(("ana", "ben", "cleo", "gone"))),
            starts=(starts := NOW + draw(st.integers(-48, 48)) * HOUR),
            ends=starts + draw(st.integers(1, 72)) * HOUR,
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    names = st.lists(st.sampled_from(("owner", "backup", "lead", "care", "support")), min_size=1, max_size=2)
    rungs = [a_rung(*draw(names), rounds=draw(st.integers(1, 3))) for _ in range(draw(st.integers(1, 4)))]
    office = ((Span(start=9 * 60, end=17 * 60),),) * 7
    return replace(
        asleep(ana=draw(waking), ben=draw(waking), cleo=draw(waking)),
        overrides=tuple(overrides),
        rotations=support(
            "ben", "cleo", hand_over=draw(st.integers(0, 1439)), during=draw(st.sampled_from((None, office)))
        ),
        teams={"care": Team(id="care", members=draw(st.sampled_from((("ana", "ben"), ("support",)))), lead="cleo")},
        ladders=a_ladder(*rungs),
    )


@given(st.data(), st.lists(desks(), min_size=1, max_size=2), st.sampled_from(("hello", "refund")))
@settings(max_examples=150, deadline=None)
def test_whoever_is_away_asleep_or_unreachable_no_post_falls_silent(
    data: st.DataObject, drawn: list[Desk], text: str
) -> None:
    mention = routed(drawn[0], NIGHT, text=text)
    unreachable = data.draw(st.sets(st.sampled_from(("ana", "ben"))))
    now, at_once, heard = NIGHT, 0, NIGHT
    for number in range(40):
        desk = drawn[number % len(drawn)]
        for alert in mention.outbox:
            if alert.person in unreachable:
                mention = alert_failed(mention, alert, "no contact", now)
            else:
                mention, heard = alert_sent(mention, alert, "m-1", now), now
        later = max(due(mention), now)
        at_once = at_once + 1 if later == now else 0
        assert at_once <= 5
        now = later
        assert now - heard <= 3 * DAY
        mention = decide(mention, desk, now)
        _is_sound(mention, desk)


def _is_sound(mention: Mention, desk: Desk) -> None:
    assert mention.is_open
    assert mention.next_check_at
    for alert in mention.outbox:
        assert alert.person in desk.people
        assert (
            _is_awake(alert, mention, desk) or alert.channels == (Channel.EMAIL,) or mention.priority is Priority.URGENT
        )


def _is_awake(alert: Alert, mention: Mention, desk: Desk) -> bool:
    calendar = desk.people[alert.person].working_hours
    minute = alert.decided_at.hour * 60 + alert.decided_at.minute
    return calendar is None or any(span.start <= minute < span.end for span in calendar.week[0])
