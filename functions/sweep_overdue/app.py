"""Each minute: ask for every check that should have happened by now."""

from __future__ import annotations

from typing import Any

from answerby import runtime
from answerby.usecases.sweep import sweep

mentions, timers = runtime.mentions(), runtime.timers()


@runtime.discreet()
def lambda_handler(event: dict[str, Any], context: object) -> None:
    swept = sweep(mentions, timers, runtime.clock())
    # A sweep that failed, if only in part, is missed by the alarm on its heartbeat.
    beat = int(swept.asked == swept.overdue)
    runtime.count({"SweepHeartbeat": beat, "Overdue": swept.overdue, "ChecksAsked": swept.asked})
    runtime.count({"OldestOverdue": swept.latest.total_seconds()}, unit="Seconds")
    runtime.count_timers()
