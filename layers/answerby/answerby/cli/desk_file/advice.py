"""What works but is probably not meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from answerby.cli.desk_file.fields import Fields
from answerby.cli.desk_file.problems import Place, Problems
from answerby.cli.desk_file.rules import CATCH_ALL, Placed
from answerby.cli.desk_file.tree import Mapping
from answerby.domain.desk import Desk, Rule
from answerby.domain.mention import Priority


def advise(desk: Desk, top: Fields, rules: Sequence[Placed], problems: Problems) -> None:
    if not desk.sources:
        problems.warning(top.place, "the desk has no sources, so it hears nothing", "Add `sources:`")
    _advise_on_sources(desk, top, problems)
    _advise_on_waits(desk, top, problems)
    _advise_on_people(desk, top, problems)
    for placed in rules:
        _advise_on_urgency(placed.rule, placed.place, desk, problems)
    _advise_on_urgency(desk.rules[-1], top.place_of(CATCH_ALL), desk, problems)


def _advise_on_urgency(rule: Rule, place: Place, desk: Desk, problems: Problems) -> None:
    owner = rule.person or desk.teams[rule.team].members[0]
    person = desk.people.get(owner)
    if rule.priority is Priority.URGENT and person and not person.sms:
        what = f"rule {rule.id} is urgent, and {owner}, who owns it, has no phone number"
        problems.warning(place, what, "A mail wakes nobody: add `sms: …` to the person")


def _advise_on_sources(desk: Desk, top: Fields, problems: Problems) -> None:
    first: dict[tuple[str, str], str] = {}
    for source in desk.sources.values():
        other = first.setdefault((source.network, source.brand_account), source.id)
        if other != source.id:
            what = f"sources {other} and {source.id} are the same account of {source.network}"
            to_do = "Remove one of them: a post counts as the source's that delivers it first"
            problems.warning(_entry(top, "sources", source.id), what, to_do)


def _advise_on_waits(desk: Desk, top: Fields, problems: Problems) -> None:
    for policy in desk.policies.values():
        rungs = desk.ladders[policy.ladder].rungs
        last_called = sum((rung.wait for rung in rungs[:-1]), timedelta())
        if last_called >= policy.answer_within:
            what = f"policy {policy.id} calls the last rung of ladder {policy.ladder} after its deadline"
            problems.warning(_entry(top, "policies", policy.id), what, "Shorten the waits, or lengthen `answer_within`")


def _advise_on_people(desk: Desk, top: Fields, problems: Problems) -> None:
    called = {rule.person for rule in desk.rules} | {
        backup for person in desk.people.values() for backup in person.backups
    }
    called |= {person for team in desk.teams.values() for person in (*team.members, team.lead)}
    called |= {name for ladder in desk.ladders.values() for rung in ladder.rungs for name in rung.who}
    for person in desk.people:
        if person not in called:
            problems.warning(_entry(top, "people", person), f"nothing ever calls {person}", "Add them to a team")


def _entry(top: Fields, section: str, name: str) -> Place:
    node = top.node(section)
    return node.values[name][0].place if isinstance(node, Mapping) else top.place
