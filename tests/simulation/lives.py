"""Desks of every shape, for the lives that posts lead under them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from answerby.domain.calendar import Calendar, Span, Week
from answerby.domain.desk import Condition, Desk, Ladder, Person, Policy, Rule, Rung, Team
from answerby.domain.mention import Priority
from answerby.domain.rotation import Change, Layer, Override, Rotation, Unit
from tests.builders import HOUR, MINUTE

STARTS = (
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    datetime(2026, 3, 6, 16, 30, tzinfo=UTC),
    # The clocks of Madrid go forward at 1:00 UTC, and those of Santiago back at midnight, a week later.
    datetime(2026, 3, 28, 22, 50, tzinfo=UTC),
    datetime(2026, 4, 4, 23, 30, tzinfo=UTC),
)
_DAY = timedelta(days=1)
_ZONES = ("UTC", "Europe/Madrid", "America/Santiago", "Asia/Kathmandu")
_PEOPLE = ("ana", "ben", "cleo", "dora")
_TURNS = ("days", "nights")
_SPANS = tuple((Span(start=start, end=end),) for start, end in ((540, 1020), (1320, 1800), (480, 720)))


def a_desk_of_any_shape(chance: Random, now: datetime, version: int = 1) -> Desk:
    """One that a file could describe, without somebody at times; whether anybody is awake is another question."""
    ids = chance.choice((_PEOPLE, _PEOPLE[:3], _PEOPLE[1:]))
    members = (*chance.sample(ids[:2], 2), *chance.choice(((), _TURNS[:1])))
    return Desk(
        people={id_: _person(id_, ids, chance) for id_ in ids},
        teams={"care": Team(id="care", members=members, lead=ids[-1], calendar=chance.choice((None, "hours")))},
        ladders={id_: _ladder(id_, ids, chance) for id_ in ("short", "long")},
        policies={id_: _policy(id_, chance) for id_ in ("one", "two")},
        rules=tuple(_rule(word, ids, chance) for word in ("refund", "broken", "")),
        calendars={"hours": Calendar(id="hours", time_zone=chance.choice(_ZONES), week=_week(chance))},
        rotations={id_: _rotation(id_, ids, chance) for id_ in _TURNS},
        overrides=tuple(_override(ids, now, chance) for _ in range(chance.randrange(4))),
        version=version,
    )


def _week(chance: Random) -> Week:
    return (chance.choice(_SPANS),) * 5 + (chance.choice((*_SPANS, ())),) * 2


def _person(id_: str, ids: tuple[str, ...], chance: Random) -> Person:
    hours = Calendar(id=id_, time_zone=chance.choice(_ZONES), week=_week(chance))
    return Person(
        id=id_,
        name=id_.title(),
        email=f"{id_}@example.com",
        working_hours=chance.choice((None, hours)),
        backups=chance.choice(((), (chance.choice([each for each in ids if each != id_]),))),
    )


def _rotation(id_: str, ids: tuple[str, ...], chance: Random) -> Rotation:
    layer = Layer(
        people=tuple(chance.sample(ids, chance.randint(1, 3))),
        starts=date(2026, 3, 1),
        hand_over=chance.choice((0, 150, 540)),
        every=chance.randint(1, 9),
        unit=chance.choice(tuple(Unit)),
        during=chance.choice((None, _week(chance))),
    )
    return Rotation(id=id_, time_zone=chance.choice(_ZONES), layers=(layer,))


def _override(ids: tuple[str, ...], now: datetime, chance: Random) -> Override:
    change = chance.choice(tuple(Change))
    starts = now + chance.choice((-HOUR, 5 * MINUTE, 12 * HOUR))
    return Override(
        change=change,
        person=chance.choice(ids),
        rotation=chance.choice(_TURNS if change is Change.ADD else (None, *_TURNS)),
        by=chance.choice(ids) if change is Change.REPLACE else None,
        starts=starts,
        ends=starts + chance.choice((7 * MINUTE, HOUR, _DAY)),
    )


def _ladder(id_: str, ids: tuple[str, ...], chance: Random) -> Ladder:
    names = ("owner", "backup", "lead", "care", *ids, *_TURNS)
    rungs = tuple(
        Rung(
            who=tuple(chance.sample(names, chance.randint(1, 2))),
            wait=chance.choice((MINUTE, 10 * MINUTE, HOUR)),
            rounds=chance.randint(1, 2),
        )
        for _ in range(chance.randint(1, 3))
    )
    return Ladder(id=id_, rungs=rungs, repeat_every=chance.choice((None, 5 * MINUTE)))


def _policy(id_: str, chance: Random) -> Policy:
    within = chance.choice((15 * MINUTE, HOUR, 8 * HOUR))
    return Policy(
        id=id_,
        answer_within=within,
        ladder=chance.choice(("short", "long")),
        ack_for=chance.choice((None, 30 * MINUTE)),
        calendar=chance.choice((None, "hours")),
        next_within=chance.choice((None, within / 3)),
        resolve_within=chance.choice((None, within * 3)),
        reminders=tuple(chance.sample((0.5, 0.8, 5 * MINUTE, 30 * MINUTE), chance.randrange(3))),
    )


def _rule(word: str, ids: tuple[str, ...], chance: Random) -> Rule:
    return Rule(
        id=word or "otherwise",
        when=Condition(phrases=(word,) if word else ()),
        team="care",
        policy=chance.choice(("one", "two")),
        priority=chance.choice(tuple(Priority)),
        person=chance.choice((None, *ids, *_TURNS)),
    )
