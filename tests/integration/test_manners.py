"""Many posts for one person on the deployed stack, with short manners: who is not disturbed is still told of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.sample_desk import DESK_FILE
from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.alerts import answerby, moment
from tests.integration.asking import Api, events
from tests.integration.owning import environment, forget
from tests.integration.sending import Sender, Story
from tests.integration.test_batches import comments
from tests.integration.watching import Alerts

POSTS = 12
SMS_EVERY = timedelta(seconds=8)


@pytest.fixture(scope="module")
def mannered_desk(
    stack: Stack, client: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """In force at once: processes that keep an older desk for a minute are started anew."""
    file = tmp_path_factory.mktemp("desk") / "desk.yaml"
    plain = "manners: {bundle_for: 0s, sms_every: 0s}"
    assert plain in DESK_FILE.read_text()
    file.write_text(DESK_FILE.read_text().replace(plain, "manners: {bundle_for: 4s, sms_every: 8s}"))
    publish(stack, file)
    with environment(client("lambda"), f"{stack.stack_name}-send-alert", MANNERS="short"):
        yield
        publish(stack, DESK_FILE)


def publish(stack: Stack, desk: Path) -> None:
    applied = answerby(stack, "desk", "apply", "--yes", "--why", "a test", str(desk))
    assert applied.returncode == 0, applied.stdout + applied.stderr


def test_a_person_is_told_of_every_post_by_few_messages(
    facebook: Sender,
    api: Api,
    alerts: Alerts,
    client: Callable[[str], Any],
    outputs: dict[str, str],
    mannered_desk: None,
) -> None:
    batch, mention_ids = comments(Story(facebook), POSTS)
    assert facebook.deliver(batch).json()["stored"] == POSTS

    def alerted() -> list[dict[str, Any]]:
        return [shown for each in mention_ids if "alerted" in events(shown := api.mention(each))]

    told = eventually(alerted, lambda found: len(found) == POSTS, within=90)

    assert len(told) == POSTS
    assert {shown["assignee"] for shown in told} == {"ana"}
    held = [shown for shown in told if "alert_delayed" in events(shown)]
    assert len(held) >= POSTS // 2
    assert any("sms held until" in entry["note"] for entry in held[0]["history"] if entry["event"] == "alert_delayed")
    messages = heard(alerts, mention_ids)
    assert {each for message in messages for each in named(message)} >= set(mention_ids)
    times = sorted(moment(message["decided_at"]) for message in messages if "sms" in message["channels"])
    # What is sent carries the time it was decided at, or (a bundle) sent at: whole seconds.
    assert len(times) <= (times[-1] - times[0]) / SMS_EVERY + 2
    forget(client("dynamodb"), outputs["MentionsTable"], mention_ids)


def heard(alerts: Alerts, mention_ids: list[str]) -> list[dict[str, Any]]:
    messages = [message for each in mention_ids for message in alerts.so_far(each)]
    return [message for message in messages if message["person"] == "ana"]


def named(message: dict[str, Any]) -> list[str]:
    return message.get("mention_ids") or [message["mention_id"]]
