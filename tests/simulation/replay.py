"""The story of one seed: first of what went wrong, on one screen, so that a reader sees why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from tests.simulation.campaign import run
from tests.simulation.engine import Told
from tests.simulation.simulation import Result

ON_ONE_SCREEN = 50
OF_ALL = ("VIOLATION", "the desk is published", "  sweep_overdue", "  the sweep")
"""Lines that concern every mention."""


def replay(seed: int, mentions: int, faults: float, folder: Path, about: str | None = None) -> tuple[Result, str]:
    """Run a seed again; what is to be told of it. The whole story is in a file of `folder`. `about` is a mention whose
    story is asked for, else it is that of the violation."""
    result = run(seed, mentions, faults, tell=True)
    story = result.story or []
    folder.mkdir(exist_ok=True)
    whole = folder / f"story-{seed}.txt"
    whole.write_text("".join(f"{line}\n" for line in story))
    concerned = (about,) if about else result.concerns
    told = [f"seed {seed}, {result.mentions} mentions, {result.alerts} alerts, trace {result.trace}"]
    if story and (concerned or result.violation):
        told += [story[0].text, "", *_excerpt(story, concerned)]
    told += ["", f"{result.violation or 'no violation'}; all {len(story)} lines: {whole}"]
    return result, "\n".join(told)


def _excerpt(story: list[Told], concerned: Collection[str]) -> Iterator[str]:
    """The last lines about some mentions, or of all if it is about none."""
    if concerned:
        yield f"the story of {', '.join(concerned)}"
        names = re.compile("(" + "|".join(map(re.escape, concerned)) + r")(?![\w-])")
        heard = next((n for n, line in enumerate(story) if names.search(line.text)), 0)
        story = [line for line in story[heard:] if _is_about(line, names, concerned)]
    if len(story) > ON_ONE_SCREEN:
        yield f"… {len(story) - ON_ONE_SCREEN} earlier lines"
    yield from map(str, story[-ON_ONE_SCREEN:])


def _is_about(line: Told, names: re.Pattern[str], concerned: Collection[str]) -> bool:
    return bool(names.search(line.text)) or line.text.startswith(OF_ALL) or not set(concerned).isdisjoint(line.about)
