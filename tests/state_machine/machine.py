"""The use cases as a state machine: whatever happens, in whatever order, the promises hold after each step.

The simulator plays long days under many faults. This plays short stories, and Hypothesis tells the shortest that breaks
a promise.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from answerby.adapters.items import MENTION
from answerby.cli.errors import CommandError
from answerby.cli.moving import adopt_all, hand_over_all
from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Desk, Manners, Policy, Team
from answerby.domain.mention import Author, Notice, NoticeKind, Post
from answerby.domain.transitions import Dismissal, SnoozeError, StateConflictError
from answerby.ports import ConflictError, UnavailableError
from answerby.usecases import answering
from answerby.usecases.attend import attend
from answerby.usecases.drill import send_test
from answerby.usecases.sweep import sweep
from answerby.usecases.update import UnknownMentionError
from tests.builders import HOUR, MINUTE, a_desk, a_post, a_reply
from tests.fakes.reader import FakeReader
from tests.simulation.ports import CrashError
from tests.state_machine.fragile import START, Fault, Faults, Fragile, LateIndex, Phone
from tests.state_machine.promises import Promises
from tests.world import World, key_of

SECOND = timedelta(seconds=1)
MONTH = timedelta(days=30)
OFFICE = Calendar(id="office", time_zone="Europe/Madrid", week=((Span(start=540, end=1020),),) * 5 + ((),) * 2)
FAILS = (CrashError, UnavailableError, ConflictError, CommandError)
TOO_LATE = (StateConflictError, UnknownMentionError, SnoozeError)

AUTHORS = st.sampled_from(["kim", "sam"])
WORDS = st.sampled_from(["My parcel never came.", "I want a refund!"])
PEOPLE = st.sampled_from(["ana", "ben", "cleo"])
SPANS = st.sampled_from([10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 12 * HOUR, 72 * HOUR])


def a_busy_desk() -> Desk:
    hour = Policy(
        id="hour", answer_within=HOUR, ladder="standard", calendar="office", reminders=(0.5,), resolve_within=5 * HOUR
    )
    desk = a_desk(manners=Manners(), calendars={"office": OFFICE})
    return replace(desk, policies={**desk.policies, "hour": hour})


class Machine(RuleBasedStateMachine):
    posts: Bundle[Post] = Bundle("posts")
    """Written; not each is delivered, and none when it should be."""
    replies: Bundle[Notice] = Bundle("replies")

    def __init__(self) -> None:
        super().__init__()
        self.table = LateIndex()
        self.phone = Phone(table=self.table, clock=lambda: self.world.now)
        self.world = World(a_busy_desk(), START, table=self.table, phone=self.phone)
        self.faults, self.promises = Faults(), Promises(self.table, self.phone)
        self.undelivered: list[Post | Notice] = []
        self.publication: Callable[[], None] | None = None
        self.numbers = iter(range(1, 1000))
        for port in ("mentions", "timers", "notifier", "pagers"):
            setattr(self.world, port, Fragile(port, getattr(self.world, port), self.faults))

    @property
    def desk(self) -> Desk:
        return self.world.desks.current()

    def attempt(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except FAILS:
            return False
        return True

    # The network

    @initialize(target=posts, words=WORDS)
    def a_post_arrived(self, words: str) -> Any:
        post = self.written("kim", words, begins=True, old=False)
        self.delivered(post)
        return post

    @rule(target=posts, author=AUTHORS, words=WORDS)
    def another_arrived(self, author: str, words: str) -> Any:
        post = self.written(author, words, begins=False, old=False)
        self.delivered(post)
        return post

    @rule(target=posts, author=AUTHORS, words=WORDS, begins=st.booleans(), old=st.booleans())
    def written(self, author: str, words: str, begins: bool, old: bool) -> Post:
        number, at = next(self.numbers), self.world.now - (MONTH if old else timedelta())
        thread = f"facebook:{number if begins else 1}"
        author_ = Author(id=author)
        return a_post(f"{number}", author=author_, text=words, posted_at=at, received_at=at, conversation_id=thread)

    @rule(post=posts)
    def delivered(self, post: Post) -> None:
        self.deliver(replace(post, received_at=self.world.now))

    @rule(target=replies, post=posts, to_nobody=st.booleans())
    def replied(self, post: Post, to_nobody: bool) -> Notice:
        to = None if to_nobody else post.id
        reply = a_reply(f"{next(self.numbers)}", to, self.world.now, conversation_id=post.conversation_id)
        self.deliver(reply)
        return reply

    @rule(reply=replies)
    def reply_comes_again(self, reply: Notice) -> None:
        self.deliver(replace(reply, post=replace(reply.post, received_at=self.world.now)))

    @rule(post=posts, words=WORDS)
    def edited(self, post: Post, words: str) -> None:
        now = self.world.now
        newer = replace(post, text=words, edited_at=now, received_at=now)
        self.deliver(Notice(kind=NoticeKind.EDIT, post=newer, next_check_at=now + MINUTE))

    @rule(post=posts)
    def deleted(self, post: Post) -> None:
        now = self.world.now
        gone = replace(post, text="", author=Author(), received_at=now)
        self.deliver(Notice(kind=NoticeKind.REMOVAL, post=gone, next_check_at=now + MINUTE))

    def deliver(self, event: Post | Notice) -> None:
        post, key = (event, (event.id, MENTION)) if isinstance(event, Post) else (event.post, key_of(event))
        self.table.late.add(post.id)
        if self.attempt(lambda: self.world.deliver(event)):
            self.promises.accepted[key] = post
        else:
            self.undelivered.append(event)

    # The functions

    @rule()
    def stream_is_read(self) -> None:
        for mention_id, item in self.world._changed():
            self.attempt(lambda key=(mention_id, item): self.world.routed(*key))  # type: ignore[misc]
            self.attempt(lambda key=mention_id: self.world.alerted(key))  # type: ignore[misc]

    @rule()
    def stream_is_lost(self) -> None:
        self.world.lose_stream()

    @rule(post=posts)
    def looked_at(self, post: Post) -> None:
        """By a timer or record: early, late, or once more."""
        self.attempt(lambda: self.attend(post.id, MENTION))

    @rule(post=posts)
    def alerts_sent(self, post: Post) -> None:
        self.attempt(lambda: self.world.alerted(post.id))

    @rule()
    def swept(self) -> None:
        self.world.clock.waiting.clear()
        self.attempt(lambda: sweep(self.world.mentions, self.world.timers, self.world.now))
        for due in self.world.clock.fired(self.world.now):
            self.attempt(lambda key=(due.mention_id, due.item): self.attend(*key))  # type: ignore[misc]

    def attend(self, mention_id: str, item: str) -> None:
        world = self.world
        attend(mention_id, item, world.mentions, world.desks, world.timers, world.now, reader=FakeReader())

    # People

    @rule(post=posts, by=PEOPLE, wanted=st.none() | SPANS)
    def acknowledged(self, post: Post, by: str, wanted: timedelta | None) -> None:
        self.person(lambda at: answering.acknowledge(post.id, by, at.mentions, at.desks, at.timers, at.now, wanted))

    @rule(post=posts, by=PEOPLE, span=SPANS)
    def snoozed(self, post: Post, by: str, span: timedelta) -> None:
        until = self.world.now + span
        self.person(lambda at: answering.snooze(post.id, by, until, at.mentions, at.desks, at.timers, at.now))

    @rule(post=posts, to=PEOPLE)
    def assigned(self, post: Post, to: str) -> None:
        if to in self.desk.people:
            self.person(lambda at: answering.assign(post.id, to, "cleo", at.mentions, at.desks, at.timers, at.now))

    @rule(post=posts, by=PEOPLE)
    def answered(self, post: Post, by: str) -> None:
        self.person(lambda at: answering.answer(post.id, by, None, at.mentions, at.now))

    @rule(post=posts, by=PEOPLE)
    def resolved(self, post: Post, by: str) -> None:
        self.person(lambda at: answering.resolve(post.id, by, at.mentions, at.now))

    @rule(post=posts, by=PEOPLE)
    def dismissed(self, post: Post, by: str) -> None:
        self.person(lambda at: answering.dismiss(post.id, by, Dismissal.SPAM, None, at.mentions, at.now))

    @rule()
    def tested(self) -> None:
        self.person(lambda at: send_test("cleo", "ana", at.mentions, at.desks, at.timers, at.now))

    def person(self, does: Callable[[Any], object]) -> None:
        with suppress(*TOO_LATE):
            self.attempt(lambda: does(self.world))

    @rule(leaves=st.sampled_from([None, "ana", "ben"]), calendar=st.sampled_from([None, "office"]), adopt=st.booleans())
    def published(self, leaves: str | None, calendar: str | None, adopt: bool) -> None:
        """What breaks off is done again before anything else is published."""
        if self.publication:
            return
        desk = a_busy_desk()
        people = {id_: person for id_, person in desk.people.items() if id_ != leaves}
        team = Team(id="care", members=tuple(id_ for id_ in ("ana", "ben") if id_ in people), lead="cleo")
        left = {id_: person.backups for id_, person in a_busy_desk().people.items() if id_ not in people}
        hour = replace(desk.policies["hour"], calendar=calendar)
        version = self.desk.version + 1
        desk = replace(
            desk, people=people, teams={"care": team}, policies={**desk.policies, "hour": hour}, version=version
        )
        self.world.desks.desk = desk

        def moved() -> None:
            at: Any = self.world
            hand_over_all(desk, left, "cleo", at.mentions, at.timers, at.now)
            if adopt:
                adopt_all(desk, "cleo", at.mentions, at.timers, FakeReader(), at.now, lambda *_: None)

        self.publication = None if self.attempt(moved) else moved

    # The world

    @rule(fault=st.sampled_from(Fault), calls=st.sampled_from(range(1, 9)))
    def fails(self, fault: Fault, calls: int) -> None:
        self.faults.fault, self.faults.calls = fault, calls

    @rule(person=st.sampled_from(["ana", "ben"]))
    def loses_the_phone(self, person: str) -> None:
        self.phone.unknown ^= {person}

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        """And nothing runs."""
        self.world.now += span
        self.table.late.clear()

    @rule(span=st.sampled_from([12 * MINUTE, HOUR]))
    def all_runs(self, span: timedelta) -> None:
        end = self.world.now + span
        self.stream_is_read()
        while (due := self.next_due()) and due < end:
            self.next_sweep(due)
        self.world.now = max(self.world.now, end)

    @invariant()
    def promises_hold(self) -> None:
        self.promises.hold(self.world.now)

    def teardown(self) -> None:
        """Nothing fails any more, and nothing but the sweep looks: whoever waits is called for all the same."""
        self.faults.fault = None
        self.table.late.clear()
        for event in self.undelivered:
            self.deliver(event)
        self.table.late.clear()
        if self.publication:
            self.publication()
        quiet_from = self.world.now
        for _ in range(2):
            self.next_sweep(quiet_from)
        while silent := self.promises.silent(quiet_from):
            for mention, by in silent:
                assert self.world.now <= by, f"{mention.id} is open, and nobody was told of it since {quiet_from}"
            due = self.next_due()
            assert due
            self.next_sweep(due)
        self.promises.kept(self.desk)

    def next_due(self) -> datetime | None:
        times = [item.next_check_at for item in self.table.items.values() if item.next_check_at]
        return datetime.fromtimestamp(min(times) / 1000, UTC) if times else None

    def next_sweep(self, due: datetime) -> None:
        """The first that finds anything, and what comes of it."""
        self.world.now = max(self.world.now + MINUTE, due + 30 * SECOND)
        self.table.late.clear()
        self.swept()
        self.stream_is_read()
        self.promises_hold()
