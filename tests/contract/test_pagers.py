"""ports.Pagers, as the table and the fake keep it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from answerby.adapters import tables
from answerby.adapters.pagers import PagerTable
from answerby.domain.manners import Lane, Line, Turn
from answerby.domain.mention import Channel, Priority, Reason
from answerby.ports import Pagers, Taken, UnavailableError
from tests.builders import HOUR, MINUTE, NOW
from tests.contract.faults import counting, lost_answers, unreachable
from tests.contract.local_aws import LocalAws
from tests.fakes.pagers import FakePagers

MS = timedelta(milliseconds=1)
SMS, EMAIL = Channel.SMS, Channel.EMAIL
BOTH = {Lane.SMS: NOW - 5 * MINUTE, Lane.EMAIL: NOW - 2 * MINUTE}
LINE = Line(
    alert_id="a",
    mention_id="facebook:1",
    reason=Reason.ESCALATED,
    priority=Priority.HIGH,
    about="facebook comment, Sam Carter: naïve 😡 \ud83d",
    since=NOW,
    answer_by=NOW + HOUR,
    not_before=NOW + MINUTE,
)


@pytest.fixture
def table(local_aws: LocalAws) -> PagerTable:
    return PagerTable(local_aws.mentions_table)


@pytest.fixture(params=["memory", "dynamodb"])
def pagers(request: pytest.FixtureRequest) -> Pagers:
    if request.param == "memory":
        return FakePagers()
    stored: Pagers = request.getfixturevalue("table")
    return stored


def held(pagers: Pagers, person: str, channel: Channel, limit: int) -> Sequence[Line]:
    return pagers.held(person, (channel,), limit)[channel]


def test_the_first_turn_is_anybodys(pagers: Pagers, unique: str) -> None:
    assert pagers.take(unique, BOTH, "a", NOW) == Taken(True, {})


def test_a_turn_taken_is_told_to_the_next(pagers: Pagers, unique: str) -> None:
    pagers.take(unique, BOTH, "a", NOW)
    last = {Lane.SMS: Turn(NOW, "a"), Lane.EMAIL: Turn(NOW, "a")}
    assert pagers.take(unique, BOTH, "b", NOW) == Taken(False, last)
    later = dict.fromkeys(Lane, NOW)
    assert pagers.take(unique, later, "b", NOW + HOUR) == Taken(True, last)


def test_a_turn_is_free_exactly_when_its_time_is_over(pagers: Pagers, unique: str) -> None:
    pagers.take(unique, {Lane.SMS: NOW}, "a", NOW)
    assert not pagers.take(unique, {Lane.SMS: NOW - MS}, "b", NOW).ok
    assert pagers.take(unique, {Lane.SMS: NOW}, "b", NOW).ok


def test_of_two_channels_both_are_taken_or_none(pagers: Pagers, unique: str) -> None:
    pagers.take(unique, {Lane.SMS: NOW}, "a", NOW)
    assert pagers.take(unique, BOTH, "b", NOW) == Taken(False, {Lane.SMS: Turn(NOW, "a")})
    assert pagers.take(unique, {Lane.EMAIL: NOW}, "c", NOW) == Taken(True, {Lane.SMS: Turn(NOW, "a")})


def test_the_other_channels_turn_is_kept(pagers: Pagers, unique: str) -> None:
    pagers.take(unique, BOTH, "a", NOW)
    pagers.take(unique, {Lane.EMAIL: NOW}, "b", NOW + MINUTE)
    assert pagers.take(unique, BOTH, "c", NOW).before == {Lane.SMS: Turn(NOW, "a"), Lane.EMAIL: Turn(NOW + MINUTE, "b")}


def test_who_has_the_turn_may_have_it_again(pagers: Pagers, unique: str) -> None:
    pagers.take(unique, BOTH, "a", NOW)
    assert pagers.take(unique, BOTH, "a", NOW).ok


def test_of_many_at_once_one_gets_the_turn(pagers: Pagers, unique: str) -> None:
    with ThreadPoolExecutor(16) as threads:
        taken = threads.map(lambda n: pagers.take(unique, BOTH, str(n), NOW).ok, range(32))
    assert list(taken).count(True) == 1


def test_a_turn_given_back_is_free_and_only_ones_own_can_be(pagers: Pagers, unique: str) -> None:
    pagers.take(unique, BOTH, "a", NOW)
    pagers.give_back(unique, (Lane.SMS, Lane.EMAIL), "b")
    assert not pagers.take(unique, BOTH, "b", NOW).ok
    pagers.give_back(unique, (Lane.SMS,), "a")
    assert pagers.take(unique, BOTH, "b", NOW) == Taken(False, {Lane.EMAIL: Turn(NOW, "a")})
    assert pagers.take(unique, {Lane.SMS: BOTH[Lane.SMS]}, "b", NOW).ok


def test_people_have_turns_of_their_own(pagers: Pagers, unique: str) -> None:
    pagers.take(unique, BOTH, "a", NOW)
    assert pagers.take(f"{unique}-other", BOTH, "b", NOW).ok


def test_what_is_held_is_told_by_channel_until_it_was_named(pagers: Pagers, unique: str) -> None:
    bare = replace(LINE, alert_id="b", answer_by=None, not_before=None)
    pagers.hold(unique, (SMS, EMAIL), LINE, NOW)
    pagers.hold(unique, (EMAIL,), bare, NOW)
    assert held(pagers, unique, SMS, 10) == [LINE]
    assert sorted(held(pagers, unique, EMAIL, 10), key=lambda line: line.alert_id) == [LINE, bare]
    pagers.named(unique, EMAIL, {"a", "never held"})
    assert held(pagers, unique, SMS, 10) == [LINE]
    assert held(pagers, unique, EMAIL, 10) == [bare]


@pytest.mark.parametrize("limit", [2, 3, 50])
def test_what_is_held_for_several_channels_is_told_together(pagers: Pagers, unique: str, limit: int) -> None:
    pagers.take(unique, BOTH, "a", NOW)
    lines = [replace(LINE, alert_id=str(number)) for number in range(3)]
    for line in lines:
        pagers.hold(unique, (SMS, EMAIL), line, NOW)
    pagers.named(unique, SMS, {"2"})
    found = pagers.held(unique, (SMS, EMAIL), limit)
    assert set(found) == {SMS, EMAIL}
    assert {line.alert_id for line in found[SMS]} == {"0", "1"}
    assert len(found[EMAIL]) == min(limit, 3)


def test_an_alert_knows_for_which_channels_it_is_held(pagers: Pagers, unique: str) -> None:
    pagers.hold(unique, (SMS, EMAIL), LINE, NOW)
    assert set(pagers.holds(unique, (SMS, EMAIL), "a")) == {SMS, EMAIL}
    assert set(pagers.holds(unique, (SMS,), "a")) == {SMS}
    pagers.named(unique, SMS, {"a"})
    assert set(pagers.holds(unique, (SMS, EMAIL), "a")) == {EMAIL}
    assert not pagers.holds(unique, (SMS, EMAIL), "b")


def test_holding_it_again_is_holding_it_once(pagers: Pagers, unique: str) -> None:
    for _ in range(2):
        pagers.hold(unique, (SMS,), LINE, NOW)
    assert held(pagers, unique, SMS, 10) == [LINE]


def test_any_number_can_be_named_at_once(pagers: Pagers, unique: str) -> None:
    lines = [replace(LINE, alert_id=str(number)) for number in range(60)]
    for line in lines:
        pagers.hold(unique, (SMS,), line, NOW)
    assert len(held(pagers, unique, SMS, 50)) == 50
    assert {line.alert_id for line in held(pagers, unique, SMS, 100)} == {line.alert_id for line in lines}
    pagers.named(unique, SMS, [line.alert_id for line in lines[1:]])
    assert held(pagers, unique, SMS, 100) == lines[:1]


def test_one_persons_id_may_begin_like_anothers(pagers: Pagers, unique: str) -> None:
    pagers.hold(f"{unique}-2", (SMS,), LINE, NOW)
    assert held(pagers, unique, SMS, 10) == []


@pytest.fixture
def client() -> Any:
    return tables.connection().client


def test_a_turn_whose_answer_was_lost_is_taken(table: PagerTable, client: Any, unique: str) -> None:
    with lost_answers(client, "UpdateItem") as sent:
        assert table.take(unique, BOTH, "a", NOW).ok
    assert len(sent) == 2


def test_a_turn_is_one_call_whether_free_or_not(table: PagerTable, client: Any, unique: str) -> None:
    with counting(client) as sent:
        table.take(unique, BOTH, "a", NOW)
        table.take(unique, BOTH, "b", NOW)
    assert len(sent) == 2


def test_holding_an_alert_for_both_channels_is_one_call(table: PagerTable, client: Any, unique: str) -> None:
    with counting(client) as sent:
        table.hold(unique, (SMS, EMAIL), LINE, NOW)
    assert len(sent) == 1


def test_the_streams_consumers_are_not_called_for_what_pagers_store(
    table: PagerTable, client: Any, local_aws: LocalAws, unique: str
) -> None:
    table.take(unique, BOTH, "a", NOW)
    table.hold(unique, (SMS,), LINE, NOW)
    keys = [{"mention_id": {"S": f"pager:{unique}"}, "item": {"S": item}} for item in ("slot", "sms#a")]
    for key in keys:
        item = client.get_item(TableName=local_aws.mentions_table, Key=key)["Item"]
        assert not {"state", "outbox_at", "due_shard", "assignee", "conversation_id"} & set(item)
        assert "expires_at" in item


CALLS: dict[str, tuple[str, Callable[[PagerTable, str], object]]] = {
    "take": ("UpdateItem", lambda table, unique: table.take(unique, BOTH, "a", NOW)),
    "give_back": ("UpdateItem", lambda table, unique: table.give_back(unique, (Lane.SMS,), "a")),
    "hold": ("BatchWriteItem", lambda table, unique: table.hold(unique, (SMS,), LINE, NOW)),
    "held": ("Query", lambda table, unique: table.held(unique, (SMS,), 1)),
    "holds": ("BatchGetItem", lambda table, unique: table.holds(unique, (SMS,), "a")),
    "named": ("BatchWriteItem", lambda table, unique: table.named(unique, SMS, {"a"})),
}


@pytest.mark.parametrize(("operation", "call"), CALLS.values(), ids=CALLS)
def test_every_call_says_that_the_table_is_away(
    table: PagerTable, client: Any, unique: str, operation: str, call: Callable[[PagerTable, str], object]
) -> None:
    with unreachable(client, operation), pytest.raises(UnavailableError):
        call(table, unique)


def test_what_a_busy_table_leaves_of_a_batch_is_asked_for_again(
    table: PagerTable, client: Any, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, asked = tables.call, []

    def partly(operation: str, request: Any) -> Any:
        """Takes the first of a batch and leaves the rest."""
        if operation != "BatchWriteItem":
            return whole(operation, request)
        ((name, batch),) = request["RequestItems"].items()
        asked.append(len(batch))
        whole(operation, {"RequestItems": {name: batch[:1]}})
        return {"UnprocessedItems": {name: batch[1:]} if batch[1:] else {}}

    monkeypatch.setattr(tables, "call", partly)
    table.hold(unique, (SMS, EMAIL), LINE, NOW)
    assert asked == [2, 1]
    assert set(table.holds(unique, (SMS, EMAIL), "a")) == {SMS, EMAIL}


def test_an_alert_that_could_not_be_registered_is_not_held(
    table: PagerTable, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(operation: str, request: Any) -> Any:
        return {"UnprocessedItems": request["RequestItems"]}

    monkeypatch.setattr(tables, "call", none)
    with pytest.raises(UnavailableError):
        table.hold(unique, (SMS,), LINE, NOW)
    table.named(unique, SMS, {"a"})


def test_what_is_held_for_two_channels_is_one_query(table: PagerTable, unique: str) -> None:
    table.hold(unique, (SMS, EMAIL), LINE, NOW)
    with counting(tables.connection().client) as calls:
        assert table.held(unique, (SMS, EMAIL), 10) == {SMS: [LINE], EMAIL: [LINE]}
    assert len(calls) == 1
