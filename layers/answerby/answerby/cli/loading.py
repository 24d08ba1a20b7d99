"""A desk file named on the command line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from answerby.cli import desk_file
from answerby.cli.desk_file.problems import Problem
from answerby.cli.output import err, shown
from answerby.domain.desk import Desk

File = Annotated[Path, typer.Argument(help="The desk file, YAML.", show_default=False)]


def loaded(file: Path) -> Desk:
    """Says how many warnings there are. Raises typer.Exit after saying everything that is wrong with it."""
    desk, warnings = _read(file)
    if warnings:
        name, found = shown(str(file)), f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
        err.print(Text(f"{name}: {found}, which `answerby desk check {name}` tells", "yellow"))
    return desk


def checked(file: Path) -> Desk:
    """Says every warning. Raises typer.Exit after saying everything that is wrong with it."""
    desk, warnings = _read(file)
    for problem in warnings:
        err.print(Text(problem.line(shown(str(file))), "yellow"))
    return desk


def _read(file: Path) -> tuple[Desk, Sequence[Problem]]:
    try:
        return desk_file.load(file)
    except desk_file.DeskFileError as error:
        for problem in error.problems:
            err.print(Text(problem.line(shown(str(file))), "red"))
        found = len(error.problems)
        err.print(Text(f"{found} error{'s' if found > 1 else ''}: the desk cannot be used.", "bold red"))
        raise typer.Exit(1) from None
