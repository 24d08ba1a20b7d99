"""What a campaign has found, for people and for the record."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from tests.simulation.campaign import Campaign

ROOT = Path(__file__).parents[2]
RECORD = ROOT / ".local" / "simulation.json"


def summary(whole: Campaign) -> str:
    told = [
        f"{whole.runs} seeds in {whole.seconds:.0f} s: {whole.mentions} mentions, {whole.alerts} alerts "
        f"({whole.duplicates} of them repeated after a fault), {whole.dead_letters} dead letters",
        f"a check was at most {whole.worst / 1000:.0f} s late without any fault, "
        f"{whole.worst_faulty / 1000:.0f} s with them",
    ]
    for title, counts in _counts(whole).items():
        told += ["", title, *(f"  {number:>9}  {name}" for name, number in counts.items())]
    return "\n".join(told)


def record(whole: Campaign, seeds: range, mentions: int, faults: float) -> None:
    """Write .local/simulation.json. Lateness is in seconds."""
    RECORD.parent.mkdir(exist_ok=True)
    document: dict[str, Any] = {
        "commit": _commit(),
        "command": f"make simulate FIRST={seeds.start} SEEDS={len(seeds)} MENTIONS={mentions} FAULTS={faults:g}",
        "seeds": whole.runs,
        "seconds": round(whole.seconds, 1),
        "mentions": whole.mentions,
        "alerts": whole.alerts,
        "duplicates": whole.duplicates,
        "dead_letters": whole.dead_letters,
        "worst_lateness": {"without faults": whole.worst / 1000, "with faults": whole.worst_faulty / 1000},
        **_counts(whole),
        "never_met": whole.unseen(),
        "violations": [{"seed": seed, "what": what} for seed, what in sorted(whole.violations)],
    }
    RECORD.write_text(json.dumps(document, indent=2) + "\n")


def _counts(whole: Campaign) -> dict[str, dict[str, int]]:
    """Most frequent first."""
    counters: dict[str, Counter[str]] = {
        "faults": whole.faults,
        "crashes": Counter({f"{when} {point}": n for (point, when), n in whole.points.items()}),
        "edges": Counter({f"{before} to {after}": n for (before, after), n in whole.edges.items()}),
        "events": whole.events,
        "alerts_by_reason": whole.reasons,
    }
    return {name: dict(counter.most_common()) for name, counter in counters.items()}


def _commit() -> str:
    """Of the code that ran; `+` says that it had been changed since."""
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=40", "--dirty=+"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"
