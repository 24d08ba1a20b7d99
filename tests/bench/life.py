"""Whole lives of posts, from the webhook to the answer, played through the functions themselves over a local AWS: what
each invocation calls, writes, reads, logs and computes. Streams and timers are played here, on a clock of their own.

`python -m tests.bench.life RESULT` in an environment of all functions; RESULT is the file for a Record of it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import Any

import boto3

from answerby import runtime
from answerby.adapters import aws
from answerby.adapters.items import MENTION, time
from answerby.adapters.tokens import TokenTable
from answerby.usecases import answering
from tests.bench import events
from tests.bench.flow import URGENT_TEXT
from tests.bench.metering import Item, Meter, size

MINUTE = timedelta(minutes=1)
APART = timedelta(hours=3)
"""Between two lives: the one before is forgotten by then, by pagers too."""
WARM_UP, TIMED = 2, 7
"""Rounds of all lives; one between them is counted and not timed, because counting costs time."""
PUTS, PUT_MS = 40, 1.2
"""How many bare puts a round times, and what one takes on a processor at rest: in them all else is measured, because
the same work takes twice as long beside a busy neighbour."""

# Minutes after the post, and what happens then. Ana is called at once, Ben after 10 minutes, Cleo after 20.
LIVES: Mapping[str, Sequence[tuple[float, str]]] = {
    "answered": ((0, "post"), (8, "reply")),
    "reported": ((0, "post"), (8, "report")),
    "acknowledged": ((0, "post"), (4, "look"), (5, "acknowledge"), (20, "reply")),
    "escalated": ((0, "post"), (14, "reply")),
    "held": ((-0.5, "another"), (0, "post"), (8, "reply")),
    "urgent": ((0, "urgent"), (6, "reply")),
    "idle": ((0, "sweep"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """`cpu` in milliseconds of a processor at rest, `logged` in bytes; `units` and `reads` are DynamoDB's. `swept`: the
    sweep has asked for this check."""

    function: str
    calls: Mapping[str, int]
    units: float
    reads: float
    cpu: float
    logged: int
    swept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`metrics` are the names of those that were published; `stored` the bytes of a mention that was answered."""

    lives: Mapping[str, Sequence[Invocation]]
    metrics: Sequence[str]
    stored: int


def record_of(document: Mapping[str, Any]) -> Record:
    lives = {name: [Invocation(**each) for each in invocations] for name, invocations in document["lives"].items()}
    return Record(**{**document, "lives": lives})


@dataclass(slots=True)
class _Ran:
    """One invocation in one round. `subject` tells whether it was about the post of this life."""

    function: str
    subject: bool
    cpu: float
    logged: int
    step: int
    swept: bool


