"""`answerby desk apply` and `rollback`: put a desk in force."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import Progress
from rich.text import Text

from answerby.cli import applying, stack
from answerby.cli.applying import Applied, Office, Plan
from answerby.cli.errors import CommandError
from answerby.cli.loading import File, checked
from answerby.cli.moving import adopt_all
from answerby.cli.options import By, StackName, Why, by_or_me
from answerby.cli.output import err, failing, out
from answerby.cli.plan_lines import plan_lines
from answerby.domain.desk import Desk

SECRET_VARIABLE = "ANSWERBY_SECRET_"  # noqa: S105
"""Before a source's id in capitals, with _ for -."""

_HANDSHAKES = {"facebook", "instagram"}
_FIRST = "the first desk"

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AdoptOpen = Annotated[
    bool,
    typer.Option(
        "--adopt-open",
        help="Route all open posts anew: deadlines may come earlier, never later, and acknowledgements last.",
    ),
]


def apply_(
    file: File,
    stack_name: StackName = stack.DEFAULT,
    yes: Yes = False,
    by: By = "",
    why: Why = "",
    adopt_open: AdoptOpen = False,
) -> None:
    """Show what a desk file would change, ask, and put it in force.

    Creates people's SNS topics and subscriptions, stores the sources' secrets, publishes the desk. The app secrets of
    Facebook, Instagram and X are taken from ANSWERBY_SECRET_<SOURCE> (the source's id in capitals, with _ for -), or
    asked for; a changed one is added to the old one. Open posts of people who left go to their back-ups; others keep
    the plan they were routed with. May be repeated: it then does what is still to be done.
    """
    desk = checked(file)
    with failing():
        found = stack.find(stack_name)
        put_in_force(desk, applying.office_of(found), found, yes=yes, by=by_or_me(by), why=why, adopt_open=adopt_open)


def rollback(
    version: Annotated[int, typer.Argument(help="As `desk history` lists it.", min=1, show_default=False)],
    stack_name: StackName = stack.DEFAULT,
    yes: Yes = False,
    by: By = "",
    why: Why = "",
    adopt_open: AdoptOpen = False,
) -> None:
    """Put an earlier version of the desk in force again, as a new version.

    People who come back get their topics and subscriptions again, and sources their secrets: what AWS has forgotten
    since is asked for.
    """
    with failing():
        found = stack.find(stack_name)
        office = applying.office_of(found)
        desk = next((each.desk for each in office.desks.publications() if each.version == version), None)
        if desk is None:
            raise CommandError(f"Version {version} was never in force: `answerby desk history` lists those that were.")
        why = f"back to version {version}: {_reason(why, yes=yes)}"
        put_in_force(desk, office, found, yes=yes, by=by_or_me(by), why=why, adopt_open=adopt_open)


def put_in_force(
    desk: Desk, office: Office, found: stack.Stack, *, yes: bool, by: str, why: str, adopt_open: bool
) -> None:
    now = datetime.now(UTC)
    planned = applying.plan(desk, office, given_secrets(desk, os.environ), now)
    for line in plan_lines(planned, now):
        out.print(line)
    if not planned.is_empty:
        desk = _applied(planned, office, found, yes=yes, by=by, why=why)
    elif planned.current:
        desk = planned.current
    if adopt_open:
        with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("Adopting open posts", total=None)

            def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            adopted = adopt_all(desk, by, office.mentions, office.timers, office.reader, now, progress)
        out.print(f"{adopted} open post{'' if adopted == 1 else 's'} adopted by version {desk.version}.")


def given_secrets(desk: Desk, environment: Mapping[str, str]) -> dict[str, str]:
    named = {id_: environment.get(secret_variable(id_)) for id_ in desk.sources}
    return {id_: secret for id_, secret in named.items() if secret}


def secret_variable(source: str) -> str:
    return SECRET_VARIABLE + source.upper().replace("-", "_")


def source_lines(applied: Applied, found: stack.Stack, made: Mapping[str, str]) -> Sequence[Text]:
    lines = [Text("Webhooks, to be entered at the networks:", "bold")]
    for id_, (source, keys) in applied.sources.items():
        lines.append(Text.assemble(f"  {id_}  ", (found.url_of(id_), "cyan")))
        if source.network in _HANDSHAKES:
            lines.append(Text(f"    verify token  {keys.verify_token}"))
        if id_ in made:
            lines.append(Text(f"    secret        {made[id_]}  (not shown again)"))
    return lines


def _applied(planned: Plan, office: Office, found: stack.Stack, *, yes: bool, by: str, why: str) -> Desk:
    """The desk that is then in force."""
    if planned.missing and yes:
        names = ", ".join(map(secret_variable, planned.missing))
        raise CommandError(f"Nothing was changed, because app secrets are missing: set {names}.")
    if not planned.in_force:
        why = why or _FIRST
    if planned.changed and yes:
        why = _reason(why, yes=True)
    if not yes:
        typer.confirm("Do it?", abort=True)
        why = _reason(why, yes=False) if planned.changed else why
    planned = _asked(planned)
    applied = applying.enforce(planned, office, by=by, why=why, now=datetime.now(UTC))
    out.print(Text(f"Version {applied.version} of the desk is in force.", "bold green"))
    # At once: what follows may take its time or fail, and no secret is shown again.
    for line in source_lines(applied, found, planned.made_secrets):
        out.print(line)
    applying.clear_up(planned, applied, office, by=by, now=datetime.now(UTC))
    return office.desks.current(fresh=True)


def _reason(why: str, *, yes: bool) -> str:
    if why.strip():
        return why.strip()
    if yes:
        raise CommandError("Nothing was changed, because nobody said why: add --why.")
    return str(typer.prompt("Why? It is kept with this version")).strip()


def _asked(planned: Plan) -> Plan:
    given = {}
    for id_ in planned.missing:
        source = planned.sources[id_][0]
        given[id_] = typer.prompt(f"App secret of {id_} ({source.network})", hide_input=True)
    return applying.completed(planned, given)
