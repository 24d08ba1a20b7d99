"""How things look on a terminal. What people wrote is shown as text, never obeyed: neither as rich's markup nor as
control characters of the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from answerby.cli.errors import CommandError, explained
from answerby.domain.mention import Entry, Event, Mention, Priority

out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

_JOINER = "\u200d"  # holds emoji together
_PRIORITY = {Priority.URGENT: "bold red", Priority.HIGH: "yellow", Priority.LOW: "dim"}
_EVENT = {
    Event.ROUTED: "cyan",
    Event.ALERTED: "blue",
    Event.ESCALATED: "yellow",
    Event.BREACHED: "bold red",
    Event.ALERT_FAILED: "red",
    Event.ACKNOWLEDGED: "magenta",
    Event.ANSWERED: "bold green",
}


@contextmanager
def failing() -> Iterator[None]:
    """Every expected failure is one sentence and exit code 1."""
    try:
        with explained():
            yield
    except CommandError as error:
        err.print(Text(shown(str(error)), "red"))
        raise typer.Exit(1) from None


def shown(text: str, *, lines: bool = False) -> str:
    """Without what a terminal would act on: escapes, and marks that turn the direction of writing."""
    kept = {_JOINER, "\n"} if lines else {_JOINER}
    return "".join(each if each.isprintable() or each in kept else " " if each.isspace() else "\ufffd" for each in text)


def short(text: str, length: int) -> str:
    line = " ".join(shown(text).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def mentions_table(mentions: list[Mention], now: datetime) -> Table:
    whole = {
        "mention": [Text(shown(mention.id)) for mention in mentions],
        "state": [Text(str(each.state), _PRIORITY.get(each.priority or Priority.NORMAL, "")) for each in mentions],
        "owner": [Text(mention.assignee or "nobody yet") for mention in mentions],
        "answer by": [deadline(mention, now) for mention in mentions],
    }
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, cells in whole.items():
        # Whole on any terminal: an id is there to be copied, the rest to act on.
        table.add_column(name, no_wrap=True, min_width=max([len(name), *(cell.cell_len for cell in cells)]))
    for name in ("author", "post"):
        table.add_column(name)
    for mention, *cells in zip(mentions, *whole.values(), strict=True):
        table.add_row(*cells, _cut(short(author(mention), 24)), _cut(short(mention.post.text, 60)))
    return table


def _cut(text: str) -> Text:
    """As much of it as there is room for."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def mention_page(mention: Mention, now: datetime) -> Iterator[Table | Text]:
    post = mention.post
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(mention, now):
        facts.add_row(name, value)
    yield Text(shown(mention.id), "bold")
    yield facts
    yield Text(f"\n{shown(post.text, lines=True) or '(no text)'}\n")
    yield history_table(list(mention.history))


def history_table(entries: list[Entry]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for entry in entries:
        style = _EVENT.get(entry.event, "")
        note = Text(short(entry.note or "", 200), "dim")
        table.add_row(Text(clock(entry.at), "dim"), Text(str(entry.event), style), Text(short(entry.by, 40)), note)
    return table


def entry_line(mention: Mention, entry: Entry) -> Text:
    return Text.assemble(
        (f"{clock(entry.at)}  ", "dim"),
        f"{shown(mention.id)}  ",
        (f"{entry.event} ", _EVENT.get(entry.event, "")),
        f"{short(entry.by, 40)}  ",
        (short(entry.note or "", 160), "dim"),
    )


def deadline(mention: Mention, now: datetime) -> Text:
    if mention.answer_by is None:
        return Text("-", "dim")
    left = mention.answer_by - now
    late = left < timedelta(0)
    return Text(f"{length(abs(left))} {'late' if late else 'left'}", "bold red" if late else "")


def length(duration: timedelta) -> str:
    """The largest two units: `2d 4h`, `3m 20s`."""
    seconds = int(duration.total_seconds())
    units = [(seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    first = next((at for at, (count, _) in enumerate(units) if count), len(units) - 1)
    return " ".join(f"{count}{unit}" for count, unit in units[first : first + 2] if count) or "0s"


def clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def author(mention: Mention) -> str:
    written_by = mention.post.author
    return written_by.name or written_by.handle or written_by.id or "unknown"


def _facts(mention: Mention, now: datetime) -> Iterator[tuple[str, Text]]:
    post = mention.post
    followers = "" if post.author.followers is None else f", {post.author.followers} followers"
    yield "state", Text(str(mention.state), "bold")
    yield "post", Text(f"{post.network} {post.kind} by {short(author(mention), 60)}{followers}, {clock(post.said_at)}")
    if post.url:
        yield "there", Text(shown(post.url))
    yield "owner", Text(f"{mention.assignee or 'nobody yet'} ({mention.team or 'no team yet'})")
    if mention.rule:
        yield "rule", Text(f"{mention.rule}, {mention.priority}{f', {shown(mention.topic)}' if mention.topic else ''}")
    if mention.answer_by and mention.is_open:
        yield "answer by", Text.assemble(clock(mention.answer_by), " (", deadline(mention, now), ")")
    if mention.next_check_at:
        yield "next check", Text(clock(mention.next_check_at))
    if mention.plan and mention.is_open:
        yield "ladder", _ladder(mention)
    yield from _outcome(mention)


def _outcome(mention: Mention) -> Iterator[tuple[str, Text]]:
    if mention.acknowledged_by and mention.acknowledged_until:
        yield "paused", Text(f"by {shown(mention.acknowledged_by)} until {clock(mention.acknowledged_until)}")
    if mention.answered_at:
        yield "answered", Text(f"{clock(mention.answered_at)} by {shown(mention.answered_by or 'somebody')}")
    if mention.answer_url:
        yield "answer", Text(shown(mention.answer_url))
    if mention.joined:
        yield "part of", Text(shown(mention.joined))
    if mention.breached:
        yield "breached", Text("yes", "bold red")


def _ladder(mention: Mention) -> Text:
    rungs = mention.plan.rungs if mention.plan else ()
    steps = Text()
    for number, rung in enumerate(rungs, 1):
        if number > 1:
            steps.append(" → ")
        here = number == mention.rung
        steps.append(f"{', '.join(rung.who)} ({length(rung.wait)})", "bold" if here else "dim")
    return steps
