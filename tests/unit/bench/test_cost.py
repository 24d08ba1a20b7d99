"""The arithmetic of the bench's cost model, with numbers that can be checked by hand."""

from __future__ import annotations

import pytest

from tests.bench import cost, prices
from tests.bench.life import Invocation, Record


def an_invocation(function: str = "route_mention", **changes: object) -> Invocation:
    fields: dict[str, object] = {"calls": {}, "units": 0.0, "reads": 0.0, "cpu": 0.0, "logged": 0, **changes}
    return Invocation(function=function, **fields)  # type: ignore[arg-type]


def a_record() -> Record:
    """Every life is one webhook of 3 write units."""
    lives = {name: [an_invocation("receive_webhook", units=3.0)] for name in cost.MIX}
    return Record(lives={**lives, cost.IDLE: [an_invocation("sweep_overdue")]}, metrics=["SweepHeartbeat"], stored=700)


def test_the_assumed_shares_are_of_everything() -> None:
    assert sum(cost.MIX.values()) == pytest.approx(1)


def test_a_processor_is_shared_by_memory_and_waiting_is_billed() -> None:
    busy = (5.12 + 0.058) * 1769
    calls = {"DynamoDB GetItem": 1, "DynamoDB PutItem": 1}
    for function, memory in (("receive_webhook", 512), ("route_mention", 256)):
        billed = cost.seconds(an_invocation(function, cpu=5.12, calls=calls))
        assert billed == pytest.approx(busy / memory / 1000 + 0.01, abs=0.001)


def test_a_check_costs_the_sending_receiving_and_deleting_of_its_message() -> None:
    used = [cost.usage(an_invocation(name))[prices.SQS] for name in ("follow_up", "route_mention")]
    assert used == [3, 0]


def test_checks_of_the_sweep_share_their_requests() -> None:
    used = cost.usage(an_invocation("follow_up", swept=True))
    assert used[prices.SQS] == pytest.approx(0.1 + 0.2 + 0.2)
    assert used[prices.INVOCATIONS] == pytest.approx(0.2)


def test_a_schedule_costs_its_firing() -> None:
    used = cost.usage(an_invocation(calls={"Scheduler CreateSchedule": 1}))
    assert used[prices.SCHEDULER] == 1


def test_only_what_people_and_programs_ask_for_passes_the_api() -> None:
    functions = ("receive_webhook", "send_alert", "serve_api")
    asked = {name: cost.usage(an_invocation(name))[prices.API] for name in functions}
    assert asked == {"receive_webhook": 0, "send_alert": 0, "serve_api": 1}


def test_a_request_to_the_api_is_logged_and_an_invocation_is_not() -> None:
    functions = ("serve_api", "send_alert", "receive_webhook")
    used = {name: cost.usage(an_invocation(name, logged=100))[prices.LOGS] for name in functions}
    assert used == {"serve_api": 100 + len(cost.ACCESS_LOG), "send_alert": 100, "receive_webhook": 100}


def test_lives_count_by_their_share() -> None:
    lives = {"often": [an_invocation(units=10.0)], "rarely": [an_invocation(units=20.0), an_invocation(units=10.0)]}
    assert cost.blended(lives, {"often": 0.9, "rarely": 0.1})[prices.WRITES] == pytest.approx(12)


def test_a_million_of_three_write_units_is_billed_at_list_price() -> None:
    assert cost.bill(a_record()).by_component[prices.WRITES] == pytest.approx(3 * 0.625)


def test_fixed_costs_are_spread_over_a_months_mentions() -> None:
    told = cost.bill(a_record())
    millions = cost.MENTIONS_A_MONTH / prices.MILLION
    assert told.by_component["fixed, spread"] * millions == pytest.approx(sum(told.fixed.values()))


def test_the_parts_make_the_total() -> None:
    told = cost.bill(a_record())
    assert told.total == pytest.approx(sum(told.by_component.values()))


def test_provisioned_units_cost_an_hour_by_what_they_do_in_it() -> None:
    million = {prices.WRITES: 1e6, prices.READS: 0}
    assert cost.provisioned(million) == pytest.approx(0.00065 * 1e6 / 3600 / 0.7)


def test_every_price_names_its_page() -> None:
    assert all(price.page.startswith("https://aws.amazon.com/") for price in prices.PRICES.values())
