"""ports.Reader from word lists: no model, no service, and a tenth of a second to load.

The language is guessed from a text's commonest words (stopwordsiso, for LANGUAGES), or by the script where one language
alone is written in it (SCRIPTS). Sentiment is VADER's, for English alone: everything else is neutral, because to its
lexicon German articles are fatal.
"""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from answerby.domain.mention import Sentiment
from answerby.domain.phrases import fold, words
from answerby.ports import Reading

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pt", "ro")
RIVALS = (
    "ca", "cs", "da", "et", "eu", "fi", "hr", "hu", "id", "lt", "lv", "ms", "no", "pl", "sk", "sl", "sv", "tl", "tr",
    "vi",
)  # fmt: skip
"""Taken for one of them more often than is right, were they not known. What seems to be one of them is unknown."""
SCRIPTS = {
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
}

_READ_CHARACTERS = 2_000
_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_IN_SCRIPT = 0.3
"""Of the letters. Japanese has Chinese ones as well."""
_KNOWN, _AHEAD = 0.25, 0.1
"""Of the different words those that are common in a language, and how many more than in the next."""
_FELT = 0.25
"""Of VADER's sum, which runs from -1 to 1."""

_log = logging.getLogger(__name__)


class TextReader:
    def read(self, text: str, language: str | None) -> Reading:
        try:
            return _read(text[:_READ_CHARACTERS], language)
        except Exception as error:  # noqa: BLE001 — whatever libraries may raise: the post is routed, unread
            _log.warning("text not read", extra={"error": type(error).__name__})
            return Reading(language=language, sentiment=None)


def _read(text: str, language: str | None) -> Reading:
    spoken = language or guess(_NOISE.sub(" ", text))
    return Reading(language=spoken, sentiment=_sentiment(text) if spoken == "en" else Sentiment.NEUTRAL)


def guess(text: str) -> str | None:
    """None where it is not clear, as for many texts of a word or two."""
    letters = sum(character.isalpha() for character in text)
    for language, script in SCRIPTS.items():
        if len(script.findall(text)) > _IN_SCRIPT * letters:
            return language
    said, spoken_in = set(words(text)), _spoken_in()
    counted = Counter(language for word in said for language in spoken_in.get(word, ()))
    (likeliest, most), (_, fewer), *_ = [*counted.most_common(2), ("", 0), ("", 0)]
    is_clear = most >= _KNOWN * len(said) and most - fewer >= _AHEAD * len(said)
    return likeliest if is_clear and likeliest in LANGUAGES else None


@cache
def _spoken_in() -> Mapping[str, Sequence[str]]:
    """By common word: the languages it is common in. Single letters tell none apart."""
    from stopwordsiso import stopwords

    spoken_in: dict[str, list[str]] = defaultdict(list)
    for language in (*LANGUAGES, *RIVALS):
        for word in {fold(word) for word in stopwords(language)}:
            if len(word) > 1:
                spoken_in[word].append(language)
    return spoken_in


def _sentiment(text: str) -> Sentiment:
    felt = _vader().polarity_scores(text)["compound"]
    if abs(felt) < _FELT:
        return Sentiment.NEUTRAL
    return Sentiment.POSITIVE if felt > 0 else Sentiment.NEGATIVE


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

    return SentimentIntensityAnalyzer()
