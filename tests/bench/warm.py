"""What one accepted webhook costs a warm function, store call included, against one bare conditional put.

`python -m tests.bench.warm RESULT` in the environment of receive_webhook, with AWS at the stub; RESULT is the file for
[[ours], [theirs]]: milliseconds of processor time, one value a block.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

import boto3

from answerby.adapters import aws
from tests.bench import events
from tests.bench.measure import Measure, ratio

BLOCKS, IN_BLOCK, WARM_UP = 25, 40, 50


def warm_webhook(ours: list[float], theirs: list[float]) -> Measure:
    return ratio("warm_webhook_cpu", ours, theirs, 1.6, "CPU of one conditional put_item of boto3 of the same item")


def _blocks() -> tuple[list[float], list[float]]:
    lambda_handler = import_module("functions.receive_webhook.app").lambda_handler
    last = _recorded(lambda: lambda_handler(events.webhook(0), None))
    put_item = boto3.client("dynamodb").put_item

    def bare() -> None:
        put_item(TableName=last["TableName"], Item=last["Item"], ConditionExpression="attribute_not_exists(mention_id)")

    for number in range(WARM_UP):
        lambda_handler(events.webhook(number), None)
        bare()
    ours, theirs = [], []
    for block in range(BLOCKS):
        webhooks = [events.webhook(block * IN_BLOCK + each) for each in range(IN_BLOCK)]
        deliveries = iter(webhooks)
        ours.append(_each(lambda deliveries=deliveries: lambda_handler(next(deliveries), None)))  # type: ignore[misc]
        theirs.append(_each(bare))
    return ours, theirs


def _each(work: Callable[[], Any]) -> float:
    began = process_time()
    for _ in range(IN_BLOCK):
        work()
    return (process_time() - began) * 1000 / IN_BLOCK


def _recorded(store: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the webhook puts, as boto3 wants it."""
    puts: list[dict[str, Any]] = []

    def record(params: dict[str, Any], **_: Any) -> None:
        puts.append(params)

    client = import_module("answerby.adapters.tables").connection().client
    client.meta.events.register("provide-client-params.dynamodb.PutItem", record)
    answer = store()
    client.meta.events.unregister("provide-client-params.dynamodb.PutItem", record)
    if answer["statusCode"] != 200 or not puts:
        raise RuntimeError(f"the webhook was not accepted: {answer}")
    return puts[-1]


if __name__ == "__main__":
    aws.session()
    Path(sys.argv[1]).write_text(json.dumps(_blocks()))
