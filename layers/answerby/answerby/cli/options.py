"""Options that several commands share."""

import getpass
from typing import Annotated

import typer

from answerby.cli import stack

StackName = Annotated[
    str,
    typer.Option("--stack", envvar=stack.STACK_VARIABLE, help="The CloudFormation stack.", show_default=True),
]
By = Annotated[str, typer.Option(help="Who does it; the history keeps it. You, if left out.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="As JSON, in the shape of the API.")]


def by_or_me(by: str) -> str:
    if by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, as in some containers
        return "operator"
