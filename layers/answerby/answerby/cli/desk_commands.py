"""`answerby desk`: check a desk file, and put it in force."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from answerby.cli import desk_file, desk_schema, stack
from answerby.cli.applying import Applied, Plan, apply, completed, office_of, plan
from answerby.cli.errors import CommandError
from answerby.cli.options import By, StackName, by_or_me
from answerby.cli.output import err, failing, out, shown
from answerby.domain.desk import Desk
from answerby.networks.webhook import Keys

SECRET_VARIABLE = "ANSWERBY_SECRET_"  # noqa: S105
"""Before a source's id in capitals, with _ for -."""

_HANDSHAKES = {"facebook", "instagram"}

app = typer.Typer(no_args_is_help=True, help="Who is called, by which rule, and how soon.")
File = Annotated[Path, typer.Argument(help="The desk file, YAML.", show_default=False)]


@app.command()
def check(file: File) -> None:
    """Say everything that is wrong with a desk file. Changes nothing and reaches nothing.

    Exit code 1 if there is an error; a warning is none.
    """
    desk = _loaded(file)
    out.print(
        f"{file}: fine. {len(desk.people)} people, {len(desk.teams)} teams, {len(desk.rules)} rules,"
        f" {len(desk.sources)} sources."
    )


app.command("schema")(desk_schema.schema)


@app.command("apply")
def apply_(
    file: File,
    stack_name: StackName = stack.DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    by: By = "",
    why: Annotated[str, typer.Option(help="Why the desk changes; kept with this version.")] = "",
) -> None:
    """Show what a desk file would change, ask, and put it in force.

    Creates people's SNS topics and subscriptions, stores the sources' secrets, publishes the desk. The app secrets of
    Facebook, Instagram and X are taken from ANSWERBY_SECRET_<SOURCE> (the source's id in capitals, with _ for -), or
    asked for; a changed one is added to the old one. May be repeated: it then does what is still to be done.
    """
    desk = _loaded(file)
    with failing():
        found = stack.find(stack_name)
        office = office_of(found)
        planned = plan(desk, office, given_secrets(desk, os.environ))
        for line in plan_lines(planned):
            out.print(line)
        if planned.is_empty:
            return
        if planned.missing and yes:
            names = ", ".join(map(secret_variable, planned.missing))
            raise CommandError(f"Nothing was changed, because app secrets are missing: set {names}.")
        if not yes:
            typer.confirm("Do it?", abort=True)
        planned = _asked(planned)
        applied = apply(planned, office, by=by_or_me(by), why=why, now=datetime.now(UTC))
        out.print(Text(f"Version {applied.version} of the desk is in force.", "bold green"))
        for line in source_lines(applied, found, planned.made_secrets):
            out.print(line)


def given_secrets(desk: Desk, environment: Mapping[str, str]) -> dict[str, str]:
    named = {id_: environment.get(secret_variable(id_)) for id_ in desk.sources}
    return {id_: secret for id_, secret in named.items() if secret}


def secret_variable(source: str) -> str:
    return SECRET_VARIABLE + source.upper().replace("-", "_")


def plan_lines(planned: Plan) -> Sequence[Text]:
    if planned.is_empty:
        return [Text(f"Nothing to do: version {planned.in_force} is this desk.")]
    lines = [Text("This will be done:", "bold")]
    if planned.changed:
        now = f"in place of version {planned.in_force}" if planned.in_force else "the first"
        lines.append(_add(f"publish the desk, {now}"))
    lines += [_add(f"create the topic of {person}") for person in planned.new_topics]
    lines += [
        _add(f"subscribe {each.contact.protocol} {each.contact.endpoint} to {each.person}")
        for each in planned.new_subscriptions
    ]
    for id_ in planned.new_sources:
        source, keys = planned.sources[id_]
        secret = "with the secret given" if keys.secrets else "asks for its app secret"
        made = "makes its secret" if id_ in planned.made_secrets else secret
        lines.append(_add(f"add source {id_} ({source.network}, {shown(source.brand_account)}), {made}"))
    lines += [line for id_ in planned.changed_sources for line in _changes(planned, id_)]
    lines += [
        _remove(f"unsubscribe {each.contact.protocol} {each.contact.endpoint} from {each.person}")
        for each in planned.gone_subscriptions
    ]
    for person, foreign in planned.gone_topics.items():
        lines.append(_remove(f"delete the topic of {person}"))
        # Nothing subscribes these again, not even if the person stays under another id.
        lines += [_remove(f"unsubscribe {shown(f'{each.protocol} {each.endpoint}')} with it") for each in foreign]
    lines += [_remove(f"forget source {id_} and its secret") for id_ in planned.gone_sources]
    return lines


def source_lines(applied: Applied, found: stack.Stack, made: Mapping[str, str]) -> Sequence[Text]:
    lines = [Text("Webhooks, to be entered at the networks:", "bold")]
    for id_, (source, keys) in applied.sources.items():
        lines.append(Text.assemble(f"  {id_}  ", (found.url_of(id_), "cyan")))
        if source.network in _HANDSHAKES:
            lines.append(Text(f"    verify token  {keys.verify_token}"))
        if id_ in made:
            lines.append(Text(f"    secret        {made[id_]}  (not shown again)"))
    return lines


def _loaded(file: Path) -> Desk:
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


def _asked(planned: Plan) -> Plan:
    given = {}
    for id_ in planned.missing:
        source = planned.sources[id_][0]
        given[id_] = typer.prompt(f"App secret of {id_} ({source.network})", hide_input=True)
    return completed(planned, given)


def _changes(planned: Plan, source: str) -> Iterator[Text]:
    (was, had), (is_, has) = planned.stored[source], planned.sources[source]
    if is_ != was:
        yield _change(f"change source {source}")
    if not has.secrets:
        yield _add(f"ask for the app secret of {source}, {_old_secrets(had, has)}")
    elif has.secrets != had.secrets:
        new = "make a secret for" if source in planned.made_secrets else "add a secret to"
        yield _add(f"{new} {source}, {_old_secrets(had, has)}")


def _old_secrets(had: Keys, has: Keys) -> str:
    kept = set(had.secrets) & set(has.secrets)
    if not kept:
        return "forget the old one"
    return "keep the old one" if len(kept) == len(had.secrets) else "keep the last one, forget the one before it"


def _add(what: str) -> Text:
    return Text(f"  + {what}", "green")


def _change(what: str) -> Text:
    return Text(f"  ~ {what}", "yellow")


def _remove(what: str) -> Text:
    return Text(f"  - {what}", "red")
