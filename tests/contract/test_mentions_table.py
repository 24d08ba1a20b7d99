"""What only the table does: lost answers, throttling, and what each call costs."""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from answerby.adapters import tables
from answerby.adapters.dynamodb import UNREADABLE_LIMIT, MentionsTable, stored
from answerby.adapters.shards import listed_in
from answerby.domain.mention import Mention, State
from answerby.ports import ConflictError, UnavailableError
from tests.builders import HOUR, NOW, a_reply
from tests.contract.faults import counting, lost_answers, refused, unreachable
from tests.contract.local_aws import LocalAws
from tests.contract.test_mentions import mention, opened, routed
from tests.contract.waiting import eventually
from tests.world import key_of

THROTTLED = "ThrottlingException"


@pytest.fixture
def client(table: MentionsTable) -> Any:
    return tables.connection().client


def test_a_save_whose_answer_was_lost_succeeds(table: MentionsTable, client: Any, unique: str) -> None:
    table.add(mention(unique))
    with lost_answers(client, "PutItem") as sent:
        saved = table.save(opened(unique))
    assert len(sent) == 2
    assert table.get(saved.id) == saved


def test_a_save_whose_answer_was_lost_is_refused_if_others_wrote_since(
    table: MentionsTable, client: Any, unique: str
) -> None:
    table.add(mention(unique))
    table.save(opened(unique, assignee="ben"))
    with lost_answers(client, "PutItem"), pytest.raises(ConflictError):
        table.save(opened(unique))


def test_an_add_whose_answer_was_lost_is_stored(table: MentionsTable, client: Any, unique: str) -> None:
    with lost_answers(client, "PutItem"):
        table.add(mention(unique))
    assert table.get(mention(unique).id) == mention(unique)


Call = Callable[[MentionsTable, str], object]
CALLS: dict[str, tuple[str, Call]] = {
    "add": ("PutItem", lambda table, unique: table.add(mention(unique))),
    "save": ("PutItem", lambda table, unique: table.save(mention(unique))),
    "keep_unreadable": ("PutItem", lambda table, unique: table.keep_unreadable(unique, b"x", "why", NOW)),
    "get": ("GetItem", lambda table, unique: table.get(unique)),
    "get_each": ("BatchGetItem", lambda table, unique: table.get_each({unique})),
    "get_notice": ("GetItem", lambda table, unique: table.get_notice(unique, "removal")),
    "thread": ("Query", lambda table, unique: table.thread(unique, None)),
    "due": ("Query", lambda table, _: table.due(0, NOW, 1)),
    "inbox": (
        "Query",
        lambda table, unique: table.inbox(state=None, assignee=unique, network=None, cursor=None, limit=1),
    ),
}


@pytest.mark.parametrize(("operation", "call"), CALLS.values(), ids=CALLS)
def test_every_call_says_that_the_table_is_away(
    table: MentionsTable, client: Any, unique: str, operation: str, call: Call
) -> None:
    with unreachable(client, operation) as sent, pytest.raises(UnavailableError):
        call(table, unique)
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("code", "status"),
    [(THROTTLED, 400), ("ProvisionedThroughputExceededException", 400), ("InternalServerError", 500), ("Unknown", 503)],
)
def test_throttling_and_failures_of_the_service_may_pass(
    table: MentionsTable, client: Any, unique: str, code: str, status: int
) -> None:
    with refused(client, "PutItem", code, status), pytest.raises(UnavailableError):
        table.add(mention(unique))


def test_a_missing_grant_does_not_pass_by_itself(table: MentionsTable, client: Any, unique: str) -> None:
    with refused(client, "PutItem", "AccessDeniedException"), pytest.raises(Exception, match="AccessDenied") as raised:
        table.add(mention(unique))
    assert not isinstance(raised.value, UnavailableError)


@pytest.mark.parametrize(
    ("code", "member"),
    [(THROTTLED, "throttlingReasons"), ("ProvisionedThroughputExceededException", "ThrottlingReasons")],
)
def test_why_it_throttled_is_logged_and_nothing_of_the_mention(
    table: MentionsTable, client: Any, unique: str, caplog: pytest.LogCaptureFixture, code: str, member: str
) -> None:
    reasons = [{"reason": "TableWriteKeyRangeThroughputExceeded", "resource": "arn"}]
    with (
        caplog.at_level(logging.WARNING, logger="answerby"),
        refused(client, "PutItem", code, details={member: reasons}),
        pytest.raises(UnavailableError),
    ):
        table.add(mention(unique))
    logged = [record.__dict__ for record in caplog.records]
    assert [record["reasons"] for record in logged] == [["TableWriteKeyRangeThroughputExceeded"]]
    assert unique not in str(logged)


