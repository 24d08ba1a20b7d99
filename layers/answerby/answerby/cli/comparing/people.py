"""Who comes, who leaves, and what becomes of teams."""

from __future__ import annotations

from collections.abc import Iterator

from answerby.cli.comparing.difference import Aspect, Difference, changed_fields, names
from answerby.domain.desk import Desk, Person

_CALLED = {"sms": "mobile number", "email": "mail address", "backups": "back-ups"}


def people(before: Desk, after: Desk) -> Iterator[Difference]:
    for id_, person in before.people.items():
        if id_ not in after.people:
            yield Difference(aspect=Aspect.LEFT, id=id_, text=f"{person.name} ({id_}) leaves the desk")
    for id_, person in after.people.items():
        known = before.people.get(id_)
        if known is None:
            text = f"{person.name} ({id_}) joins the desk, called by {_contacts(person)}"
            yield Difference(aspect=Aspect.PERSON, id=id_, text=text)
        elif known != person:
            for change in changed_fields(known, person, _CALLED):
                yield Difference(aspect=Aspect.PERSON, id=id_, text=f"{person.name}: {change}")


def teams(before: Desk, after: Desk) -> Iterator[Difference]:
    for id_ in before.teams:
        if id_ not in after.teams:
            yield Difference(aspect=Aspect.TEAM, id=id_, text=f"team {id_} is gone")
    for id_, team in after.teams.items():
        known = before.teams.get(id_)
        if known is None:
            text = f"new team {id_}: {names(team.members, after)}, led by {names([team.lead], after)}"
            yield Difference(aspect=Aspect.TEAM, id=id_, text=text)
        elif known != team:
            for change in changed_fields(known, team, {}):
                yield Difference(aspect=Aspect.TEAM, id=id_, text=f"team {id_}: {change}")


def _contacts(person: Person) -> str:
    return " and ".join(filter(None, (person.sms, person.email))) or "no channel"
