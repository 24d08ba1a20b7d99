"""A small desk and posts for tests: Ana owns, Ben backs her up, Cleo leads; one hour to answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from answerby.domain.desk import Condition, Desk, Ladder, Manners, Person, Policy, Rule, Rung, Team
from answerby.domain.mention import Author, Kind, Mention, Notice, NoticeKind, Post, Priority
from answerby.domain.source import Source
from answerby.usecases.receive import accepted

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

ANA = Person(
    id="ana", name="Ana Ruiz", time_zone="Europe/Madrid", sms="+15550101001", email="ana@example.com", backups=("ben",)
)
BEN = Person(id="ben", name="Ben Okafor", time_zone="Europe/London", sms="+15550101002", email="ben@example.com")
CLEO = Person(id="cleo", name="Cleo Laurent", time_zone="UTC", email="cleo@example.com")

CATCH_ALL = Rule(id="otherwise", when=Condition(), team="care", policy="hour")
REFUND = Rule(
    id="refunds",
    when=Condition(phrases=("refund",)),
    team="care",
    policy="quick",
    priority=Priority.URGENT,
    topic="refund",
)

AT_ONCE = Manners(bundle_for=timedelta(), sms_every=timedelta())
"""Nothing is held back, so that tests of clocks and ladders see each alert when it was decided."""


def a_desk(**changes: Any) -> Desk:
    desk = Desk(
        people={person.id: person for person in (ANA, BEN, CLEO)},
        teams={"care": Team(id="care", members=("ana", "ben"), lead="cleo")},
        ladders={
            "standard": Ladder(
                id="standard",
                rungs=(
                    Rung(who=("owner",), wait=10 * MINUTE),
                    Rung(who=("backup",), wait=10 * MINUTE),
                    Rung(who=("lead",), wait=10 * MINUTE),
                ),
            )
        },
        policies={
            "hour": Policy(id="hour", answer_within=HOUR, ladder="standard"),
            "quick": Policy(id="quick", answer_within=15 * MINUTE, ladder="standard"),
        },
        rules=(REFUND, CATCH_ALL),
        sources={"page": Source(id="page", network="facebook", brand_account="100")},
        manners=AT_ONCE,
        version=1,
    )
    return replace(desk, **changes)


def a_post(native_id: str = "1", **changes: Any) -> Post:
    post = Post(
        id=f"facebook:{native_id}",
        network="facebook",
        kind=Kind.COMMENT,
        source="page",
        brand_account="100",
        author=Author(id="7", name="Sam Carter"),
        text="My parcel never came.",
        conversation_id="facebook:thread",
        received_at=NOW,
        posted_at=NOW,
    )
    return replace(post, **changes)


def a_mention(native_id: str = "1", **changes: Any) -> Mention:
    return accepted(a_post(native_id, **changes))


def a_reply(
    native_id: str = "r1", to: str | None = "facebook:1", at: datetime = NOW + MINUTE, **changes: Any
) -> Notice:
    """The brand's own reply."""
    post = a_post(
        native_id,
        author=Author(id="100", name="The Brand"),
        in_reply_to=to,
        text="We are on it.",
        posted_at=at,
        received_at=at,
    )
    return Notice(kind=NoticeKind.OWN_REPLY, post=replace(post, **changes), next_check_at=None)
