"""`answerby desk explain`: why a post goes where it goes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from answerby.adapters.reader import TextReader
from answerby.cli import applying, stack
from answerby.cli.comparing.difference import in_place_of, name_of, names, passed_over, wall
from answerby.cli.desk_file.conditions import ANY_NETWORK, HIGHEST_RATING
from answerby.cli.desk_file.languages import LANGUAGES
from answerby.cli.errors import CommandError
from answerby.cli.explaining import Explanation, explained, explanation_document, post_of
from answerby.cli.loading import File, loaded
from answerby.cli.options import At, Json, StackName, time_of
from answerby.cli.output import author, failing, length, out, short, shown
from answerby.domain.desk import Desk
from answerby.domain.forecast import Again, Skip, Step, as_new, received_at
from answerby.domain.ladder import replaced
from answerby.domain.mention import Kind, Mention
from answerby.networks import NETWORKS
from answerby.usecases.read import read_text
from answerby.usecases.receive import accepted
from answerby.usecases.update import UnknownMentionError

_QUOTED = 300


def _known_language(given: str | None) -> str | None:
    if given is not None and given.replace("_", "-").partition("-")[0].lower() not in LANGUAGES:
        raise typer.BadParameter(f"there is no language {given}: write a code of ISO 639-1, such as en or pt-BR")
    return given


def explain(  # noqa: PLR0913 - each option is an argument
    file: File,
    post: Annotated[
        str | None,
        typer.Argument(help="A JSON file of a mention as the API shows it, or the id of a stored one."),
    ] = None,
    *,
    text: Annotated[str | None, typer.Option(help="What it says, instead of POST.", show_default=False)] = None,
    network: Annotated[str, typer.Option(help="With --text.")] = "facebook",
    source: Annotated[
        str | None, typer.Option(help="With --text; the network's first on the desk, if left out.", show_default=False)
    ] = None,
    kind: Annotated[Kind, typer.Option(help="With --text.")] = Kind.POST,
    author: Annotated[str | None, typer.Option(help="With --text: their handle.", show_default=False)] = None,
    followers: Annotated[int | None, typer.Option(help="With --text.", min=0, show_default=False)] = None,
    rating: Annotated[
        float | None, typer.Option(help="With --text.", min=0, max=HIGHEST_RATING, show_default=False)
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="With --text: such as en.", callback=_known_language, show_default=False)
    ] = None,
    at: At = None,
    as_json: Json = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Explain where a post goes by a desk file: each rule tried, the owner, the deadline, and who is called when.

    As if it was received at --at; left out, when it was, and now for --text. Changes nothing.
    """
    desk = loaded(file)
    given = {
        "text": text,
        "network": network,
        "source": source or next((each.id for each in desk.sources.values() if each.network == network), network),
        "kind": kind,
        "author": {"handle": author, "followers": followers},
        "rating": rating,
        "language": language,
    }
    with failing():
        if text is not None:
            _refuse_unheard(network, desk)
        mention = _mention(post, given if text is not None else None, stack_name)
    if at:
        mention = accepted(received_at(mention.post, time_of(at)))
    mention = read_text(mention, desk, TextReader())
    of = explained(mention, desk, mention.post.received_at)
    if as_json:
        typer.echo(json.dumps(explanation_document(of), indent=2))
        return
    for part in _page(of, desk):
        out.print(part)


def _refuse_unheard(network: str, desk: Desk) -> None:
    """A source of the standard format brings posts of any network; without one only known networks are heard."""
    heard = {source.network for source in desk.sources.values()}
    if ANY_NETWORK not in heard and network not in NETWORKS:
        known = ", ".join(NETWORKS)
        raise CommandError(f"There is no network {network}, and no source of the desk delivers any: there is {known}.")


def _mention(post: str | None, given: dict[str, Any] | None, stack_name: str) -> Mention:
    now = datetime.now(UTC).replace(microsecond=0)
    if (post is None) == (given is None):
        raise CommandError("Name a post, by a JSON file or its id, or give its words with --text.")
    if given is not None:
        return accepted(post_of(given, now))
    path = Path(post or "")
    if path.is_file():
        return accepted(post_of(_read(path), now))
    if ":" not in (post or ""):
        raise CommandError(f"There is no file {post}, and an id of a mention looks like facebook:123.")
    mention = applying.office_of(stack.find(stack_name)).mentions.get(post or "")
    if mention is None:
        raise UnknownMentionError(f"there is no mention {post}")
    return as_new(mention)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON: {error}.") from None
    if not isinstance(document, dict):
        raise CommandError(f"{path} holds no mention: it is not a JSON object.")
    return document


