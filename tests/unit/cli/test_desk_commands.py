from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from typer.testing import CliRunner, Result

from answerby.cli import applying, stack
from answerby.cli.errors import CommandError
from answerby.cli.main import app
from answerby.cli.topics import Contact
from answerby.ports import ConflictError
from tests.unit.cli.offices import STACK, FakeOffice

EXAMPLE = str(Path(__file__).parents[3] / "examples/desk.yaml")
APP_SECRETS = {f"ANSWERBY_SECRET_{source}": f"secret-of-{source}" for source in ("FACEBOOK", "INSTAGRAM", "X")}


def run(*arguments: str, typed: str = "", **env: str) -> Result:
    result = CliRunner().invoke(app, arguments, input=typed, env={"COLUMNS": "200", **env})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeOffice:
    made = FakeOffice()
    monkeypatch.setattr(stack, "find", lambda _name: STACK)
    monkeypatch.setattr(applying, "office_of", lambda _stack: made.office)
    return made


def test_check_says_that_a_sound_desk_is_fine() -> None:
    result = run("desk", "check", EXAMPLE)
    assert (result.exit_code, "fine. 7 people, 3 teams, 18 rules, 4 sources." in result.stdout) == (0, True)


def test_check_counts_as_people_do(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("people:\n  ana: {name: Ana, sms: '+12025550141'}\n")
    assert "fine. 1 person, 1 team, 1 rule, 0 sources." in run("desk", "check", str(file)).stdout


def test_check_names_file_line_and_column_of_every_error(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(
        Path(EXAMPLE).read_text().replace("lead: cleo", "lead: clea", 1).replace("digest_after: 7d", "digest: 7d")
    )
    result = run("desk", "check", str(file))
    assert result.exit_code == 1
    assert f'{file}:105:11: error: there is no person "clea". Did you mean "cleo"?' in result.stderr
    assert "2 errors: the desk cannot be used." in result.stderr


def test_warnings_are_told_once_by_check_and_else_counted(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("people:\n  ana: {name: Ana, sms: '+12025550141'}\n")
    told = run("desk", "check", str(file)).stderr.splitlines()
    counted = run("desk", "explain", str(file), "--text", "Hi").stderr.splitlines()
    assert all("warning: " in line for line in told)
    plural = "s" if len(told) > 1 else ""
    assert counted == [f"{file}: {len(told)} warning{plural}, which `answerby desk check {file}` tells"]


def test_check_of_a_file_that_is_not_there() -> None:
    result = run("desk", "check", "nowhere.yaml")
    assert (result.exit_code, "no such file" in result.stderr) == (1, True)


def test_apply_shows_its_plan_and_does_nothing_unless_told_to(fake: FakeOffice) -> None:
    result = run("desk", "apply", EXAMPLE, typed="n\n", **APP_SECRETS)
    assert result.exit_code == 1
    assert "+ publish the desk, the first" in result.stdout
    assert "+ create the topic of ana" in result.stdout
    assert "+ subscribe sms +12025550141 to ana" in result.stdout
    assert "+ add source standard (standard, harbourcoffee), makes its secret" in result.stdout
    assert fake.desks.desk is None


def test_apply_puts_the_desk_in_force_and_shows_what_networks_ask_for(fake: FakeOffice) -> None:
    result = run("desk", "apply", EXAMPLE, "--yes", "--by", "ana", "--why", "first one", **APP_SECRETS)
    assert result.exit_code == 0
    assert "Version 1 of the desk is in force." in result.stdout
    assert "https://api.example.com/webhooks/facebook" in result.stdout
    assert fake.sources.stored["facebook"][1].verify_token in result.stdout
    assert fake.sources.stored["standard"][1].secrets[0] in result.stdout
    assert "secret-of-" not in result.output
    assert fake.desks.whys == [("ana", "first one")]


def test_a_secret_is_shown_though_what_comes_after_it_fails(fake: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_off(*_: object) -> None:
        raise ConflictError("facebook:1 kept changing")

    monkeypatch.setattr(applying, "hand_over_all", breaks_off)
    result = run("desk", "apply", EXAMPLE, "--yes", **APP_SECRETS)
    assert (result.exit_code, fake.desks.current().version) == (1, 1)
    assert fake.sources.stored["standard"][1].secrets[0] in result.stdout


def test_apply_again_has_nothing_to_do(fake: FakeOffice) -> None:
    run("desk", "apply", EXAMPLE, "--yes", **APP_SECRETS)
    result = run("desk", "apply", EXAMPLE)
    assert (result.exit_code, result.stdout.strip()) == (0, "Nothing to do: version 1 is this desk.")


def test_apply_tells_what_becomes_of_a_sources_secrets_and_shows_none_it_was_given(fake: FakeOffice) -> None:
    run("desk", "apply", EXAMPLE, "--yes", **APP_SECRETS)
    for letter, old in (("A", "keep the old one"), ("B", "keep the last one, forget the one before it")):
        secret = "whsec_" + letter * 32
        result = run("desk", "apply", EXAMPLE, "--yes", ANSWERBY_SECRET_STANDARD=secret)
        assert f"+ add a secret to standard, {old}" in result.stdout
        assert fake.sources.stored["standard"][1].secrets[0] == secret
        assert secret not in result.output
        assert "not shown again" not in result.output


def test_apply_says_what_a_renamed_person_loses(fake: FakeOffice, tmp_path: Path) -> None:
    run("desk", "apply", EXAMPLE, "--yes", **APP_SECRETS)
    queue = Contact(protocol="sqs", endpoint="arn:aws:sqs:eu-west-1:1:pager")
    fake.topics.subscribe("ella", queue)
    renamed = tmp_path / "desk.yaml"
    renamed.write_text(re.sub(r"\bella\b", "eleanor", Path(EXAMPLE).read_text()))
    result = run("desk", "apply", str(renamed), "--yes", "--why", "a new name")
    lines = [line.strip() for line in result.stdout.splitlines()]
    at = lines.index("- delete the topic of ella")
    assert lines[at + 1] == "- unsubscribe sqs arn:aws:sqs:eu-west-1:1:pager with it"
    assert "ella" not in fake.topics.topics


def test_apply_asks_for_app_secrets(fake: FakeOffice) -> None:
    result = run("desk", "apply", EXAMPLE, typed="y\none\ntwo\nthree\n")
    assert result.exit_code == 0
    assert "App secret of instagram (instagram)" in result.stdout
    assert [fake.sources.stored[id_][1].secrets for id_ in ("facebook", "instagram", "x")] == [
        ("one",),
        ("two",),
        ("three",),
    ]


def test_apply_without_asking_names_the_secrets_that_are_missing(fake: FakeOffice) -> None:
    result = run("desk", "apply", EXAMPLE, "--yes", ANSWERBY_SECRET_X="x-secret")
    assert result.exit_code == 1
    assert "set ANSWERBY_SECRET_FACEBOOK, ANSWERBY_SECRET_INSTAGRAM." in result.stderr
    assert fake.desks.desk is None


def test_apply_of_a_faulty_desk_reaches_nothing(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("people: {}\n")
    assert run("desk", "apply", str(file)).exit_code == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "There are no AWS credentials"),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorised"}}, "DescribeStacks"),
            "does not let these credentials call DescribeStacks",
        ),
        (ClientError({"Error": {"Code": "ExpiredToken", "Message": ""}}, "DescribeStacks"), "sign in again"),
        (
            ClientError({"Error": {"Code": "Odd", "Message": "Odd thing."}}, "DescribeStacks"),
            "AWS refused DescribeStacks",
        ),
    ],
)
def test_what_aws_refuses_is_one_sentence(monkeypatch: pytest.MonkeyPatch, error: Exception, said: str) -> None:
    def find(_name: str) -> stack.Stack:
        raise error

    monkeypatch.setattr(stack, "find", find)
    result = run("desk", "apply", EXAMPLE)
    assert (result.exit_code, said in result.stderr, "Traceback" in result.output) == (1, True, False)


def test_a_stack_that_lacks_an_output_is_no_answerby() -> None:
    with pytest.raises(CommandError, match="Stack other has no output ApiUrl"):
        stack.of_outputs("other", {})
