"""How the sweep, an inbox page and the routing of a comment grow with what is stored: a table with few open posts and
one with many, measured in turns.

`python -m tests.bench.growth RESULT` with AWS at a local one; RESULT is the file for the Growths.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any

import boto3

from answerby.adapters import aws
from answerby.adapters.dynamodb import MentionsTable
from answerby.adapters.items import mention_item
from answerby.adapters.shards import listed_in
from answerby.domain.decide import decide
from tests.bench.measure import Measure, exactly
from tests.bench.metering import reads
from tests.builders import HOUR, NOW, a_desk, a_mention
from tests.contract.local_aws import make_table

FEW, MANY = 1_000, 100_000
THREAD_FEW, THREAD_MANY = 10, 1_000
"""Comments of one thread, by as many authors."""
PEOPLE = ("ana", *(f"person-{number}" for number in range(19)))
"""Who own the posts. Several share a shard of the index."""
PAGE, ROUNDS = 100, 3
BATCH = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """By each number stored: the read units of one call, how many it returned, and the milliseconds of processor
    time in this process."""

    name: str
    units: tuple[float, float]
    found: tuple[int, int]
    ms: tuple[float, float]

    @property
    def unit_ratio(self) -> float:
        """Of the units for each that is returned."""
        few, many = (units / max(1, found) for units, found in zip(self.units, self.found, strict=True))
        return many / few

    @property
    def time_ratio(self) -> float:
        few, many = (ms / max(1, found) for ms, found in zip(self.ms, self.found, strict=True))
        return many / few


def growth_of(document: Mapping[str, Any]) -> Growth:
    pairs = {name: tuple(each) for name, each in document.items() if name != "name"}
    return Growth(name=document["name"], **pairs)


class _Reads:
    """The read units of whatever is read, by the rules."""

    def __init__(self) -> None:
        self.units = 0.0
        self._asked: Mapping[str, Any] = {}
        listen: Any = aws.session().register
        listen("provide-client-params.dynamodb", self._ask)
        listen("after-call.dynamodb", self._note)

    def _ask(self, params: Mapping[str, Any], **_: Any) -> None:
        self._asked = params

    def _note(self, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.units += reads(model.name, self._asked, parsed)


def measures(growths: list[Growth]) -> list[Measure]:
    """The time is this side's alone: a local AWS looks through a whole index for each query; DynamoDB does not."""
    found = []
    for each in growths:
        told = f"{each.units[0]:g} → {each.units[1]:g} read units for {each.found[0]} → {each.found[1]} of"
        if each.name == "thread":
            against = (
                f"to route a comment where {THREAD_FEW} → {THREAD_MANY:,} others commented; {each.units[0]:g} first"
            )
            found.append(exactly("growth_thread", each.units[1], "units", None, against))
        else:
            against = f"{told} {FEW:,} → {MANY:,} open posts; CPU by item {each.time_ratio:.2g}"
            found.append(exactly(f"growth_{each.name}", round(each.unit_ratio, 3), "ratio", 1.1, against))
    return found


def main(result: Path) -> None:
    # A local AWS looks through all of an index for each query, and takes seconds.
    aws.READ_TIMEOUT = 120
    metered, later = _Reads(), NOW + 24 * HOUR  # first: it hears only clients that are made after it
    made = [_filled(size, f"growth-{size}") for size in (FEW, MANY)]
    threads = [_filled(size, f"thread-{size}", one_thread=True) for size in (THREAD_FEW, THREAD_MANY)]
    calls: dict[str, tuple[list[MentionsTable], Callable[[MentionsTable], int]]] = {
        "sweep_nothing": (made, lambda table: len(table.due(_shard("ana"), NOW - 24 * HOUR, 1_000))),
        "sweep": (made, lambda table: len(table.due(_shard("ana"), later, PAGE))),
        "inbox": (made, lambda table: _page(table, "ana")),
        "inbox_all": (made, lambda table: _page(table, None)),
        "thread": (threads, lambda table: len(table.thread("facebook:thread", "nobody-else"))),
    }
    growths = []
    for name, (stored, call) in calls.items():
        times: list[list[float]] = [[], []]
        units, found = [0.0, 0.0], [0, 0]
        for _ in range(ROUNDS):
            for which, table in enumerate(stored):
                metered.units, began = 0.0, process_time()
                found[which] = call(table)
                times[which].append((process_time() - began) * 1000)
                units[which] = metered.units
        few, many = (statistics.median(each) for each in times)
        growths.append(Growth(name=name, units=(units[0], units[1]), found=(found[0], found[1]), ms=(few, many)))
    result.write_text(json.dumps([asdict(each) for each in growths]))


def _page(table: MentionsTable, assignee: str | None) -> int:
    return len(table.inbox(state=None, assignee=assignee, network=None, cursor=None, limit=PAGE).mentions)


def _filled(size: int, prefix: str, *, one_thread: bool = False) -> MentionsTable:
    """Open mentions of all these people, due a second apart."""
    table = MentionsTable(make_table("MentionsTable", prefix), timedelta(days=400))
    client = boto3.client("dynamodb")
    for batch in _batches(_items(table, size, one_thread=one_thread)):
        client.batch_write_item(RequestItems={table._table_name: [{"PutRequest": {"Item": item}} for item in batch]})
    return table


def _items(table: MentionsTable, size: int, *, one_thread: bool) -> Iterator[dict[str, Any]]:
    routed = replace(decide(a_mention(), a_desk(), NOW), outbox=())
    like = table._packed(mention_item(routed, timedelta(days=400))).get_save_kwargs_from_instance()["Item"]
    for number in range(size):
        person = PEOPLE[number % len(PEOPLE)]
        yield {
            **like,
            "mention_id": {"S": f"facebook:{number}"},
            "due_shard": {"N": str(_shard(person))},
            "next_check_at": {"N": str(int(like["next_check_at"]["N"]) + number * 1_000)},
            "assignee": {"S": person},
            "conversation_id": {"S": "facebook:thread" if one_thread else f"facebook:thread-{number}"},
            "author_id": {"S": str(number)},
        }


def _shard(person: str) -> int:
    return listed_in(person)[0]


def _batches(items: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := [item for _, item in zip(range(BATCH), items, strict=False)]:
        yield batch


if __name__ == "__main__":
    main(Path(sys.argv[1]))
