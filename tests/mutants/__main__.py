"""`python -m tests.mutants [name…]`: shows that the tests see each mutant, and which of them does."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.mutants.mutant import Mutant, StaleError, mutants
from tests.mutants.trial import Outcome, Verdict, control, trial

AT_ONCE = 2
COLOURS = {Outcome.KILLED: "green", Outcome.SURVIVED: "bold red", Outcome.BROKEN: "bold yellow"}


def main(names: list[str]) -> int:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    chosen = [mutant for mutant in mutants() if not names or mutant.name in names]
    if unknown := set(names) - {mutant.name for mutant in chosen}:
        console.print(f"no patch is called {', '.join(sorted(unknown))}")
        return 2
    begun = time.monotonic()
    try:
        verdicts = _tried(chosen, console)
    except StaleError as error:
        console.print(f"[bold red]A patch no longer applies.[/] {escape(str(error))}")
        return 2
    if verdicts is None:
        return 2
    killed = sum(verdict.outcome is Outcome.KILLED for verdict in verdicts.values())
    console.print(_table(chosen, verdicts))
    for mutant in chosen:
        verdict = verdicts[mutant.name]
        if verdict.outcome is not Outcome.KILLED:
            console.print(f"[{COLOURS[verdict.outcome]}]{mutant.name} {verdict.outcome}[/]: {escape(mutant.why)}")
            console.print(escape(verdict.why))
    console.print(f"{killed} of {len(chosen)} mutants killed, {time.monotonic() - begun:.0f} s")
    return 0 if killed == len(chosen) else 1


def _tried(chosen: list[Mutant], console: Console) -> dict[str, Verdict] | None:
    """By name; None if the tests fail without any mutant."""
    verdicts: dict[str, Verdict] = {}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress, ThreadPoolExecutor(AT_ONCE) as pool:
        task = progress.add_task("mutants tried", total=len(chosen))
        whole = pool.submit(control, sorted({test for mutant in chosen for test in mutant.killed_by}))
        trials = {pool.submit(trial, mutant): mutant for mutant in chosen}
        try:
            for done in as_completed([whole, *trials]):
                if done is whole:
                    if done.result().outcome is not Outcome.SURVIVED:
                        failed = done.result()
                        console.print("[bold red]The tests fail without any mutant, so they can kill none:[/]")
                        console.print(escape(f"{failed.test} {failed.why}"))
                        return None
                    continue
                mutant, verdict = trials[done], done.result()
                verdicts[mutant.name] = verdict
                progress.advance(task)
                if not console.is_terminal or verdict.outcome is not Outcome.KILLED:
                    console.print(f"[{COLOURS[verdict.outcome]}]{verdict.outcome}[/] {mutant.name}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return verdicts


def _table(chosen: list[Mutant], verdicts: dict[str, Verdict]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("mutant", "verdict", "the first test to fail", "what it says"):
        table.add_column(column, overflow="fold")
    for mutant in chosen:
        verdict = verdicts[mutant.name]
        test = verdict.test.removeprefix("tests/")
        said = verdict.why if len(verdict.why) <= 120 else f"{verdict.why[:119]}…"
        table.add_row(
            mutant.name,
            f"[{COLOURS[verdict.outcome]}]{verdict.outcome}[/]",
            escape(test if verdict.expected else f"{test} (its patch names another)"),
            escape(said),
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
