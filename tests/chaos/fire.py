"""Carries out a plan on a stack of its own, and waits until the dust has settled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import boto3

from answerby.cli.desk_file import load
from infra.local import ministack
from infra.local.layout import LocalError
from infra.local.sample_desk import DESK_FILE
from infra.local.stack import Stack, current, down, up
from tests.chaos.evidence import Evidence, gather, stored
from tests.chaos.lambdas import Killer, mortal, roles_of
from tests.chaos.ledger import Ledger
from tests.chaos.load import Load
from tests.chaos.oracles import FORGOTTEN
from tests.chaos.plan import Doing, Fault, Plan
from tests.chaos.points import FUNCTIONS
from tests.chaos.saboteur import LAUNCHER, Damage, Saboteur
from tests.chaos.watch import Watch
from tests.contract.waiting import eventually

AT_ONCE = 5
"""Networks and people who wait for an answer at the same time."""
BURNS_OUT_WITHIN = 180.0
"""Seconds in which every named point that is armed should be passed: some only by a sweep, or a ladder's repeats."""
LONGEST_DELAY = 18.0
"""Seconds that a timer may be SQS's: the first two rungs' are, all later checks are Scheduler's."""
SETTLED_WITHIN = 300.0
"""Seconds in which a post can climb its ladder to the end when every timer of it is lost: each of two further calls and
the deadline may wait for two sweeps, the last of them while the call before it is sent."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    ledger: Ledger
    damage: Damage
    watch: Watch
    evidence: Evidence
    settled_after: float
    """Seconds from the last fault."""


def burn(plan: Plan, folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Raises LocalError if the stack cannot be started, or was up before."""
    with _own_stack(tell) as stack, ministack.named_by_environment(stack.aws_endpoint_url):
        client = cache(boto3.client)
        found = client("cloudformation").describe_stacks(StackName=stack.stack_name)["Stacks"][0]["Outputs"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in found}
        desk, _ = load(DESK_FILE)
        killer, ledger = Killer(folder), Ledger()
        saboteur = Saboteur(stack, client, killer, outputs, roles_of(client("lambda"), stack, FUNCTIONS))
        watch = Watch(client, outputs["MentionsTable"])
        with mortal(client("lambda"), stack, FUNCTIONS, killer, LONGEST_DELAY), watch.watching():
            tell(f"{len(plan.doings)} deliveries and deeds, {len(plan.faults)} faults in {plan.seconds:.0f} s")
            _carry_out(plan, Load(stack, ledger), saboteur, tell)
            tell("The fire is out: waiting until everything is settled")
            eventually(lambda: _is_settled(plan, watch), bool, within=SETTLED_WITHIN)
            settled_after = time.monotonic() - saboteur.damage.until
            evidence = gather(stack, client, outputs, desk)
    return Outcome(ledger=ledger, damage=saboteur.damage, watch=watch, evidence=evidence, settled_after=settled_after)


@contextmanager
def _own_stack(tell: Callable[[str], None]) -> Iterator[Stack]:
    if current() is not None:
        raise LocalError("A stack is up, and would not survive this: stop it by `make down`.")
    try:
        yield up(tell, LAUNCHER)
    finally:
        down()


def _carry_out(plan: Plan, load: Load, saboteur: Saboteur, tell: Callable[[str], None]) -> None:
    """Everything at its time, or as soon as there is somebody free to do it; then until everybody was heard."""
    began, pause = time.monotonic(), threading.Event()
    steps: list[Doing | Fault] = sorted((*plan.doings, *plan.faults), key=lambda step: step.at)
    with ThreadPoolExecutor(AT_ONCE) as world, ThreadPoolExecutor(1) as fire:
        started: list[Future[None]] = []
        try:
            for step in steps:
                pause.wait(max(0.0, began + step.at - time.monotonic()))
                started.append(_start(step, load, saboteur, world, fire))
                _raise_if_failed(started)
            fire.submit(saboteur.stop, BURNS_OUT_WITHIN).result()
            tell(f"{saboteur.damage.crashes} crashes; waiting for those who are not heard yet")
            for each in started:
                each.result()
        except BaseException:
            load.stop()
            for pool in (world, fire):
                pool.shutdown(wait=False, cancel_futures=True)
            raise


def _is_settled(plan: Plan, watch: Watch) -> bool:
    """Nothing waits, and who is forgotten has been called out for to the end of the ladder."""
    if watch.unsettled():
        return False
    forgotten = stored(watch.table).get_each([story.id() for story in plan.stories if story.forgotten])
    return all(mention.breached and mention.rung == len(FORGOTTEN) for mention in forgotten.values())


def _start(
    step: Doing | Fault, load: Load, saboteur: Saboteur, world: ThreadPoolExecutor, fire: ThreadPoolExecutor
) -> Future[None]:
    if isinstance(step, Fault):
        return fire.submit(saboteur.do, step)
    return world.submit(load.play, step)


def _raise_if_failed(started: list[Future[None]]) -> None:
    """At once, and not after minutes."""
    for each in [each for each in started if each.done()]:
        each.result()
        started.remove(each)
