"""ports.Mentions.earlier_posts, as the table and the fake keep it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from answerby.adapters import tables
from answerby.adapters.authors import AUTHOR, author_key
from answerby.adapters.dynamodb import MentionsTable
from answerby.domain.mention import EARLIER_POSTS_KEPT, Author, Post
from answerby.ports import ConflictError, Mentions, UnavailableError
from tests.builders import MINUTE, NOW, a_post
from tests.contract.conftest import RETENTION
from tests.contract.faults import counting, lost_answers, refused, unreachable


def said(unique: str, minute: int, **changes: Any) -> Post:
    at = NOW + minute * MINUTE
    defaults: dict[str, Any] = {"author": Author(id=unique), "posted_at": at, "received_at": at}
    return a_post(f"{unique}-{minute}", **{**defaults, **changes})


def test_the_first_post_of_an_author_has_none_before(mentions: Mentions, unique: str) -> None:
    assert mentions.earlier_posts(said(unique, 0)) == ()


def test_earlier_posts_are_told_newest_first(mentions: Mentions, unique: str) -> None:
    for minute in (0, 2, 1):
        mentions.earlier_posts(said(unique, minute))
    assert mentions.earlier_posts(said(unique, 3)) == (NOW + 2 * MINUTE, NOW + MINUTE, NOW)


def test_asking_again_changes_nothing(mentions: Mentions, unique: str) -> None:
    mentions.earlier_posts(said(unique, 0))
    first = mentions.earlier_posts(said(unique, 1))
    mentions.earlier_posts(said(unique, 2))
    assert mentions.earlier_posts(said(unique, 1)) == first == (NOW,)


def test_a_post_that_comes_late_counts_those_before_it(mentions: Mentions, unique: str) -> None:
    mentions.earlier_posts(said(unique, 5))
    assert mentions.earlier_posts(said(unique, 1)) == ()
    assert mentions.earlier_posts(said(unique, 6)) == (NOW + 5 * MINUTE, NOW + MINUTE)


def test_only_the_latest_are_kept(mentions: Mentions, unique: str) -> None:
    for minute in range(EARLIER_POSTS_KEPT + 5):
        mentions.earlier_posts(said(unique, minute))
    earlier = mentions.earlier_posts(said(unique, EARLIER_POSTS_KEPT + 5))
    assert earlier == tuple(NOW + minute * MINUTE for minute in range(EARLIER_POSTS_KEPT + 4, 4, -1))
    assert mentions.earlier_posts(said(unique, 0)) == ()


def test_authors_are_told_apart_by_network_and_id(mentions: Mentions, unique: str) -> None:
    mentions.earlier_posts(said(unique, 0))
    assert mentions.earlier_posts(said(unique, 1, network="x")) == ()
    assert mentions.earlier_posts(said(unique, 1, author=Author(id=f"{unique}-2"))) == ()


def test_an_unknown_author_never_wrote_before(mentions: Mentions, unique: str) -> None:
    for minute in range(2):
        assert mentions.earlier_posts(said(unique, minute, author=Author(handle=unique))) == ()


def test_posts_recorded_at_once_are_all_kept(mentions: Mentions, unique: str) -> None:
    def record(minute: int) -> None:
        while True:
            try:
                mentions.earlier_posts(said(unique, minute))
            except ConflictError:
                continue
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, range(8)))
    assert len(mentions.earlier_posts(said(unique, 9))) == 8


@pytest.fixture
def client(table: MentionsTable) -> Any:
    return tables.connection().client


def test_it_costs_one_read_and_one_write_and_again_only_the_read(
    table: MentionsTable, client: Any, unique: str
) -> None:
    with counting(client, "GetItem") as reads, counting(client, "PutItem") as writes:
        table.earlier_posts(said(unique, 0))
        assert (len(reads), len(writes)) == (1, 1)
        table.earlier_posts(said(unique, 0))
        assert (len(reads), len(writes)) == (2, 1)


def test_a_write_whose_answer_was_lost_is_not_repeated(table: MentionsTable, client: Any, unique: str) -> None:
    with lost_answers(client, "PutItem"), counting(client, "GetItem") as reads:
        assert table.earlier_posts(said(unique, 0)) == ()
    assert len(reads) == 1
    assert table.earlier_posts(said(unique, 1)) == (NOW,)


@pytest.mark.parametrize("operation", ["GetItem", "PutItem"])
def test_it_says_that_the_table_is_away(table: MentionsTable, client: Any, unique: str, operation: str) -> None:
    with unreachable(client, operation), pytest.raises(UnavailableError):
        table.earlier_posts(said(unique, 0))


def test_it_gives_up_when_others_keep_recording(table: MentionsTable, client: Any, unique: str) -> None:
    with refused(client, "PutItem", "ConditionalCheckFailedException"), pytest.raises(ConflictError):
        table.earlier_posts(said(unique, 0))


def test_an_author_is_forgotten_with_their_latest_post(table: MentionsTable, unique: str) -> None:
    post = said(unique, 0)
    table.earlier_posts(post)
    record = table._record.get(author_key(post), AUTHOR)
    assert record.expires_at == int((NOW + RETENTION).timestamp())
    assert record.state is None
