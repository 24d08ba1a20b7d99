"""The arithmetic of the bench's load model."""

from __future__ import annotations

import pytest

from tests.bench import load
from tests.bench.life import Record
from tests.unit.bench.test_cost import a_record, an_invocation


def a_row(burst: float = 50.0) -> load.Row:
    return load.Row(name="x", mean=10.0, burst=burst, quota=100.0, unit="calls/s", page="template")


def test_a_margin_is_how_often_the_burst_fits_into_the_quota() -> None:
    assert a_row().margin == 2


@pytest.mark.parametrize(("burst", "over"), [(100.0, False), (101.0, True)])
def test_a_quota_is_exceeded_beyond_it_and_not_at_it(burst: float, over: bool) -> None:
    assert a_row(burst=burst).over is over


def test_nobody_waits_for_what_is_fast_enough() -> None:
    assert load.late_by(arriving=10, served=20, seconds=60) == 0


def test_the_last_of_a_burst_waits_for_all_before_it() -> None:
    assert load.late_by(arriving=100, served=40, seconds=60) == 60 * 60 / 40


def test_what_helps_shortens_the_wait() -> None:
    assert load.late_by(arriving=100, served=40, seconds=60, beside=20) == 60


def test_a_slower_function_keeps_posts_waiting_longer() -> None:
    fast, slow = (next(row for name, row in _rows(cpu).items() if name.startswith("send_alert")) for cpu in (5.0, 20.0))
    assert slow.quota < fast.quota


def test_webhooks_are_limited_by_the_processes_reserved_for_them_and_not_by_the_api() -> None:
    found = _rows(5.0)
    receiving, address = found["receive_webhook, reserved"], found["webhooks, by what is reserved for them"]

    assert (receiving.quota, address.quota) == (100, 1_000)
    assert address.burst == load.BURST > address.quota
    assert found["API: the stage's own limit"].burst == 0


def test_a_million_a_day_fits_into_every_quota() -> None:
    assert all(row.mean <= row.quota for row in _rows(5.0).values())


def _rows(cpu: float) -> dict[str, load.Row]:
    sends = [an_invocation("send_alert", cpu=cpu, units=4.0, calls={"SNS Publish": 1}), an_invocation("send_alert")]
    life = [an_invocation("receive_webhook", units=3.0), an_invocation("route_mention"), *sends]
    record = a_record()
    lives = {name: [*life, an_invocation("follow_up")] for name in record.lives}
    return {row.name: row for row in load.rows(Record(lives=lives, metrics=[], stored=700))}
