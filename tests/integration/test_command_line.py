"""The command line as it is installed, on the deployed stack."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from infra.local.layout import ROOT
from infra.local.sample_desk import DESK_FILE
from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.alerts import answerby, environment

NOVA = """
  nova:
    name: Nova Lind
    sms: "+12025550149"
"""


def succeeded(stack: Stack, *arguments: str) -> str:
    ran = answerby(stack, *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def sent(stack: Stack, *arguments: str) -> str:
    """Send a sample; the id of its mention."""
    found = re.search(r"^mention (\S+)$", succeeded(stack, "send", *arguments), re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def mention_id(stack: Stack) -> str:
    """Of a post on X that is routed."""
    sent_id = sent(stack, "x", "--text", "Your queues are long today")
    headers = {"authorization": f"Bearer {stack.api_token}"}

    def state() -> str:
        found = requests.get(f"{stack.api_url}/api/mentions/{sent_id}", headers=headers, timeout=30)
        return str(found.json().get("state"))

    assert eventually(state, lambda seen: seen == "open", within=30) == "open"
    return sent_id


@pytest.fixture
def changed_desk(stack: Stack, tmp_path: Path) -> Iterator[Path]:
    """The desk in force, and one person more."""
    file = tmp_path / "desk.yaml"
    file.write_text(DESK_FILE.read_text().replace("\nteams:", f"{NOVA}\nteams:"))
    yield file
    answerby(stack, "desk", "apply", "--yes", "--why", "as before", str(DESK_FILE))


def test_a_good_desk_is_fine(stack: Stack) -> None:
    assert "fine. 7 people, 3 teams" in succeeded(stack, "desk", "check", "examples/desk.yaml")


def test_a_bad_desk_is_refused_by_line_and_column(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    text = DESK_FILE.read_text().replace("lead: cleo", "lead: cloe").replace("members: [dev, ana]", "members: []")
    never = "  - id: never\n    when: {phrases: [refund]}\n    team: support\n    policy: demo-calm\n\notherwise:"
    file.write_text(text.replace("otherwise:", never))

    checked = answerby(stack, "desk", "check", str(file))

    assert checked.returncode == 1
    lines = file.read_text().splitlines()
    found = re.findall(rf"^{re.escape(str(file))}:(\d+):(\d+): (.+)$", checked.stderr, re.MULTILINE)
    pointed = [lines[int(line) - 1][int(column) - 1 :] for line, column, _ in found]
    assert any(at.startswith("cloe") for at in pointed), checked.stderr
    assert any(at.startswith("[]") for at in pointed), checked.stderr
    assert any("never" in at or "refund" in at for at in pointed), checked.stderr
    assert "cleo" in checked.stderr


def test_a_desk_is_applied_once(stack: Stack, changed_desk: Path) -> None:
    first = succeeded(stack, "desk", "apply", "--yes", "--by", "ana", "--why", "Nova", str(changed_desk))

    assert "create the topic of nova" in first
    assert "subscribe sms +12025550149 to nova" in first
    assert "in force" in first
    second = succeeded(stack, "desk", "apply", "--yes", str(changed_desk))
    assert second.startswith("Nothing to do")


def test_a_desk_is_published_looked_up_and_rolled_back(stack: Stack, changed_desk: Path) -> None:
    compared = succeeded(stack, "desk", "diff", str(changed_desk))
    assert "Nova Lind (nova) joins the desk" in compared
    succeeded(stack, "desk", "apply", "--yes", "--by", "ana", "--why", "Nova is new", str(changed_desk))

    newest, before, *_ = json.loads(succeeded(stack, "desk", "history", "--json"))
    assert (newest["by"], newest["why"], newest["version"] > before["version"]) == ("ana", "Nova is new", True)
    explained = json.loads(succeeded(stack, "desk", "explain", str(changed_desk), "--text", "Hello", "--json"))
    assert explained["steps"][0]["people"] == [explained["owner"]]
    replayed = json.loads(succeeded(stack, "desk", "replay", str(changed_desk), "--days", "1", "--json"))
    assert replayed["routed_otherwise"] == 0

    rolled_back = succeeded(stack, "desk", "rollback", str(before["version"]), "--yes", "--why", "Nova left again")
    assert "Nova Lind (nova) leaves the desk" in rolled_back
    assert "delete the topic of nova" in rolled_back
    on_call = json.loads(succeeded(stack, "on-call", "--json"))
    assert all(duty["people"] for duty in on_call if duty["rung"] == 1)


@pytest.mark.parametrize("source", ["facebook", "instagram", "standard"])
def test_a_sample_of_each_network_is_accepted(stack: Stack, source: str) -> None:
    mention_id = sent(stack, source, "--text", "Hello there")

    assert mention_id.startswith(f"{source}:")


def test_a_forged_sample_is_refused(stack: Stack) -> None:
    assert succeeded(stack, "send", "facebook", "--forge").startswith("401 ")


def test_open_mentions_are_listed(stack: Stack, mention_id: str) -> None:
    listed = succeeded(stack, "mention", "list", "--network", "x")

    assert mention_id in listed
    assert "Your queues are long today" in listed


def test_a_mention_is_shown_with_its_history(stack: Stack, mention_id: str) -> None:
    shown = json.loads(succeeded(stack, "mention", "show", mention_id, "--json"))

    assert shown["id"] == mention_id
    assert [entry["event"] for entry in shown["history"]][:2] == ["received", "routed"]


def test_a_mention_is_acknowledged_and_then_answered_by_the_brand(stack: Stack, mention_id: str) -> None:
    assert "is open" in succeeded(stack, "mention", "acknowledge", mention_id, "--by", "ana", "--minutes", "10")
    succeeded(stack, "send", "x", "--own", "--reply-to", mention_id, "--text", "More staff is on the way")

    def state() -> str:
        return str(json.loads(succeeded(stack, "mention", "show", mention_id, "--json"))["state"])

    assert eventually(state, lambda seen: seen == "answered", within=30) == "answered"
    late = answerby(stack, "mention", "answer", mention_id)
    assert late.returncode == 1
    assert "answered already" in late.stderr


def test_a_mention_is_answered(stack: Stack) -> None:
    mention_id = sent(stack, "standard", "--text", "Do you open on Sundays?")

    assert f"{mention_id} is answered." in succeeded(stack, "mention", "answer", mention_id, "--by", "ana")


def test_watching_shows_what_happens_until_interrupted(stack: Stack, tmp_path: Path) -> None:
    feed = tmp_path / "feed.txt"
    command = [str(ROOT / ".venv" / "bin" / "answerby"), "watch", "--every", "1"]
    # What runs in the background of a shell ignores interrupts, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with feed.open("w") as out, subprocess.Popen(command, env=environment(stack), stdout=out, stderr=out) as watching:
        try:
            assert "Watching" in eventually(feed.read_text, lambda seen: "Watching" in seen, within=30)
            mention_id = sent(stack, "facebook", "--text", "Is the shop open?", "--author", "Robin Hale")
            seen = eventually(feed.read_text, lambda seen: f"{mention_id}  alerted" in seen, within=30)
            assert f"{mention_id}  routed" in seen
            assert f"{mention_id}  alerted" in seen
            watching.send_signal(signal.SIGINT)
            assert watching.wait(timeout=15) == 0
        finally:
            watching.kill()
    assert "Traceback" not in feed.read_text()


def test_a_token_opens_the_api_until_it_is_revoked(stack: Stack) -> None:
    token = succeeded(stack, "token", "create", "reporting", "--scope", "read").strip()

    def status() -> int:
        headers = {"authorization": f"Bearer {token}"}
        return requests.get(f"{stack.api_url}/api/mentions", headers=headers, timeout=30).status_code

    assert status() == 200
    assert "Revoked 1 token" in succeeded(stack, "token", "revoke", "reporting")
    assert status() == 401


def test_a_stack_that_is_not_there_is_named(stack: Stack) -> None:
    ran = answerby(stack, "mention", "list", "--stack", "elsewhere")

    assert ran.returncode == 1
    assert "There is no stack elsewhere" in ran.stderr
    assert "Traceback" not in ran.stderr
