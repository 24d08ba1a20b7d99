"""Text in the GSM 7-bit default alphabet (3GPP TS 23.038), of which one SMS holds 160 characters.

One character outside of it makes the whole message UCS-2: 70 characters a part, and the price of each further part.
Its extension table is left out too, since each of its characters counts twice.
"""

from __future__ import annotations

from anyascii import anyascii

ONE_PART = 160

ALPHABET = frozenset(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_CUT = ".."
_INSTEAD = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "|": "/", "^": "'", "~": "-", "`": "'"})


def gsm7(text: str) -> str:
    """The text on one line in the alphabet: other scripts romanised, emoji and control characters dropped."""
    plain = "".join(char if char in ALPHABET else _spelled(char) for char in text)
    return " ".join(plain.split())


def clip(text: str, width: int) -> str:
    """At most `width` characters, cut at the end of a word where that costs little."""
    if len(text) <= width:
        return text
    cut = text[: max(width - len(_CUT), 0)]
    space = cut.rfind(" ")
    kept = (cut[:space] if space > width * 2 // 3 else cut).rstrip()
    return kept + _CUT if kept else text[: max(width, 0)]


def _spelled(char: str) -> str:
    if char.isspace() or not char.isprintable():
        return " "
    if _is_pictogram(char):
        return ""
    return "".join(letter for letter in anyascii(char).translate(_INSTEAD) if letter in ALPHABET)


def _is_pictogram(char: str) -> bool:
    # anyascii spells emoji out (":joy:"), which costs more of the 160 characters than it tells.
    return (char >= "\U0001f000" and char < "\U00020000") or "\u2600" <= char <= "\u27bf" or char in "\ufe0f\u200d"
