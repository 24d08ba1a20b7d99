"""Desks, and what they may become: people leave, teams and rules change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from answerby.domain import ladder as ladders
from answerby.domain.desk import Desk, Ladder, Manners, Person, Policy, Rule, Rung, Team
from tests.builders import ANA, AT_ONCE, BEN, CATCH_ALL, CLEO, NOW, REFUND, a_desk

MINUTE = timedelta(minutes=1)
DORA = Person(id="dora", name="Dora Silva", sms="+15550101004", email="dora@example.com")
ELI = Person(id="eli", name="Eli Stone", email="eli@example.com")


def plain() -> Desk:
    rungs = tuple(Rung(who=(who,), wait=2 * MINUTE) for who in ("owner", "backup", "lead"))
    return a_desk(ladders={"standard": Ladder(id="standard", rungs=rungs)})


def drawn(chance: Random) -> list[Desk]:
    """The first desk and the publications that follow."""
    wait = chance.choice((2, 5, 10)) * MINUTE
    rungs = [Rung(who=("owner",), wait=wait), Rung(who=("backup",), wait=wait), Rung(who=("lead",), wait=wait)]
    if chance.random() < 0.3:
        rungs.insert(1, Rung(who=("care",), wait=wait))
    ladder = Ladder(id="standard", rungs=tuple(rungs), repeat_every=chance.choice((None, 5 * MINUTE)))
    ack_for = chance.choice((None, 15 * MINUTE))
    first = a_desk(
        manners=chance.choice((AT_ONCE, Manners(), Manners())),
        people={person.id: person for person in (ANA, BEN, CLEO, DORA)},
        ladders={"standard": ladder},
        policies={
            "hour": Policy(id="hour", answer_within=60 * MINUTE, ladder="standard", ack_for=ack_for),
            "quick": Policy(id="quick", answer_within=15 * MINUTE, ladder="standard"),
        },
    )
    later = [
        _without_ben(first),
        replace(first, rules=(REFUND, replace(CATCH_ALL, person="dora"))),
        _others(first),
        _without_contact(first),
    ]
    return [first, *chance.sample(later, chance.choice((0, 0, 1, 2)))]


def called(rule: Rule, desk: Desk) -> list[str]:
    """Whom the ladder of a rule leads to."""
    policy = desk.policies[rule.policy]
    owner = ladders.owner_of(rule, desk, NOW)
    plan = ladders.plan(policy, desk.teams[rule.team], owner, rule.priority, None, desk)
    return [person for rung in plan.rungs for person in rung.who]


def _without_ben(desk: Desk) -> Desk:
    return replace(
        desk,
        people={id_: replace(p, backups=()) for id_, p in desk.people.items() if id_ != "ben"},
        teams={"care": Team(id="care", members=("ana",), lead="cleo")},
    )


def _others(desk: Desk) -> Desk:
    return replace(
        desk,
        people={person.id: person for person in (DORA, ELI)},
        teams={"care": Team(id="care", members=("dora", "eli"), lead="eli")},
    )


def _without_contact(desk: Desk) -> Desk:
    return replace(desk, people={**desk.people, "cleo": replace(CLEO, email=None)})
