"""Counts the calls of AWS, and the write units they cost: as DynamoDB tells them, and by its published rules.

The rules are computed beside, because a local AWS may not tell what an index costs. Reads go by the rules alone.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
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
READ_UNIT = 4 * 1024
PASSED_OVER = 150
"""Bytes of an index entry where none is known."""


@dataclass(slots=True)
class Step:
    """`counted` are the write units that came back, `computed` those by the rules; `reads` are read units. `calls` by
    operation."""

    name: str
    counted: float = 0
    computed: float = 0
    calls: dict[str, int] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    reads: float = 0

    @property
    def units(self) -> float:
        return max(self.counted, self.computed)


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
        self.counting = True
        self._table = os.environ["MENTIONS_TABLE"]
        self._client = boto3.client("dynamodb")
        self._indexes = _indexes(self._client.describe_table(TableName=self._table)["Table"])
        self._writing: tuple[Item, Item] | None = None
        self._asked: Mapping[str, Any] = {}
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

    def _ask(self, params: dict[str, Any], **_: Any) -> dict[str, Any]:
        if not self.counting:
            return params
        item = params.get("Item")
        if item and params["TableName"] == self._table:
            self._writing = self.stored(item["mention_id"]["S"], item["item"]["S"]), item
        self._asked = params
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _note(self, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        if not self.counting:
            return
        step = self.steps[-1]
        operation = f"{model.service_model.service_id} {model.name}"
        step.calls[operation] = step.calls.get(operation, 0) + 1
        if model.service_model.service_id == "DynamoDB":
            step.reads += reads(model.name, self._asked, parsed)
            self._note_small(step, model.name, parsed)
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
        step.writes.append(f"{size(after)} bytes: told {_listed(told)}; by the rules {_listed(costs)}")

    def _note_small(self, step: Step, operation: str, parsed: Mapping[str, Any]) -> None:
        """Writes of pagers: small items, in no index. Those of the desk table are rare: an hour passes between two."""
        if operation == "UpdateItem" and self._asked["TableName"] == self._table:
            step.counted += parsed.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
            units, what = 1, "a turn"
        elif operation == "BatchWriteItem":
            requests = [request for each in self._asked["RequestItems"].values() for request in each]
            units = sum(_units(request["PutRequest"]["Item"]) if "PutRequest" in request else 1 for request in requests)
            step.counted += sum(each["CapacityUnits"] for each in parsed.get("ConsumedCapacity", ()))
            what = "a bundle's list"
        else:
            return
        step.computed += units
        step.writes.append(f"{what}: {units}")


def reads(operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Read units: one for each started 4 KB of an item, or of a query's whole answer; half if it may be a bit old."""
    match operation:
        case "GetItem":
            return _read_units([answer.get("Item", {})], asked.get("ConsistentRead", False))
        case "Query":
            items = answer.get("Items", ())
            bytes_ = sum(size(item) for item in items)
            # What a filter leaves out is read, too: taken for as large as the rest.
            passed_over: int = answer.get("ScannedCount", len(items)) - len(items)
            whole = bytes_ + passed_over * (bytes_ / len(items) if items else PASSED_OVER)
            return max(1, ceil(whole / READ_UNIT)) * (1 if asked.get("ConsistentRead") else 0.5)
        case "BatchGetItem":
            found = 0.0
            for table, wanted in asked["RequestItems"].items():
                items = answer.get("Responses", {}).get(table, ())
                missing = len(wanted["Keys"]) - len(items)
                found += _read_units([*items, *[{}] * missing], wanted.get("ConsistentRead", False))
            return found
    return 0


def _read_units(items: Sequence[Item], consistent: bool) -> float:
    return sum(max(1, ceil(size(item) / READ_UNIT)) for item in items) * (1 if consistent else 0.5)


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
    return ceil(size(item) / UNIT)


def size(item: Item) -> int:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    return sum(
        len(name.encode()) + _size_of(kind, value) for name, typed in item.items() for kind, value in typed.items()
    )


def _size_of(kind: str, value: Any) -> int:
    """A number takes a byte for each two digits and one more. Only what the tables hold is known."""
    match kind:
        case "S":
            return len(value.encode())
        case "B":
            return len(value)
        case "N":
            return (len(value) + 1) // 2 + 1
        case "SS":
            return sum(len(each.encode()) for each in value)
    raise ValueError(f"the size of {kind} is not known here")
