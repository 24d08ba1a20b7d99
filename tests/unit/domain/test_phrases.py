"""Phrases in a text: whole words, beginnings, and scripts without spaces."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.domain import phrases
from answerby.domain.phrases import Phrases, fold, is_beginning, words

SPOKEN = st.text(alphabet="abc ", min_size=1, max_size=12).filter(str.strip)
LONG_WORD, MANY_WORDS = "a" * 60, "a " * 30


def says(text: str, phrase: str) -> bool:
    return phrase in Phrases([phrase]).found(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("refund", "I want a refund."),
        ("refund", "REFUND!!!"),
        ("refund", "#refund"),
        ("late parcel", "another late   parcel\nagain"),
        ("straße", "in der STRASSE"),
        ("café", "the cafe\u0301 is closed"),
        ("ﬁne print", "the FINE print"),
        ("退款", "我要求退款谢谢"),
        ("คืนเงิน", "ขอคืนเงินด้วย"),
        ("e-mail", "no e-mail came"),
        ("don't buy", "DON'T BUY this"),
        ("कमी", "बहुत कमी है"),
        ("iptal", "siparişi İPTAL et"),
        ("k\u0131r\u0131k", "KIRIK geldi"),
        ("İade", "iade istiyorum"),
        ("cancel", "please can\u00adcel"),
        ("cancel", "c\u200bancel it"),
        ("نمی\u200cروم", "نمیروم"),
        ("😡", "so late😡😡"),
        ("👍", "well done 👍🏽"),
        ("❤️", "I ❤ it"),
        ("love 😡", "LOVE 😡 it"),
    ],
)
def test_a_phrase_is_found_as_whole_words_of_folded_text(phrase: str, text: str) -> None:
    assert says(text, phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("refund", "refundable"),
        ("late parcel", "late, my parcel"),
        ("late parcel", "late"),
        ("love 😡", "love it"),
        ("a", "b"),
        ("कम", "बहुत कमी है"),
        ("cafe", "the cafe\u0301 is closed"),
        ("!!!", "!!!"),
    ],
)
def test_a_phrase_is_not_found_inside_words_or_across_others(phrase: str, text: str) -> None:
    assert not says(text, phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cancel*", "Cancellation, please"),
        ("cancel*", "cancel"),
        ("refund my mon*", "refund my MONEY now"),
        ("straß*", "STRASSENBAHN"),
        ("e-mai*", "two e-mails"),
        ("cafe\u0301*", "cafés"),
        ("退款*", "我要求退款谢谢"),
        ("cancel* ", "cancelled"),
    ],
)
def test_a_last_star_stands_for_the_rest_of_a_word(phrase: str, text: str) -> None:
    assert says(text, phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cancel*", "I uncancelled it"),
        ("cancel*", "can cel"),
        ("refund my mon*", "refund mon"),
        ("refund my mon*", "refund my"),
        ("re*fund", "reimburse the fund"),
        ("cancel *", "cancelled"),
        ("cancel**", "cancelled"),
        ("*", "anything"),
    ],
)
def test_a_star_anywhere_else_stands_for_nothing(phrase: str, text: str) -> None:
    assert not says(text, phrase)


def test_phrases_that_share_words_are_all_found() -> None:
    looked_for = ["my", "my order", "my order is*", "order", "order is late", "is", "la*", "l*"]
    assert Phrases([*looked_for, "my parcel", "late order"]).found("My order is late") == set(looked_for) - {"is*"}


@pytest.mark.parametrize(
    ("said", "phrase", "implied"),
    [
        ("a full refund please", "full refund", True),
        ("cancellation", "cancel*", True),
        ("cancel*", "can*", True),
        ("my cancel*", "my", True),
        ("cancel*", "cancel", False),
        ("cancel*", "cancell*", False),
        ("refund", "refunds", False),
        ("我要退款", "退款", True),
        ("退款", "我要退款", False),
    ],
)
def test_what_is_said_with_a_phrase_is_known(said: str, phrase: str, implied: bool) -> None:
    assert (phrase in Phrases([phrase]).said_with(said)) is implied


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_no_text_and_no_phrase_upsets_the_search(text: str, looked_for: list[str]) -> None:
    assert Phrases(looked_for).found(text) <= set(looked_for)


@given(st.text(alphabet="ab 退款", max_size=30), st.lists(SPOKEN, max_size=6), st.lists(SPOKEN, max_size=6))
def test_the_index_finds_what_looking_for_each_phrase_finds(text: str, whole: list[str], begun: list[str]) -> None:
    looked_for = {*whole, *(f"{phrase.strip()}*" for phrase in begun), "退", "款退"}
    assert Phrases(looked_for).found(text) == {phrase for phrase in looked_for if _slowly(text, phrase)}


def _slowly(text: str, phrase: str) -> bool:
    if phrase in ("退", "款退"):
        return phrase in text
    spelled = r"\W+".join(words(phrase))
    end = "" if is_beginning(phrase) else r"(?!\w)"
    return bool(re.search(rf"(?<!\w){spelled}{end}", fold(text)))


@given(st.text(), SPOKEN, st.text())
def test_a_phrase_between_spaces_is_always_found(before: str, phrase: str, after: str) -> None:
    assert says(f"{before} \n {phrase} \n {after}", phrase)


@given(SPOKEN, SPOKEN)
def test_what_is_said_with_a_phrase_is_found_wherever_the_phrase_is(said: str, begun: str) -> None:
    index = Phrases([said, f"{begun.strip()}*", "a", "a b", "ab*"])
    for phrase in (said, f"{said.strip()}*"):
        assert index.said_with(phrase) <= index.found(said + "c" * is_beginning(phrase))


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_split_into_the_same_words_as_any_other_text(text: str) -> None:
    assert words(text) == words(f"{text} é")[:-1]


@pytest.mark.parametrize(
    ("looked_for", "hostile"),
    [
        ([f"{MANY_WORDS}b", f"{MANY_WORDS}b*"], "a "),
        ([LONG_WORD + "b", LONG_WORD[:30] + "*", LONG_WORD[:31] + "b*"], "a"),
        (["退" * 60 + "款"], "退"),
        ([f"{'a' * length}*" for length in range(1, 61)], "a" * 61 + " "),
    ],
    ids=["words that go on like a phrase", "one endless word", "characters that go on", "every beginning"],
)
def test_the_work_grows_with_a_hostile_text_and_no_faster(looked_for: list[str], hostile: str) -> None:
    index = Phrases(looked_for)

    def work(times: int) -> int:
        return steps(lambda: index.found(hostile * times))

    short, longer, longest = work(200), work(400), work(600)
    assert longest - longer == longer - short


def test_ten_times_the_phrases_are_no_more_work() -> None:
    text = "the parcel never arrived and nobody at the shop picks up the phone " * 10
    few, many = (Phrases(f"nobody at the topic{number}" for number in range(count)) for count in (100, 1000))
    assert steps(lambda: many.found(text)) == steps(lambda: few.found(text))


def steps(work: Callable[[], object]) -> int:
    """How many lines of the module under test run: the same on any machine."""
    counted = 0

    def local(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal counted
        counted += event == "line"
        return local

    def every(frame: FrameType, event: str, arg: Any) -> Any:
        return local if frame.f_code.co_filename == phrases.__file__ else None

    before = sys.gettrace()
    sys.settrace(every)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted
