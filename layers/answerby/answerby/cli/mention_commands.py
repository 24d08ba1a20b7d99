"""`answerby mention`: see what is open, and say what was done about it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from answerby.adapters.desks import DeskTable
from answerby.adapters.dynamodb import MentionsTable
from answerby.adapters.timers import QueueTimers
from answerby.cli import stack
from answerby.cli.desk_file.values import length_of
from answerby.cli.errors import CommandError, sentence
from answerby.cli.options import By, Json, StackName, by_or_me
from answerby.cli.output import deadline, failing, mention_page, mentions_table, out, shown
from answerby.domain.mention import Mention, State
from answerby.domain.public import public_entry, public_mention
from answerby.domain.transitions import Dismissal
from answerby.ports import Desks, Mentions, Timers
from answerby.usecases import answering
from answerby.usecases.update import UnknownMentionError

app = typer.Typer(no_args_is_help=True, help="Posts about the brand, and what was done about them.")
Id = Annotated[str, typer.Argument(help="The mention's id, such as x:1500000000000000099.", show_default=False)]


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="new or open; closed ones are not listed.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Only what this person owns.")] = None,
    network: Annotated[str | None, typer.Option(help="Only of this network.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: Json = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """List what is open, by deadline."""
    if state not in (None, State.NEW, State.OPEN):
        raise typer.BadParameter("only new and open mentions are listed; look a closed one up with `mention show`")
    with failing():
        mentions = _mentions(stack.find(stack_name))
        found: list[Mention] = []
        cursor: str | None = None
        # A page may hold few of a person's own, or none, while a storm of new posts is nobody's yet.
        while len(found) < limit:
            asked = limit - len(found)
            page = mentions.inbox(state=state, assignee=assignee, network=network, cursor=cursor, limit=asked)
            found += page.mentions
            cursor = page.cursor
            if cursor is None:
                break
    found.sort(key=_deadline)
    if as_json:
        typer.echo(json.dumps([public_mention(mention) for mention in found], indent=2))
        return
    if not found:
        out.print("Nothing is open.")
        return
    out.print(mentions_table(found, datetime.now(UTC)))
    if cursor:
        out.print(f"There are more than these {len(found)}: see --limit.")


def _deadline(mention: Mention) -> datetime:
    return mention.answer_by or datetime.max.replace(tzinfo=UTC)


@app.command()
def show(mention_id: Id, as_json: Json = False, stack_name: StackName = stack.DEFAULT) -> None:
    """Show a mention: the post, its clock, its ladder and its whole history."""
    with failing():
        mentions = _mentions(stack.find(stack_name))
        mention = mentions.get(mention_id)
        if mention is None:
            raise UnknownMentionError(f"there is no mention {mention_id}")
        whole = mentions.history(mention)
    if as_json:
        document = public_mention(whole) | {"history": [public_entry(entry) for entry in whole.history]}
        typer.echo(json.dumps(document, indent=2))
        return
    for part in mention_page(whole, datetime.now(UTC)):
        out.print(part)


@app.command()
def answer(
    mention_id: Id,
    by: By = "",
    url: Annotated[str | None, typer.Option(help="Where the answer can be read.")] = None,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Say that it was answered. Stops the clock."""
    _done(stack_name, lambda it: answering.answer(mention_id, by_or_me(by), url, it.mentions, _now()))


@app.command()
def acknowledge(
    mention_id: Id,
    by: By = "",
    minutes: Annotated[int | None, typer.Option(min=1, max=10_080, help="The policy's time if left out.")] = None,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Say that somebody is on it: pauses the calling for a while. The deadline stays."""
    wanted = timedelta(minutes=minutes) if minutes else None
    _done(
        stack_name,
        lambda it: answering.acknowledge(mention_id, by_or_me(by), it.mentions, it.desks, it.timers, _now(), wanted),
    )


@app.command()
def snooze(
    mention_id: Id,
    by: By = "",
    until: Annotated[str | None, typer.Option(help="When it ends: 2026-11-23T09:00, or with an offset.")] = None,
    length: Annotated[str | None, typer.Option("--for", help="How long: 45m, 3h, 2d.")] = None,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Put it off: pauses the calling, reminders too, until a time of your choice. The deadline stays."""
    now = _now()
    ends = _ends(until, length, now)
    _done(
        stack_name,
        lambda it: answering.snooze(mention_id, by_or_me(by), ends, it.mentions, it.desks, it.timers, now),
    )


@app.command()
def resolve(mention_id: Id, by: By = "", stack_name: StackName = stack.DEFAULT) -> None:
    """Say that the matter of an answered mention is at its end."""
    _done(stack_name, lambda it: answering.resolve(mention_id, by_or_me(by), it.mentions, _now()))


@app.command()
def dismiss(
    mention_id: Id,
    reason: Annotated[Dismissal, typer.Option(help="Why it needs no answer.")],
    by: By = "",
    note: Annotated[str | None, typer.Option(help="More about it.")] = None,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Close it without an answer."""
    _done(stack_name, lambda it: answering.dismiss(mention_id, by_or_me(by), reason, note, it.mentions, _now()))


@app.command()
def assign(
    mention_id: Id,
    to: Annotated[str, typer.Option(help="A person of the desk.")],
    by: By = "",
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Hand it to another person, who is called at once. The deadline stays."""
    _done(
        stack_name,
        lambda it: answering.assign(mention_id, to, by_or_me(by), it.mentions, it.desks, it.timers, _now()),
    )


class _Ports:
    def __init__(self, found: stack.Stack) -> None:
        self.mentions: Mentions = _mentions(found)
        self.desks: Desks = DeskTable(found.desk_table)
        self.timers: Timers = QueueTimers(
            queue_url=found.follow_ups_url,
            queue_arn=found.follow_ups_arn,
            schedule_group=found.schedule_group,
            role_arn=found.scheduler_role,
        )


def _ends(until: str | None, length: str | None, now: datetime) -> datetime:
    """A time without an offset is one of this computer's zone."""
    if (until is None) == (length is None):
        raise typer.BadParameter("say either --until or --for")
    if length is not None:
        span = length_of(length)
        if span is None:
            raise typer.BadParameter("write for instance 45m, 3h or 2d", param_hint="--for")
        return now + span
    try:
        return datetime.fromisoformat(until or "").astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            "write for instance 2026-11-23T09:00, or 2026-11-23T09:00+01:00", param_hint="--until"
        ) from None


def _done(stack_name: str, act: Callable[[_Ports], Mention]) -> None:
    with failing():
        try:
            after = act(_Ports(stack.find(stack_name)))
        except ValueError as error:
            raise CommandError(sentence(str(error))) from error
    if after.is_open:
        left = deadline(after, _now())
        out.print(f"{shown(after.id)} is {after.state}, with {after.assignee or 'nobody yet'}, {left}.")
    else:
        out.print(f"{shown(after.id)} is {after.state}.")


def _mentions(found: stack.Stack) -> MentionsTable:
    return MentionsTable(found.mentions_table, found.retention)


def _now() -> datetime:
    return datetime.now(UTC)
