"""Many at once: the same delivery again and again, the largest batches, and a store that is away for a while."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest

from infra.local.stack import Stack
from tests.integration.asking import Api, events
from tests.integration.owning import environment, forget, stored, unrouted
from tests.integration.sending import Sender, Story, new_number
from tests.integration.watching import Alerts

AT_ONCE = 100
LARGEST_BATCH = 1000
"""Of Meta: https://developers.facebook.com/docs/graph-api/webhooks/getting-started"""


@pytest.fixture(scope="module")
def receiver(stack: Stack) -> str:
    return f"{stack.stack_name}-receive-webhook"


@pytest.fixture(scope="module")
def unreachable() -> Iterator[str]:
    """An address where nobody listens: bound, so that nobody else will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def comments(story: Story, count: int) -> tuple[Any, list[str]]:
    """One body with so many comments by as many authors, and the ids of their mentions. Nothing urgent, so that no
    second alert is due during a test."""
    batch = story.sample("comment")
    (change,) = batch["entry"][0]["changes"]
    change["value"]["message"] = "Are you open on Sundays?"
    changes = [deepcopy(change) for _ in range(count)]
    for index, each in enumerate(changes):
        value = each["value"]
        value["comment_id"] += str(index)
        value["from"]["id"] += str(index)
    batch["entry"][0]["changes"] = changes
    return batch, [f"facebook:{each['value']['comment_id']}" for each in changes]


def test_a_hundred_identical_deliveries_at_once_are_one_mention_and_one_alert(
    facebook: Sender, api: Api, alerts: Alerts
) -> None:
    comment, (mention_id,) = comments(Story(facebook), 1)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: facebook.deliver(comment), range(AT_ONCE)))

    assert Counter(answer.status_code for answer in answers) == {200: AT_ONCE}
    assert sum(answer.json()["stored"] for answer in answers) == 1
    assert sum(answer.json()["duplicates"] for answer in answers) == AT_ONCE - 1
    assert events(api.alerted(mention_id))[:3] == ["received", "routed", "alerted"]
    assert len(alerts.so_far(mention_id)) == 1


def test_the_largest_batch_of_meta_is_stored_before_its_answer_and_known_when_it_is_retried(
    facebook: Sender, stack: Stack, client: Callable[[str], Any], outputs: dict[str, str]
) -> None:
    batch, mention_ids = comments(Story(facebook), LARGEST_BATCH)
    dynamodb, table = client("dynamodb"), outputs["MentionsTable"]

    with unrouted(client("lambda"), f"{stack.stack_name}-route-mention"):
        answer = facebook.deliver(batch)
        found = stored(dynamodb, table, mention_ids)
        again = facebook.deliver(batch)
        forget(dynamodb, table, mention_ids)

    assert answer.json() == {"stored": LARGEST_BATCH, "duplicates": 0, "ignored": 0}
    assert found == set(mention_ids)
    assert again.json() == {"stored": 0, "duplicates": LARGEST_BATCH, "ignored": 0}


def test_a_batch_of_which_a_part_is_stored_is_completed_by_its_retry(
    facebook: Sender, api: Api, alerts: Alerts
) -> None:
    story = Story(facebook)
    part, _ = comments(story, 5)
    whole, mention_ids = comments(story, 12)

    assert facebook.deliver(part).json() == {"stored": 5, "duplicates": 0, "ignored": 0}
    assert facebook.deliver(whole).json() == {"stored": 7, "duplicates": 5, "ignored": 0}

    for mention_id in mention_ids:
        assert "alerted" in events(api.alerted(mention_id))
        assert len(alerts.so_far(mention_id)) == 1


def test_while_the_store_is_away_a_network_is_asked_to_deliver_again(
    stack: Stack,
    facebook: Sender,
    standard: Sender,
    client: Callable[[str], Any],
    api: Api,
    receiver: str,
    unreachable: str,
) -> None:
    story, number = Story(facebook), new_number()
    batch, mention_ids = comments(story, 3)
    told = {"id": number, "text": "Hello"}

    with environment(client("lambda"), receiver, AWS_ENDPOINT_URL_DYNAMODB=unreachable):
        answers = [facebook.deliver(batch), standard.deliver(told)]
        forged = facebook.with_secret("guessed").deliver(batch)

    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "deliver it again" in answer.json()["error"]
    assert forged.status_code == 401
    assert not any(api.mention(mention_id) for mention_id in [*mention_ids, f"standard:{number}"])
    assert facebook.deliver(batch).json() == {"stored": 3, "duplicates": 0, "ignored": 0}
    assert standard.deliver(told).json() == {"stored": 1, "duplicates": 0, "ignored": 0}


def test_while_the_secrets_were_never_read_a_network_is_asked_to_deliver_again(
    facebook: Sender, client: Callable[[str], Any], api: Api, receiver: str, unreachable: str
) -> None:
    comment, (mention_id,) = comments(Story(facebook), 1)

    with environment(client("lambda"), receiver, AWS_ENDPOINT_URL_SECRETS_MANAGER=unreachable):
        answer = facebook.deliver(comment)

    assert answer.status_code == 503
    assert api.mention(mention_id) == {}
    assert facebook.deliver(comment).status_code == 200
