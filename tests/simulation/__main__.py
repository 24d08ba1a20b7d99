"""`python -m tests.simulation`: a campaign, or one seed with its story. Settings come from the environment."""

from __future__ import annotations

import os
import sys

from tests.simulation import report
from tests.simulation.campaign import Campaign, campaign
from tests.simulation.replay import replay


def main() -> int:
    mentions, faults = int(_setting("MENTIONS", "100")), float(_setting("FAULTS", "1"))
    if seed := _setting("SEED"):
        result, story = replay(int(seed), mentions, faults, report.RECORD.parent, _setting("MENTION") or None)
        _say(story)
        return 1 if result.violation else 0
    first, count = int(_setting("FIRST", "0")), int(_setting("SEEDS", "1000"))
    seeds = range(first, first + count)
    whole = campaign(seeds, mentions, faults, lambda so_far: _progress(so_far, count))
    report.record(whole, seeds, mentions, faults)
    _say(f"\n{report.summary(whole)}\n")
    for failed, violation in sorted(whole.violations)[:20]:
        _say(f"seed {failed}: {violation}\n  replay: make simulate SEED={failed} MENTIONS={mentions} FAULTS={faults:g}")
    if unseen := whole.unseen():
        _say("never met: " + ", ".join(unseen))
    return 1 if whole.violations or unseen else 0


def _progress(so_far: Campaign, count: int) -> None:
    line = f"{so_far.runs} of {count} seeds, {so_far.seconds:.0f} s, {len(so_far.violations)} violations"
    if sys.stdout.isatty():
        _say(f"\r{line}", end="")
    elif so_far.runs % 100 == 0 or so_far.runs == count:
        _say(line)


def _setting(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
