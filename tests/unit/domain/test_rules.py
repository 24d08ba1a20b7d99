"""Which rule takes a post, and why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.desk import Condition, Rule
from answerby.domain.mention import Kind, Sentiment
from answerby.domain.rules import Rules, Trial
from tests.builders import CATCH_ALL, NOW, a_mention

CONDITIONS = st.recursive(
    st.builds(
        Condition,
        phrases=st.lists(st.sampled_from(["late", "refund", "re*", "my order"]), max_size=2).map(tuple),
        all_phrases=st.lists(st.sampled_from(["late", "order*"]), max_size=2).map(tuple),
        no_phrases=st.lists(st.sampled_from(["thanks", "refund"]), max_size=1).map(tuple),
        networks=st.frozensets(st.sampled_from(["x", "facebook"]), max_size=1),
        rating_at_most=st.sampled_from([None, 2.0]),
    ),
    lambda children: st.builds(
        Condition,
        any_of=st.lists(children, max_size=3).map(tuple),
        all_of=st.lists(children, max_size=2).map(tuple),
        none_of=st.lists(children, max_size=1).map(tuple),
        phrases=st.sampled_from([(), ("late",)]),
    ),
    max_leaves=6,
)
TEXTS = st.lists(st.sampled_from(["late", "refund", "refunds", "my", "order", "thanks"]), max_size=6).map(" ".join)


def a_rule(id_: str = "it", **when: Any) -> Rule:
    return Rule(id=id_, when=Condition(**when), team="care", policy="hour")


def tried(*rules: Rule, **post: Any) -> list[Trial]:
    return Rules((*rules, CATCH_ALL)).trials(a_mention(**post), NOW)


def test_the_first_matching_rule_wins() -> None:
    rules = Rules((a_rule("first", phrases=("late",)), a_rule("second", phrases=("late",)), CATCH_ALL))
    assert rules.match(a_mention(text="late"), NOW).rule.id == "first"


def test_a_rule_without_phrases_wins_over_a_later_one_with_them() -> None:
    rules = Rules((a_rule("first", networks=frozenset({"facebook"})), a_rule("second", phrases=("late",)), CATCH_ALL))
    assert rules.match(a_mention(text="late"), NOW).rule.id == "first"


def test_the_reason_names_what_matched() -> None:
    rule = a_rule(phrases=("late", "never came"), networks=frozenset({"facebook"}))
    assert Rules((rule,)).match(a_mention(), NOW).why == 'network is facebook; it says "never came"'


def test_a_desk_without_a_catch_all_is_told_apart() -> None:
    with pytest.raises(LookupError):
        Rules(()).match(a_mention(), NOW)


def test_trials_tell_of_each_rule_until_the_match_why_it_does_or_does_not_hold() -> None:
    rules = (
        a_rule("refunds", phrases=("refund", "cancel*")),
        a_rule("x", networks=frozenset({"x"})),
        a_rule("stars", rating_at_most=2),
        a_rule("parcels", phrases=("parcel",), kinds=frozenset({Kind.COMMENT})),
        a_rule("later"),
    )
    assert [(trial.rule.id, trial.holds, trial.why) for trial in tried(*rules, rating=4.0)] == [
        ("refunds", False, 'it does not say any of "refund", "cancel*"'),
        ("x", False, "network is facebook, not x"),
        ("stars", False, "rating 4 is above 2"),
        ("parcels", True, 'kind is comment; it says "parcel"'),
    ]


def test_a_rule_without_a_condition_says_so() -> None:
    assert tried()[0].why == "it takes whatever no other rule took"


@given(st.lists(CONDITIONS, max_size=4), TEXTS, st.sampled_from(["x", "facebook", "other"]))
def test_the_index_leads_to_the_rule_that_trying_each_leads_to(
    conditions: list[Condition], text: str, network: str
) -> None:
    rules = Rules(
        [Rule(id=str(at), when=when, team="c", policy="p") for at, when in enumerate(conditions)] + [CATCH_ALL]
    )
    mention = a_mention(text=text, network=network)
    *failed, last = rules.trials(mention, NOW)
    match = rules.match(mention, NOW)
    assert (match.rule, match.why) == (last.rule, last.why)
    assert last.holds
    assert not any(trial.holds for trial in failed)
    assert all(trial.why for trial in (*failed, last))


@pytest.mark.parametrize(
    "when",
    [
        Condition(phrases=("refund", "cancel*")),
        Condition(all_phrases=("parcel", "refund")),
        Condition(phrases=("parcel",), all_phrases=("refund",)),
        Condition(all_of=(Condition(phrases=("refund",)),)),
        Condition(any_of=(Condition(phrases=("refund",)), Condition(all_phrases=("cancel", "parcel")))),
        Condition(phrases=("parcel",), any_of=(Condition(phrases=("refund",)),)),
    ],
)
def test_a_rule_whose_phrases_are_not_said_is_not_looked_at(when: Condition) -> None:
    rules = Rules([Rule(id=str(at), when=when, team="c", policy="p") for at in range(50)] + [CATCH_ALL])
    situation = rules._situation(a_mention(text="My parcel never came"), NOW)
    assert rules._candidates(situation) == [50]


def test_a_rule_for_another_network_is_not_looked_at() -> None:
    rules = Rules([a_rule(networks=frozenset({"x"})), a_rule(networks=frozenset({"facebook"})), CATCH_ALL])
    assert rules._candidates(rules._situation(a_mention(), NOW)) == [1, 2]
    assert rules._candidates(rules._situation(a_mention(network="other"), NOW)) == [2]


@pytest.mark.parametrize(
    ("when", "asks"),
    [
        (Condition(sentiments=frozenset({Sentiment.NEGATIVE})), "reads_sentiment"),
        (Condition(languages=frozenset({"de"})), "reads_language"),
        (Condition(earlier_posts=2), "counts_authors"),
    ],
)
def test_what_rules_ask_to_be_read_is_known_however_deep_they_ask(when: Condition, asks: str) -> None:
    flags = ("reads_sentiment", "reads_language", "counts_authors")
    for nested in (when, Condition(any_of=(Condition(none_of=(Condition(all_of=(when,)),)),))):
        rules = Rules((Rule(id="it", when=nested, team="c", policy="p"), CATCH_ALL))
        assert [flag for flag in flags if getattr(rules, flag)] == [asks]
    assert not any(getattr(Rules((CATCH_ALL,)), flag) for flag in flags)


def test_trials_end_with_the_last_rule_if_none_takes_the_post() -> None:
    trials = Rules((a_rule("refunds", phrases=("refund",)),)).trials(a_mention(), NOW)
    assert [(trial.rule.id, trial.holds) for trial in trials] == [("refunds", False)]
