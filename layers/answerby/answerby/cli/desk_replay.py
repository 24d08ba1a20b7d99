"""`answerby desk replay`: stored posts through another desk."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from answerby.adapters.dynamodb import MentionsTable
from answerby.cli import applying, stack
from answerby.cli.comparing.difference import name_of
from answerby.cli.loading import File, loaded
from answerby.cli.options import Json, StackName
from answerby.cli.output import err, failing, out, short, shown
from answerby.cli.replaying import Replayed, Tally, replayed, tally_document
from answerby.domain.desk import Desk
from answerby.domain.drill import is_drill
from answerby.domain.mention import Mention

_SHOWN = 5


def replay(
    file: File,
    days: Annotated[int, typer.Option(min=1, max=400, help="Posts of so many days.")] = 7,
    as_json: Json = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Route the stored posts of the last days by a desk file and by the desk in force, and tell what differs.

    Reads the whole table of mentions once, half a read unit for each 4 KB, and changes nothing.
    """
    desk = loaded(file)
    now = datetime.now(UTC)
    with failing():
        found = stack.find(stack_name)
        office = applying.office_of(found)
        in_force = office.desks.current(fresh=True)
        tally = Tally()
        for mention in _with_progress(MentionsTable(found.mentions_table, found.retention), now - timedelta(days=days)):
            if not is_drill(mention):
                tally.add(replayed(mention, in_force, desk, office.reader, now))
    if as_json:
        typer.echo(json.dumps(tally_document(tally), indent=2))
        return
    for line in tally_lines(tally, in_force, desk):
        out.print(line)


def tally_lines(of: Tally, before: Desk, after: Desk) -> Iterator[Text]:
    yield Text(f"{of.posts} posts, {of.moved} of them routed otherwise.", "bold")
    for (was, is_), count in of.owners.most_common(_SHOWN):
        yield Text(f"  {count} to {name_of(is_, after)}, not {name_of(was, before, after)}")
    for (was, is_), count in of.rules.most_common(_SHOWN):
        yield Text(f"  {count} by rule {is_}, not {was}")
    for each in of.moves[:_SHOWN]:
        yield _example(each)
    yield Text(f"{of.missed_after} breached, instead of {of.missed_before}.", "bold")
    for title, posts in (("more", of.more), ("fewer", of.fewer)):
        if posts:
            yield Text(f"  {len(posts)} {title}:", "red" if posts is of.more else "green")
        yield from map(_example, posts[:_SHOWN])


def _example(each: Replayed) -> Text:
    return Text.assemble(
        f"    {shown(each.mention.id)}  ",
        f"{each.before.rule} → {each.after.rule}  " if each.is_moved else "",
        (short(each.mention.post.text, 60), "dim"),
    )


def _with_progress(table: MentionsTable, since: datetime) -> Iterator[Mention]:
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("Replaying", total=max(table.size(), 1))
        for read, mention in table.scan(since):
            bar.update(task, completed=read)
            yield mention
