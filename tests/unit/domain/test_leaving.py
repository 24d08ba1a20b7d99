from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from answerby.domain.decide import decide
from answerby.domain.desk import Desk, Ladder, Rung, Team, Topic
from answerby.domain.leaving import handed_over, successor
from answerby.domain.mention import Event, Mention, Reason
from answerby.domain.transitions import acknowledge, snooze
from tests.builders import BEN, CATCH_ALL, CLEO, HOUR, MINUTE, NOW, a_desk, a_mention

REFUNDED = decide(a_mention(text="refund"), a_desk(), NOW)
CARE = Team(id="care", members=("ben",), lead="cleo")
PEOPLE = {"ben": BEN, "cleo": CLEO}


@pytest.mark.parametrize(
    ("desk", "backups", "to"),
    [
        (a_desk(people=PEOPLE, teams={"care": CARE}), ("cleo",), "cleo"),
        (a_desk(people=PEOPLE, teams={"care": CARE}), ("dev", "ben"), "ben"),
        (a_desk(people=PEOPLE, teams={"care": CARE}), (), "ben"),
        (
            a_desk(people=PEOPLE, teams={"care": CARE}, topics={"refund": Topic(id="refund", backups=("cleo",))}),
            (),
            "cleo",
        ),
        (
            a_desk(
                people={"cleo": CLEO, "ben": BEN},
                teams={"sales": Team(id="sales", members=("cleo",), lead="ben")},
                rules=(replace(CATCH_ALL, team="sales"),),
            ),
            (),
            "cleo",
        ),
    ],
    ids=["a back-up", "the first still here", "the team's next", "the topic's back-up", "whoever owns the rest"],
)
def test_a_post_of_somebody_who_left_goes_to(desk: Desk, backups: tuple[str, ...], to: str) -> None:
    assert successor(REFUNDED, backups, desk, NOW) == to


def test_a_post_in_a_digest_goes_into_the_next_one_of_who_has_it_now() -> None:
    late = decide(a_mention(posted_at=NOW - timedelta(days=30)), a_desk(), NOW)
    moved = handed_over(acknowledge(late, "ana", NOW, HOUR), "ana", "ben", a_desk(), "cleo", NOW)
    assert (moved.acknowledged_by, moved.outbox) == (None, ())
    listed = decide(moved, a_desk(), NOW)
    assert [(alert.person, alert.reason) for alert in listed.outbox] == [("ben", Reason.DIGEST)]


WITHOUT_ANA = a_desk(people=PEOPLE, teams={"care": CARE}, version=2)
ANAS = decide(a_mention(), a_desk(), NOW)
LATER = NOW + 10 * MINUTE


def checked(mention: Mention, now: object = LATER, thread: tuple[Mention, ...] = ()) -> Mention:
    return decide(mention, WITHOUT_ANA, now, thread, owner_left=True)  # type: ignore[arg-type]


def test_a_check_gives_a_post_of_somebody_who_left_to_their_successor_who_is_called_once() -> None:
    moved = checked(ANAS)
    assert (moved.assignee, moved.answer_by, moved.rung) == ("ben", ANAS.answer_by, 1)
    assert [(alert.person, alert.reason) for alert in moved.outbox] == [("ben", Reason.ASSIGNED)]
    told = [(entry.event, entry.by, entry.note) for entry in moved.history[len(ANAS.history) :]]
    assert told[-1] == (Event.ASSIGNED, "answerby", "to ben: ana left the desk")
    assert decide(moved, WITHOUT_ANA, LATER) is moved


def test_a_copy_of_a_desk_gives_nothing_to_anybody() -> None:
    assert decide(ANAS, WITHOUT_ANA, LATER).assignee == "ana"


def test_a_post_past_its_deadline_is_breached_and_given_in_one_call() -> None:
    moved = checked(ANAS, NOW + HOUR)
    assert moved.breached
    assert [alert.person for alert in moved.outbox] == ["ben"]
    assert moved.next_check_at
    assert moved.next_check_at > NOW + HOUR


def test_a_post_that_is_given_when_a_reminder_is_due_calls_by_the_ladder_it_has_then() -> None:
    late = replace(ANAS, rung=3, remind_at=(NOW + MINUTE, LATER, NOW + 30 * MINUTE), outbox=())
    short = Ladder(id="standard", rungs=(Rung(who=("owner",), wait=HOUR),))
    desk = replace(WITHOUT_ANA, ladders={"standard": short})
    moved = decide(late, desk, LATER, owner_left=True)
    assert [(alert.person, alert.reason) for alert in moved.outbox] == [("ben", Reason.ASSIGNED)]
    assert moved.remind_at == (NOW + 30 * MINUTE,)


def test_whoever_has_taken_on_a_post_of_somebody_who_left_keeps_their_time() -> None:
    paused = replace(snooze(ANAS, "cleo", NOW + HOUR, NOW), next_check_at=LATER)
    assert checked(paused).assignee == "ana"
    over = checked(paused, NOW + HOUR)
    assert (over.assignee, over.acknowledged_by) == ("ben", None)


def test_a_digest_of_somebody_who_left_is_listed_in_their_successors() -> None:
    late = decide(a_mention(posted_at=NOW - timedelta(days=30)), a_desk(), NOW)
    assert late.next_check_at
    moved = checked(late, late.next_check_at)
    assert moved.assignee == "ben"
    assert [(alert.person, alert.reason) for alert in moved.outbox] == [("ben", Reason.DIGEST)]
    assert moved.next_check_at
    assert moved.next_check_at > late.next_check_at


def test_a_post_behind_a_chain_follows_its_head_to_the_successor_and_calls_nobody() -> None:
    behind = decide(a_mention("2"), a_desk(), NOW + MINUTE, [ANAS])
    assert behind.next_check_at
    waits = checked(behind, behind.next_check_at, (ANAS,))
    assert (waits.assignee, len(waits.history)) == ("ana", len(behind.history))
    followed = checked(behind, behind.next_check_at, (checked(ANAS),))
    assert (followed.assignee, followed.joined, followed.outbox) == ("ben", ANAS.id, ())
    assert followed.next_check_at
    assert followed.next_check_at > behind.next_check_at
