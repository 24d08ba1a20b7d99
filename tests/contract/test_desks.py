"""ports.Desks, as the table and the fake keep it, and the versions that only the table has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from answerby.adapters import tables
from answerby.adapters.desks import DeskTable
from answerby.domain.desk import Condition, Desk, Ladder, Person, Policy, Rule, Rung, Team
from answerby.domain.mention import Kind, Priority
from answerby.domain.source import Source
from answerby.ports import ConflictError, Desks, UnavailableError
from tests.builders import HOUR, NOW, a_desk
from tests.contract.faults import counting, lost_answers, unreachable
from tests.contract.local_aws import LocalAws, make_table
from tests.fakes.desks import FakeDesks

EVERYTHING = Desk(
    people={"ana": Person(id="ana", name="Ana", time_zone="Europe/Madrid", sms="+1", email="a@b.c", backups=("ben",))},
    teams={"care": Team(id="care", members=("ana", "ben"), lead="cleo")},
    ladders={"short": Ladder(id="short", rungs=(Rung(who=("owner", "lead"), wait=HOUR),), repeat_every=HOUR / 4)},
    policies={"quick": Policy(id="quick", answer_within=HOUR, ladder="short", ack_for=HOUR / 2)},
    rules=(
        Rule(
            id="all",
            when=Condition(
                phrases=("b", "a"),
                networks=frozenset({"x", "facebook"}),
                sources=frozenset({"page"}),
                kinds=frozenset({Kind.REVIEW, Kind.RATING}),
                rating_at_most=2.5,
                rating_at_least=0.0,
                authors=frozenset({"sam"}),
                followers_at_least=0,
            ),
            team="care",
            policy="quick",
            person="ana",
            priority=Priority.URGENT,
            topic="parcel",
        ),
        Rule(id="rest", when=Condition(), team="care", policy="quick"),
    ),
    sources={"page": Source(id="page", network="facebook", brand_account="100", aliases=("101",))},
    digest_after=timedelta(days=3),
)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def published(local_aws: LocalAws, unique: str, clock: Clock) -> DeskTable:
    return DeskTable(make_table("DeskTable", unique), clock)


def publish(desks: DeskTable, desk: Desk, expected: int = 0) -> int:
    return desks.publish(desk, by="ana", why="because", now=NOW, expected_version=expected)


@pytest.fixture(params=["memory", "dynamodb"])
def desks_of(request: pytest.FixtureRequest) -> Callable[[Desk | None], Desks]:
    def made(desk: Desk | None) -> Desks:
        if request.param == "memory":
            return FakeDesks(desk)
        desks: DeskTable = request.getfixturevalue("published")
        if desk:
            publish(desks, desk)
        return desks

    return made


@pytest.mark.parametrize("desk", [a_desk(), replace(EVERYTHING, version=1)], ids=["sample", "everything"])
def test_the_desk_in_force_is_as_it_was_published(desks_of: Callable[[Desk | None], Desks], desk: Desk) -> None:
    assert desks_of(desk).current() == desk


def test_before_the_first_publication_there_is_none(desks_of: Callable[[Desk | None], Desks]) -> None:
    with pytest.raises(LookupError, match="no desk has been published"):
        desks_of(None).current()


def test_a_desk_is_read_once_a_minute(published: DeskTable, clock: Clock) -> None:
    publish(published, a_desk())
    with counting(tables.connection().client, "GetItem") as reads:
        for clock.seconds in (0.0, 30.0, 59.9):
            published.current()
        assert len(reads) == 1
        clock.seconds = 60.0
        published.current()
    assert len(reads) == 2


def test_while_the_table_is_away_the_desk_of_before_stays_in_force(published: DeskTable, clock: Clock) -> None:
    publish(published, a_desk())
    known = published.current()
    clock.seconds = 3600.0
    with unreachable(tables.connection().client, "GetItem"):
        assert published.current() is known


def test_without_a_desk_of_before_the_table_being_away_is_said(published: DeskTable) -> None:
    with unreachable(tables.connection().client, "GetItem"), pytest.raises(UnavailableError):
        published.current()


def test_each_publication_is_a_version_that_stays(published: DeskTable) -> None:
    assert publish(published, a_desk()) == 1
    assert publish(published, EVERYTHING, 1) == 2
    assert published.current().version == 2
    assert published.version(1) == a_desk()
    assert [(each.version, each.by, each.why, each.at) for each in published.publications()] == [
        (2, "ana", "because", NOW),
        (1, "ana", "because", NOW),
    ]


def test_nothing_is_published_over_what_somebody_else_published_meanwhile(published: DeskTable) -> None:
    publish(published, a_desk())
    with pytest.raises(ConflictError):
        publish(published, EVERYTHING)
    assert published.current() == a_desk()


def test_a_publication_that_failed_half_way_is_not_in_force_and_blocks_no_other(published: DeskTable) -> None:
    publish(published, a_desk())
    with pytest.raises(ConflictError):
        publish(published, EVERYTHING)
    assert publish(published, EVERYTHING, 1) == 3
    assert [each.version for each in published.publications()] == [3, 1]


def test_a_publication_whose_answers_were_lost_succeeds(published: DeskTable) -> None:
    client: Any = tables.connection().client
    with lost_answers(client, "PutItem"):
        assert publish(published, a_desk()) == 1
    with lost_answers(client, "PutItem", times=1):
        assert publish(published, EVERYTHING, 1) == 2


def test_an_unknown_version_is_said(published: DeskTable) -> None:
    with pytest.raises(LookupError, match="no version 7"):
        published.version(7)
