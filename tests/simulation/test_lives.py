"""Lives of posts under desks of every shape: whatever people, authors, timers and publications do, the promise holds.

A life is a function of its seed.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from answerby.adapters.items import MENTION
from answerby.domain.desk import Desk
from answerby.domain.leaving import successor
from answerby.domain.mention import Mention, Notice, NoticeKind, Priority, Reason, State
from answerby.domain.transitions import Dismissal, SnoozeError, StateConflictError
from answerby.usecases import answering
from answerby.usecases.adopt import adopt, hand_over, open_posts
from answerby.usecases.attend import attend
from tests.builders import HOUR, MINUTE, a_post, a_reply
from tests.simulation.fold import differences
from tests.simulation.lives import STARTS, a_desk_of_any_shape
from tests.world import World

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WORDS = ("where is it?", "refund me", "it came broken")
STEPS = 40


class Unread:
    """No rule asks for more than words."""

    def read(self, text: str, language: str | None) -> None:
        raise AssertionError(f"{text} ({language}) is read")


class Life:
    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311
        start = self.chance.choice(STARTS)
        desk = a_desk_of_any_shape(self.chance, start)
        self.world = World(desk=desk, now=start, timers_work=self.chance.random() < 0.7)
        self.posts: list[str] = []
        self.seen: dict[str, Mention] = {}
        self.replies = 0

    @property
    def desk(self) -> Desk:
        return self.world.desks.current()

    def live(self) -> None:
        often = {self.post: 4, self.wait: 8, self.act: 5, self.edit: 2, self.skew: 2, self.stream: 3}
        seldom = {self.stand_still: 1, self.remove: 1, self.reply: 1, self.publish: 1, self.lose_contact: 1}
        steps = {**often, **seldom}
        self.post()
        for step in self.chance.choices(tuple(steps), tuple(steps.values()), k=STEPS):
            step()
            self.is_kept()
        self.settle()
        self.is_kept()
        self.ends_in_silence()

    def mentions(self) -> list[Mention]:
        return [self.world.get(native) for native in self.posts]

    def any_mention(self) -> Mention:
        return self.world.get(self.chance.choice(self.posts[-4:]))

    def settle(self) -> None:
        """Whatever is due now is done now, and then nothing is due any more."""
        world = self.world
        world.stream()
        for _ in range(20):
            due = [each for each in self.mentions() if each.next_check_at and each.next_check_at <= world.now]
            if not due:
                return
            for each in due:
                attend(each.id, MENTION, world.mentions, world.desks, world.timers, world.now)
            world.stream()
        raise AssertionError(f"is due again and again: {due}")

    def post(self) -> None:
        chance, now = self.chance, self.world.now
        native, ago = str(len(self.posts) + 1), chance.choice((0, 0, 0, 0, 5, 60, 60_000))
        post = a_post(native, text=chance.choice(WORDS), posted_at=now - ago * MINUTE, received_at=now)
        self.world.deliver(replace(post, author=replace(post.author, id=chance.choice("7778"))))
        self.posts.append(native)

    def skew(self) -> None:
        """The next function's clock is a little ahead of the last one's, or behind it."""
        self.world.now += self.chance.randint(-5, 5) * SECOND

    def stream(self) -> None:
        self.world.stream()

    def wait(self) -> None:
        minutes = self.chance.choice((1, 9, 31, 90))
        self.world.pass_time(minutes * MINUTE, step=max(1, minutes // 10) * MINUTE)

    def stand_still(self) -> None:
        """Nothing runs, neither timers nor the sweep, and then all of it at once."""
        self.world.now += self.chance.choice((HOUR, 8 * HOUR, DAY))
        self.world.pass_time(MINUTE)

    def edit(self) -> None:
        now = self.world.now
        post = replace(self.any_mention().post, text=self.chance.choice(WORDS), edited_at=now, received_at=now)
        self.world.deliver(Notice(kind=NoticeKind.EDIT, post=post, next_check_at=now + MINUTE))

    def remove(self) -> None:
        now, post = self.world.now, self.any_mention().post
        self.world.deliver(Notice(kind=NoticeKind.REMOVAL, post=post, next_check_at=now + MINUTE))

    def reply(self) -> None:
        self.replies += 1
        said = self.world.now - self.chance.choice((0, 0, 20)) * MINUTE
        self.world.deliver(a_reply(f"r{self.replies}", self.any_mention().id, said, received_at=self.world.now))

    def act(self) -> None:
        world, chance, id_ = self.world, self.chance, self.any_mention().id
        by, to = chance.choices(sorted(self.desk.people), k=2)
        span = chance.choice((MINUTE, 20 * MINUTE, 2 * HOUR, 3 * DAY))
        ports = (world.mentions, world.desks, world.timers, world.now)
        with suppress(StateConflictError, SnoozeError):
            match chance.choice(("acknowledge", "acknowledge", "snooze", "assign", "answer", "resolve", "dismiss")):
                case "acknowledge":
                    answering.acknowledge(id_, by, *ports, chance.choice((None, span)))
                case "snooze":
                    answering.snooze(id_, by, world.now + span, *ports)
                case "assign":
                    answering.assign(id_, to, by, *ports)
                case "answer":
                    answering.answer(id_, by, None, world.mentions, world.now)
                case "resolve":
                    answering.resolve(id_, by, world.mentions, world.now)
                case _:
                    answering.dismiss(id_, by, Dismissal.SPAM, None, world.mentions, world.now)

    def publish(self) -> None:
        """Another desk. The posts of those who left go to others, and sometimes all of them are adopted."""
        world, before = self.world, self.desk
        desk = a_desk_of_any_shape(self.chance, world.now, before.version + 1)
        world.desks.desk = desk
        for person in before.people.keys() - desk.people.keys():
            for mention in list(open_posts(world.table, person)):
                to = successor(mention, before.people[person].backups, desk, world.now)
                hand_over(mention.id, person, to, desk, "cleo", world.mentions, world.timers, world.now)
        for mention in list(open_posts(world.table)) if self.chance.random() < 0.5 else ():
            adopt(mention.id, desk, "cleo", world.mentions, world.timers, Unread(), world.now)  # type: ignore[arg-type]

    def lose_contact(self) -> None:
        people = sorted(self.desk.people)
        self.world.phone.unknown = {*self.chance.sample(people, self.chance.randint(0, len(people)))}

    def is_kept(self) -> None:
        for mention in self.mentions():
            _has_its_next_check(mention, self.world.now)
            whole = self.world.table.history(mention)
            assert differences(whole) == [], mention.id
            if mention.id in self.seen:
                _is_no_worse(self.seen[mention.id], mention)
            self.seen[mention.id] = mention
        sent = Counter(alert.id for alert in self.world.phone.sent if alert.reason is not Reason.DIGEST)
        assert not [id_ for id_, times in sent.items() if times > 1]

    def ends_in_silence(self) -> None:
        """Once everything is answered, Answerby asks about nothing but what is to be resolved."""
        for mention in self.mentions():
            with suppress(StateConflictError):
                answering.answer(mention.id, "ana", None, self.world.mentions, self.world.now)
        self.settle()
        calls = len(self.world.phone.sent)
        self.world.pass_time(3 * DAY, step=6 * HOUR)
        assert {alert.reason for alert in self.world.phone.sent[calls:]} <= {Reason.UNRESOLVED}


def _has_its_next_check(mention: Mention, now: datetime) -> None:
    """No later than whatever is due next (P2)."""
    at = mention.next_check_at
    if not mention.is_open:
        assert at is None or (mention.escalate_at and at <= mention.escalate_at)
        return
    assert at is not None
    for alert in mention.outbox:
        assert at <= max(now + MINUTE + 10 * SECOND, alert.not_before or now)
    if mention.state is State.NEW or mention.joined:
        return
    assert mention.plan
    assert mention.answer_by
    due = [mention.acknowledged_until or mention.escalate_at]
    if not mention.plan.digest and not mention.breached:
        due += [mention.answer_by, *(() if mention.snoozed else mention.remind_at)]
    assert at <= min(time for time in due if time)
    if mention.acknowledged_until and not mention.snoozed:
        assert mention.acknowledged_until <= max(mention.answer_by, now + 11 * MINUTE)
    if mention.acknowledged_until and mention.snoozed and mention.priority is Priority.URGENT:
        assert mention.acknowledged_until <= mention.answer_by


def _is_no_worse(before: Mention, after: Mention) -> None:
    """What was promised is kept: no deadline is later, no priority lower, no alert is told of twice."""
    deadlines = [(before.answer_by, after.answer_by), (before.resolve_by, after.resolve_by)]
    assert all(new and new <= old for old, new in deadlines if old)
    assert not (before.priority and after.priority and after.priority.rank < before.priority.rank)
    assert after.state is not State.OPEN or not before.breached or after.breached
    waiting = [alert.id for alert in after.outbox]
    assert len(waiting) == len({*waiting}), after.outbox


@pytest.mark.parametrize("seed", range(25))
def test_a_life(seed: int) -> None:
    Life(seed).live()
