"""ports.Mentions, as the table and the fake keep it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from answerby.adapters.items import notice_name
from answerby.domain.mention import (
    Alert,
    Author,
    Entry,
    Event,
    Kind,
    Mention,
    Notice,
    NoticeKind,
    Plan,
    PlannedRung,
    Post,
    Priority,
    Reason,
    State,
)
from answerby.ports import SHARDS, ConflictError, Mentions
from tests.builders import HOUR, MINUTE, NOW, a_mention, a_reply
from tests.contract.waiting import eventually

MS = timedelta(milliseconds=1)


def mention(unique: str, native_id: str = "1", **post: object) -> Mention:
    return a_mention(f"{unique}-{native_id}", **{"conversation_id": f"facebook:{unique}", **post})


def opened(unique: str, native_id: str = "1", assignee: str = "ana", minutes: int = 60, **post: object) -> Mention:
    answer_by = NOW + minutes * MINUTE
    return replace(
        mention(unique, native_id, **post),
        state=State.OPEN,
        assignee=f"{assignee}-{unique}",
        answer_by=answer_by,
        next_check_at=answer_by,
    )


def routed(unique: str) -> Mention:
    """A mention in which everything has a value."""
    at = NOW + 1234 * MS
    return Mention(
        post=Post(
            id=f"x:{unique}",
            network="x",
            kind=Kind.REVIEW,
            source="x-main",
            brand_account="100",
            author=Author(id="7", handle="sam", name="Sam \N{PARTY POPPER}", followers=12, url="https://x.com/sam"),
            text="Où est mon colis\u202e? \ud83d cut",
            conversation_id=f"x:{unique}",
            received_at=at,
            language="fr",
            rating=2.5,
            url="https://x.com/sam/status/1",
            in_reply_to="x:0",
            posted_at=NOW,
            edited_at=at + MINUTE,
            reply_until=at + HOUR,
        ),
        next_check_at=at + MINUTE,
        state=State.OPEN,
        version=1,
        priority=Priority.HIGH,
        topic="parcel",
        team="care",
        assignee="ana",
        rule="parcels",
        policy="hour",
        plan=Plan(
            rungs=(PlannedRung(who=("ana", "ben"), wait=10 * MINUTE), PlannedRung(who=("cleo",), wait=HOUR)),
            repeat_every=30 * MINUTE,
            ack_for=15 * MINUTE,
            digest=True,
        ),
        answer_by=at + HOUR,
        escalate_at=at + 10 * MINUTE,
        rung=1,
        round=2,
        acknowledged_by="ana",
        acknowledged_until=at + 20 * MINUTE,
        answered_at=at + 30 * MINUTE,
        answered_by="ben",
        answer_url="https://x.com/brand/status/2",
        breached=True,
        joined="x:9",
        followed_by=("x:10", "x:11"),
        outbox=(Alert(id="a1", person="ana", reason=Reason.ROUTED, rung=1, round=2, decided_at=at),),
        history=(
            Entry(at=at, event=Event.RECEIVED, by="x-main"),
            Entry(at=at + 5 * MS, event=Event.ROUTED, by="rule parcels", note="to ana"),
        ),
        archived=0,
    )


def test_a_stored_mention_comes_back_as_it_was(mentions: Mentions, unique: str) -> None:
    whole = routed(unique)
    assert mentions.add(whole)
    assert mentions.get(whole.id) == whole


def test_a_mention_with_nothing_but_its_post_comes_back_as_it_was(mentions: Mentions, unique: str) -> None:
    bare = mention(unique, author=Author(), posted_at=None)
    assert mentions.add(bare)
    assert mentions.get(bare.id) == bare


def test_times_are_kept_to_the_millisecond(mentions: Mentions, unique: str) -> None:
    mentions.add(replace(mention(unique), next_check_at=NOW + timedelta(microseconds=1999)))
    stored = mentions.get(mention(unique).id)
    assert stored
    assert stored.next_check_at == NOW + MS


def test_an_unknown_mention_is_none(mentions: Mentions, unique: str) -> None:
    assert mentions.get(f"facebook:{unique}") is None


def test_a_known_mention_is_not_added_again(mentions: Mentions, unique: str) -> None:
    mentions.add(mention(unique))
    assert not mentions.add(mention(unique, text="something else"))
    stored = mentions.get(mention(unique).id)
    assert stored == mention(unique)


def test_of_concurrent_deliveries_one_is_stored(mentions: Mentions, unique: str) -> None:
    with ThreadPoolExecutor(16) as threads:
        added = list(threads.map(lambda _: mentions.add(mention(unique)), range(48)))
    assert added.count(True) == 1


def test_many_posts_are_stored_at_once(mentions: Mentions, unique: str) -> None:
    posts = [mention(unique, str(number)) for number in range(100)]
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(mentions.add, posts))
    assert mentions.get(posts[99].id) == posts[99]


def test_saving_replaces_the_mention_by_its_next_version(mentions: Mentions, unique: str) -> None:
    mentions.add(mention(unique))
    saved = mentions.save(opened(unique))
    assert saved == replace(opened(unique), version=2)
    assert mentions.get(saved.id) == saved


def test_a_mention_that_others_wrote_meanwhile_is_not_saved(mentions: Mentions, unique: str) -> None:
    mentions.add(mention(unique))
    mentions.save(opened(unique))
    with pytest.raises(ConflictError):
        mentions.save(replace(mention(unique), state=State.DISMISSED, next_check_at=None))
    stored = mentions.get(mention(unique).id)
    assert stored
    assert stored.state is State.OPEN


def test_a_mention_that_was_never_stored_is_not_saved(mentions: Mentions, unique: str) -> None:
    with pytest.raises(ConflictError):
        mentions.save(mention(unique))
    assert mentions.get(mention(unique).id) is None


def test_of_concurrent_decisions_one_is_written(mentions: Mentions, unique: str) -> None:
    mentions.add(mention(unique))

    def decide(number: int) -> bool:
        try:
            mentions.save(replace(opened(unique), rung=number))
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(decide, range(32))).count(True) == 1


def an_edit(unique: str, text: str) -> Notice:
    edited = replace(mention(unique).post, text=text, edited_at=NOW + MINUTE)
    return Notice(kind=NoticeKind.EDIT, post=edited, next_check_at=NOW + MINUTE)


def a_reply_in(unique: str, native_id: str = "r", to: str | None = None) -> Notice:
    reply = a_reply(f"{unique}-{native_id}", to=to)
    return replace(reply, post=replace(reply.post, conversation_id=f"facebook:{unique}"))


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_a_stored_notice_comes_back_as_it_was(mentions: Mentions, unique: str, kind: NoticeKind) -> None:
    notice = replace(an_edit(unique, "now"), kind=kind)
    assert mentions.add_notice(notice)
    assert mentions.get_notice(notice.post.id, notice_name(notice)) == notice


def test_the_same_notice_is_not_added_again(mentions: Mentions, unique: str) -> None:
    assert mentions.add_notice(an_edit(unique, "now"))
    again = an_edit(unique, "now")
    assert not mentions.add_notice(replace(again, post=replace(again.post, received_at=NOW + HOUR)))


def test_two_edits_of_a_post_are_two_notices(mentions: Mentions, unique: str) -> None:
    assert mentions.add_notice(an_edit(unique, "once"))
    assert mentions.add_notice(an_edit(unique, "twice"))


def test_a_notice_hides_no_mention(mentions: Mentions, unique: str) -> None:
    mentions.add_notice(an_edit(unique, "now"))
    assert mentions.get(mention(unique).id) is None
    assert mentions.add(mention(unique))


def test_there_is_no_notice_called_mention(mentions: Mentions, unique: str) -> None:
    mentions.add(mention(unique))
    assert mentions.get_notice(mention(unique).id, "mention") is None


def test_a_handled_notice_is_due_no_more(mentions: Mentions, unique: str) -> None:
    notice = an_edit(unique, "now")
    mentions.add_notice(notice)
    handled = mentions.save_notice(replace(notice, next_check_at=None))
    assert handled.version == 2
    assert mentions.get_notice(notice.post.id, notice_name(notice)) == handled
    assert eventually(lambda: shard_of(mentions, notice.post.id), lambda found: found is None) is None


def test_a_notice_that_others_wrote_meanwhile_is_not_saved(mentions: Mentions, unique: str) -> None:
    notice = an_edit(unique, "now")
    mentions.add_notice(notice)
    mentions.save_notice(replace(notice, next_check_at=None))
    with pytest.raises(ConflictError):
        mentions.save_notice(replace(notice, next_check_at=NOW + HOUR))


def shard_of(mentions: Mentions, mention_id: str) -> int | None:
    """The one shard in which it is due, sooner or later."""
    found = [shard for shard in range(SHARDS) if mention_id in due_ids(mentions, shard)]
    assert len(found) < 2, found
    return found[0] if found else None


def due_ids(mentions: Mentions, shard: int) -> list[str]:
    return [due.mention_id for due in mentions.due(shard, NOW + 24 * HOUR, 1_000)]


def awaited_shard(mentions: Mentions, mention_id: str) -> int:
    shard = eventually(lambda: shard_of(mentions, mention_id), lambda found: found is not None)
    assert shard is not None
    return shard


def test_what_should_have_been_checked_is_due(mentions: Mentions, unique: str) -> None:
    waiting = mention(unique)
    mentions.add(waiting)
    shard, at = awaited_shard(mentions, waiting.id), NOW + MINUTE
    due = [each for each in mentions.due(shard, at, 1_000) if each.mention_id == waiting.id]
    assert [(each.item, each.next_check_at) for each in due] == [("mention", at)]


def test_nothing_is_due_before_its_time_or_in_another_shard(mentions: Mentions, unique: str) -> None:
    waiting = mention(unique)
    mentions.add(waiting)
    shard = awaited_shard(mentions, waiting.id)
    before = mentions.due(shard, NOW + MINUTE - MS, 1_000)
    assert waiting.id not in [each.mention_id for each in before]


def test_what_one_person_owns_is_due_in_one_shard_but_for_what_nobody_was_told_of(
    mentions: Mentions, unique: str
) -> None:
    told = [opened(unique, str(number)) for number in range(12)]
    new = [mention(unique, f"n{number}") for number in range(12)]
    for each in (*told, *new):
        mentions.add(each)
    assert len({awaited_shard(mentions, each.id) for each in told}) == 1
    assert len({awaited_shard(mentions, each.id) for each in new}) > 1


def test_the_oldest_are_due_first_and_not_more_than_asked_for(mentions: Mentions, unique: str) -> None:
    # Long ago, so that other tests' mentions come after them.
    old = NOW - timedelta(days=3650)
    chosen = [opened(unique, str(number)) for number in range(3)]
    times = [old + timedelta(hours=hour) for hour in (2, 1, 3)]
    for each, at in zip(chosen, times, strict=False):
        mentions.add(replace(each, next_check_at=at))
    shard = awaited_shard(mentions, chosen[0].id)
    due = eventually(lambda: mentions.due(shard, old + 9 * HOUR, 1_000), lambda found: len(found) >= len(chosen))
    assert [each.next_check_at for each in due] == sorted(each.next_check_at for each in due)
    assert list(mentions.due(shard, old + 9 * HOUR, 1)) == list(due[:1])
    for each, at in zip(chosen, times, strict=False):
        mentions.save(replace(each, next_check_at=at + timedelta(days=3650)))


def test_a_closed_mention_is_neither_due_nor_in_an_inbox(mentions: Mentions, unique: str) -> None:
    mentions.add(mention(unique))
    open_one = mentions.save(opened(unique))
    mentions.save(replace(open_one, state=State.ANSWERED, next_check_at=None))
    assert eventually(lambda: shard_of(mentions, open_one.id), lambda found: found is None) is None
    page = mentions.inbox(state=None, assignee=open_one.assignee, network=None, cursor=None, limit=5)
    assert page.mentions == ()


def thread_ids(mentions: Mentions, unique: str, author_id: str | None = None, besides: str | None = None) -> list[str]:
    return [each.post.id for each in mentions.thread(f"facebook:{unique}", author_id, besides)]


def conversation_ids(mentions: Mentions, unique: str) -> list[str]:
    return [each.post.id for each in mentions.conversation(f"facebook:{unique}")]


def test_a_conversation_holds_mentions_and_own_replies_oldest_first(mentions: Mentions, unique: str) -> None:
    later = mention(unique, "later", posted_at=NOW - MINUTE)
    earlier = mention(unique, "earlier", posted_at=NOW - HOUR)
    reply = a_reply_in(unique)
    mentions.add(later)
    mentions.add(earlier)
    mentions.add_notice(reply)
    mentions.add_notice(an_edit(unique, "not a part of the thread"))
    found = eventually(lambda: mentions.conversation(f"facebook:{unique}"), lambda thread: len(thread) == 3)
    assert list(found) == [earlier, later, reply]


def test_a_thread_of_one_author_keeps_the_own_replies(mentions: Mentions, unique: str) -> None:
    mine, other, reply = mention(unique, "mine"), mention(unique, "other", author=Author(id="8")), a_reply_in(unique)
    mentions.add(mine)
    mentions.add(other)
    mentions.add(mention(unique, "anonymous", author=Author()))
    mentions.add_notice(reply)
    eventually(lambda: conversation_ids(mentions, unique), lambda ids: len(ids) == 4)
    assert thread_ids(mentions, unique, "7") == [mine.id, reply.post.id]


def test_a_thread_leaves_out_the_mention_that_asks(mentions: Mentions, unique: str) -> None:
    mine, other = mention(unique, "mine"), mention(unique, "other")
    mentions.add(mine)
    mentions.add(other)
    eventually(lambda: conversation_ids(mentions, unique), lambda ids: len(ids) == 2)
    assert thread_ids(mentions, unique, "7", mine.id) == [other.id]


def test_the_post_that_begins_a_conversation_is_found_at_once(mentions: Mentions, unique: str) -> None:
    first = mention(unique, "first", conversation_id=f"facebook:{unique}-first")
    mentions.add(first)
    conversation = first.id
    assert list(mentions.conversation(conversation)) == [first]
    assert list(mentions.thread(conversation, "7")) == [first]
    assert list(mentions.thread(conversation, "7", besides=first.id)) == []
    assert list(mentions.thread(conversation, "another author")) == []
    assert list(mentions.thread(conversation, None)) == []


def test_a_conversation_leaves_out_the_reply_that_asks(mentions: Mentions, unique: str) -> None:
    said, reply = mention(unique, "said"), a_reply_in(unique)
    mentions.add(said)
    mentions.add_notice(reply)
    eventually(lambda: conversation_ids(mentions, unique), lambda ids: len(ids) == 2)
    assert mentions.conversation(f"facebook:{unique}", reply.post.id) == [said]


def test_a_reply_that_moved_is_found_in_its_new_conversation(mentions: Mentions, unique: str) -> None:
    reply = a_reply_in(unique)
    mentions.add_notice(reply)
    moved = replace(reply.post, conversation_id=f"facebook:{unique}-elsewhere")
    mentions.save_notice(replace(reply, post=moved, next_check_at=None))
    assert eventually(lambda: conversation_ids(mentions, unique), lambda ids: not ids) == []
    assert eventually(lambda: conversation_ids(mentions, f"{unique}-elsewhere"), bool) == [reply.post.id]


def test_a_large_thread_is_read_whole(mentions: Mentions, unique: str) -> None:
    posts = [mention(unique, str(number), text="x" * 200) for number in range(130)]
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(mentions.add, posts))
    found = eventually(lambda: conversation_ids(mentions, unique), lambda ids: len(ids) == len(posts))
    assert sorted(found) == sorted(each.id for each in posts)


def entries(count: int, start: int = 0) -> tuple[Entry, ...]:
    return tuple(Entry(at=NOW + number * MS, event=Event.ALERTED, by="ana") for number in range(start, start + count))


def test_a_long_history_is_archived_and_put_back(mentions: Mentions, unique: str) -> None:
    known = replace(mention(unique), history=entries(100))
    mentions.add(known)
    known = mentions.save(replace(known, history=entries(101)))
    assert (len(known.history), known.archived) == (51, 50)
    known = mentions.save(replace(known, history=known.history + entries(70, start=101)))
    assert (len(known.history), known.archived) == (71, 100)
    stored = mentions.get(known.id)
    assert stored == known
    assert mentions.history(stored).history == entries(171)


def test_a_short_history_needs_no_archive(mentions: Mentions, unique: str) -> None:
    known = replace(mention(unique), history=entries(100))
    mentions.add(known)
    assert mentions.history(mentions.save(known)).history == entries(100)


def test_an_unreadable_event_is_kept_once(mentions: Mentions, unique: str) -> None:
    raw = f'{{"unreadable": "{unique}"}}'.encode()
    assert mentions.keep_unreadable("page", raw, "no id", NOW)
    assert not mentions.keep_unreadable("page", raw, "no id", NOW + HOUR)
    assert mentions.keep_unreadable("other", raw, "no id", NOW)


def test_many_are_read_at_once_and_gone_ones_left_out(mentions: Mentions, unique: str) -> None:
    known = [mention(unique, str(number)) for number in range(120)]
    for each in known:
        mentions.add(each)
    ids = {each.id for each in known}
    assert mentions.get_each(ids | {f"facebook:{unique}-gone"}) == {each.id: each for each in known}
    assert mentions.get_each(()) == {}
