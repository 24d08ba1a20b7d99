"""`answerby desk schema`: what editors complete and check desk files by."""

import typer

from answerby.cli import desk_file


def schema() -> None:
    """Print the JSON Schema of desk files, by which editors complete and check them."""
    typer.echo(desk_file.json_schema(), nl=False)
