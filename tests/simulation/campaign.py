"""Many runs, on all processors, and what they must have seen together."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context

from answerby.domain.mention import Event, Reason
from tests.simulation import afternoon
from tests.simulation.faults import KINDS, POINTS
from tests.simulation.simulation import Result, Simulation

EDGES = tuple(
    (before, after)
    for before, afters in {
        "unheard": ("new", "removed", "test"),
        "new": ("open", "joined", "answered", "dismissed", "removed"),
        "open": ("open", "joined", "answered", "dismissed", "removed"),
        "joined": ("joined", "new", "answered", "dismissed", "removed"),
        "answered": ("answered", "resolved"),
        "test": ("answered", "dismissed"),
    }.items()
    for after in afters
)
"""The edges of the state machine: `joined` is an open mention in another's chain, `test` an open test alert."""
RARE_EDGES = (("joined", "open"),)
"""Only where each process has died that was to release whom a closed chain left behind: twice in 20,000 small runs.
Always met by a story of its own (test_regressions.py)."""
LARGE = 20_000


def run(seed: int, mentions: int, faults: float = 1.0, *, tell: bool = False) -> Result:
    """One seed; `faults` times as many of them as usual. The same arguments always give the same run."""
    # A run makes a million small things, which looking for cycles among them would slow by a seventh.
    gc.disable()
    simulation = Simulation(seed, turned_up=faults, tell=tell)
    afternoon.plan(simulation, mentions)
    try:
        return simulation.run()
    finally:
        gc.enable()


@dataclass
class Campaign:
    runs: int = 0
    seconds: float = 0.0
    mentions: int = 0
    alerts: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    worst: int = 0
    worst_faulty: int = 0
    """Milliseconds from when a check was due: without any fault, and with faults."""
    faults: Counter[str] = field(default_factory=Counter)
    points: Counter[tuple[str, str]] = field(default_factory=Counter)
    edges: Counter[tuple[str, str]] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[int, str]] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.runs += 1
        self.mentions += result.mentions
        self.alerts += result.alerts
        self.duplicates += result.duplicates
        self.dead_letters += result.dead_letters
        self.worst = max(self.worst, result.worst)
        self.worst_faulty = max(self.worst_faulty, result.worst_faulty)
        for counter in ("faults", "points", "edges", "events", "reasons"):
            getattr(self, counter).update(getattr(result, counter))
        if result.violation:
            self.violations.append((result.seed, result.violation))

    def unseen(self) -> list[str]:
        """What no run has met: then the campaign has proven nothing about it."""
        edges = (*EDGES, *RARE_EDGES) if self.runs >= LARGE else EDGES
        return [
            *(f"fault {kind}" for kind in KINDS if not self.faults[kind]),
            *(f"crash {when} {at}" for at in POINTS for when in ("before", "after") if not self.points[at, when]),
            *(f"edge {before} to {after}" for before, after in edges if not self.edges[before, after]),
            *(f"event {event}" for event in Event if not self.events[event]),
            *(f"alert {reason}" for reason in Reason if not self.reasons[reason]),
        ]


def on_all_processors(seeds: Iterable[int], mentions: int, faults: float) -> Iterator[Result]:
    tasks = [(seed, mentions, faults) for seed in seeds]
    # Not forked: pytest's own threads would be copied half-way.
    with get_context("spawn").Pool(os.cpu_count()) as pool:
        yield from pool.imap_unordered(_run, tasks, chunksize=4)


def campaign(
    seeds: Iterable[int],
    mentions: int,
    faults: float = 1.0,
    progress: Callable[[Campaign], None] = lambda _: None,
    enough: Callable[[Campaign], bool] = lambda _: False,
) -> Campaign:
    """All seeds, or as many as it takes until it is `enough`."""
    whole = Campaign()
    begun = time.monotonic()
    for result in on_all_processors(seeds, mentions, faults):
        whole.add(result)
        whole.seconds = time.monotonic() - begun
        progress(whole)
        if enough(whole):
            break
    return whole


def _run(task: tuple[int, int, float]) -> Result:
    return run(*task)
