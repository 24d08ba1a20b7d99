"""Readiness on the deployed stack: the daily check runs with its own rights, and a test alert goes the usual way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.sample_desk import DESK_FILE
from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.alerts import answerby
from tests.integration.asking import Api
from tests.integration.watching import Alerts


@pytest.fixture
def unsubscribed(stack: Stack, client: Callable[[str], Any], outputs: dict[str, str]) -> Iterator[str]:
    """Ella, whom nothing reaches any more. Applying the desk again mends it."""
    sns = client("sns")
    topic = outputs["PersonTopicPrefix"] + "ella"
    for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        if each["Protocol"] in ("sms", "email"):
            sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    yield "ella"
    applied = answerby(stack, "desk", "apply", "--yes", "--why", "as before", str(DESK_FILE))
    assert applied.returncode == 0, applied.stdout + applied.stderr


def test_the_daily_check_tells_the_lead_whose_people_cannot_be_reached(
    stack: Stack, client: Callable[[str], Any], alerts: Alerts, unsubscribed: str
) -> None:
    asked = client("lambda").invoke(FunctionName=f"{stack.stack_name}-check-readiness", Payload=b"{}")

    assert "FunctionError" not in asked, asked["Payload"].read()
    told = eventually(lambda: alerts.so_far(None), bool, within=30)
    assert {each["reason"] for each in told} == {"readiness"}
    assert any(unsubscribed in each["mail"]["text"] for each in told)


def test_what_is_not_ready_is_shown_and_fails_a_script(stack: Stack, unsubscribed: str) -> None:
    ran = answerby(stack, "desk", "ready")

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert unsubscribed in ran.stdout


def test_a_test_alert_reaches_its_person_and_is_acknowledged(stack: Stack, api: Api, alerts: Alerts) -> None:
    sent = answerby(stack, "desk", "test-alert", "ben")
    found = re.search(r"answerby:test-ben-\w+", sent.stdout)
    assert found, sent.stdout + sent.stderr

    (alert,) = alerts.of(found[0])
    assert (alert["person"], alert["reason"]) == ("ben", "test")
    assert api.act(found[0], "acknowledge", by="ben").json()["state"] == "answered"
