"""Each part of a condition: whether it holds, and what is told about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import Condition, Rule
from answerby.domain.mention import Author, Kind, Mention, Sentiment
from answerby.domain.rules import Rules, Trial
from tests.builders import CATCH_ALL, NOW, a_mention

DAY = timedelta(days=1)
LINKED = "Look: https://shop.example.com/a and www.other.net"
OFFICE = Calendar(id="office", time_zone="UTC", week=((Span(start=9 * 60, end=17 * 60),),) * 7)


def tried(
    when: Condition, mention: Mention, calendars: dict[str, Calendar] | None = None, now: datetime = NOW
) -> Trial:
    rule = Rule(id="it", when=when, team="care", policy="hour")
    return Rules((rule, CATCH_ALL), calendars or {}).trials(mention, now)[0]


def post(**changes: Any) -> Mention:
    return a_mention(**changes)


def one(*of: Any) -> frozenset[Any]:
    return frozenset(of)


@pytest.mark.parametrize(
    ("when", "mention", "why"),
    [
        (Condition(networks=one("facebook")), post(), "network is facebook"),
        (Condition(sources=one("page")), post(), "source is page"),
        (Condition(kinds=one(Kind.REVIEW)), post(kind=Kind.REVIEW), "kind is review"),
        (Condition(phrases=("paket", "parcel")), post(), 'it says "parcel"'),
        (Condition(all_phrases=("never", "parcel")), post(), 'it says "never" and "parcel"'),
        (Condition(no_phrases=("thanks", "ta")), post(), 'it does not say "thanks" or "ta"'),
        (Condition(languages=one("pt")), post(language="pt-BR"), "language is pt"),
        (Condition(languages=one("no")), post(language="nb-NO"), "language is no"),
        (Condition(languages=one("he")), post(language="iw"), "language is he"),
        (
            Condition(sentiments=one(Sentiment.NEGATIVE)),
            post(sentiment=Sentiment.NEGATIVE),
            "sentiment is negative",
        ),
        (Condition(rating_at_most=2), post(rating=2.0), "rating 2 is at most 2"),
        (Condition(rating_at_least=4), post(rating=4.5), "rating 4.5 is at least 4"),
        (Condition(authors=one("sam")), post(author=Author(handle="@Sam")), "its author is listed"),
        (Condition(authors=one("7")), post(), "its author is listed"),
        (
            Condition(followers_at_least=1000),
            post(author=Author(followers=1_250_000)),
            "its author has 1,250,000 followers",
        ),
        (Condition(followers_at_most=10), post(author=Author(followers=10)), "its author has 10 followers"),
        (Condition(has_link=True), post(text=LINKED), "it links to shop.example.com, www.other.net"),
        (Condition(has_link=False), post(), "it has no link"),
        (Condition(link_domains=one("example.com")), post(text=LINKED), "it links to shop.example.com"),
        (Condition(link_domains=one("other.net")), post(text=LINKED), "it links to www.other.net"),
        (Condition(all_of=(Condition(kinds=one(Kind.COMMENT)), Condition(networks=one("facebook")))), post(), None),
        (Condition(any_of=(Condition(kinds=one(Kind.REVIEW)), Condition(phrases=("came",)))), post(), 'it says "came"'),
        (Condition(none_of=(Condition(networks=one("x")),)), post(), "network is facebook, not x"),
    ],
)
def test_each_part_holds_and_says_why(when: Condition, mention: Mention, why: str | None) -> None:
    trial = tried(when, mention)
    assert trial.holds
    assert trial.why == (why or "kind is comment; network is facebook")


@pytest.mark.parametrize(
    ("when", "mention", "why"),
    [
        (Condition(networks=one("x", "instagram")), post(), "network is facebook, not instagram or x"),
        (Condition(sources=one("other")), post(), "source is page, not other"),
        (Condition(kinds=one(Kind.REVIEW)), post(), "kind is comment, not review"),
        (Condition(phrases=("refund",)), post(), 'it does not say "refund"'),
        (Condition(phrases=("refund", "cancel*")), post(), 'it does not say any of "refund", "cancel*"'),
        (Condition(all_phrases=("parcel", "lost", "late")), post(), 'it does not say "lost" or "late"'),
        (Condition(no_phrases=("thanks", "parcel")), post(), 'it says "parcel"'),
        (Condition(languages=one("en")), post(language="de"), "language is de, not en"),
        (Condition(languages=one("en")), post(), "language is unknown, not en"),
        (Condition(languages=one("en")), post(language="und"), "language is unknown, not en"),
        (Condition(sentiments=one(Sentiment.NEGATIVE)), post(), "sentiment is unknown, not negative"),
        (Condition(rating_at_most=2), post(rating=4.0), "rating 4 is above 2"),
        (Condition(rating_at_least=4), post(rating=2.0), "rating 2 is below 4"),
        (Condition(rating_at_least=4), post(), "it has no rating"),
        (Condition(authors=one("8")), post(), "its author is not listed"),
        (
            Condition(followers_at_least=1000),
            post(author=Author(followers=12)),
            "its author has 12 followers, fewer than 1,000",
        ),
        (
            Condition(followers_at_most=10),
            post(author=Author(followers=12)),
            "its author has 12 followers, more than 10",
        ),
        (Condition(followers_at_most=10), post(), "the number of its author's followers is unknown"),
        (Condition(has_link=True), post(), "it has no link"),
        (Condition(has_link=False), post(text="www.other.net"), "it links to www.other.net"),
        (Condition(link_domains=one("example.com")), post(), "it has no link, not to example.com"),
        (
            Condition(link_domains=one("example.com")),
            post(text="https://notexample.com https://example.com.evil.net"),
            "it links to notexample.com, example.com.evil.net, not to example.com",
        ),
        (
            Condition(all_of=(Condition(kinds=one(Kind.COMMENT)), Condition(networks=one("x")))),
            post(),
            "network is facebook, not x",
        ),
        (
            Condition(any_of=(Condition(kinds=one(Kind.REVIEW)), Condition(phrases=("lost",)))),
            post(),
            'none of these holds: kind is comment, not review; it does not say "lost"',
        ),
        (Condition(none_of=(Condition(phrases=("came",)),)), post(), 'excluded: it says "came"'),
        (
            Condition(none_of=(Condition(),)),
            post(),
            "excluded: a condition without parts always holds",
        ),
    ],
)
def test_each_part_refuses_what_is_other_or_unknown_and_says_why(when: Condition, mention: Mention, why: str) -> None:
    trial = tried(when, mention)
    assert not trial.holds
    assert trial.why == why


def test_all_parts_of_a_condition_must_hold() -> None:
    when = Condition(phrases=("late",), networks=one("x"))
    assert not tried(when, post(text="late")).holds
    assert tried(when, post(text="late", network="x")).holds


def test_of_a_long_list_only_the_first_are_told() -> None:
    when = Condition(phrases=tuple(f"w{number}" for number in range(100)))
    assert tried(when, post()).why.endswith('"w11" and 88 more')


@pytest.mark.parametrize(
    ("days", "when", "holds", "why"),
    [
        ([1, 2], Condition(earlier_posts=2), True, "its author wrote 2 posts in the 30 days before"),
        ([1], Condition(earlier_posts=2), False, "its author wrote 1 posts in the 30 days before, fewer than 2"),
        ([1, 31], Condition(earlier_posts=2), False, "its author wrote 1 posts in the 30 days before, fewer than 2"),
        (
            [1, 2],
            Condition(earlier_posts=1, earlier_within=timedelta(hours=12)),
            False,
            "its author wrote 0 posts in the 12 hours before, fewer than 1",
        ),
    ],
)
def test_a_repeat_author_is_one_who_wrote_so_often_within_a_time(
    days: list[int], when: Condition, holds: bool, why: str
) -> None:
    trial = tried(when, replace(post(), earlier_posts=tuple(NOW - day * DAY for day in days)))
    assert (trial.holds, trial.why) == (holds, why)


@pytest.mark.parametrize(("at", "is_open"), [(NOW, True), (NOW - timedelta(minutes=1), False)])
def test_a_rule_may_hold_during_or_outside_a_calendars_hours(at: datetime, is_open: bool) -> None:
    during, outside = (
        tried(when, post(), {"office": OFFICE}, at)
        for when in (Condition(during="office"), Condition(outside="office"))
    )
    assert (during.holds, outside.holds) == (is_open, not is_open)
    assert during.why == outside.why == f"calendar office is {'open' if is_open else 'closed'}"
    assert tried(Condition(during="always"), post(), {"office": OFFICE}, at).holds
