"""What a run came to: readable, and as a document for later."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.evidence import Evidence
from tests.chaos.fire import Outcome
from tests.chaos.plan import Plan


def document(plan: Plan, outcome: Outcome, violations: list[str]) -> dict[str, Any]:
    ledger, damage, evidence = outcome.ledger, outcome.damage, outcome.evidence
    sent = Counter((alert.id, alert.channel) for alert in evidence.alerts)
    return {
        "seed": plan.seed,
        "seconds": plan.seconds,
        "planned": _counts(doing.what for doing in plan.doings),
        "answers": dict(sorted(ledger.answers.items())),
        "accepted": _counts(telling.what for telling in ledger.accepted),
        "deeds": _counts(deed.doing.what for deed in ledger.deeds),
        "too_late": ledger.refused,
        "faults": _counts(damage.faults.elements()),
        "points": _counts(damage.points.elements()),
        "kills": dict(sorted(damage.kills.items())),
        "timeouts": dict(sorted(damage.timeouts.items())),
        "outages": [round(each, 1) for each in damage.outages],
        "timers_dropped": damage.dropped,
        "mentions": _counts(mention.state for mention in evidence.mentions.values()),
        "forgotten": sum(story.forgotten for story in plan.stories),
        "alerts": len({alert.id for alert in evidence.alerts}),
        "repeated_alerts": sum(count - 1 for count in sent.values()),
        "dead_letters": {queue: len(letters) for queue, letters in evidence.dead_letters.items()},
        "worst_lateness": round(outcome.watch.worst, 1),
        "settled_after": round(outcome.settled_after, 1),
        "violations": violations,
        "stories": {
            mention_id: _story(mention_id, evidence)
            for mention_id in evidence.mentions
            if any(re.search(rf"\b{mention_id}\b", wrong) for wrong in violations)
        },
    }


def show(told: dict[str, Any], out: Console) -> None:
    table = Table("", "", title=f"Seed {told['seed']}, {told['seconds']:.0f} s", show_header=False)
    accepted = sum(told["accepted"].values())
    rows = {
        "stored and told so": f"{accepted} posts and news: {_listed(told['accepted'])}",
        "done by people": f"{_listed(told['deeds'])}; too late {told['too_late']}",
        "answers": _listed(told["answers"]),
        "faults": _listed(told["faults"]),
        "processes killed": _listed(told["kills"]),
        "named points": "\n".join(f"{count} {point}" for point, count in told["points"].items()),
        "too slow, and killed": _listed(told["timeouts"]) or "none",
        "local AWS away": f"{len(told['outages'])} times, {max(told['outages'], default=0)} s at most",
        "timers dropped": told["timers_dropped"],
        "mentions": f"{_listed(told['mentions'])}; {told['forgotten']} of them never cared for",
        "alerts": f"{told['alerts']}, repeated {told['repeated_alerts']}",
        "dead letters": _listed({name: count for name, count in told["dead_letters"].items() if count}) or "none",
        "worst lateness of a check": f"{told['worst_lateness']} s",
        "settled after": f"{told['settled_after']} s",
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    out.print(table)
    for wrong in told["violations"]:
        out.print(wrong, style="red", markup=False)
    for mention_id, lines in told["stories"].items():
        out.print(f"\n{mention_id}", *lines, sep="\n  ", markup=False)
    held = not told["violations"]
    out.print("[green]All of it held.[/]" if held else f"[bold red]{len(told['violations'])} violations.[/]")


def _story(mention_id: str, evidence: Evidence) -> list[str]:
    """The history of a mention that is part of a violation, and what went out about it."""
    told = [
        f"{entry.at:%H:%M:%S.%f} {entry.event} {entry.by} {entry.note or ''}"
        for entry in evidence.mentions[mention_id].history
    ]
    sent = [
        f"{alert.decided_at:%H:%M:%S} heard by {alert.person}: {alert.channel} {alert.id} in {alert.message}"
        for alert in evidence.alerts
        if alert.mention_id == mention_id
    ]
    return [*told, *sent]


def _counts(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(str(value) for value in values).items()))


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
