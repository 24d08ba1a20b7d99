from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from answerby.domain.adopting import adopted, adopted_behind, chosen
from answerby.domain.decide import decide
from answerby.domain.desk import Ladder, Rung
from answerby.domain.leaving import handed_over
from answerby.domain.mention import Event, Mention
from answerby.domain.transitions import acknowledge, alert_failed, assign
from tests.builders import CATCH_ALL, CLEO, HOUR, NOW, a_desk, a_mention


def test_a_pause_ends_by_the_earlier_deadline_of_the_desk_that_adopts_it() -> None:
    paused = acknowledge(decide(a_mention(), a_desk(), NOW), "ana", NOW, HOUR)
    desk = a_desk(rules=(replace(CATCH_ALL, policy="quick"),), version=2)
    moved = adopted(paused, desk, "cleo", NOW)
    assert (moved.acknowledged_by, moved.acknowledged_until, moved.next_check_at) == ("ana", *[moved.answer_by] * 2)
    assert moved.answer_by == NOW + timedelta(minutes=15)


def choosing(to: str) -> Mention:
    return assign(decide(a_mention(), a_desk(), NOW), to, "cleo", NOW, a_desk())


def test_a_desk_that_adopts_a_post_leaves_it_with_whom_a_person_chose() -> None:
    post, desk = choosing("ben"), a_desk(version=2)
    moved = adopted(post, desk, "cleo", NOW, owner=chosen(post, desk))
    assert moved.assignee == "ben"
    assert moved.plan
    assert moved.plan.rungs[0].who == ("ben",)
    assert moved.outbox == post.outbox


def test_nobody_is_left_with_a_post_because_they_were_chosen_before_they_left() -> None:
    assert chosen(choosing("ben"), a_desk()) == "ben"
    assert chosen(choosing("ben"), a_desk(people={"cleo": CLEO})) is None


def test_whom_a_publication_has_given_a_post_nobody_chose() -> None:
    handed = handed_over(decide(a_mention(), a_desk(), NOW), "ana", "ben", a_desk(), "cleo", NOW)
    back = adopted(handed, a_desk(version=2), "cleo", NOW)
    assert [entry.note for entry in back.history if entry.event is Event.ASSIGNED] == [
        "to ben: ana left the desk",
        "to ana: by version 2",
    ]
    assert chosen(handed, a_desk()) is chosen(back, a_desk()) is None


def test_a_shorter_ladder_that_adopts_a_post_says_on_which_rung_it_goes_on() -> None:
    post = decide(a_mention(), a_desk(), NOW)
    while post.rung != 3:
        assert post.next_check_at
        post = decide(replace(post, outbox=()), a_desk(), post.next_check_at)
    short = replace(a_desk().ladders["standard"], rungs=a_desk().ladders["standard"].rungs[:2])
    moved = adopted(post, a_desk(ladders={"standard": short}, version=2), "cleo", NOW + HOUR)
    assert (moved.rung, moved.history[-1].note) == (2, "by version 2, rule otherwise, rung 2: stays with ana")


def test_a_post_whose_people_could_not_be_reached_begins_the_new_ladder_at_its_bottom() -> None:
    desk = a_desk(ladders={"standard": Ladder(id="standard", rungs=(Rung(who=("owner",), wait=HOUR),))})
    unheard = decide(a_mention(), desk, NOW)
    unheard = alert_failed(unheard, unheard.outbox[0], "no topic", NOW)
    assert unheard.rung is None
    moved = adopted(unheard, replace(desk, version=2), "cleo", NOW)
    assert (moved.rung, moved.escalate_at, moved.desk_version) == (None, unheard.escalate_at, 2)


def test_a_digest_that_a_desk_adopts_stays_one_and_keeps_its_hour() -> None:
    late = decide(a_mention(posted_at=NOW - timedelta(days=30)), a_desk(), NOW)
    moved = adopted(late, a_desk(version=2), "cleo", NOW + HOUR)
    assert moved.plan
    assert (moved.plan.digest, moved.escalate_at, moved.outbox) == (True, late.escalate_at, late.outbox)


def test_a_post_that_left_its_chain_meanwhile_is_not_adopted_behind_it() -> None:
    head = decide(a_mention(), a_desk(), NOW)
    alone = decide(a_mention("2", conversation_id="facebook:other"), a_desk(), NOW)
    assert adopted_behind(alone, head, a_desk(version=2), "cleo", NOW) is alone
