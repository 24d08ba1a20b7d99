"""Which rule takes a post, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.desk import Condition, Rule
from answerby.domain.mention import Author, Kind, Post
from answerby.domain.rules import Rules, words
from tests.builders import CATCH_ALL, a_post


def taken(post: Post, when: Condition) -> bool:
    rule = Rule(id="it", when=when, team="care", policy="hour")
    return Rules((rule, CATCH_ALL)).match(post).rule is rule


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("refund", "I want a refund."),
        ("refund", "REFUND!!!"),
        ("late parcel", "another late   parcel\nagain"),
        ("straße", "in der STRASSE"),
        ("café", "the cafe\u0301 is closed"),
        ("ﬁne print", "the FINE print"),
        ("退款", "我要求退款谢谢"),
        ("e-mail", "no e-mail came"),
        ("don't buy", "DON'T BUY this"),
    ],
)
def test_a_phrase_is_found_as_whole_words_of_folded_text(phrase: str, text: str) -> None:
    assert taken(a_post(text=text), Condition(phrases=(phrase,)))


@pytest.mark.parametrize(("phrase", "text"), [("refund", "refundable"), ("late parcel", "late, my parcel"), ("a", "b")])
def test_a_phrase_is_not_found_inside_words_or_across_others(phrase: str, text: str) -> None:
    assert not taken(a_post(text=text), Condition(phrases=(phrase,)))


def test_the_first_matching_rule_wins() -> None:
    first = Rule(id="first", when=Condition(phrases=("late",)), team="care", policy="hour")
    second = replace(first, id="second")
    assert Rules((first, second, CATCH_ALL)).match(a_post(text="late")).rule.id == "first"


def test_all_parts_of_a_condition_must_hold() -> None:
    when = Condition(phrases=("late",), networks=frozenset({"x"}))
    assert not taken(a_post(text="late"), when)
    assert taken(a_post(text="late", network="x"), when)


@pytest.mark.parametrize(
    ("when", "post"),
    [
        (Condition(networks=frozenset({"facebook"})), a_post()),
        (Condition(sources=frozenset({"page"})), a_post()),
        (Condition(kinds=frozenset({Kind.REVIEW})), a_post(kind=Kind.REVIEW)),
        (Condition(rating_at_most=2), a_post(rating=2.0)),
        (Condition(rating_at_least=4), a_post(rating=4.5)),
        (Condition(authors=frozenset({"sam"})), a_post(author=Author(handle="@Sam"))),
        (Condition(authors=frozenset({"7"})), a_post()),
        (Condition(followers_at_least=1000), a_post(author=Author(followers=1000))),
    ],
)
def test_each_part_matches(when: Condition, post: Post) -> None:
    assert taken(post, when)


@pytest.mark.parametrize(
    "when",
    [
        Condition(networks=frozenset({"x"})),
        Condition(sources=frozenset({"other"})),
        Condition(kinds=frozenset({Kind.REVIEW})),
        Condition(rating_at_most=2),
        Condition(rating_at_least=4),
        Condition(authors=frozenset({"8"})),
        Condition(followers_at_least=1),
    ],
)
def test_each_part_refuses_what_is_other_or_unknown(when: Condition) -> None:
    assert not taken(a_post(), when)


def test_the_reason_names_what_matched() -> None:
    rule = Rule(
        id="it",
        when=Condition(phrases=("late", "never came"), networks=frozenset({"facebook"})),
        team="care",
        policy="hour",
    )
    assert Rules((rule,)).match(a_post()).why == 'network is facebook; it says "never came"'


def test_a_desk_without_a_catch_all_is_told_apart() -> None:
    with pytest.raises(LookupError):
        Rules(()).match(a_post())


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_no_text_and_no_phrase_upsets_the_matching(text: str, phrases: list[str]) -> None:
    Rules((Rule(id="it", when=Condition(phrases=tuple(phrases)), team="c", policy="p"), CATCH_ALL)).match(
        a_post(text=text)
    )


@given(st.text(), st.text(alphabet="abc ", min_size=1).filter(str.strip), st.text())
def test_a_phrase_between_spaces_is_always_found(before: str, phrase: str, after: str) -> None:
    assert taken(a_post(text=f"{before} \n {phrase} \n {after}"), Condition(phrases=(phrase,)))


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_split_into_the_same_words_as_any_other_text(text: str) -> None:
    assert words(text) == words(f"{text} é")[:-1]
