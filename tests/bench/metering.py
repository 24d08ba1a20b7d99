"""Counts the calls of AWS, and the write units they cost: as DynamoDB tells them, and by its published rules.

The rules are computed beside, because a local AWS may not tell what an index costs.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import boto3

from answerby.adapters import aws

Item = Mapping[str, Mapping[str, Any]]

UNIT = 1024


@dataclass(slots=True)
class Step:
    """`counted` are the write units that came back, `computed` those by the rules. `calls` by operation."""

    name: str
    counted: float = 0
    computed: float = 0
    calls: dict[str, int] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    keys: tuple[str, ...]
    projected: tuple[str, ...]

    def entry(self, item: Item) -> Item | None:
        """What the index holds of an item; None if it lacks a key: the index is sparse."""
        if any(key not in item for key in self.keys):
            return None
        return {name: item[name] for name in self.projected if name in item}

    def units(self, before: Item, after: Item) -> int:
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is not None and new is not None and all(old[key] == new[key] for key in self.keys):
            return max(_units(old), _units(new))
        return sum(_units(entry) for entry in (old, new) if entry is not None)


class Meter:
    """Listens to every client that `aws.session()` makes from now on. Reads by a client of its own are not counted."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._table = os.environ["MENTIONS_TABLE"]
        self._client = boto3.client("dynamodb")
        self._indexes = _indexes(self._client.describe_table(TableName=self._table)["Table"])
        self._writing: tuple[Item, Item] | None = None
        self._updating = False
        aws.session.cache_clear()
        listen: Any = aws.session().register  # typed as if no handler could answer anything
        listen("provide-client-params.dynamodb", self._ask)
        listen("after-call", self._note)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.steps.append(Step(name))
        yield

    def stored(self, mention_id: str, item: str = "mention") -> Item:
        key = {"mention_id": {"S": mention_id}, "item": {"S": item}}
        found: Item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
        return found

    def _ask(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        item = params.get("Item")
        if item and params["TableName"] == self._table:
            self._writing = self.stored(item["mention_id"]["S"], item["item"]["S"]), item
        # An update writes a pager: it is small and in no index.
        self._updating = model.name == "UpdateItem" and params["TableName"] == self._table
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _note(self, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        step = self.steps[-1]
        operation = f"{model.service_model.service_id} {model.name}"
        step.calls[operation] = step.calls.get(operation, 0) + 1
        if self._updating:
            self._updating = False
            step.counted += parsed.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
            step.computed += 1
            step.writes.append("a turn: 1")
        if model.name != "PutItem" or self._writing is None:
            return
        before, after = self._writing
        self._writing = None
        counted = parsed.get("ConsumedCapacity", {})
        step.counted += counted.get("CapacityUnits", 0)
        kept = "Error" in parsed
        costs = {"table": max(_units(before), _units(after))}
        costs |= {index.name: 0 if kept else index.units(before, after) for index in self._indexes}
        step.computed += sum(costs.values())
        told = {"table": counted.get("Table", {}).get("CapacityUnits", 0)}
        told |= {name: each["CapacityUnits"] for name, each in counted.get("GlobalSecondaryIndexes", {}).items()}
        step.writes.append(f"{_size(after)} bytes: told {_listed(told)}; by the rules {_listed(costs)}")


def _listed(costs: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {units:g}" for name, units in costs.items() if units)


def _indexes(table: Any) -> Sequence[Index]:
    own = tuple(key["AttributeName"] for key in table["KeySchema"])
    found = []
    for index in table["GlobalSecondaryIndexes"]:
        keys = tuple(key["AttributeName"] for key in index["KeySchema"])
        found.append(Index(index["IndexName"], keys, (*own, *keys, *index["Projection"].get("NonKeyAttributes", ()))))
    return found


def _units(item: Item) -> int:
    return ceil(_size(item) / UNIT)


def _size(item: Item) -> int:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    return sum(
        len(name.encode()) + _size_of(kind, value) for name, typed in item.items() for kind, value in typed.items()
    )


def _size_of(kind: str, value: Any) -> int:
    """A number takes a byte for each two digits and one more. Only what the mentions table holds is known."""
    match kind:
        case "S":
            return len(value.encode())
        case "B":
            return len(value)
        case "N":
            return (len(value) + 1) // 2 + 1
    raise ValueError(f"the size of {kind} is not known here")
