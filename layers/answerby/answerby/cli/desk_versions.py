"""`answerby desk history` and `show`: what was in force, since when, by whom and why."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from answerby.adapters.desk_documents import desk_document
from answerby.adapters.desks import Publication
from answerby.cli import applying, stack
from answerby.cli.comparing import differences
from answerby.cli.comparing.difference import name_of
from answerby.cli.comparing.rules import owner, posts
from answerby.cli.errors import CommandError
from answerby.cli.options import Json, StackName
from answerby.cli.output import clock, failing, length, out, short, shown
from answerby.domain.desk import Desk
from answerby.domain.public import time
from answerby.ports import NoDeskError

_CHANGE = 120


def history(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, the newest first.")] = 20,
    as_json: Json = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """List the versions of the desk that were in force: since when, by whom, why, and what changed."""
    with failing():
        published = applying.office_of(stack.find(stack_name)).desks.publications(limit + 1)
    changes = [_changes(before.desk, after.desk) for after, before in pairwise(published)]
    listed = list(zip(published[:limit], [*changes, ["the first desk"]], strict=False))
    if as_json:
        typer.echo(json.dumps([_document(each, told) for each, told in listed], indent=2))
        return
    if not listed:
        out.print("No desk has been published: run `answerby desk apply`.")
    for each, told in listed:
        head = Text.assemble((f"version {each.version}", "bold"), f"  {clock(each.at)}  by {shown(each.by)}")
        out.print(head)
        out.print(Text(f"  {short(each.why or 'no reason given', _CHANGE)}", "italic"))
        out.print(Text(f"  {_in_one_line(told)}", "dim"))


def show(
    version: Annotated[int | None, typer.Argument(help="The one in force, if left out.", min=1)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole desk, as it is stored.")] = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Show a version of the desk: whom each rule calls, and how soon."""
    with failing():
        published = applying.office_of(stack.find(stack_name)).desks.publications(None if version else 1)
        if not published:
            raise NoDeskError("no desk has been published: run `answerby desk apply`")
        found = next((each for each in published if version in (None, each.version)), None)
        if found is None:
            raise CommandError(f"Version {version} was never in force: `answerby desk history` lists those that were.")
    if as_json:
        typer.echo(json.dumps(desk_document(found.desk), indent=2, default=str))
        return
    out.print(Text(f"version {found.version}", "bold"))
    out.print(f"in force since {clock(found.at)}, by {shown(found.by)}: {shown(found.why) or 'no reason given'}")
    out.print(_rules(found.desk))


def _rules(desk: Desk) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("posts", "go to", "priority", "within", "by ladder"):
        table.add_column(name, overflow="fold")
    for rule in desk.rules:
        policy = desk.policies[rule.policy]
        whom = shown(name_of(owner(rule, desk), desk))
        cells = (shown(posts(rule, desk)), whom, str(rule.priority), length(policy.answer_within), policy.ladder)
        table.add_row(*map(Text, cells))
    return table


def _changes(before: Desk, after: Desk) -> list[str]:
    return [each.text for each in differences(before, after, datetime.now(UTC))]


def _in_one_line(told: Sequence[str]) -> str:
    if not told:
        return "nothing that anybody would notice"
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    return f"{short(told[0], _CHANGE)}{more}"


def _document(each: Publication, told: Sequence[str]) -> dict[str, object]:
    return {"version": each.version, "at": time(each.at), "by": each.by, "why": each.why, "changes": list(told)}
