"""ports.Heard, as DynamoDB and the fake keep it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from answerby.adapters import tables
from answerby.adapters.desks import DeskTable
from answerby.adapters.heard import HeardTable
from answerby.ports import Heard, UnavailableError
from tests.builders import MINUTE, NOW, a_desk
from tests.contract.faults import counting, refused, unreachable
from tests.contract.local_aws import LocalAws, make_table
from tests.fakes.heard import FakeHeard

HOUR = timedelta(hours=1)


@pytest.fixture
def table_name(local_aws: LocalAws, unique: str) -> str:
    return make_table("DeskTable", unique)


@pytest.fixture(params=["memory", "dynamodb"])
def heard(request: pytest.FixtureRequest) -> Heard:
    return FakeHeard() if request.param == "memory" else HeardTable(request.getfixturevalue("table_name"))


def test_what_was_noted_is_known(heard: Heard) -> None:
    heard.note("page", NOW)
    heard.note("shop", NOW + MINUTE)
    assert heard.all() == {"page": NOW, "shop": NOW + MINUTE}


def test_nothing_noted_is_nothing_heard(heard: Heard) -> None:
    assert heard.all() == {}


def test_a_source_is_noted_once_an_hour(heard: Heard) -> None:
    for minutes in (0, 1, 59):
        heard.note("page", NOW + minutes * MINUTE)
    assert heard.all() == {"page": NOW}
    heard.note("page", NOW + HOUR)
    assert heard.all() == {"page": NOW + HOUR}


def test_a_thousand_posts_of_an_hour_cost_one_write(table_name: str) -> None:
    heard = HeardTable(table_name)
    with counting(client(), "PutItem") as sent:
        for second in range(1_000):
            heard.note("page", NOW + timedelta(seconds=second))
    assert len(sent) == 1


def test_noting_fails_in_silence_and_is_counted(table_name: str) -> None:
    heard = HeardTable(table_name)
    with unreachable(client(), "PutItem"):
        heard.note("page", NOW)
    with refused(client(), "PutItem", "AccessDeniedException"):
        heard.note("shop", NOW)
    assert (heard.take_failed(), heard.take_failed()) == (2, 0)
    assert heard.all() == {}


def test_the_table_being_away_is_said(table_name: str) -> None:
    with unreachable(client(), "Query"), pytest.raises(UnavailableError):
        HeardTable(table_name).all()


def test_the_desk_beside_it_stays_as_it_is(table_name: str) -> None:
    desks = DeskTable(table_name)
    desks.publish(a_desk(), by="ana", why="first", now=NOW, expected_version=0)
    HeardTable(table_name).note("current", NOW + HOUR)
    assert desks.published_at() == NOW
    assert desks.current(fresh=True) == a_desk()


def client() -> Any:
    return tables.connection().client
