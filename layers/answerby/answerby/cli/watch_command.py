"""`answerby watch`: see it happen."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from answerby.adapters.dynamodb import MentionsTable
from answerby.cli import stack
from answerby.cli.options import StackName
from answerby.cli.output import clock, entry_line, failing, out, shown
from answerby.cli.watching import FOLLOWED, AlertQueue, Histories


def watch(
    queue_url: Annotated[
        str | None,
        typer.Option(help="An SQS queue subscribed to people's topics: shows alerts as they go out, and empties it."),
    ] = None,
    every: Annotated[int, typer.Option(min=1, max=3600, help="Seconds between two looks.")] = 5,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Show what happens to open mentions, until Ctrl-C.

    Looks at the table every few seconds, which costs 8 queries and a read for each open mention: at 5 seconds and
    100 open mentions about 20 read units a second. With --queue-url, one call to SQS a second more.
    """
    with failing():
        found = stack.find(stack_name)
        histories = Histories(MentionsTable(found.mentions_table, found.retention), since=datetime.now(UTC))
        alerts = AlertQueue(queue_url) if queue_url else None
        out.print(f"Watching {found.name}: up to {FOLLOWED} open mentions, every {every} s. Ctrl-C ends it.")
        try:
            while True:
                look(histories, alerts)
                _pause(alerts, every)
        except KeyboardInterrupt:
            out.print()


def look(histories: Histories, alerts: AlertQueue | None) -> None:
    for mention, entry in histories.news():
        out.print(entry_line(mention, entry))
    if alerts:
        show_alerts(alerts)


def show_alerts(alerts: AlertQueue) -> None:
    for alert in alerts.news():
        now = clock(datetime.now(UTC))
        line = ((f"{now}  ", "dim"), f"{alert.mention_id}  ", ("to ", "blue"), f"{alert.person}  ", shown(alert.sms))
        out.print(Text.assemble(*line))


def _pause(alerts: AlertQueue | None, seconds: int) -> None:
    until = time.monotonic() + seconds
    while alerts and time.monotonic() < until:
        show_alerts(alerts)
    time.sleep(max(until - time.monotonic(), 0))