def test_one_throttled_attempt_is_repeated(table: MentionsTable, client: Any, unique: str) -> None:
    with refused(client, "PutItem", THROTTLED, times=1):
        assert table.add(mention(unique))


def calls(client: Any, act: Callable[[], object]) -> list[str]:
    with counting(client) as sent:
        act()
    return [request.headers["X-Amz-Target"].decode().rpartition(".")[2] for request in sent]


def test_acceptance_is_one_put(table: MentionsTable, client: Any, unique: str) -> None:
    assert calls(client, lambda: table.add(mention(unique))) == ["PutItem"]


def test_a_decision_is_one_put(table: MentionsTable, client: Any, unique: str) -> None:
    table.add(mention(unique))
    assert calls(client, lambda: table.save(opened(unique))) == ["PutItem"]


def test_the_usual_thread_of_a_new_mention_is_one_query(table: MentionsTable, client: Any, unique: str) -> None:
    mine = mention(unique, conversation_id=f"facebook:{unique}-1")
    begun = mine.post.conversation_id
    table.add(mine)
    assert begun == mine.id
    assert calls(client, lambda: table.thread(begun, "7", mine.id)) == ["Query"]
    assert calls(client, lambda: table.thread(begun, "7", f"facebook:{unique}-later")) == ["Query", "BatchGetItem"]


def test_all_threads_share_one_client(table: MentionsTable, client: Any, unique: str) -> None:
    posts = [mention(unique, str(number)) for number in range(64)]

    def add(each: Mention) -> Any:
        table.add(each)
        return tables.connection().client

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(add, posts)) == {client}


def test_an_unreadable_event_can_be_inspected(table: MentionsTable, unique: str) -> None:
    raw = b"\x00\xff not even text " + unique.encode()
    table.keep_unreadable("page", raw, "no id", NOW + HOUR)
    kept = eventually(lambda: table.unreadable(100), lambda found: raw in [each.raw for each in found])
    assert (raw, "no id") in [(each.raw, each.reason) for each in kept]


def test_a_very_large_unreadable_event_is_cut(table: MentionsTable, unique: str) -> None:
    raw = base64.b64encode(unique.encode() + os.urandom(700 * 1024))
    assert table.keep_unreadable("page", raw, "too large", NOW + 2 * HOUR)
    kept = eventually(lambda: table.unreadable(100), lambda found: any(len(each.raw) > 1024 for each in found))
    cut = next(each.raw for each in kept if len(each.raw) > 1024)
    assert UNREADABLE_LIMIT < len(cut) < len(raw)
    assert raw.startswith(cut)


def test_a_streams_image_is_what_is_stored(table: MentionsTable, local_aws: LocalAws, client: Any, unique: str) -> None:
    whole, reply = routed(unique), a_reply(f"{unique}-r", to=f"facebook:{unique}")
    table.add(whole)
    table.add_notice(reply)
    for each, key in ((whole, (whole.id, "mention")), (reply, key_of(reply))):
        named = {"mention_id": {"S": key[0]}, "item": {"S": key[1]}}
        image = client.get_item(TableName=local_aws.mentions_table, Key=named)["Item"]
        # As Lambda gets it: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
        image["body"] = {"B": base64.b64encode(image["body"]["B"]).decode()}
        assert stored(image) == each


def test_a_mention_is_only_in_the_indexes_it_belongs_to(
    table: MentionsTable, local_aws: LocalAws, client: Any, unique: str
) -> None:
    first = mention(unique, conversation_id=f"facebook:{unique}-1")
    table.add(first)
    saved = table.save(replace(opened(unique), post=first.post))
    key = {"mention_id": {"S": saved.id}, "item": {"S": "mention"}}

    def attributes() -> set[str]:
        return set(client.get_item(TableName=local_aws.mentions_table, Key=key, ConsistentRead=True)["Item"])

    always = {"mention_id", "item", "state", "version", "body", "posted_at", "author_id"}
    assert attributes() == always | {"due_shard", "next_check_at", "assignee"}
    table.save(replace(saved, state=State.ANSWERED, next_check_at=None))
    assert attributes() == always | {"expires_at"}