@dataclass
class World:
    """What AWS does between the functions: each write of a mention reaches the functions whose stream filter it meets
    (template.yaml), each timer the queue of follow_up, and each minute the sweep finds the checks that are due."""

    meter: Meter
    token: str
    now: datetime
    ran: list[_Ran] = field(default_factory=list)
    _number: int = 1_000
    """Of the comment; those of other measurements are below."""
    _timers: list[tuple[datetime, str]] = field(default_factory=list)
    _checks: dict[str, datetime] = field(default_factory=dict)
    """By mention: its next check as the `due` index knows it."""
    _written: list[Item] = field(default_factory=list)
    _writing: Item = field(default_factory=dict)
    _subjects: set[str] = field(default_factory=set)

    def listen(self) -> None:
        register: Any = aws.session().register
        register("provide-client-params.dynamodb.PutItem", self._put)
        register("after-call.dynamodb.PutItem", self._has_put)
        register("provide-client-params.sqs.SendMessage", self._message)
        register("provide-client-params.scheduler.CreateSchedule", self._schedule)

    def live(self, story: Sequence[tuple[float, str]]) -> list[_Ran]:
        """Play it to its end, idle timers included."""
        self.ran, self.now = [], self.now + APART
        self._number += 10
        self._subjects = {events.mention_id(self._number), events.mention_id(self._number + 1)}
        start = self.now
        for minute, action in story:
            self._pass_time(start + minute * MINUTE)
            getattr(self, f"_{action}")()
            self._stream()
        if any(action == "another" for _, action in story):
            with self.meter.step("aside"):
                answering.answer(events.mention_id(self._number + 2), "ana", None, runtime.mentions(), self.now)
            self._written.clear()
        self._pass_time(start + APART)
        return [ran for ran in self.ran if ran.subject]

    def stored(self) -> Item:
        return self.meter.stored(events.mention_id(self._number))

    def _post(self, text: str = events.TEXT) -> None:
        self._invoke("receive_webhook", events.webhook(self._number, text, self.now))

    def _urgent(self) -> None:
        self._post(URGENT_TEXT)

    def _another(self) -> None:
        self._invoke("receive_webhook", events.webhook(self._number + 2, now=self.now), subject=False)

    def _reply(self) -> None:
        self._invoke("receive_webhook", events.reply(self._number + 1, self._number, self.now))

    def _look(self) -> None:
        self._invoke("serve_api", events.http("GET", f"/m/{events.mention_id(self._number)}", {}))

    def _acknowledge(self) -> None:
        self._ask("acknowledge")

    def _report(self) -> None:
        self._ask("answer")

    def _sweep(self) -> None:
        self._invoke("sweep_overdue", {})

    def _ask(self, action: str) -> None:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        path = f"/api/mentions/{events.mention_id(self._number)}/{action}"
        self._invoke("serve_api", {**events.http("POST", path, headers), "body": '{"by":"ana"}'})

    def _pass_time(self, until: datetime) -> None:
        while (following := min([*self._timers, *self._swept()], default=None)) and following[0] <= until:
            swept = following not in self._timers
            if swept:
                del self._checks[following[1]]
            else:
                self._timers.remove(following)
            self.now = max(self.now, following[0])
            self._invoke("follow_up", events.queued(following[1]), self._is_subject(following[1]), swept)
            self._stream()
        self.now = until

    def _swept(self) -> list[tuple[datetime, str]]:
        """What the sweep will ask for, in the minute after it is due."""
        return [(at.replace(second=0, microsecond=0) + MINUTE, mention_id) for mention_id, at in self._checks.items()]

    def _stream(self) -> None:
        while self._written:
            item = self._written.pop(0)
            subject = self._is_subject(item["mention_id"]["S"])
            if item.get("state", {}).get("S") == "new":
                self._invoke("route_mention", events.stream(item), subject)
            if "outbox_at" in item:
                self._invoke("send_alert", events.stream(item), subject)

    def _is_subject(self, mention_id: str) -> bool:
        return mention_id in self._subjects

    def _invoke(self, function: str, event: Mapping[str, Any], subject: bool = True, swept: bool = False) -> None:
        handler = import_module(f"functions.{function}.app").lambda_handler
        with self.meter.step(function):
            logged, began = _logged(), process_time()
            answer = handler(event, CONTEXT) or {}
            cpu = (process_time() - began) * 1000
            ran = _Ran(function, subject, cpu, _logged() - logged, len(self.meter.steps), swept)
        if answer.get("statusCode", 200) != 200 or answer.get("batchItemFailures"):
            raise RuntimeError(f"{function} did not handle its event: {answer}")
        self.ran.append(ran)

    def _put(self, params: dict[str, Any], **_: Any) -> None:
        self._writing = params["Item"] if params["TableName"] == os.environ["MENTIONS_TABLE"] else {}

    def _has_put(self, parsed: Mapping[str, Any], **_: Any) -> None:
        if self._writing and "Error" not in parsed:
            self._written.append(self._writing)
            if self._writing["item"]["S"] == MENTION:
                self._note_check(self._writing)

    def _note_check(self, mention: Item) -> None:
        self._checks.pop(mention["mention_id"]["S"], None)
        if "next_check_at" in mention:
            self._checks[mention["mention_id"]["S"]] = time(int(mention["next_check_at"]["N"]))

    def _message(self, params: dict[str, Any], **_: Any) -> None:
        self._set(self.now + timedelta(seconds=params["DelaySeconds"]), params["MessageBody"])

    def _schedule(self, params: dict[str, Any], **_: Any) -> None:
        at = datetime.strptime(params["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
        self._set(at, params["Target"]["Input"])

    def _set(self, at: datetime, message: str) -> None:
        self._timers.append((at, json.loads(message)["mention_id"]))


CONTEXT = SimpleNamespace(aws_request_id="bench", function_name="bench")


def _logged() -> int:
    """Bytes of standard output, which is a file here and the function's log on AWS."""
    sys.stdout.flush()
    return os.fstat(1).st_size


def _bare_put() -> float:
    """Milliseconds of processor time that boto3 takes for one conditional put."""
    put_item = boto3.client("dynamodb").put_item
    item: Any = {"mention_id": {"S": "bench:put"}, "item": {"S": "bench"}, "body": {"B": bytes(500)}}
    began = process_time()
    for _ in range(PUTS):
        put_item(TableName=os.environ["MENTIONS_TABLE"], Item=item, ConditionExpression="attribute_not_exists(version)")
    return (process_time() - began) * 1000 / PUTS


def _recorded(world: World, log: Path) -> Record:
    rounds: list[dict[str, list[_Ran]]] = []
    puts: list[float] = []
    for number in range(WARM_UP + 1 + TIMED):
        world.meter.counting = number == WARM_UP
        rounds.append({name: world.live(story) for name, story in LIVES.items()})
        puts.append(_bare_put())
        if world.meter.counting:
            steps = list(world.meter.steps)
    lives: dict[str, list[Invocation]] = {}
    for name, counted in rounds[WARM_UP].items():
        timed = [each[name] for each in rounds[WARM_UP + 1 :]]
        if any([ran.function for ran in each] != [ran.function for ran in counted] for each in timed):
            raise RuntimeError(f"the life {name!r} went another way in another round")
        lives[name] = [
            Invocation(
                function=ran.function,
                calls=steps[ran.step - 1].calls,
                units=steps[ran.step - 1].units,
                reads=steps[ran.step - 1].reads,
                # The least: neighbours on the same processor only ever add to it.
                cpu=min(each[position].cpu for each in timed) * PUT_MS / min(puts),
                logged=ran.logged,
                swept=ran.swept,
            )
            for position, ran in enumerate(counted)
        ]
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    told = [each["_aws"]["CloudWatchMetrics"][0]["Metrics"] for each in lines if "_aws" in each]
    metrics = sorted({metric["Name"] for each in told for metric in each})
    world.live(LIVES["answered"])
    return Record(lives=lives, metrics=metrics, stored=size(world.stored()))


def main(result: Path) -> None:
    with tempfile.NamedTemporaryFile() as log:
        os.dup2(log.fileno(), 1)
        now = runtime.clock()
        world = World(Meter(), "", now)
        world.meter.counting = False
        world.listen()
        world.token = TokenTable(os.environ["DESK_TABLE"]).create("life", ["read", "write"], now)
        runtime.clock = lambda: world.now
        # Once an hour it is noted that a source was heard, which is far less than once for each post.
        runtime.heard()._noted[events.SOURCE.id] = now + timedelta(days=365)
        result.write_text(json.dumps(asdict(_recorded(world, Path(log.name)))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
