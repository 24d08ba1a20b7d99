"""What it costs to decide who owns a post, on a desk with many rules of which only the last takes it."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from answerby.domain.decide import decide
from answerby.domain.desk import Condition, Desk, Rule
from tests.bench.measure import Measure, median, ratio
from tests.builders import CATCH_ALL, NOW, a_desk, a_mention

PHRASES, LENGTH = 10, 2_000
FEW, SOME, MANY = 10, 100, 1_000
BLOCKS, IN_BLOCK = 25, 40
SAID = "the parcel never arrived and nobody at the shop picks up the phone about order number coffee machine"
WORDS = SAID.split()


def route_100_rules() -> Measure:
    against = f"CPU of decide(): {SOME} rules of {PHRASES} phrases, a post of {LENGTH:,} characters"
    return median("route_100_rules", _times(_deciding(SOME))[0], "ms", 0.5, against)


def rules_1000() -> list[Measure]:
    """The cost of a post, and how it grows with the rules."""
    few, many = _times(_deciding(FEW), _deciding(MANY))
    against = f"CPU of decide(): {MANY:,} rules of {PHRASES} phrases, every fourth with a *; {LENGTH:,} characters"
    growth = f"the same by that with {FEW} rules"
    return [
        median("rules_1000", many, "ms", 1.0, against),
        ratio("rules_1000_growth", many, few, 2.0, growth),
    ]


def _times(*works: Callable[[], object]) -> list[list[float]]:
    """Milliseconds a call, by work; their blocks take turns, because a busy machine slows all alike."""
    sample: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for _ in range(BLOCKS):
        for times, work in zip(sample, works, strict=True):
            began = process_time()
            for _ in range(IN_BLOCK):
                work()
            times.append((process_time() - began) * 1000 / IN_BLOCK)
    return sample


def _deciding(rules: int) -> Callable[[], object]:
    desk, mention = _desk(rules), a_mention(text=_text())
    return lambda: decide(mention, desk, NOW)


def _desk(count: int) -> Desk:
    """Phrases that begin like the post goes on, and then end otherwise: none saves the search."""
    rules = tuple(
        Rule(id=f"rule-{number}", when=Condition(phrases=_phrases(number)), team="care", policy="hour")
        for number in range(count)
    )
    return a_desk(rules=(*rules, CATCH_ALL))


def _phrases(number: int) -> tuple[str, ...]:
    plain = [f"{WORDS[(number + each) % len(WORDS)]} topic{number} word{each}" for each in range(PHRASES)]
    return tuple(f"{phrase}*" if each % 4 == 0 else phrase for each, phrase in enumerate(plain))


def _text() -> str:
    return (f"{SAID} " * LENGTH)[:LENGTH]
