"""A desk file named on the command line."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from answerby.cli import desk_file
from answerby.cli.output import err, shown
from answerby.domain.desk import Desk

File = Annotated[Path, typer.Argument(help="The desk file, YAML.", show_default=False)]


def loaded(file: Path) -> Desk:
    """Raises typer.Exit after saying everything that is wrong with it."""
    try:
        desk, warnings = desk_file.load(file)
    except desk_file.DeskFileError as error:
        for problem in error.problems:
            err.print(Text(problem.line(shown(str(file))), "red"))
        found = len(error.problems)
        err.print(Text(f"{found} error{'s' if found > 1 else ''}: the desk cannot be used.", "bold red"))
        raise typer.Exit(1) from None
    for problem in warnings:
        err.print(Text(problem.line(shown(str(file))), "yellow"))
    return desk
