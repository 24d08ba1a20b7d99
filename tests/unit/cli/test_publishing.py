"""The commands that publish a desk, on an office in memory; desks are made here, not read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from answerby.cli import applying, desk_file, desk_replay, stack
from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Team
from answerby.domain.mention import Event, Mention
from answerby.domain.public import public_mention
from answerby.domain.source import Source
from tests.builders import BEN, CATCH_ALL, CLEO, NOW, REFUND, a_desk, a_mention
from tests.unit.cli.offices import STACK, FakeOffice
from tests.unit.cli.test_desk_commands import run

WITHOUT_ANA = a_desk(people={"ben": BEN, "cleo": CLEO}, teams={"care": Team(id="care", members=("ben",), lead="cleo")})
TO_BEN = a_desk(rules=(replace(REFUND, person="ben"), CATCH_ALL))
OFFICE = Calendar(id="office", time_zone="UTC", week=((Span(start=9 * 60, end=17 * 60),),) * 7)
LEAD_ASLEEP = a_desk(people={**a_desk().people, "cleo": replace(CLEO, working_hours=OFFICE)})
ANY_NETWORK = a_desk(sources={"reviews": Source(id="reviews", network="standard", brand_account="1")})
DESKS = {"any": ANY_NETWORK, "lead-asleep": LEAD_ASLEEP, "same": a_desk(), "without-ana": WITHOUT_ANA, "to-ben": TO_BEN}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeOffice:
    made = FakeOffice()
    monkeypatch.setattr(stack, "find", lambda _name: STACK)
    monkeypatch.setattr(applying, "office_of", lambda _stack: made.office)
    monkeypatch.setattr(desk_file, "load", lambda path: (DESKS[str(path)], ()))
    made.in_force(a_desk())
    return made


def test_diff_says_who_now_answers_what(fake: FakeOffice) -> None:
    result = run("desk", "diff", "to-ben")
    assert (result.exit_code, result.stdout) == (0, "  Refund posts now go to Ben Okafor, not Ana Ruiz.\n")


def test_diff_of_the_desk_in_force_finds_nothing(fake: FakeOffice) -> None:
    assert run("desk", "diff", "same", "--exit-code").stdout == "No difference.\n"


def test_diff_tells_by_its_exit_code_if_asked_to(fake: FakeOffice) -> None:
    assert run("desk", "diff", "to-ben", "--exit-code").exit_code == 1
    assert run("desk", "diff", "same", "--exit-code").exit_code == 0


def test_diff_of_two_files_reaches_nothing(fake: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(applying, "office_of")
    assert "to Ana Ruiz, not Ben Okafor" in run("desk", "diff", "same", "--against", "to-ben").stdout


def test_diff_lists_the_open_posts_of_who_leaves_and_who_takes_them(fake: FakeOffice) -> None:
    fake.routed(a_mention())
    assert run("desk", "diff", "without-ana").stdout.splitlines()[:2] == [
        "  Ana Ruiz (ana) leaves the desk.",
        "  1 open post of ana goes to Ben Okafor: facebook:1.",
    ]
    document = json.loads(run("desk", "diff", "without-ana", "--json").stdout)
    assert document["open_posts"] == [{"mention": "facebook:1", "of": "ana", "to": "ben"}]


def test_diff_without_a_desk_in_force_says_what_to_do(fake: FakeOffice) -> None:
    fake.desks.published.clear()
    result = run("desk", "diff", "same")
    assert (result.exit_code, "no desk has been published" in result.stderr.casefold()) == (1, True)


def test_apply_shows_the_difference_before_it_asks(fake: FakeOffice) -> None:
    result = run("desk", "apply", "to-ben", typed="n\n")
    assert "Refund posts now go to Ben Okafor, not Ana Ruiz." in result.stdout
    assert fake.desks.current().version == 1


def test_apply_asks_why_and_keeps_it(fake: FakeOffice) -> None:
    run("desk", "apply", "to-ben", "--by", "cleo", typed="y\nBen knows refunds\n")
    assert fake.desks.whys[-1] == ("cleo", "Ben knows refunds")


def test_apply_without_asking_wants_a_reason(fake: FakeOffice) -> None:
    result = run("desk", "apply", "to-ben", "--yes")
    assert (result.exit_code, "add --why" in result.stderr) == (1, True)
    assert fake.desks.current().version == 1


def test_apply_gives_the_open_posts_of_who_left_to_their_back_ups(fake: FakeOffice) -> None:
    fake.routed(a_mention())
    run("desk", "apply", "without-ana", "--yes", "--by", "cleo", "--why", "Ana left")
    mention = fake.stored("facebook:1")
    assigned = next(entry for entry in mention.history if entry.event is Event.ASSIGNED)
    assert (mention.assignee, assigned.by, [alert.person for alert in mention.outbox]) == ("ben", "cleo", ["ben"])


def test_apply_completes_a_handing_over_that_broke_off(fake: FakeOffice) -> None:
    fake.routed(a_mention())
    fake.routed(a_mention("2", conversation_id="facebook:other"))
    fake.desks.publish(WITHOUT_ANA, by="cleo", why="Ana left", now=NOW, expected_version=1)
    fake.topics.delete("ana")
    result = run("desk", "apply", "without-ana", "--yes")
    assert result.exit_code == 0
    assert "2 open posts of ana go to Ben Okafor" in result.stdout
    assert [fake.stored(id_).assignee for id_ in ("facebook:1", "facebook:2")] == ["ben", "ben"]
    assert run("desk", "apply", "without-ana", "--yes").stdout.startswith("Nothing to do")


def test_apply_leaves_running_clocks_alone(fake: FakeOffice) -> None:
    before = fake.routed(a_mention(text="refund"))
    run("desk", "apply", "to-ben", "--yes", "--why", "a test")
    assert fake.stored("facebook:1") == before


def test_apply_moves_running_clocks_over_if_told_to(fake: FakeOffice) -> None:
    fake.routed(a_mention(text="refund"))
    result = run("desk", "apply", "to-ben", "--yes", "--why", "a test", "--adopt-open")
    assert "1 open post adopted by version 2." in result.stdout
    assert fake.stored("facebook:1").assignee == "ben"


def test_adopting_that_broke_off_is_completed_by_applying_again(fake: FakeOffice) -> None:
    fake.routed(a_mention(text="refund"))
    run("desk", "apply", "to-ben", "--yes", "--why", "a test")
    for adopted in (1, 0):
        result = run("desk", "apply", "to-ben", "--yes", "--adopt-open")
        assert f"{adopted} open post" in result.stdout


def test_who_publishes_meanwhile_is_not_overwritten(fake: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = applying.completed

    def meanwhile(planned: applying.Plan, given: dict[str, str]) -> applying.Plan:
        fake.desks.publish(WITHOUT_ANA, by="dev", why="quicker", now=NOW, expected_version=1)
        return asked(planned, given)

    monkeypatch.setattr(applying, "completed", meanwhile)
    result = run("desk", "apply", "to-ben", "--yes", "--why", "a test")
    assert (result.exit_code, "apply again" in result.stderr) == (1, True)
    assert fake.desks.current().people == WITHOUT_ANA.people


def test_history_tells_when_who_why_and_what(fake: FakeOffice) -> None:
    run("desk", "apply", "to-ben", "--yes", "--by", "cleo", "--why", "Ben knows refunds")
    lines = run("desk", "history").stdout.splitlines()
    assert "version 2" in lines[0]
    assert "by cleo" in lines[0]
    assert [line.strip() for line in lines[1:3]] == [
        "Ben knows refunds",
        "refund posts now go to Ben Okafor, not Ana Ruiz",
    ]
    assert lines[-1].strip() == "the first desk"


def test_history_of_nothing_says_what_to_do(fake: FakeOffice) -> None:
    fake.desks.published.clear()
    assert "answerby desk apply" in run("desk", "history").stdout


def test_history_as_json_holds_every_change(fake: FakeOffice) -> None:
    run("desk", "apply", "without-ana", "--yes", "--why", "Ana left")
    newest, oldest = json.loads(run("desk", "history", "--json").stdout)
    assert newest["version"] == 2
    assert "Ana Ruiz (ana) leaves the desk" in newest["changes"]
    assert oldest["changes"] == ["the first desk"]


def test_show_tells_whom_each_rule_calls(fake: FakeOffice) -> None:
    shown = run("desk", "show", "1").stdout
    assert "version 1" in shown
    assert "refund posts" in shown
    assert json.loads(run("desk", "show", "--json").stdout)["people"]["ana"]["name"] == "Ana Ruiz"


def test_a_rollback_is_a_new_version_of_the_old_desk(fake: FakeOffice) -> None:
    run("desk", "apply", "without-ana", "--yes", "--why", "Ana left")
    result = run("desk", "rollback", "1", "--yes", "--by", "cleo", "--why", "she came back")
    assert "Ana Ruiz (ana) joins the desk" in result.stdout
    assert "create the topic of ana" in result.stdout
    assert fake.desks.current() == a_desk(version=3)
    assert fake.desks.whys[-1] == ("cleo", "back to version 1: she came back")
    assert "ana" in fake.topics.topics


def test_a_rollback_wants_the_secrets_that_were_forgotten_since(fake: FakeOffice) -> None:
    fake.in_force(replace(a_desk(), sources={}))
    result = run("desk", "rollback", "1", "--yes", "--why", "we still need it")
    assert (result.exit_code, "set ANSWERBY_SECRET_PAGE" in result.stderr) == (1, True)
    assert fake.desks.current().version == 2


@pytest.mark.parametrize("command", ["rollback", "show"])
def test_a_version_that_never_was_is_said(fake: FakeOffice, command: str) -> None:
    result = run("desk", command, "7", *(("--why", "a test") if command == "rollback" else ()))
    assert (result.exit_code, "Version 7 was never in force" in result.stderr) == (1, True)


def test_on_call_tells_who_is_called_for_each_topic_and_rung(fake: FakeOffice) -> None:
    lines = [line.split() for line in run("on-call").stdout.splitlines()]
    assert lines[1][:5] == ["refund", "(urgent)", "1", "Ana", "Ruiz"]
    assert lines[2][:3] == ["2", "Ben", "Okafor"]
    assert lines[4][:3] == ["all", "other", "posts"]


def test_on_call_by_a_file_reaches_nothing(fake: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(applying, "office_of")
    document = json.loads(run("on-call", "--file", "to-ben", "--topic", "refund", "--json").stdout)
    assert document[0]["people"] == ["ben"]


def test_on_call_of_one_topic_at_a_time(fake: FakeOffice) -> None:
    document = json.loads(run("on-call", "--topic", "refund", "--at", "2026-03-02T18:00+01:00", "--json").stdout)
    assert [(each["rung"], each["people"]) for each in document] == [(1, ["ana"]), (2, ["ben"]), (3, ["cleo"])]


def test_on_call_of_a_topic_or_time_that_is_none_is_said(fake: FakeOffice) -> None:
    assert "there is refund" in run("on-call", "--topic", "refunds").stderr
    assert run("on-call", "--at", "tomorrow").exit_code == 2


def test_explain_tells_the_rules_the_owner_and_the_ladder_in_80_columns(fake: FakeOffice) -> None:
    result = run("desk", "explain", "same", "--text", "A refund, please", "--at", "2026-03-02T09:00", COLUMNS="80")
    assert result.exit_code == 0, result.stderr
    said = " ".join(result.stdout.split())
    for part in ('✓ refunds it says "refund"', "owner Ana Ruiz", "Mon 2 Mar 10:15 (Europe/Madrid), in 15m"):
        assert part in said
    assert "Mon 2 Mar 10:10 rung 2 Ben Okafor" in said
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_explain_tells_names_and_wall_clock_times_of_who_is_passed_over(fake: FakeOffice) -> None:
    result = run("desk", "explain", "lead-asleep", "--text", "Hello", "--at", "2026-03-02T20:00")
    said = " ".join(result.stdout.split())
    assert "Mon 2 Mar 21:20 rung 3 skipped Cleo Laurent is asleep until Tue 3 Mar 10:00" in said
    assert "Mon 2 Mar 21:20 rungs 1, 2 again and again until" in said
    assert "breached" in said
    assert len(result.stdout.splitlines()) < 24


def test_on_call_tells_names_and_wall_clock_times_of_who_is_passed_over(fake: FakeOffice) -> None:
    fake.in_force(LEAD_ASLEEP)
    said = " ".join(run("on-call", "--at", "2026-03-02T20:00").stdout.split())
    # How its words fall into columns depends on the width of the terminal.
    assert "nobody: Cleo Laurent is" in said
    assert "Tue 3 Mar 09:00 (UTC)" in said
    assert "2026-03-03" not in said


def test_explain_a_file_in_the_shape_of_the_api(fake: FakeOffice, tmp_path: Path) -> None:
    file = tmp_path / "mention.json"
    file.write_text(json.dumps(public_mention(a_mention(text="refund"))))
    document = json.loads(run("desk", "explain", "to-ben", str(file), "--json").stdout)
    assert (document["mention"], document["owner"], document["rule"]) == ("facebook:1", "ben", "refunds")
    assert document["answer_by"] == "2026-03-02T09:15:00Z"
    assert next((step["at"], step["people"]) for step in document["steps"]) == ("2026-03-02T09:00:00Z", ["ben"])


def test_explain_a_stored_post_as_if_it_was_new(fake: FakeOffice) -> None:
    fake.routed(a_mention())
    document = json.loads(run("desk", "explain", "same", "facebook:1", "--json").stdout)
    assert [(each["rule"], each["holds"]) for each in document["trials"]] == [("refunds", False), ("otherwise", True)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["facebook:7"], "There is no mention facebook:7"),
        (["nowhere.json"], "There is no file nowhere.json"),
        ([], "Name a post"),
        (["--text", "Hi", "facebook:1"], "Name a post"),
        (["--text", "Hi", "--network", "tiktok"], "There is no network tiktok"),
    ],
)
def test_explain_says_what_it_cannot_find(fake: FakeOffice, arguments: list[str], said: str) -> None:
    result = run("desk", "explain", "same", *arguments)
    assert (result.exit_code, said in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("option", "value"), [("followers", "-4"), ("rating", "99"), ("rating", "-1"), ("language", "xx")]
)
def test_explain_refuses_what_no_post_has(fake: FakeOffice, option: str, value: str) -> None:
    result = run("desk", "explain", "same", "--text", "Hi", f"--{option}", value)
    assert (result.exit_code, f"--{option}" in result.stderr) == (2, True)


def test_explain_takes_any_network_that_a_standard_source_may_bring(fake: FakeOffice) -> None:
    assert run("desk", "explain", "any", "--text", "Hi", "--network", "tiktok", "--language", "pt-BR").exit_code == 0


@pytest.mark.parametrize("content", ["{", "[]", '{"network": "x"}', '{"network": "x", "text": 7}', "\x00"])
def test_explain_refuses_a_file_that_is_no_post(fake: FakeOffice, tmp_path: Path, content: str) -> None:
    file = tmp_path / "mention.json"
    file.write_text(content)
    result = run("desk", "explain", "same", str(file))
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_replay_tells_what_would_have_gone_elsewhere(fake: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = [a_mention(text="refund"), a_mention("2")]
    monkeypatch.setattr(desk_replay, "MentionsTable", lambda *_: _Stored(stored))
    result = run("desk", "replay", "to-ben")
    assert "2 posts, 1 of them routed otherwise." in result.stdout
    assert "1 to Ben Okafor, not Ana Ruiz" in result.stdout
    document = json.loads(run("desk", "replay", "to-ben", "--json").stdout)
    assert (document["posts"], document["routed_otherwise"]) == (2, 1)


class _Stored:
    def __init__(self, mentions: Sequence[Mention]) -> None:
        self._mentions = mentions

    def size(self) -> int:
        return len(self._mentions)

    def scan(self, since: datetime) -> Iterator[tuple[int, Mention]]:  # noqa: ARG002
        yield from enumerate(self._mentions, 1)
