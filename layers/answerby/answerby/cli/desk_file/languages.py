"""Languages by their ISO 639-1 codes."""

from __future__ import annotations

from answerby.cli.desk_file import values
from answerby.cli.desk_file.problems import Problems, one_of, quoted
from answerby.cli.desk_file.tree import Node
from answerby.domain.mention import SAME_LANGUAGE

# https://www.loc.gov/standards/iso639-2/php/code_list.php
_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
    ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
LANGUAGES = frozenset(_CODES.split())
_BY_NAME = {
    "arabic": "ar",
    "chinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "vietnamese": "vi",
}


def language(node: Node, problems: Problems) -> str | None:
    written = values.text(node, problems)
    if written is None or written in LANGUAGES:
        return SAME_LANGUAGE.get(written or "", written)
    folded = written.lower()
    nearest = _BY_NAME.get(folded, folded.replace("_", "-").split("-")[0])
    advice = f"Write {nearest}" if nearest in LANGUAGES else one_of(folded, sorted(LANGUAGES))
    problems.error(node.place, f"there is no language {quoted(written)}", f"{advice} (a code of ISO 639-1)")
    return None
