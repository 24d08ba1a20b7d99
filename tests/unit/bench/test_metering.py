"""Read units by DynamoDB's rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.metering import reads


def an_item(size: int) -> dict[str, dict[str, Any]]:
    return {"b": {"B": b"." * (size - 1)}}


@pytest.mark.parametrize(("size", "consistent", "units"), [(10, True, 1), (4097, True, 2), (10, False, 0.5)])
def test_an_item_costs_a_unit_for_each_started_4_kb(size: int, consistent: bool, units: float) -> None:
    assert reads("GetItem", {"ConsistentRead": consistent}, {"Item": an_item(size)}) == units


def test_what_is_not_there_costs_a_unit_all_the_same() -> None:
    assert reads("GetItem", {"ConsistentRead": True}, {}) == 1


def test_a_query_is_rounded_up_once_for_all_it_returns() -> None:
    assert reads("Query", {}, {"Items": [an_item(1_000)] * 9}) == 1.5


def test_each_key_of_a_batch_is_rounded_up_by_itself() -> None:
    asked = {"RequestItems": {"mentions": {"Keys": [{}] * 3, "ConsistentRead": True}}}
    assert reads("BatchGetItem", asked, {"Responses": {"mentions": [an_item(10)] * 2}}) == 3


def test_writing_reads_nothing() -> None:
    assert reads("PutItem", {}, {}) == 0


@pytest.mark.parametrize(("found", "units"), [(3, 1.5), (0, 0.5)])
def test_what_a_filter_leaves_out_is_read_too(found: int, units: float) -> None:
    assert reads("Query", {}, {"Items": [an_item(1_000)] * found, "ScannedCount": 9}) == units
