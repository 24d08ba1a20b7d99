"""The ladder on the deployed stack, with the clocks of the local run: 15 seconds to the next rung."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from string import hexdigits
from typing import Any

import pytest

from infra.local.sample_desk import DESK_FILE
from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.alerts import COMPLAINT, Client, Scene, answerby, happened, logged, moment, scene

SLOW = """
  - id: slow
    when: {phrases: [in no hurry]}
    team: press
    priority: urgent
    policy: slow
"""
SLOW_POLICY = "  slow: {answer_within: 8h, ladder: slow}\n"
SLOW_LADDER = "  slow:\n    rungs: [{call: [owner], wait: 20m}, {call: [lead], wait: 20m}]\n"


@dataclass(frozen=True, slots=True)
class Story:
    """Three complaints of one moment: nobody answers the first."""

    scene: Scene
    unanswered: str
    acknowledged: str
    replied: str


@pytest.fixture(scope="module")
def slow_desk(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The sample desk with one more rule, whose ladder waits longer than SQS can, and whose posts are urgent, lest its
    checks were left to the sweep. In force within a minute."""
    file = tmp_path_factory.mktemp("desk") / "desk.yaml"
    with_ladder = DESK_FILE.read_text().replace("\nladders:\n", f"\nladders:\n{SLOW_LADDER}")
    with_policy = with_ladder.replace("\npolicies:\n", f"\npolicies:\n{SLOW_POLICY}")
    file.write_text(with_policy.replace("\nrules:\n", f"\nrules:{SLOW}\n"))
    publish(stack, file)
    yield
    publish(stack, DESK_FILE)


@pytest.fixture(scope="module")
def story(stack: Stack, client: Client, outputs: dict[str, str], slow_desk: None) -> Iterator[Story]:
    with scene(stack, client, outputs) as played:
        told = Story(played, played.post(), played.post(), played.post(source="instagram"))
        for mention_id in (told.acknowledged, told.replied):
            played.until_called(mention_id, "ana", within=30)
        answer = played.act(told.acknowledged, "acknowledge", by="ana", minutes=10)
        assert answer.status_code == 200, answer.text
        played.reply(told.replied)
        yield told


def publish(stack: Stack, desk: Path) -> None:
    applied = answerby(stack, "desk", "apply", "--yes", "--why", "a test", str(desk))
    assert applied.returncode == 0, applied.stdout + applied.stderr


def slow_enquiry(played: Scene) -> str | None:
    """A post that the slow rule took; None as long as that rule is not in force."""
    enquiry = played.post("I am in no hurry, but where do your beans come from?")
    routed = eventually(lambda: played.look(enquiry), lambda seen: "routed" in happened(seen), within=30)
    return enquiry if routed["rule"] == "slow" else None


def test_owner_backup_and_lead_are_called_in_order_and_the_top_again(story: Story) -> None:
    def heard() -> list[dict[str, Any]]:
        return story.scene.alerts(story.unanswered)

    alerts = eventually(heard, lambda alerts: len(alerts) >= 4, within=120)[:4]

    calls = [(alert["person"], alert["rung"], alert["round"]) for alert in alerts]
    assert calls == [("ana", 1, 1), ("ben", 2, 1), ("cleo", 3, 1), ("cleo", 3, 2)]
    assert len({alert["id"] for alert in alerts}) == 4
    decided = [moment(alert["decided_at"]) for alert in alerts]
    for before, after in pairwise(decided[:3]):
        # Alerts tell whole seconds.
        assert after - before >= timedelta(seconds=14)
    assert COMPLAINT in alerts[0]["mail"]["text"]


def test_the_history_tells_each_step(story: Story) -> None:
    told = happened(story.scene.look(story.unanswered))

    steps = [event for event in told if event in {"received", "routed", "alerted", "escalated"}]
    assert steps[:9] == ["received", "routed", "alerted", *(["escalated", "alerted"] * 3)]
    assert "breached" in told


def test_an_acknowledgement_pauses_the_calling_but_not_the_deadline(story: Story) -> None:
    def look() -> dict[str, Any]:
        return story.scene.look(story.acknowledged)

    mention = eventually(look, lambda mention: mention["breached"], within=60)

    assert mention["breached"]
    assert mention["state"] == "open"
    assert mention["acknowledged_by"] == "ana"
    assert story.scene.called(story.acknowledged) == ["ana"]


def test_the_brands_own_reply_stops_the_calling(story: Story) -> None:
    mention = story.scene.look(story.replied)

    assert mention["state"] == "answered"
    assert mention["next_check_at"] is None
    assert story.scene.called(story.replied) == ["ana"]


def test_a_wait_beyond_a_quarter_of_an_hour_is_kept_by_eventbridge_scheduler(
    story: Story, stack: Stack, client: Client, outputs: dict[str, str]
) -> None:
    scheduler, played = client("scheduler"), story.scene
    played.act(story.unanswered, "answer", by="ana")
    enquiry = eventually(lambda: slow_enquiry(played), lambda enquiry: enquiry is not None, within=60)
    assert enquiry
    played.until_called(enquiry, "dev", within=30)
    group = outputs["ScheduleGroup"]

    def schedule() -> dict[str, Any] | None:
        # The local AWS tells the first hundred of what is asked for, and no way to the others.
        lists = [scheduler.list_schedules(GroupName=group, NamePrefix=digit) for digit in hexdigits[:16]]
        listed = [each["Name"] for one in lists for each in one["Schedules"]]
        found = (scheduler.get_schedule(Name=name, GroupName=group) for name in listed)
        return next((each for each in found if enquiry in each["Target"]["Input"]), None)

    kept = eventually(schedule, lambda kept: kept is not None, within=40)

    assert kept is not None
    mention = played.look(enquiry)
    due = datetime.strptime(kept["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert timedelta(0) <= due - moment(mention["next_check_at"]) <= timedelta(seconds=3)
    assert kept["Target"]["Arn"] == outputs["FollowUpsQueueArn"]
    assert kept["ActionAfterCompletion"] == "DELETE"

    # The same schedule, fired in a moment.
    asked = datetime.now(UTC)
    soon = asked + timedelta(seconds=1)
    scheduler.create_schedule(
        Name="soon",
        GroupName=group,
        ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target=kept["Target"],
    )

    def checks() -> int:
        return sum(line.startswith("START") for line in logged(client, stack, "follow-up", asked))

    assert eventually(checks, lambda count: count > 0, within=30) > 0
    assert played.look(enquiry) == mention
