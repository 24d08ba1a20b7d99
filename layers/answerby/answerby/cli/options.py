"""Options that several commands share."""

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from answerby.cli import stack

StackName = Annotated[
    str,
    typer.Option("--stack", envvar=stack.STACK_VARIABLE, help="The CloudFormation stack.", show_default=True),
]
By = Annotated[str, typer.Option(help="Who does it; the history keeps it. You, if left out.", show_default=False)]
Why = Annotated[str, typer.Option(help="Why the desk changes; kept with this version.", show_default=False)]
At = Annotated[
    str | None, typer.Option(help="A time such as 2026-03-02T18:00, in UTC unless it says otherwise (+01:00).")
]
Json = Annotated[bool, typer.Option("--json", help="As JSON, in the shape of the API.")]


def by_or_me(by: str) -> str:
    if by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, as in some containers
        return "operator"


def time_of(at: str) -> datetime:
    """Aware, in UTC. Raises typer.BadParameter."""
    try:
        given = datetime.fromisoformat(at)
    except ValueError:
        raise typer.BadParameter(f"{at} is no time such as 2026-03-02T18:00", param_hint="--at") from None
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
