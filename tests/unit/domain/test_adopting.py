from __future__ import annotations

from dataclasses import replace

import pytest

from answerby.domain.adopting import successor
from answerby.domain.decide import decide
from answerby.domain.desk import Desk, Team, Topic
from tests.builders import BEN, CATCH_ALL, CLEO, NOW, a_desk, a_mention

REFUNDED = decide(a_mention(text="refund"), a_desk(), NOW)
CARE = Team(id="care", members=("ben",), lead="cleo")
PEOPLE = {"ben": BEN, "cleo": CLEO}


@pytest.mark.parametrize(
    ("desk", "backups", "to"),
    [
        (a_desk(people=PEOPLE, teams={"care": CARE}), ("cleo",), "cleo"),
        (a_desk(people=PEOPLE, teams={"care": CARE}), ("dev", "ben"), "ben"),
        (a_desk(people=PEOPLE, teams={"care": CARE}), (), "ben"),
        (
            a_desk(people=PEOPLE, teams={"care": CARE}, topics={"refund": Topic(id="refund", backups=("cleo",))}),
            (),
            "cleo",
        ),
        (
            a_desk(
                people={"cleo": CLEO, "ben": BEN},
                teams={"sales": Team(id="sales", members=("cleo",), lead="ben")},
                rules=(replace(CATCH_ALL, team="sales"),),
            ),
            (),
            "cleo",
        ),
    ],
    ids=["a back-up", "the first still here", "the team's next", "the topic's back-up", "whoever owns the rest"],
)
def test_a_post_of_somebody_who_left_goes_to(desk: Desk, backups: tuple[str, ...], to: str) -> None:
    assert successor(REFUNDED, backups, desk, NOW) == to
