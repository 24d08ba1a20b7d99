"""A plan is its seed's, holds everything that can go wrong, and is told as networks tell it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from answerby.domain.mention import NoticeKind
from answerby.domain.source import Source
from answerby.networks import NETWORKS
from tests.chaos.plan import TOLD, Doing, Kind, Plan, What, plan
from tests.chaos.points import POINTS
from tests.chaos.telling import document, tellings

SEEDS = range(20)
_ACCOUNT = "4242"
_NOTICES = {NoticeKind.EDIT: What.EDIT, NoticeKind.REMOVAL: What.REMOVE, NoticeKind.OWN_REPLY: What.REPLY}


def told(planned: Plan) -> list[Doing]:
    return [doing for doing in planned.doings if doing.what in TOLD]


def test_a_seed_is_a_plan() -> None:
    assert plan(7, 60) == plan(7, 60)
    assert plan(7, 60) != plan(8, 60)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_that_can_go_wrong_is_planned(seed: int) -> None:
    faults = plan(seed, 180).faults

    assert {fault.kind for fault in faults} == set(Kind)
    assert {fault.point for fault in faults if fault.point} == set(POINTS)
    assert all(0 < fault.at <= 180 for fault in faults)


@pytest.mark.parametrize("seed", SEEDS)
def test_some_posts_are_forgotten_and_nobody_touches_them(seed: int) -> None:
    planned = plan(seed, 180)
    forgotten = {story.number for story in planned.stories if story.forgotten}

    assert forgotten
    assert not [d for d in planned.doings if d.story.number in forgotten and d.what is not What.POST]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_things_are_said_by_the_same_id(seed: int) -> None:
    said = [
        story.id(doing.place)
        for doing in told(plan(seed, 180))
        if doing.what not in (What.EDIT, What.REMOVE)
        for story in (doing.story, *doing.together)
    ]

    assert len(said) == len(set(said))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_reads_what_is_told(seed: int) -> None:
    for doing in told(plan(seed, 180)):
        network = doing.story.network
        source = Source(id=network, network=network, brand_account=_ACCOUNT)
        # As it comes over the wire.
        body = json.loads(json.dumps(document(doing, _ACCOUNT)))

        delivery = NETWORKS[network].parse(body, source, datetime.now(UTC))

        assert not delivery.unreadable
        assert not delivery.ignored
        read = [(doing.what, post) for post in delivery.posts]
        read += [(_NOTICES[notice.kind], notice.post) for notice in delivery.notices]
        wanted = tellings(doing)
        assert [what for what, _ in read] == [each.what for each in wanted]
        if doing.what is What.REPLY:
            # Of the brand, with words of its own.
            assert [post.in_reply_to for _, post in read] == [each.mention_id for each in wanted]
            continue
        assert [post.id for _, post in read] == [each.mention_id for each in wanted]
        if doing.what is not What.REMOVE:
            told_of = [(post.author.id, post.text) for _, post in read]
            assert told_of == [(each.author_id, each.text) for each in wanted]
