"""What is measured, how several measurements become one, and how they are shown."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

Sample = Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`goal` is the largest value allowed; None for what is only shown. `spread` is the interquartile range."""

    name: str
    value: float
    unit: str
    goal: float | None
    spread: float
    against: str

    @property
    def missed(self) -> bool:
        return self.goal is not None and self.value > self.goal


def median(name: str, sample: Sample, unit: str, goal: float | None, against: str) -> Measure:
    value = statistics.median(sample)
    return Measure(
        name=name, value=round(value, 3), unit=unit, goal=goal, spread=round(_spread(sample), 3), against=against
    )


def ratio(name: str, ours: Sample, theirs: Sample, goal: float | None, against: str) -> Measure:
    """Each of ours by that of theirs which ran next to it, because a busy machine slows both alike."""
    pairs = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    middle = f"{statistics.median(ours):.3g} against {statistics.median(theirs):.3g} ms"
    return median(name, pairs, "ratio", goal, f"{against} ({middle})")


def exactly(name: str, value: float, unit: str, goal: float | None, against: str) -> Measure:
    """Counted: it has no spread."""
    return Measure(name=name, value=value, unit=unit, goal=goal, spread=0, against=against)


def table(measures: Sequence[Measure]) -> Table:
    shown = Table(title="Answerby, measured", title_justify="left")
    for heading, justify in (("", "left"), ("value", "right"), ("spread", "right"), ("goal", "right")):
        shown.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=True)
    shown.add_column("against", overflow="fold")
    for each in measures:
        goal = "" if each.goal is None else f"≤ {each.goal:g}"
        style = "red" if each.missed else "green" if goal else ""
        shown.add_row(
            each.name,
            f"[{style}]{each.value:g}[/] {each.unit}" if style else f"{each.value:g} {each.unit}",
            f"{each.spread:g}" if each.spread else "",
            goal,
            each.against,
        )
    return shown


def write(measures: Sequence[Measure], path: Path) -> None:
    fields = ("value", "unit", "goal", "spread", "against")
    document = {each.name: {field: getattr(each, field) for field in fields} for each in measures}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _spread(sample: Sample) -> float:
    low, _, high = statistics.quantiles(sample, n=4)
    return high - low
