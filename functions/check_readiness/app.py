"""Each day: would everybody be reached, and is every source heard from? If not, tell the leads."""

from __future__ import annotations

from collections import Counter
from typing import Any

from answerby import runtime
from answerby.ports import NoDeskError
from answerby.usecases.readiness import Evidence, check_and_tell

evidence = Evidence(
    desks=runtime.desks(), contacts=runtime.contacts(), heard=runtime.heard(), mentions=runtime.mentions()
)
messenger = runtime.messenger()


@runtime.discreet()
def lambda_handler(event: dict[str, Any], context: object) -> None:
    try:
        report = check_and_tell(evidence, messenger, runtime.clock())
    except NoDeskError:
        runtime.logger.info("nothing is published yet")
        return
    found = Counter(finding.severity for finding in report.findings)
    runtime.count({f"Readiness{severity.capitalize()}s": count for severity, count in found.items()})
