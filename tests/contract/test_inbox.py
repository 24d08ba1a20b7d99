"""ports.Mentions.inbox, as the table and the fake keep it."""

from __future__ import annotations

import pytest

from answerby.domain.mention import (
    State,
)
from answerby.ports import Mentions
from tests.builders import MINUTE
from tests.contract.test_mentions import an_edit, mention, opened
from tests.contract.waiting import eventually


def inbox_ids(mentions: Mentions, unique: str, limit: int = 10, **criteria: object) -> list[str]:
    """All pages of one person's inbox."""
    asked: dict[str, object] = {"state": None, "assignee": f"ana-{unique}", "network": None, **criteria}
    ids, cursor = [], None
    while True:
        page = mentions.inbox(cursor=cursor, limit=limit, **asked)  # type: ignore[arg-type]
        ids += [each.id for each in page.mentions]
        cursor = page.cursor
        if cursor is None:
            return ids


def inbox(mentions: Mentions, unique: str) -> list[str]:
    """Four mentions of Ana's, most urgent first, and one of Ben's."""
    minutes = {"c": 30, "a": 10, "d": 40, "b": 20}
    ids = {}
    for native_id, deadline in minutes.items():
        each = opened(unique, native_id, minutes=deadline, network="facebook" if native_id != "b" else "instagram")
        mentions.add(each)
        ids[native_id] = each.id
    mentions.add(opened(unique, "e", assignee="ben"))
    eventually(lambda: inbox_ids(mentions, unique), lambda found: len(found) == len(ids))
    return [ids[native_id] for native_id in sorted(ids)]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_an_inbox_lists_the_most_urgent_first_on_pages_of_any_size(mentions: Mentions, unique: str, limit: int) -> None:
    assert inbox(mentions, unique) == inbox_ids(mentions, unique, limit)


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_what_its_owner_was_not_told_of_yet_is_in_the_inbox_too(mentions: Mentions, unique: str, limit: int) -> None:
    told = inbox(mentions, unique)
    new = [opened(unique, f"n{number}", minutes=1) for number in range(3)]
    for each in new:
        assert each.next_check_at == each.post.received_at + MINUTE
        mentions.add(each)
    found = eventually(lambda: inbox_ids(mentions, unique, limit), lambda ids: len(ids) == len(told) + len(new))
    assert found[: len(told)] == told
    assert sorted(found[len(told) :]) == sorted(each.id for each in new)


def test_pages_are_full_and_the_last_one_says_so(mentions: Mentions, unique: str) -> None:
    ids = inbox(mentions, unique)
    first = mentions.inbox(state=None, assignee=f"ana-{unique}", network="facebook", cursor=None, limit=2)
    assert [each.id for each in first.mentions] == [ids[0], ids[2]]
    last = mentions.inbox(state=None, assignee=f"ana-{unique}", network="facebook", cursor=first.cursor, limit=1)
    assert [each.id for each in last.mentions] == [ids[3]]
    assert last.cursor is None


def test_an_inbox_is_filtered_by_network_and_state(mentions: Mentions, unique: str) -> None:
    ids = inbox(mentions, unique)
    assert inbox_ids(mentions, unique, network="instagram") == [ids[1]]
    assert inbox_ids(mentions, unique, state=State.OPEN) == ids
    assert inbox_ids(mentions, unique, state=State.NEW) == []


def test_a_reassigned_mention_changes_the_inbox(mentions: Mentions, unique: str) -> None:
    mentions.add(opened(unique))
    mentions.save(opened(unique, assignee="ben"))
    assert eventually(lambda: inbox_ids(mentions, unique), lambda ids: not ids) == []
    bens = eventually(lambda: inbox_ids(mentions, unique, assignee=f"ben-{unique}"), bool)
    assert bens == [opened(unique).id]


def test_without_an_assignee_every_open_mention_is_listed_once(mentions: Mentions, unique: str) -> None:
    everybodys = [mention(unique, str(number), network=unique) for number in range(20)]
    everybodys += [opened(unique, f"o{number}", network=unique) for number in range(5)]
    for each in everybodys:
        mentions.add(each)
    mentions.add_notice(an_edit(unique, "no mention"))
    wanted = sorted(each.id for each in everybodys)
    found = eventually(
        lambda: inbox_ids(mentions, unique, limit=7, assignee=None, network=unique), lambda ids: sorted(ids) == wanted
    )
    assert sorted(found) == wanted


@pytest.mark.parametrize("state", [State.ANSWERED, State.DISMISSED, State.REMOVED])
def test_closed_mentions_cannot_be_listed(mentions: Mentions, state: State) -> None:
    with pytest.raises(ValueError, match="only new and open mentions are listed"):
        mentions.inbox(state=state, assignee=None, network=None, cursor=None, limit=1)


@pytest.mark.parametrize("damage", ["", "x", "é", "AAAA", "not base64!", "-"])
def test_a_damaged_cursor_is_refused(mentions: Mentions, unique: str, damage: str) -> None:
    inbox(mentions, unique)
    page = mentions.inbox(state=None, assignee=f"ana-{unique}", network=None, cursor=None, limit=1)
    assert page.cursor
    # One in 64 begins with an x of its own.
    other = "y" if damage == page.cursor[0] else damage
    cursor = other + page.cursor[1:] if damage != "-" else page.cursor[:-3]
    with pytest.raises(ValueError, match="cursor"):
        mentions.inbox(state=None, assignee=f"ana-{unique}", network=None, cursor=cursor, limit=1)


def test_a_cursor_is_only_good_for_its_own_criteria(mentions: Mentions, unique: str) -> None:
    inbox(mentions, unique)
    page = mentions.inbox(state=None, assignee=f"ana-{unique}", network=None, cursor=None, limit=1)
    with pytest.raises(ValueError, match="cursor"):
        mentions.inbox(state=None, assignee=f"ben-{unique}", network=None, cursor=page.cursor, limit=1)
