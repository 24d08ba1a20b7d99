"""`python -m tests.simulation`: a campaign, or one seed with its story. Settings come from the environment."""

from __future__ import annotations

import os
import sys
import time

from tests.simulation.campaign import Campaign, campaign, run


def main() -> int:
    mentions = int(os.environ.get("MENTIONS") or 100)
    if seed := os.environ.get("SEED"):
        return replay(int(seed), mentions)
    first, count = int(os.environ.get("FIRST") or 0), int(os.environ.get("SEEDS") or 1_000)
    begun = time.monotonic()

    def progress(so_far: Campaign) -> None:
        if sys.stdout.isatty() or so_far.runs % 50 == 0 or so_far.runs == count:
            _say(
                f"\r{so_far.runs} of {count} seeds, {time.monotonic() - begun:.0f} s, "
                f"{len(so_far.violations)} violations",
                end="" if sys.stdout.isatty() else "\n",
            )

    whole = campaign(range(first, first + count), mentions, progress)
    _summary(whole, time.monotonic() - begun)
    for failed, violation in sorted(whole.violations)[:20]:
        _say(f"seed {failed}: {violation}\n  replay: make simulate SEED={failed} MENTIONS={mentions}")
    unseen = whole.unseen()
    if unseen:
        _say("never met: " + ", ".join(unseen))
    return 1 if whole.violations or unseen else 0


def replay(seed: int, mentions: int) -> int:
    result = run(seed, mentions, tell=True)
    for line in result.story or ():
        _say(line)
    _say(f"\nseed {seed}, {result.mentions} mentions, {result.alerts} alerts, trace {result.trace}")
    _say(result.violation or "no violation")
    return 1 if result.violation else 0


def _summary(whole: Campaign, seconds: float) -> None:
    _say(
        f"\n\n{whole.runs} seeds in {seconds:.0f} s: {whole.mentions} mentions, {whole.alerts} alerts "
        f"({whole.duplicates} of them repeated after a fault), {whole.dead_letters} dead letters\n"
        f"a check was at most {whole.worst / 1000:.0f} s late without any fault, "
        f"{whole.worst_faulty / 1000:.0f} s with them\n"
    )
    for title, counts in (
        ("faults", {str(kind): n for kind, n in whole.faults.items()}),
        ("crashes", {f"{when} {point}": n for (point, when), n in whole.points.items()}),
        ("edges", {f"{before} to {after}": n for (before, after), n in whole.edges.items()}),
        ("alerts", dict(whole.reasons)),
    ):
        _say(title)
        for name, number in sorted(counts.items(), key=lambda each: -each[1]):
            _say(f"  {number:>9}  {name}")


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
