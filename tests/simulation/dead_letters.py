"""Where abandoned work is left: dead-letter queues, each with an alarm, and an operator who sends some of it again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.engine import MINUTE

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

QUEUES = {
    "route_mention": "RouteDeadLetters",
    "send_alert": "AlertDeadLetters",
    "follow_up": "FollowUpsDeadLetters",
    "scheduler": "TimerDeadLetters",
    "sweep_overdue": "SweepDeadLetters",
}
"""By whose work it was: the queues of infra/data.yaml, which tests/template holds to raise an alarm each."""
HOLD_MESSAGES = ("follow_up", "scheduler")
"""Their dead letters are what was sent, and can be sent again. The others tell only where to look."""


@dataclass
class DeadLetters:
    """`alarms` is when each queue's first rang, if it did."""

    simulation: Simulation
    left: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    alarms: dict[str, int] = field(default_factory=dict)
    abandoned: int = 0

    def leave(self, whose: str, mention_id: str = "", item: str = "") -> None:
        """Work that nobody will do is told of: its item is found by the sweep."""
        engine, faults = self.simulation.engine, self.simulation.faults
        self.abandoned += 1
        engine.tell(f"  {whose} gives up {mention_id}: dead letter")
        if mention_id:
            faults.note(engine.now, mention_id)
        self.left[QUEUES[whose]].append((mention_id, item))
        self.alarms.setdefault(QUEUES[whose], engine.now)
        if whose in HOLD_MESSAGES and faults.happens("redrive", engine.now):
            engine.after(engine.chance.randrange(MINUTE, 20 * MINUTE), lambda: self._redrive(QUEUES[whose]))

    def _redrive(self, queue: str) -> None:
        """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html"""
        again = self.left.pop(queue, [])
        self.simulation.engine.tell(f"{len(again)} dead letters are sent again")
        for mention_id, item in again:
            self.simulation.queue.send(mention_id, item, 0)
