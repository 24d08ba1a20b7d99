"""Each function started once, side by side: one that cannot start is told of now, and the first post waits for none."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

from infra.local.layout import ROOT, LocalError
from infra.local.ministack import LOG

_NOBODY = {"mention_id": "-", "item": "mention"}
_STREAM = {
    "Records": [
        {
            "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": "1", "Keys": {name: {"S": value} for name, value in _NOBODY.items()}},
        }
    ]
}
_QUEUE = {"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": json.dumps(_NOBODY)}]}
_HARMLESS: dict[str, dict[str, Any]] = {
    "receive-webhook": {
        "version": "2.0",
        "rawPath": "/webhooks/-",
        "requestContext": {"http": {"method": "GET", "path": "/webhooks/-"}},
        "headers": {},
        "isBase64Encoded": False,
    },
    "route-mention": _STREAM,
    "send-alert": _STREAM,
    "follow-up": _QUEUE,
    "sweep-overdue": {},
    "check-readiness": {},
    "serve-api": {
        "version": "2.0",
        "rawPath": "/health",
        "requestContext": {"http": {"method": "GET", "path": "/health"}, "stage": "$default"},
        "headers": {},
        "isBase64Encoded": False,
    },
}


def start_functions(aws: boto3.Session, stack_name: str) -> None:
    """Raises LocalError with what the first function says that does not start."""
    client = aws.client("lambda")

    def start(name: str) -> None:
        answer = client.invoke(FunctionName=f"{stack_name}-{name}", Payload=json.dumps(_HARMLESS[name]))
        if "FunctionError" in answer:
            error = json.load(answer["Payload"])
            raise LocalError(f"{name} does not start: {error.get('errorMessage')} (see {LOG.relative_to(ROOT)})")

    with ThreadPoolExecutor() as pool:
        list(pool.map(start, _HARMLESS))
