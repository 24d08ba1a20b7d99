"""`python -m tests.chaos`: the deployed stack under fire. DURATION (seconds) and SEED come from the environment."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sys
import time

from rich.console import Console

from infra.local.layout import STATE, LocalError
from tests.chaos.fire import burn
from tests.chaos.oracles import Case, violations
from tests.chaos.plan import plan
from tests.chaos.report import document, show

REPORT = STATE / "chaos.json"
_FOLDER = STATE / "chaos"
_USUAL_SECONDS = 150.0


def main() -> int:
    out = Console(highlight=False, soft_wrap=True)
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    planned = plan(seed, float(os.environ.get("DURATION") or _USUAL_SECONDS))
    began = time.monotonic()
    shutil.rmtree(_FOLDER, ignore_errors=True)
    out.print(f"Seed {seed}")
    try:
        outcome = burn(planned, _FOLDER, lambda what: out.print(f"[dim]{time.monotonic() - began:5.0f}  {what}[/]"))
    except LocalError as error:
        out.print(str(error), style="bold red", markup=False)
        return 1
    case = Case(
        plan=planned,
        ledger=outcome.ledger,
        damage=outcome.damage,
        evidence=outcome.evidence,
        unwatched=frozenset(outcome.watch.unwatched),
        worst_lateness=outcome.watch.worst,
    )
    told = document(planned, outcome, violations(case))
    REPORT.write_text(json.dumps(told, indent=2) + "\n")
    show(told, out)
    return 1 if told["violations"] else 0


if __name__ == "__main__":
    os.umask(0o077)
    # The end of a terminal or of a job must leave no process behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())
