"""Phrases as whole words of folded text, found in one pass however many there are.

A text is walked word by word along a trie, so the time it takes grows with the text's length, and at worst with the
longest phrase's: whatever its author wrote, and however many phrases a desk looks for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

# Marks belong to the letters before them, which \w does not know: accents without a letter of their own, the points of
# Hebrew and Arabic, and the vowel signs of India's scripts.
_WORD = re.compile(r"[\w\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0df3]+")
_BETWEEN_WORDS = {code: " " for code in range(128) if not _WORD.match(chr(code))}
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, and Han with its extensions; and emoji.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u23e9-\u23f3\u2600-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]"
)
# What nobody sees tells no words apart: soft hyphens, joiners, marks of direction, the variants of emoji.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
_REST = "*"
_UNSAID = "\0"


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms unified, case folded, what is invisible left out.

    Turkish has two letters i, of which the folding of Unicode takes each capital for the other small one: here all four
    are one.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
    return unicodedata.normalize("NFKC", folded.replace("i\u0307", "i").replace("\u0131", "i"))


def words(text: str) -> list[str]:
    return _words_of(fold(text))


def is_unspaced(phrase: str) -> bool:
    """Whether the phrase is looked for anywhere in a text, and not as whole words."""
    return bool(_UNSPACED.search(phrase))


def is_beginning(phrase: str) -> bool:
    """Whether its last `*` stands for the rest of a word. After anything but a word it stands for nothing."""
    said, star = phrase.rstrip()[:-1], phrase.rstrip()[-1:]
    return star == _REST and bool(_WORD.match(said[-1:]))


def _words_of(folded: str) -> list[str]:
    # Most posts are ASCII when folded, and a translation is ten times as fast as a pattern.
    return folded.translate(_BETWEEN_WORDS).split() if folded.isascii() else _WORD.findall(folded)


class _Node:
    """What has been said so far, and what may come next."""

    __slots__ = ("after", "beginnings", "lengths", "said")

    def __init__(self) -> None:
        self.after: dict[str, _Node] = {}
        self.said: tuple[str, ...] = ()
        """Phrases that are complete here."""
        self.beginnings: dict[str, tuple[str, ...]] = {}
        """Phrases that the next word completes if it begins so."""
        self.lengths: tuple[int, ...] = ()
        """Of the beginnings, shortest first."""


class Phrases:
    """An index of phrases, built once per desk."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_words, self._by_characters = _Node(), _Node()
        for phrase in set(phrases):
            if is_unspaced(phrase):
                _grow(self._by_characters, _piece(phrase), phrase)
            elif is_beginning(phrase):
                *before, beginning = words(phrase)
                _grow(self._by_words, before, phrase, beginning)
            elif spelled := words(phrase):
                _grow(self._by_words, spelled, phrase)

    def found(self, text: str) -> set[str]:
        """Those that the text says."""
        folded = fold(text)
        found: set[str] = set()
        _walk(self._by_words, _words_of(folded), found)
        if self._by_characters.after and not folded.isascii():
            _walk(self._by_characters, folded, found)
        return found

    def said_with(self, phrase: str) -> set[str]:
        """Those that nobody can leave out who says this one."""
        found: set[str] = set()
        if is_unspaced(phrase):
            _walk(self._by_characters, _piece(phrase), found)
        else:
            spelled = words(phrase)
            if is_beginning(phrase):
                # However the word goes on, it is not known to be any whole word.
                spelled[-1] += _UNSAID
            _walk(self._by_words, spelled, found)
        return found


def _piece(phrase: str) -> str:
    """A phrase that is looked for anywhere: there the rest of a word means nothing."""
    return fold(phrase.strip().removesuffix(_REST).strip())


def _grow(root: _Node, tokens: Sequence[str], phrase: str, beginning: str = "") -> None:
    node = root
    for token in tokens:
        node = node.after.setdefault(token, _Node())
    if not beginning:
        node.said += (phrase,)
        return
    node.beginnings[beginning] = (*node.beginnings.get(beginning, ()), phrase)
    node.lengths = tuple(sorted({*node.lengths, len(beginning)}))


def _walk(root: _Node, tokens: Sequence[str], found: set[str]) -> None:
    count = len(tokens)
    for start, first in enumerate(tokens):
        # Most words begin no phrase.
        if first not in root.after and not root.lengths:
            continue
        node, at = root, start
        while at < count:
            token = tokens[at]
            for length in node.lengths:
                if length > len(token):
                    break
                found.update(node.beginnings.get(token[:length], ()))
            following = node.after.get(token)
            if following is None:
                break
            node, at = following, at + 1
            if node.said:
                found.update(node.said)
