"""Each minute: ask for every check that should have happened by now."""

from __future__ import annotations

from typing import Any

from answerby import runtime
from answerby.usecases.sweep import sweep

mentions, timers = runtime.mentions(), runtime.timers()


@runtime.metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: object) -> None:
    swept = sweep(mentions, timers, runtime.clock())
    runtime.count({"Overdue": swept.overdue, "ChecksAsked": swept.asked})
    runtime.metrics.add_metric(name="OldestOverdue", unit="Seconds", value=swept.latest.total_seconds())
    # Last, so that a sweep that failed half-way is missed by the alarm on its heartbeat.
    runtime.metrics.add_metric(name="SweepHeartbeat", unit="Count", value=1)