def test_a_post_within_a_conversation_is_in_its_index(
    table: MentionsTable, local_aws: LocalAws, client: Any, unique: str
) -> None:
    later = mention(unique, conversation_id=f"facebook:{unique}-first")
    table.add(later)
    key = {"mention_id": {"S": later.id}, "item": {"S": "mention"}}
    stored = client.get_item(TableName=local_aws.mentions_table, Key=key, ConsistentRead=True)["Item"]
    assert stored["conversation_id"] == {"S": f"facebook:{unique}-first"}


def test_what_changes_hands_while_it_is_listed_is_listed_once(
    table: MentionsTable, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is met in the shard that it leaves, and again in the one that it goes to."""
    table.add(opened(unique))
    listing: dict[str, Any] = {"state": None, "assignee": f"ana-{unique}", "network": None, "cursor": None}
    eventually(lambda: table.inbox(**listing, limit=9), lambda page: len(page.mentions) == 1)
    entries = table._entries
    monkeypatch.setattr(table, "_entries", lambda *asked: [*entries(*asked), *entries(*asked)])
    assert [each.id for each in table.inbox(**listing, limit=9).mentions] == [opened(unique).id]


def test_a_page_of_the_inbox_reads_little_more_than_it_holds(table: MentionsTable, client: Any, unique: str) -> None:
    for number in range(40):
        table.add(opened(unique, str(number)))
    listing: dict[str, Any] = {"state": None, "assignee": f"ana-{unique}", "network": None, "cursor": None}
    eventually(lambda: table.inbox(**listing, limit=100), lambda page: len(page.mentions) == 40)
    with counting(client, "BatchGetItem") as sent:
        assert len(table.inbox(**listing, limit=20).mentions) == 20
    assert sum(request.body.count(b'"mention_id"') for request in sent) == 21


def test_a_list_passes_over_what_others_own_in_its_shard_without_a_query_for_each_page(
    table: MentionsTable, client: Any, unique: str
) -> None:
    names = (f"other{number}" for number in range(1_000))
    other = next(name for name in names if listed_in(f"{name}-{unique}")[0] == listed_in(f"ana-{unique}")[0])
    for number in range(210):
        table.add(opened(unique, f"o{number}", assignee=other))
    last = opened(unique, "last", minutes=90)
    table.add(last)
    listing: dict[str, Any] = {"state": None, "assignee": f"ana-{unique}", "network": None, "cursor": None}
    eventually(lambda: table.inbox(**listing, limit=5), lambda page: bool(page.mentions))
    with counting(client, "Query") as sent:
        assert [each.id for each in table.inbox(**listing, limit=5).mentions] == [last.id]
    assert len(sent) == len(listed_in("ana"))


def test_an_own_reply_is_in_no_index_but_its_conversation(
    table: MentionsTable, local_aws: LocalAws, client: Any, unique: str
) -> None:
    """Each index costs a write."""
    reply = a_reply(f"{unique}-r")
    table.add_notice(reply)
    mention_id, item = key_of(reply)
    key = {"mention_id": {"S": mention_id}, "item": {"S": item}}
    stored = client.get_item(TableName=local_aws.mentions_table, Key=key, ConsistentRead=True)["Item"]
    assert stored["state"] == {"S": "new"}
    indexed = {"conversation_id", "posted_at", "author_id"}
    assert set(stored) == {"mention_id", "item", "state", "version", "body", "expires_at"} | indexed


def test_a_replay_reads_every_mention_since_a_time(table: MentionsTable, unique: str) -> None:
    posts = {each.id: each for each in (mention(unique, str(number)) for number in range(3))}
    for each in posts.values():
        table.add(each)
    found = {each.id: each for _, each in table.scan(NOW - HOUR) if each.id in posts}
    assert found == posts
    assert all(read > 0 for read, _ in table.scan(NOW - HOUR))
    assert not [each for _, each in table.scan(NOW + 1000 * HOUR) if each.id in posts]
    assert table.size() >= 0
