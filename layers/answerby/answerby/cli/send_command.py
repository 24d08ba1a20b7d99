"""`answerby send`: play the network."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import typer
from rich.text import Text

from answerby.adapters.sources import SecretSources
from answerby.cli import stack
from answerby.cli.desk_file.problems import one_of
from answerby.cli.errors import CommandError
from answerby.cli.options import StackName
from answerby.cli.output import failing, out, shown
from answerby.cli.sending import author_named, new_event_id, send_sample
from answerby.domain.mention import Kind
from answerby.networks.samples import Sample


def send(  # noqa: PLR0913
    source: Annotated[str, typer.Argument(help="The source's id on the desk.", show_default=False)],
    *,
    text: Annotated[str, typer.Option(help="What the post says.")] = "My coffee arrived cold. Can somebody help?",
    author: Annotated[str, typer.Option(help="Who says it.")] = "Sam Carter",
    followers: Annotated[int | None, typer.Option(min=0, help="How many follow them.")] = None,
    event_id: Annotated[
        str, typer.Option("--id", help="The network's id of the post, to send one again. A new one if left out.")
    ] = "",
    reply_to: Annotated[str | None, typer.Option(help="The id of the post that it answers.")] = None,
    own: Annotated[bool, typer.Option("--own", help="The brand itself says it.")] = False,
    kind: Annotated[Kind | None, typer.Option(help="The network's usual one if left out.")] = None,
    rating: Annotated[float | None, typer.Option(min=0, max=5, help="For a review or rating.")] = None,
    forge: Annotated[bool, typer.Option("--forge", help="Sign with a wrong secret.")] = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Post a sample in the network's own format, signed as the network signs, and show the answer.

    Exit code 0 if the answer was the one to expect: 200, or 401 with --forge.
    """
    now = datetime.now(UTC)
    with failing():
        found = stack.find(stack_name)
        sources = SecretSources(found.sources_secret).read()
        if source not in sources:
            raise CommandError(f"There is no source {source}. {one_of(source, sources)}")
        sample = Sample(
            text=text,
            author=author_named(author, followers),
            source=sources[source][0],
            now=now,
            event_id=event_id or new_event_id(now),
            kind=kind,
            in_reply_to=reply_to,
            own=own,
            rating=rating,
        )
        sent = send_sample(sample, sources[source], found.url_of(source), forge=forge)
    expected = HTTPStatus.UNAUTHORIZED if forge else HTTPStatus.OK
    good = sent.status == expected
    out.print(Text(f"{sent.status} {shown(sent.body)}", "green" if good else "red"))
    if sent.mention_id and sent.status == HTTPStatus.OK:
        out.print(f"mention {sent.mention_id}")
    if not good:
        raise typer.Exit(1)
