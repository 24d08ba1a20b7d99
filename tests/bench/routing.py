"""What it costs to decide who owns a post, on a desk with many rules of which only the last takes it."""

from __future__ import annotations

from time import process_time

from answerby.domain.decide import decide
from answerby.domain.desk import Condition, Desk, Rule
from tests.bench.measure import Measure, median
from tests.builders import CATCH_ALL, NOW, a_desk, a_mention

RULES, PHRASES, LENGTH = 100, 10, 2_000
BLOCKS, IN_BLOCK = 25, 40
SAID = "the parcel never arrived and nobody at the shop picks up the phone about order number coffee machine"
WORDS = SAID.split()


def route_100_rules() -> Measure:
    desk, mention = _desk(), a_mention(text=_text())
    decide(mention, desk, NOW)
    sample = []
    for _ in range(BLOCKS):
        began = process_time()
        for _ in range(IN_BLOCK):
            decide(mention, desk, NOW)
        sample.append((process_time() - began) * 1000 / IN_BLOCK)
    against = f"CPU of decide(): {RULES} rules of {PHRASES} phrases, a post of {LENGTH:,} characters"
    return median("route_100_rules", sample, "ms", 0.5, against)


def _desk() -> Desk:
    """Phrases that begin like the post goes on, and then end otherwise: none saves the search."""
    rules = tuple(
        Rule(id=f"rule-{number}", when=Condition(phrases=_phrases(number)), team="care", policy="hour")
        for number in range(RULES)
    )
    return a_desk(rules=(*rules, CATCH_ALL))


def _phrases(number: int) -> tuple[str, ...]:
    return tuple(f"{WORDS[(number + each) % len(WORDS)]} topic{number} word{each}" for each in range(PHRASES))


def _text() -> str:
    return (f"{SAID} " * LENGTH)[:LENGTH]
