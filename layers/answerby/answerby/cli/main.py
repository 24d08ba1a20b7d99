"""`answerby`: the operator's command line. It works on whichever AWS the environment names."""

import typer

from answerby import __version__
from answerby.cli import (
    desk_commands,
    mention_commands,
    on_call,
    readiness_commands,
    send_command,
    token_commands,
    watch_command,
)
from answerby.cli.output import out

app = typer.Typer(
    name="answerby",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Makes sure that no public post about a brand goes unanswered past its deadline.",
)
app.add_typer(desk_commands.app, name="desk")
readiness_commands.register(desk_commands.app)
app.add_typer(mention_commands.app, name="mention")
app.add_typer(token_commands.app, name="token")
app.command("on-call")(on_call.on_call)
app.command("send")(send_command.send)
app.command("watch")(watch_command.watch)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Uses the account and region that AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL name."""