def _page(of: Explanation, desk: Desk) -> Iterator[Table | Text]:
    post = of.routed.post
    yield Text.assemble((shown(post.id), "bold"), f"  {post.network} {post.kind} by {short(author(of.routed), 40)}")
    yield Text(f"  {short(post.text, _QUOTED) or '(no text)'}\n", "italic")
    yield Text("Rules, in order", "bold")
    yield _trials(of)
    yield Text("\nSo it goes to", "bold")
    yield _outcome(of, desk)
    yield Text(f"\nUntil it is answered (times of {_zone(of, desk)})", "bold")
    yield _steps(of, desk)


def _trials(of: Explanation) -> Table:
    table = _plain("", "", "")
    for trial in of.trials:
        mark = Text("✓", "bold green") if trial.holds else Text("✗", "dim")
        table.add_row(mark, Text(trial.rule.id, "bold" if trial.holds else ""), Text(shown(trial.why), "dim"))
    return table


def _outcome(of: Explanation, desk: Desk) -> Table:
    table = _plain("dim", "")
    for name, text in _facts(of, desk):
        table.add_row(name, Text(shown(text)))
    return table


def _facts(of: Explanation, desk: Desk) -> Iterator[tuple[str, str]]:
    routed, zone = of.routed, _zone(of, desk)
    yield "owner", f"{name_of(routed.assignee or '', desk)}, team {routed.team}"
    if routed.topic:
        yield "topic", f"{routed.topic}{', a crisis' if routed.crisis else ''}"
    if routed.tags:
        yield "tags", ", ".join(routed.tags)
    yield "priority", str(routed.priority)
    if routed.answer_by:
        left = routed.answer_by - of.at
        spoken = f"in {length(left)}" if left > timedelta(0) else f"{length(-left)} ago"
        yield "answer by", f"{wall(routed.answer_by, zone, of.at)} ({zone}), {spoken}, by policy {routed.policy}"
    if routed.remind_at:
        yield "reminders", ", ".join(wall(at, zone, of.at) for at in routed.remind_at)
    topic = desk.topics.get(routed.topic or "")
    if topic and topic.guidance:
        yield "guidance", topic.guidance
    if routed.plan and routed.plan.digest:
        yield "digest", "it was heard of so late that it alerts nobody by itself"


def _steps(of: Explanation, desk: Desk) -> Table:
    zone = _zone(of, desk)
    table = _plain("dim", "", "", "dim")
    for step in of.steps:
        table.add_row(wall(step.at, zone, of.at), *_step(step, desk, zone, of.at))
    plan = of.routed.plan
    if plan:
        table.add_row("", "", "again every day" if plan.digest else f"again every {length(plan.repeat_every)}", "")
    return table


def _step(step: Step, desk: Desk, zone: str, now: datetime) -> tuple[str, Text, Text]:
    if isinstance(step, Skip):
        return f"rung {step.rung}", Text("skipped", "yellow"), Text(shown(_skipped(step, desk, zone, now)))
    if isinstance(step, Again):
        rungs = f"rung{'s' if len(step.rungs) > 1 else ''} {', '.join(map(str, step.rungs))}"
        return rungs, Text("again and again"), Text(f"until {wall(step.until, zone, now)}")
    how = f"{step.reason}, by {' and '.join(step.channels)}"
    return f"rung {step.rung}", Text(shown(names(step.people, desk))), Text(how)


def _skipped(step: Skip, desk: Desk, zone: str, now: datetime) -> str:
    calls = [in_place_of(person, name, desk) for person, name in replaced(step.found, desk).items()]
    return "; ".join([*(passed_over(each, desk, zone, now) for each in step.found.passed_over), *calls])


def _zone(of: Explanation, desk: Desk) -> str:
    owner = desk.people.get(of.routed.assignee or "")
    return owner.time_zone if owner else "UTC"


def _plain(*styles: str) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for number, style in enumerate(styles):
        table.add_column(style=style, overflow="fold", no_wrap=number < len(styles) - 1 and not number)
    return table
