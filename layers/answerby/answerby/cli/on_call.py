"""`answerby on-call`: who would be called now."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from answerby.cli import applying, stack
from answerby.cli.comparing.difference import in_place_of, passed_over, wall
from answerby.cli.errors import CommandError
from answerby.cli.loading import loaded
from answerby.cli.options import At, Json, StackName, time_of
from answerby.cli.output import failing, out, shown
from answerby.domain.desk import Desk
from answerby.domain.ladder import Candidate
from answerby.domain.public import time
from answerby.domain.roster import Duty, roster


def on_call(
    at: At = None,
    file: Annotated[
        Path | None, typer.Option(help="A desk file, instead of the desk in force.", show_default=False)
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Only posts of this topic.", show_default=False)] = None,
    as_json: Json = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Show who would be called now for each topic and rung, and until when it is they."""
    when = time_of(at) if at else datetime.now(UTC)
    with failing():
        desk = loaded(file) if file else applying.office_of(stack.find(stack_name)).desks.current(fresh=True)
        duties = [duty for duty in roster(desk, when) if topic in (None, duty.topic)]
        if not duties:
            known = ", ".join(sorted({rule.topic for rule in desk.rules if rule.topic}))
            raise CommandError(f"No rule gives posts the topic {topic}: there is {known or 'none'}.")
    if as_json:
        typer.echo(json.dumps([_document(duty) for duty in duties], indent=2))
        return
    out.print(_table(duties, desk, when))


def _table(duties: Iterable[Duty], desk: Desk, now: datetime) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("posts", "rung", "would be called", "until"):
        table.add_column(name, overflow="fold")
    told: tuple[str, ...] = ()
    for duty in duties:
        which = "" if told == duty.rules else _posts(duty, desk)
        told = duty.rules
        table.add_row(Text(shown(which), "bold"), str(duty.rung), _who(duty, desk, now), _until(duty, desk, now))
    return table


def _who(duty: Duty, desk: Desk, now: datetime) -> Text:
    if duty.people:
        return Text(shown(", ".join(in_place_of(id_, name, desk) for id_, name in duty.people.items())))
    why = ", ".join(_passed_over(each, desk, now) for each in duty.passed_over)
    return Text(shown(f"nobody: {why}"), "bold red")


def _passed_over(each: Candidate, desk: Desk, now: datetime) -> str:
    zone = _zone(each.person or each.name, desk)
    return passed_over(each, desk, zone, now) + (f" ({zone})" if each.until else "")


def _posts(duty: Duty, desk: Desk) -> str:
    if duty.topic:
        return f"{duty.topic} ({duty.priority})"
    others = ["all other posts" if id_ == desk.rules[-1].id else f"rule {id_}" for id_ in duty.rules]
    return f"{', '.join(others)} ({duty.priority})"


def _until(duty: Duty, desk: Desk, now: datetime) -> str:
    if duty.until is None:
        return "further notice"
    zone = _zone(next((id_ for id_ in (*duty.people, *duty.of.who) if id_ in desk.people), ""), desk)
    return f"{wall(duty.until, zone, now)} ({zone})"


def _zone(name: str, desk: Desk) -> str:
    """Of a person or a rotation."""
    known = desk.people.get(name) or desk.rotations.get(name)
    return known.time_zone if known else "UTC"


def _document(duty: Duty) -> dict[str, object]:
    return {
        "topic": duty.topic,
        "rules": list(duty.rules),
        "priority": str(duty.priority),
        "rung": duty.rung,
        "of": list(duty.of.who),
        "people": list(duty.people),
        "passed_over": list(map(str, duty.passed_over)),
        "until": time(duty.until),
    }
