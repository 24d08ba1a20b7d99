"""`answerby token`: who may use the API."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from answerby.cli import stack
from answerby.cli.options import StackName
from answerby.cli.output import clock, err, failing, out, shown
from answerby.cli.tokens import READ, create_token, revoke_tokens, tokens_of

app = typer.Typer(no_args_is_help=True, help="Tokens of the API.")
Name = Annotated[str, typer.Argument(help="What tells this token from others.", show_default=False)]


@app.command()
def create(
    name: Name,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write; give it twice for both. read, if left out.", show_default=False),
    ] = None,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Make a token and print it, alone on standard output. Only its hash is stored: it cannot be shown again."""
    scopes = scope or [READ]
    with failing():
        token = create_token(stack.find(stack_name), name, scopes)
    err.print(f"Token {shown(name)}, to {' and '.join(dict.fromkeys(scopes))}; keep it, it is not shown again:")
    out.print(token)


@app.command("list")
def list_(stack_name: StackName = stack.DEFAULT) -> None:
    """List the tokens that are valid."""
    with failing():
        tokens = tokens_of(stack.find(stack_name))
    if not tokens:
        out.print("There are no tokens.")
        return
    table = Table("name", "scopes", "made", box=None, pad_edge=False, header_style="dim")
    for token in tokens:
        table.add_row(Text(shown(token.name)), Text(", ".join(sorted(token.scopes))), Text(clock(token.created_at)))
    out.print(table)


@app.command()
def revoke(name: Name, stack_name: StackName = stack.DEFAULT) -> None:
    """Revoke every token of this name. Calls with it are refused within a minute."""
    with failing():
        revoked = revoke_tokens(stack.find(stack_name), name)
    out.print(f"Revoked {revoked} token{'s' if revoked > 1 else ''} named {shown(name)}.")
