"""`answerby desk ready` and `answerby desk test-alert`: see to it that people will be reached."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.text import Text

from answerby.adapters.contacts import SnsContacts
from answerby.adapters.desks import DeskTable
from answerby.adapters.dynamodb import MentionsTable
from answerby.adapters.heard import HeardTable
from answerby.adapters.timers import QueueTimers
from answerby.cli import stack
from answerby.cli.errors import CommandError, sentence
from answerby.cli.options import By, StackName, by_or_me
from answerby.cli.output import failing, out, shown
from answerby.domain.readiness import DAYS, Finding, Fine, Report, Severity
from answerby.usecases.drill import send_test
from answerby.usecases.readiness import Evidence, examine

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_HEADS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.INFO: "Good to know"}
_TIMES = 5
"""Of one finding, as many as are shown; all of them are in the JSON."""


def register(desk: typer.Typer) -> None:
    desk.command("ready")(ready)
    desk.command("test-alert")(alert)


def ready(
    days: Annotated[int, typer.Option(min=1, max=90, help="How far to look ahead.")] = DAYS,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Say what could keep the desk from calling somebody, or from hearing of a post: worst first.

    Exit code 1 if there is an error; a warning is none.
    """
    with failing():
        report = examine(evidence_of(stack.find(stack_name)), _now(), timedelta(days=days))
    if as_json:
        typer.echo(json.dumps(document(report), indent=2))
    else:
        for line in report_lines(report):
            out.print(line)
    if not report.is_ready:
        raise typer.Exit(1)


def alert(
    person: Annotated[str, typer.Argument(help="A person of the desk.", show_default=False)],
    by: By = "",
    stack_name: StackName = stack.DEFAULT,
) -> None:
    """Send a person a test alert by all their contacts. They acknowledge it like any other; nobody else is called."""
    with failing():
        found = stack.find(stack_name)
        evidence, timers = evidence_of(found), timers_of(found)
        try:
            test = send_test(person, by_or_me(by), evidence.mentions, evidence.desks, timers, _now())
        except ValueError as error:
            raise CommandError(sentence(str(error))) from error
    until = f"{test.answer_by:%H:%M} UTC" if test.answer_by else "its end"
    out.print(f"A test alert goes to {shown(person)}, who acknowledges it until {until}, in the link or by")
    out.print(f"  answerby mention acknowledge {shown(test.id)}")


def evidence_of(found: stack.Stack) -> Evidence:
    return Evidence(
        desks=DeskTable(found.desk_table),
        contacts=SnsContacts(found.person_topic_prefix),
        heard=HeardTable(found.desk_table),
        mentions=MentionsTable(found.mentions_table, found.retention),
    )


def timers_of(found: stack.Stack) -> QueueTimers:
    return QueueTimers(
        queue_url=found.follow_ups_url,
        queue_arn=found.follow_ups_arn,
        schedule_group=found.schedule_group,
        role_arn=found.scheduler_role,
    )


def report_lines(report: Report) -> Iterator[Text]:
    for severity, head in _HEADS.items():
        findings = [finding for finding in report.findings if finding.severity is severity]
        if findings:
            yield Text(f"{head} ({len(findings)})", _STYLE[severity])
            for finding in findings:
                yield from _finding_lines(finding)
            yield Text()
    for fine in report.fine:
        yield _fine_line(fine)
    yield Text("Ready.", "bold green") if report.is_ready else Text("Not ready.", "bold red")


def document(report: Report) -> dict[str, Any]:
    return {
        "ready": report.is_ready,
        "findings": [_finding_document(finding) for finding in report.findings],
        "fine": [{"what": fine.what, "count": fine.count, "total": fine.total} for fine in report.fine],
    }


def _finding_lines(finding: Finding) -> Iterator[Text]:
    yield Text(f"  {shown(finding.about)}: {shown(finding.what)}")
    for starts, ends in finding.times[:_TIMES]:
        yield Text(f"    {starts.astimezone(UTC):%a %Y-%m-%d %H:%M} - {ends.astimezone(UTC):%a %Y-%m-%d %H:%M} UTC")
    if len(finding.times) > _TIMES:
        yield Text(f"    and {len(finding.times) - _TIMES} times more")
    yield Text(f"    {shown(finding.to_do)}", "dim")


def _fine_line(fine: Fine) -> Text:
    style = "green" if fine.count == fine.total else "yellow"
    return Text.assemble((f"{fine.count} of {fine.total}", style), f" {fine.what}")


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "about": finding.about,
        "what": finding.what,
        "to_do": finding.to_do,
        "times": [{"starts": _utc(starts), "ends": _utc(ends)} for starts, ends in finding.times],
        "teams": list(finding.teams),
    }


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _now() -> datetime:
    return datetime.now(UTC)
