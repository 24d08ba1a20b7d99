"""Desks, and what they may become: people leave, are away or asleep, teams and rules change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from answerby.domain import ladder as ladders
from answerby.domain.calendar import Calendar, is_open
from answerby.domain.desk import Condition, Desk, Ladder, Manners, Person, Policy, Rule, Rung, Team, Topic
from answerby.domain.mention import Priority, Sentiment
from answerby.domain.rotation import Change, Layer, Override, Rotation, Unit
from tests.builders import ANA, AT_ONCE, BEN, CATCH_ALL, CLEO, NOW, REFUND, a_desk
from tests.simulation.days import Day

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DORA = Person(id="dora", name="Dora Silva", sms="+15550101004", email="dora@example.com")
ELI = Person(id="eli", name="Eli Stone", email="eli@example.com")

REGULARS = Rule(
    id="regulars",
    when=Condition(earlier_posts=2),
    team="care",
    policy="hour",
    priority=Priority.HIGH,
    tags=("regular",),
)
ANGRY = Rule(
    id="angry",
    when=Condition(sentiments=frozenset({Sentiment.NEGATIVE})),
    team="care",
    policy="hour",
    priority=Priority.LOW,
    person="dora",
)


def plain() -> Desk:
    rungs = tuple(Rung(who=(who,), wait=2 * MINUTE) for who in ("owner", "backup", "lead"))
    return a_desk(ladders={"standard": Ladder(id="standard", rungs=rungs)})


def drawn(chance: Random, day: Day, aim: str | None = None) -> list[Desk]:
    """The first desk and the publications that follow. `aim` is a call of a port that must be made often."""
    first = _first(chance, day, aim)
    later = [
        _without_ben(first),
        _by_dora(first),
        _others(first),
        _without_contact(first),
        _quicker(first),
    ]
    number = chance.choice((1, 2) if aim == "mentions.inbox" else (0, 0, 1, 2))
    return [first, *chance.sample(later, number)]


def owner(rule: Rule, desk: Desk) -> str:
    return ladders.owner_of(rule, desk, NOW)


def plans(rule: Rule, desk: Desk) -> list[set[str]]:
    """Whom the ladder of a rule leads to in any case, whoever a post is assigned to. Rotations only add to them."""
    policy, team, topic = desk.policies[rule.policy], desk.teams[rule.team], desk.topics.get(rule.topic or "")
    drawn_up = (ladders.plan(policy, team, person, rule.priority, topic, desk) for person in desk.people)
    return [{name for rung in plan.rungs for name in rung.who} for plan in drawn_up]


def sleeps(person: Person, begin: datetime, end: datetime) -> bool:
    """Whether a person is asleep at any minute of a time."""
    minutes = range((end - begin) // MINUTE)
    return person.working_hours is not None and not all(
        is_open(person.working_hours, begin + n * MINUTE) for n in minutes
    )


def _first(chance: Random, day: Day, aim: str | None) -> Desk:
    turns = chance.random() < 0.4
    middle = [REGULARS] if aim == "mentions.earlier_posts" or chance.random() < 0.15 else []
    middle += [ANGRY] if chance.random() < 0.2 else []
    last = replace(CATCH_ALL, person="shift") if turns and chance.random() < 0.5 else CATCH_ALL
    return a_desk(
        manners=chance.choice((AT_ONCE, Manners(), Manners())),
        people=_staff(chance, day),
        rotations={"shift": _shift(chance, day)} if turns else {},
        overrides=tuple(_override(chance, day, turns) for _ in range(chance.choice((0, 0, 1, 2)))),
        calendars={"office": _hours("office", day, (-1, 1.5), (2, 8))},
        topics={"refund": Topic(id="refund", backups=("dora",), crisis=chance.random() < 0.3)},
        ladders={"standard": _ladder(chance, turns)},
        policies=_policies(chance),
        rules=(REFUND, *middle, last),
    )


def _ladder(chance: Random, turns: bool) -> Ladder:
    wait = chance.choice((2, 5, 10)) * MINUTE
    rungs = [
        Rung(who=("owner",), wait=wait, rounds=chance.choice((1, 1, 2))),
        Rung(who=("backup",), wait=wait),
        Rung(who=("lead",), wait=wait),
    ]
    if turns:
        rungs.insert(1, Rung(who=("shift",), wait=wait))
    elif chance.random() < 0.3:
        rungs.insert(1, Rung(who=("care",), wait=wait))
    return Ladder(id="standard", rungs=tuple(rungs), repeat_every=chance.choice((None, 5 * MINUTE)))


def _policies(chance: Random) -> dict[str, Policy]:
    hour = Policy(
        id="hour",
        answer_within=HOUR,
        ladder="standard",
        ack_for=chance.choice((None, 15 * MINUTE)),
        calendar=chance.choice((None, None, "office")),
        next_within=chance.choice((None, 20 * MINUTE)),
        resolve_within=chance.choice((None, None, 70 * MINUTE)),
        reminders=chance.choice(((), (0.5,), (0.25, 5 * MINUTE, 0.9))),
    )
    reminders = chance.choice(((), (5 * MINUTE,)))
    return {
        "hour": hour,
        "quick": Policy(id="quick", answer_within=15 * MINUTE, ladder="standard", reminders=reminders),
    }


def _staff(chance: Random, day: Day) -> dict[str, Person]:
    """Some sleep for a part of the time, and in one case all at once."""
    work: dict[str | None, dict[str, tuple[tuple[float, float], ...]]] = {
        None: {},
        "short": {"ana": ((-1, 0.75),), "dora": ((1, 2.25),)},
        "long": {"ana": ((0.5, 2.5), (3, 8)), "ben": ((4, 8),)},
        "night": {"ana": ((-1, 0.5), (1, 8)), **dict.fromkeys(("ben", "cleo", "dora"), ((-1, 0.25), (1.25, 8)))},
    }
    drawn = work[chance.choice((None, None, "short", "long", "night"))]
    hours = {person: _hours(person, day, *spans) for person, spans in drawn.items()}
    languages = ("es",) if chance.random() < 0.2 else ()
    staff = (ANA, replace(BEN, languages=languages), CLEO, DORA)
    return {person.id: replace(person, working_hours=hours.get(person.id)) for person in staff}


def _hours(name: str, day: Day, *spans: tuple[float, float]) -> Calendar:
    """Every day, by the hours since the run has begun."""
    return Calendar(id=name, time_zone=day.zone, week=(day.spans(*spans),) * 7)


def _shift(chance: Random, day: Day) -> Rotation:
    """Turns of an hour, so that they are handed over in the course of a run; sometimes with a gap."""
    during = (day.spans((-1, 1.25), (1.75, 8)),) * 7
    layer = Layer(
        people=("ana", "ben", "dora"),
        starts=day.date - timedelta(days=1),
        hand_over=chance.randrange(60),
        unit=Unit.HOURS,
        during=chance.choice((None, during)),
    )
    return Rotation(id="shift", time_zone=day.zone, layers=(layer,))


def _override(chance: Random, day: Day, turns: bool) -> Override:
    """For a part of the afternoon."""
    starts = day.begins + chance.randrange(90) * MINUTE
    person, by = chance.sample(("ana", "ben", "dora"), 2)
    change = chance.choice((Change.REMOVE, Change.REPLACE, *((Change.ADD,) if turns else ())))
    return Override(
        change=change,
        person=person,
        starts=starts,
        ends=starts + chance.randrange(10, 60) * MINUTE,
        by=by if change is Change.REPLACE else None,
        rotation="shift" if turns and (change is Change.ADD or chance.random() < 0.3) else None,
    )


def _without_ben(desk: Desk) -> Desk:
    people = {id_: replace(p, backups=()) for id_, p in desk.people.items() if id_ != "ben"}
    return replace(
        desk,
        people=people,
        teams={"care": Team(id="care", members=("ana",), lead="cleo")},
        rotations={id_: _of(rotation, people) for id_, rotation in desk.rotations.items()},
        overrides=tuple(each for each in desk.overrides if "ben" not in (each.person, each.by)),
    )


def _of(rotation: Rotation, people: dict[str, Person]) -> Rotation:
    def staffed(layer: Layer) -> Layer:
        return replace(layer, people=tuple(person for person in layer.people if person in people))

    return replace(rotation, layers=tuple(map(staffed, rotation.layers)))


def _by_dora(desk: Desk) -> Desk:
    return replace(desk, rules=(REFUND, replace(CATCH_ALL, person="dora")))


def _others(desk: Desk) -> Desk:
    people = {person.id: person for person in (DORA, ELI)}
    ladder = desk.ladders["standard"]
    rungs = tuple(rung for rung in ladder.rungs if rung.who != ("shift",))
    return replace(
        desk,
        people=people,
        teams={"care": Team(id="care", members=("dora", "eli"), lead="eli")},
        rotations={},
        overrides=(),
        ladders={"standard": replace(ladder, rungs=rungs)},
        rules=(REFUND, CATCH_ALL),
    )


def _without_contact(desk: Desk) -> Desk:
    return replace(desk, people={**desk.people, "cleo": replace(CLEO, email=None)})


def _quicker(desk: Desk) -> Desk:
    """Shorter times, and a topic that has become a crisis."""
    hour = replace(desk.policies["hour"], answer_within=40 * MINUTE, resolve_within=50 * MINUTE, reminders=(0.5,))
    topics = {"refund": replace(desk.topics["refund"], crisis=True)}
    return replace(desk, policies={**desk.policies, "hour": hour}, topics=topics)
