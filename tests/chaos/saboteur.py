"""Does what goes wrong in a plan, and remembers what it has done."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import ministack
from infra.local.layout import STATE, LocalError
from infra.local.stack import Stack
from tests.chaos.lambdas import Killer
from tests.chaos.plan import Fault, Kind
from tests.chaos.points import POINTS, Point
from tests.contract.waiting import eventually

LAUNCHER = STATE.parent / "tests/chaos/durable.py"
_COMPLETE = STATE / "state" / "complete"
_SIGNALS = {Kind.POWER_CUT: signal.SIGUSR1, Kind.RESTART: signal.SIGTERM}
_ENDS_WITHIN = 60.0
_REFUSAL = "refusal"
_REFUSED_FOR = 6.0
_WRITES = ["dynamodb:PutItem", "dynamodb:UpdateItem", "sns:Publish", "sqs:SendMessage", "scheduler:CreateSchedule"]
_NO_WRITE = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": _WRITES, "Resource": "*"}]}
_ROBBED_FOR = 45.0
"""Seconds: longer than the sample desk waits between two calls, so that a timer of every open post falls into them."""
_AT_WORK_WITHIN = 3.0
"""Seconds in which some function is at work, as a rule."""


@dataclass
class Damage:
    """What was done. `kills` are processes by function, however they were killed, but for those of restarts."""

    faults: Counter[Kind] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    points: Counter[Point] = field(default_factory=Counter)
    dropped: int = 0
    """Timers."""
    outages: list[float] = field(default_factory=list)
    """Seconds for which the local AWS was away."""
    refusals: int = 0
    """Times for which nothing could be written: an alert that was just published could not be marked as sent."""
    timeouts: Counter[str] = field(default_factory=Counter)
    """Processes by function that were too slow for their time on a busy machine, and killed for it by the local AWS."""

    until: float = field(default_factory=time.monotonic)
    """When the last of it was done, by the clock that only goes forward."""

    @property
    def restarts(self) -> int:
        return len(self.outages)

    @property
    def crashes(self) -> int:
        return self.kills.total() + self.timeouts.total() + self.refusals + self.restarts

    def of(self, function: str) -> int:
        """How often it can have been interrupted in its work."""
        return self.kills[function] + self.timeouts[function] + self.refusals + self.restarts


@dataclass
class Saboteur:
    """One at a time: called by a single thread."""

    stack: Stack
    client: Callable[[str], Any]
    killer: Killer
    outputs: dict[str, str]
    roles: Sequence[str]
    """Of the functions."""
    damage: Damage = field(default_factory=Damage)
    _armed: Counter[Point] = field(default_factory=Counter)

    def do(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.KILL:
                done = self._kill()
            case Kind.POINT:
                assert fault.point
                self._arm(fault.point)
                return
            case Kind.POWER_CUT | Kind.RESTART:
                done = self._restart(_SIGNALS[fault.kind])
            case Kind.REFUSE:
                done = self._refuse()
            case Kind.PURGE:
                done = self._dropped(self._purged)
            case Kind.UNSCHEDULE:
                done = self._dropped(self._unscheduled)
        self._note(fault.kind, done)

    def stop(self, within: float) -> None:
        """Wait for the points that are armed and not hit yet; then nothing is killed any more. At last no open post is
        left a timer: the sweep has to find each."""
        eventually(self._missed, lambda missed: not missed, within)
        self.killer.disarm()
        over = time.monotonic() + _ROBBED_FOR
        eventually(self._rob, lambda _: time.monotonic() > over, _ROBBED_FOR)
        timed_out = re.findall(rf"Lambda {self.stack.stack_name}-(\S+) timed out", ministack.LOG.read_text())
        self.damage.timeouts.update(name.replace("-", "_") for name in timed_out)

    def _rob(self) -> None:
        for kind in (Kind.PURGE, Kind.UNSCHEDULE):
            self.do(Fault(at=0, kind=kind))

    def _missed(self) -> list[Point]:
        for point in POINTS:
            self._count_if_hit(point)
        return [point for point in POINTS if self._armed[point] > self.damage.points[point]]

    def _note(self, kind: Kind, done: bool) -> None:
        if done:
            self.damage.faults[kind] += 1
            self.damage.until = time.monotonic()

    def _kill(self) -> bool:
        session = ministack.process_id()
        deadline = time.monotonic() + _AT_WORK_WITHIN
        pause = threading.Event()
        while not (found := self.killer.at_work(session)):
            if time.monotonic() > deadline:
                return False
            pause.wait(0.01)
        # The same number of a list that nobody can foresee: which function works is not ours to choose.
        function, pid = found[self.damage.kills.total() % len(found)]
        killed = self.killer.kill(function, pid)
        self.damage.kills[function] += killed
        return killed

    def _arm(self, point: Point) -> None:
        self._count_if_hit(point)
        self.killer.arm(point)
        self._armed[point] += 1

    def _count_if_hit(self, point: Point) -> None:
        if self._armed[point] > self.damage.points[point] and self.killer.was_hit(point):
            self.damage.points[point] += 1
            self.damage.kills[point.function] += 1
            self._note(Kind.POINT, True)
            self._armed[point] = self.damage.points[point]

    def _restart(self, by: int) -> bool:
        began = time.monotonic()
        ministack.stop(by, _ENDS_WITHIN)
        if not _COMPLETE.exists() or re.search("Persistence: (failed|error)", ministack.LOG.read_text()):
            raise LocalError("The local AWS has not stored all it had when it was stopped: no fault of the product's.")
        self.killer.forget_work()
        ministack.resume(LAUNCHER, int(self.stack.aws_endpoint_url.rpartition(":")[2]))
        self.damage.outages.append(time.monotonic() - began)
        return True

    def _refuse(self) -> bool:
        """Take the functions' right to write away, and give it back: they are refused as by a service that fails."""
        iam, policy = self.client("iam"), {"PolicyName": _REFUSAL}
        for role in self.roles:
            iam.put_role_policy(RoleName=role, PolicyDocument=json.dumps(_NO_WRITE), **policy)
        threading.Event().wait(_REFUSED_FOR)
        for role in self.roles:
            iam.delete_role_policy(RoleName=role, **policy)
        self.damage.refusals += 1
        return True

    def _dropped(self, drop: Callable[[], Iterator[int]]) -> bool:
        """Whether there was any."""
        dropped = 0
        with contextlib.suppress(ClientError, BotoCoreError):
            for some in drop():
                dropped += some
        self.damage.dropped += dropped
        return dropped > 0

    def _purged(self) -> Iterator[int]:
        sqs, url = self.client("sqs"), self.outputs["FollowUpsQueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        sqs.purge_queue(QueueUrl=url)
        yield sum(map(int, waiting.values()))

    def _unscheduled(self) -> Iterator[int]:
        scheduler, group = self.client("scheduler"), self.outputs["ScheduleGroup"]
        pages = scheduler.get_paginator("list_schedules").paginate(GroupName=group)
        for name in [each["Name"] for page in pages for each in page["Schedules"]]:
            scheduler.delete_schedule(GroupName=group, Name=name)
            yield 1
