from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from answerby.cli import readiness_commands, stack
from answerby.cli.main import app
from answerby.domain.mention import Channel, State
from answerby.domain.readiness import ContactState
from answerby.usecases.readiness import Evidence
from tests.builders import a_desk
from tests.fakes.contacts import FakeContacts
from tests.fakes.desks import FakeDesks
from tests.fakes.heard import FakeHeard
from tests.fakes.mentions import FakeMentions
from tests.fakes.timers import FakeTimers
from tests.unit.cli.offices import STACK


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def evidence(monkeypatch: pytest.MonkeyPatch) -> Evidence:
    now = datetime.now(UTC)
    desks = FakeDesks(a_desk(), published_at=now)
    made = Evidence(desks=desks, contacts=FakeContacts(), heard=FakeHeard({"page": now}), mentions=FakeMentions())
    monkeypatch.setattr(stack, "find", lambda _name: STACK)
    monkeypatch.setattr(readiness_commands, "evidence_of", lambda _stack: made)
    monkeypatch.setattr(readiness_commands, "timers_of", lambda _stack: FakeTimers())
    return made


def breaking(evidence: Evidence, *channels: Channel) -> None:
    assert isinstance(evidence.contacts, FakeContacts)
    evidence.contacts.known.update({("ana", channel): ContactState.GONE for channel in channels})


def test_a_ready_desk_says_so_and_counts_what_is_well(evidence: Evidence) -> None:
    result = run("desk", "ready")
    assert result.exit_code == 0
    assert "3 of 3 people can be reached by every contact" in result.stdout
    assert "1 of 1 sources are heard from" in result.stdout
    assert result.stdout.strip().endswith("Ready.")


def test_a_warning_is_shown_and_is_no_failure(evidence: Evidence) -> None:
    breaking(evidence, Channel.SMS)
    result = run("desk", "ready")
    assert (result.exit_code, "person ana: the phone number was unsubscribed" in result.stdout) == (0, True)


def test_an_error_comes_first_and_is_exit_code_1(evidence: Evidence) -> None:
    breaking(evidence, *Channel)
    result = run("desk", "ready")
    assert result.exit_code == 1
    assert result.stdout.startswith("Errors (2)")
    assert result.stdout.index("Errors") < result.stdout.index("Good to know")
    assert result.stdout.strip().endswith("Not ready.")


def test_the_report_as_json(evidence: Evidence) -> None:
    breaking(evidence, *Channel)
    result = run("desk", "ready", "--json", "--days", "3")
    document: dict[str, Any] = json.loads(result.stdout)
    assert (result.exit_code, document["ready"]) == (1, False)
    first = document["findings"][0]
    assert (first["severity"], first["about"], first["teams"]) == ("error", "person ana", ["care"])
    assert {"what": "people can be reached by every contact", "count": 2, "total": 3} in document["fine"]


def test_a_test_alert_is_stored_and_says_how_to_acknowledge_it(evidence: Evidence) -> None:
    result = run("desk", "test-alert", "ana", "--by", "cleo")
    assert result.exit_code == 0
    assert "answerby mention acknowledge answerby:test-ana-" in result.stdout
    assert isinstance(evidence.mentions, FakeMentions)
    ((id_, _),) = evidence.mentions.items
    test = evidence.mentions.get(id_)
    assert test
    assert test.state is State.OPEN
    assert test.answer_by
    assert test.answer_by - test.post.received_at == timedelta(hours=1)


def test_a_test_alert_to_nobody_of_the_desk(evidence: Evidence) -> None:
    result = run("desk", "test-alert", "zoe")
    assert result.exit_code == 1
    assert "it has ana, ben, cleo" in result.stderr
