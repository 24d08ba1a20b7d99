"""What was accepted, promised or done stays so: told from deliveries and from what people did, not from decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from answerby.adapters.items import notice_name
from answerby.domain.mention import Alert, Event, Mention, Notice, NoticeKind, Post, Reason, State
from answerby.networks.webhook import Delivery
from tests.simulation.calls import IN_TIME
from tests.simulation.engine import SECOND

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

INDEX_LATE = 5 * SECOND
SKEW = 2 * SECOND
_OF_A_CHECK = frozenset(
    {Reason.ROUTED, Reason.ESCALATED, Reason.REPEATED, Reason.BREACHED, Reason.ACKNOWLEDGEMENT_EXPIRED, Reason.REMINDER}
)
"""Why a check calls people: it has looked for the brand's reply just before."""
_ONCE = (Event.ANSWERED, Event.RESOLVED, Event.DISMISSED)
"""What a person may say twice, as after a time-out, and is told once."""
_as_posted = attrgetter("network", "kind", "source", "brand_account", "author", "conversation_id", "posted_at")


@dataclass
class Promises:
    simulation: Simulation
    accepted: list[Delivery] = field(default_factory=list)
    _replied: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By post: when the brand's first reply to it was accepted, and which."""
    _removed: dict[str, int] = field(default_factory=dict)

    def acknowledged(self, delivery: Delivery) -> None:
        """Oracle: every 2xx is stored with the same content."""
        now = self.simulation.engine.now
        self.accepted.append(delivery)
        self._stored(delivery)
        for notice in delivery.notices:
            if notice.kind is NoticeKind.OWN_REPLY and notice.post.in_reply_to:
                self._replied.setdefault(notice.post.in_reply_to, (now, notice.post.id))
            if notice.kind is NoticeKind.REMOVAL:
                self._removed.setdefault(notice.post.id, now)

    def _stored(self, delivery: Delivery) -> None:
        table = self.simulation.table
        for post in delivery.posts:
            self._stored_post(post)
        for notice in delivery.notices:
            stored = table.read.get((notice.post.id, notice_name(notice)))
            if not isinstance(stored, Notice):
                self._fail(f"an accepted {notice.kind} is not stored", notice.post.id)
            elif (stored.post.text, stored.post.author) != (notice.post.text, notice.post.author):
                self._fail(f"the {notice.kind} is stored with other words", notice.post.id)
        kept = {raw for _, raw, _ in table.unreadable.values()}
        if any(event.raw not in kept for event in delivery.unreadable):
            self._fail("what could not be read was accepted and is not kept")

    def _stored_post(self, post: Post) -> None:
        mention = self.simulation.table.get(post.id)
        if mention is None:
            self._fail("accepted and not stored", post.id)
        elif mention.state is not State.REMOVED:
            said = self.simulation.said[post.id]
            if mention.post.text not in said:
                self._fail(f"stored with other words: {mention.post.text!r}, said {said}", post.id)
            if _as_posted(mention.post) != _as_posted(post):
                self._fail(f"stored as {_as_posted(mention.post)}, and was {_as_posted(post)}", post.id)

    def written(self, before: Mention | None, after: Mention) -> None:
        """Neither is a deadline once promised lengthened, nor a priority once reached lowered, nor a breach undone
        while the post is open."""
        if before is None:
            return
        for name in ("answer_by", "resolve_by"):
            old, new = getattr(before, name), getattr(after, name)
            if old and (new is None or new > old):
                self._fail(f"{name} was {old}, and is {new}", after.id)
        if before.priority and after.priority and after.priority.rank < before.priority.rank:
            self._fail(f"its priority was {before.priority}, and is {after.priority}", after.id)
        if before.breached and after.state is State.OPEN and not after.breached:
            self._fail("its breach is undone", after.id)

    def decided(self, alert: Alert, mention: Mention) -> None:
        """Oracle: no alert after an answer that committed first. The index may not know it for some seconds; a removal
        is heard of by the stream, or by the sweep after a minute."""
        at = self.simulation.engine.ms(alert.decided_at)
        replied, _ = self._replied.get(mention.id, (None, ""))
        removed = self._removed.get(mention.id)
        if replied is not None and alert.reason in _OF_A_CHECK and at > replied + INDEX_LATE + SKEW:
            self._fail(
                f"{alert.person} is called {(at - replied) / 1000:.0f} s after the brand has replied", mention.id
            )
        if removed is not None and at > removed + IN_TIME and alert.reason is not Reason.UNRESOLVED:
            late, grace = at - removed, self.simulation.faults.grace(mention.id, removed, at)
            if late > IN_TIME + grace:
                self._fail(f"{alert.person} is called {late / 1000:.0f} s after the post was removed", mention.id)

    def done(self, event: Event, by: str, now: datetime, mention: Mention) -> None:
        """A person was told that it is done: so it is."""
        stored = self.simulation.table.get(mention.id)
        assert stored
        history = self.simulation.table.history(stored).history
        if not any(e.event is event and e.by == by and (e.at == now or event in _ONCE) for e in history):
            self._fail(f"{by} was told that it is {event}, and nothing says so", mention.id)

    def ended(self) -> None:
        """All is stored, nothing else is, and what was answered or removed is closed."""
        table = self.simulation.table
        for delivery in self.accepted:
            self._stored(delivery)
        for each in table.read.values():
            if isinstance(each, Mention) and each.is_open:
                if each.id in self._replied and not self._waits_for_its_check(each):
                    self._fail("the brand has replied to it, and it is open", each.id)
                if each.id in self._removed:
                    self._fail("it was removed, and is open", each.id)

    def _waits_for_its_check(self, mention: Mention) -> bool:
        """The stream has lost the reply, and no check has come since, which would find it: docs/adr/0018."""
        at, reply = self._replied[mention.id]
        is_lost = reply in self.simulation.faults.of_mention
        return is_lost and self.simulation.oracles.check_set_at(mention.id) <= at + INDEX_LATE + SKEW

    def _fail(self, what: str, mention_id: str = "") -> None:
        self.simulation.oracles.fail(what, mention_id)
