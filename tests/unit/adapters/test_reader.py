"""Language and sentiment of a text."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from answerby.adapters import reader
from answerby.adapters.reader import TextReader
from answerby.domain.mention import Sentiment
from answerby.ports import Reading

read = TextReader().read


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My parcel never came and nobody answers the phone"),
        ("en", "THIS IS TERRIBLE https://example.de/die @die #der"),
        ("de", "Die Lieferung kam nie an und niemand geht ans Telefon"),
        ("fr", "Je veux être remboursé, votre service client est déplorable"),
        ("es", "No me llega el pedido y nadie contesta"),
        ("it", "Il pacco non è mai arrivato"),
        ("nl", "Mijn pakket is nooit aangekomen"),
        ("pt", "Meu pedido não chegou e ninguém responde"),
        ("ja", "注文した商品が届きません"),
        ("ko", "주문한 상품이 아직 안 왔어요"),
        ("el", "Δεν έφτασε η παραγγελία"),
        ("he", "ההזמנה שלי לא הגיעה"),
        ("th", "ยังไม่ได้รับสินค้าเลย"),
        ("ro", "Coletul meu nu a ajuns și nimeni nu răspunde"),
        (None, "Mitt paket har aldrig kommit fram"),
        (None, "Chcę zwrotu pieniędzy"),
        (None, "Парсел не дошёл"),
        (None, "我的包裹没有到"),
        (None, "LOL"),
        (None, "😡😡😡 12345"),
        (None, ""),
    ],
)
def test_a_language_is_guessed_where_it_is_clear(language: str | None, text: str) -> None:
    assert read(text, None).language == language


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("This is terrible, the worst shop ever!", Sentiment.NEGATIVE),
        ("The new coffee machine is great, I love it 😍", Sentiment.POSITIVE),
        ("Do you ship to Norway?", Sentiment.NEUTRAL),
    ],
)
def test_english_is_judged(text: str, sentiment: Sentiment) -> None:
    assert read(text, "en").sentiment is sentiment


@pytest.mark.parametrize("language", ["de", None])
def test_what_is_not_english_is_neutral(language: str | None) -> None:
    assert read("Die Ware ist da, die war die beste", language) == Reading(language="de", sentiment=Sentiment.NEUTRAL)


def test_what_the_network_says_of_the_language_is_believed() -> None:
    assert read("Die Ware ist kaputt", "en").sentiment is Sentiment.NEGATIVE


def test_a_hostile_text_is_read_no_further_than_a_page() -> None:
    read("but " * 100_000, "en")
    assert read("a" * 1_000_000, None).language is None


def test_a_reading_that_fails_leaves_unknown(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ImportError("my parcel")

    monkeypatch.setattr(reader, "_vader", fail)
    with caplog.at_level(logging.WARNING):
        assert read("my parcel", "en") == Reading(language="en", sentiment=None)
    assert "my parcel" not in caplog.text


def test_libraries_are_imported_by_the_first_reading_only() -> None:
    code = (
        f"import sys; import {reader.__name__}; print(sorted({{'stopwordsiso', 'vaderSentiment'}} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
