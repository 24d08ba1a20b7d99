"""`answerby desk diff`: what a desk file would change, for people and posts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from answerby.cli import applying, stack
from answerby.cli.comparing import Difference, differences
from answerby.cli.loading import File, loaded
from answerby.cli.moving import REMEMBERED, HandOver, hand_overs, people_who_left
from answerby.cli.options import Json, StackName
from answerby.cli.output import failing, out
from answerby.cli.plan_lines import change_lines


def diff(
    file: File,
    against: Annotated[
        Path | None, typer.Option(help="Another desk file, instead of the desk in force.", show_default=False)
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if there is a difference.")] = False,
    as_json: Json = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Say what a desk file would change: who then answers what, how soon, and who is called. Changes nothing.

    Against the desk in force it also lists the open posts of people who leave, and who takes them over.
    """
    desk = loaded(file)
    moved: list[HandOver] = []
    now = datetime.now(UTC)
    with failing():
        if against:
            before = loaded(against)
        else:
            office = applying.office_of(stack.find(stack_name))
            before = office.desks.current(fresh=True)
            left = people_who_left(desk, office.desks.publications(REMEMBERED))
            moved = list(hand_overs(desk, left, office.mentions, now))
    found = differences(before, desk, now)
    if as_json:
        typer.echo(json.dumps(_document(found, moved), indent=2))
    elif not found and not moved:
        out.print("No difference.")
    else:
        for line in change_lines(found, moved, desk):
            out.print(line)
    if exit_code and (found or moved):
        raise typer.Exit(1)


def _document(found: list[Difference], moved: list[HandOver]) -> dict[str, object]:
    return {
        "differences": [{"aspect": str(each.aspect), "id": each.id, "text": each.text} for each in found],
        "open_posts": [{"mention": each.mention.id, "of": each.left, "to": each.to} for each in moved],
    }
