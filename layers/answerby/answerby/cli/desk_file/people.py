"""People and teams, as a desk file writes them."""

from __future__ import annotations

from functools import partial

from answerby.cli.desk_file import hours, values
from answerby.cli.desk_file.fields import Fields, entries
from answerby.cli.desk_file.languages import language
from answerby.cli.desk_file.names import Names
from answerby.cli.desk_file.problems import Problems
from answerby.cli.desk_file.shapes import PERSON, TEAM
from answerby.cli.desk_file.tree import Node
from answerby.domain.calendar import Calendar
from answerby.domain.desk import ALWAYS, Person, Team


def read_people(node: Node | None, names: Names, problems: Problems) -> dict[str, Person]:
    backups_of = partial(values.references, names.reader("person"), "back-ups")
    people = {}
    for id_, key, value in entries(node, "people", problems):
        fields = Fields(value, f"person {id_}", PERSON, problems, key.place)
        names.refuse_second_meaning(id_, "person", key.place, problems)
        sms, email = fields.optional("sms", values.phone), fields.optional("email", values.mail_address)
        if "sms" not in fields and "email" not in fields:
            problems.error(key.place, f"nobody can reach {id_}", "Add `sms: +…` or `email: …`")
        backups = fields.optional("backup", backups_of) or ()
        if id_ in backups:
            problems.error(fields.place_of("backup"), f"{id_} cannot be their own back-up", "Name somebody else")
        time_zone = fields.optional("time_zone", values.time_zone) or "UTC"
        week = fields.optional("working_hours", hours.week)
        people[id_] = Person(
            id=id_,
            name=fields.required("name", values.text) or id_,
            time_zone=time_zone,
            sms=sms,
            email=email,
            backups=backups,
            working_hours=Calendar(id=id_, time_zone=time_zone, week=week) if week else None,
            languages=fields.optional("languages", partial(values.references, language, "languages")) or (),
        )
    return people


def read_teams(node: Node | None, names: Names, problems: Problems) -> dict[str, Team]:
    members_of = partial(values.references, names.reader("person", "rotation"), "members")
    lead_of, calendar_of = names.reader("person"), names.reader("calendar")
    teams = {}
    for id_, key, value in entries(node, "teams", problems):
        fields = Fields(value, f"team {id_}", TEAM, problems, key.place)
        names.refuse_second_meaning(id_, "team", key.place, problems)
        calendar = fields.optional("calendar", calendar_of)
        teams[id_] = Team(
            id=id_,
            members=fields.required("members", members_of) or (),
            lead=fields.required("lead", lead_of) or "",
            calendar=None if calendar == ALWAYS else calendar,
        )
    return teams
