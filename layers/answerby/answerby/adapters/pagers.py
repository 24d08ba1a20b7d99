"""ports.Pagers in the mentions table: by person, an item with their last messages, and one for each alert that waits.

| mention_id       | item                   | attributes                                           |
|------------------|------------------------|------------------------------------------------------|
| `pager:<person>` | `slot`                 | of each lane `<lane>_at` and `<lane>_by`: its Turn   |
| `pager:<person>` | `<channel>#<alert id>` | `body`: a manners.Line                               |

All of them have `expires_at`. They carry no `state` and no `outbox_at`, so the stream's consumers never see them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from answerby.adapters import bodies, tables
from answerby.adapters.items import expiry, ms, time
from answerby.domain.manners import Lane, Line, Slot, Turn
from answerby.domain.mention import Channel, Priority, Reason
from answerby.ports import Taken, UnavailableError

KEPT_FOR = timedelta(days=7)
_AT_ONCE = 25
"""Writes of one batch: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""
_TRIES = 3

Item = Mapping[str, Mapping[str, Any]]


class PagerTable:
    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def take(self, person: str, before: Mapping[Lane, datetime], by: str, now: datetime) -> Taken:
        free = (f"(attribute_not_exists({lane}_at) OR {lane}_at <= :{lane} OR {lane}_by = :by)" for lane in before)
        turns = (f"{lane}_at = :now, {lane}_by = :by" for lane in before)
        try:
            answer = tables.call(
                "UpdateItem",
                {
                    "TableName": self._table_name,
                    "Key": _key(person, "slot"),
                    "UpdateExpression": f"SET {', '.join(turns)}, expires_at = :expires_at",
                    "ConditionExpression": " AND ".join(free),
                    "ExpressionAttributeValues": {
                        ":now": _number(ms(now)),
                        ":by": {"S": by},
                        ":expires_at": _number(expiry(now, KEPT_FOR)),
                        **{f":{lane}": _number(ms(at)) for lane, at in before.items()},
                    },
                    "ReturnValues": "ALL_OLD",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                },
            )
        except tables.RefusedError as refused:
            return Taken(False, _slot(refused.stored))
        return Taken(True, _slot(answer.get("Attributes", {})))

    def give_back(self, person: str, lanes: Collection[Lane], by: str) -> None:
        for lane in lanes:
            with suppress(tables.RefusedError):
                tables.call(
                    "UpdateItem",
                    {
                        "TableName": self._table_name,
                        "Key": _key(person, "slot"),
                        "UpdateExpression": f"REMOVE {lane}_at, {lane}_by",
                        "ConditionExpression": f"{lane}_by = :by",
                        "ExpressionAttributeValues": {":by": {"S": by}},
                    },
                )

    def hold(self, person: str, channels: Collection[Channel], line: Line, now: datetime) -> None:
        attributes = {
            "body": {"B": bodies.pack(_document(line))},
            "expires_at": _number(expiry(now, KEPT_FOR)),
        }
        left = self._write(
            {"PutRequest": {"Item": {**_key(person, _name(channel, line.alert_id)), **attributes}}}
            for channel in channels
        )
        if left:
            raise UnavailableError("DynamoDB left items of a batch unwritten")

    def held(self, person: str, channels: Collection[Channel], limit: int) -> Mapping[Channel, Sequence[Line]]:
        # One answer tells of all channels, unless very much waits.
        whole = tables.call("Query", self._query(person) | {"Limit": limit}) if len(channels) > 1 else {}
        if whole and "LastEvaluatedKey" not in whole:
            return {channel: [_line(item) for item in whole["Items"] if _is_for(channel, item)] for channel in channels}
        return {
            channel: [_line(item) for item in islice(self._registered(person, channel), limit)] for channel in channels
        }

    def holds(self, person: str, channels: Collection[Channel], alert_id: str) -> Collection[Channel]:
        asked = {
            "Keys": [_key(person, _name(channel, alert_id)) for channel in channels],
            "ConsistentRead": True,
            "ProjectionExpression": "#item",
            "ExpressionAttributeNames": {"#item": "item"},
        }
        for _ in range(_TRIES):
            answer = tables.call("BatchGetItem", {"RequestItems": {self._table_name: asked}})
            if not answer.get("UnprocessedKeys"):
                found = {item["item"]["S"] for item in answer["Responses"].get(self._table_name, ())}
                return tuple(channel for channel in channels if _name(channel, alert_id) in found)
        raise UnavailableError("DynamoDB left keys of a batch unread")

    def named(self, person: str, channel: Channel, alert_ids: Collection[str]) -> None:
        # In order, so that the same bundle always asks for the same.
        self._write(
            {"DeleteRequest": {"Key": _key(person, _name(channel, alert_id))}} for alert_id in sorted(alert_ids)
        )

    def _write(self, requests: Iterator[Mapping[str, Any]]) -> int:
        """How many were left, after trying each some times."""
        left = 0
        while batch := list(islice(requests, _AT_ONCE)):
            for _ in range(_TRIES):
                answer = tables.call("BatchWriteItem", {"RequestItems": {self._table_name: batch}})
                batch = answer.get("UnprocessedItems", {}).get(self._table_name, [])
                if not batch:
                    break
            left += len(batch)
        return left

    def _registered(self, person: str, channel: Channel) -> Iterator[Item]:
        request = self._query(person)
        request["KeyConditionExpression"] += " AND begins_with(#item, :channel)"
        request["ExpressionAttributeNames"] = {"#item": "item"}
        request["ExpressionAttributeValues"][":channel"] = {"S": _name(channel, "")}
        while True:
            answer = tables.call("Query", request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _query(self, person: str) -> dict[str, Any]:
        return {
            "TableName": self._table_name,
            "ConsistentRead": True,
            "KeyConditionExpression": "mention_id = :person",
            "ExpressionAttributeValues": {":person": {"S": _partition(person)}},
        }


def _partition(person: str) -> str:
    return f"pager:{person}"


def _key(person: str, name: str) -> dict[str, dict[str, Any]]:
    return {"mention_id": {"S": _partition(person)}, "item": {"S": name}}


def _name(channel: Channel, alert_id: str) -> str:
    return f"{channel}#{alert_id}"


def _is_for(channel: Channel, item: Item) -> bool:
    name: str = item["item"]["S"]
    return name.startswith(_name(channel, ""))


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def _slot(item: Item) -> Slot:
    return {
        lane: Turn(time(int(item[f"{lane}_at"]["N"])), item[f"{lane}_by"]["S"]) for lane in Lane if f"{lane}_at" in item
    }


def _document(line: Line) -> dict[str, Any]:
    values = {
        "id": line.mention_id,
        "reason": line.reason,
        "priority": line.priority,
        "text": line.about,
        "since": ms(line.since),
        "answer_by": line.answer_by and ms(line.answer_by),
        "not_before": line.not_before and ms(line.not_before),
    }
    return {name: value for name, value in values.items() if value is not None}


def _line(item: Item) -> Line:
    body = bodies.unpack(item["body"]["B"])
    return Line(
        alert_id=item["item"]["S"].partition("#")[2],
        mention_id=body["id"],
        reason=Reason(body["reason"]),
        priority=Priority(body["priority"]),
        about=body["text"],
        # One of an earlier release does not tell: it has waited longest.
        since=time(body.get("since", 0)),
        answer_by=time(body["answer_by"]) if "answer_by" in body else None,
        not_before=time(body["not_before"]) if "not_before" in body else None,
    )
