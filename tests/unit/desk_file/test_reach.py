"""Rules that can never match, among conditions of every kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.cli.desk_file.problems import Place, Problems
from answerby.cli.desk_file.reach import check_reach
from answerby.cli.desk_file.rules import Placed
from answerby.domain.desk import Condition, Rule
from answerby.domain.mention import Sentiment
from answerby.domain.rules import Rules
from tests.builders import CATCH_ALL, NOW, a_mention
from tests.unit.domain.test_rules import CONDITIONS, TEXTS


def unreached(*conditions: Condition) -> list[str]:
    rules = [Rule(id=str(at), when=when, team="care", policy="hour") for at, when in enumerate(conditions)]
    problems = Problems()
    check_reach([Placed(rule=rule, place=Place(at + 1, 1), sound=True) for at, rule in enumerate(rules)], {}, problems)
    return [str(problem.place.line - 1) for problem in problems.errors]


def one(*of: Any) -> frozenset[Any]:
    return frozenset(of)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (Condition(phrases=("cancel*",)), Condition(phrases=("cancellation", "cancel my order"))),
        (Condition(phrases=("can*",)), Condition(phrases=("cancel*",))),
        (Condition(languages=one("de", "en")), Condition(languages=one("de"))),
        (Condition(sentiments=one(*Sentiment)), Condition(sentiments=one(Sentiment.NEGATIVE))),
        (Condition(no_phrases=("thanks",)), Condition(no_phrases=("thanks", "ta"))),
        (Condition(all_phrases=("late",)), Condition(all_phrases=("late", "parcel"))),
        (Condition(followers_at_most=10), Condition(followers_at_most=5)),
        (Condition(has_link=True), Condition(has_link=True, phrases=("late",))),
        (Condition(link_domains=one("a.de", "b.de")), Condition(link_domains=one("a.de"))),
        (Condition(during="office"), Condition(during="office", phrases=("late",))),
        (Condition(earlier_posts=2), Condition(earlier_posts=3, earlier_within=timedelta(days=7))),
        (Condition(any_of=(Condition(phrases=("a",)),)), Condition(any_of=(Condition(phrases=("a",)),))),
        (Condition(none_of=(Condition(phrases=("a",)),)), Condition(none_of=(Condition(phrases=("a",)),))),
    ],
)
def test_a_rule_that_asks_for_more_than_an_earlier_one_never_matches(earlier: Condition, later: Condition) -> None:
    assert unreached(earlier, later) == ["1"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (Condition(phrases=("cancel",)), Condition(phrases=("cancel*",))),
        (Condition(phrases=("cancel*",), during="office"), Condition(phrases=("cancel*",))),
        (Condition(phrases=("cancel*",), outside="office"), Condition(phrases=("cancel*",), outside="shop")),
        (Condition(phrases=("late",), has_link=False), Condition(phrases=("late",), has_link=True)),
        (Condition(phrases=("late",), languages=one("de")), Condition(phrases=("late",))),
        (Condition(phrases=("late",), languages=one("de")), Condition(phrases=("late",), languages=one("de", "en"))),
        (Condition(phrases=("late",), sentiments=one(Sentiment.NEGATIVE)), Condition(phrases=("late",))),
        (Condition(phrases=("late",), no_phrases=("thanks",)), Condition(phrases=("late",))),
        (Condition(phrases=("late",), all_phrases=("parcel",)), Condition(phrases=("late",))),
        (Condition(phrases=("late",), earlier_posts=2), Condition(phrases=("late",), earlier_posts=1)),
        (Condition(phrases=("late",), followers_at_most=5), Condition(phrases=("late",), followers_at_most=10)),
        (Condition(phrases=("late",), link_domains=one("a.de")), Condition(phrases=("late",), has_link=True)),
        (Condition(phrases=("late",), any_of=(Condition(phrases=("a",)),)), Condition(phrases=("late",))),
        (Condition(phrases=("late",), all_of=(Condition(phrases=("a",)),)), Condition(phrases=("late",))),
        (Condition(phrases=("late",), none_of=(Condition(phrases=("a",)),)), Condition(phrases=("late",))),
    ],
)
def test_a_rule_that_an_earlier_one_leaves_something_is_reached(earlier: Condition, later: Condition) -> None:
    assert unreached(earlier, later) == []


@given(st.lists(CONDITIONS, min_size=2, max_size=4), TEXTS, st.sampled_from(["x", "facebook", "other"]), st.booleans())
def test_no_post_ever_reaches_a_rule_that_is_reported(
    conditions: list[Condition], text: str, network: str, is_rated: bool
) -> None:
    rules = [Rule(id=str(at), when=when, team="care", policy="hour") for at, when in enumerate(conditions)]
    mention = a_mention(text=text, network=network, rating=1.0 if is_rated else None)
    assert Rules([*rules, CATCH_ALL]).match(mention, NOW).rule.id not in unreached(*conditions)
