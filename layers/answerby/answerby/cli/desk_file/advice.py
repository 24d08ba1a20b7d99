"""What works but is probably not meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from answerby.adapters.reader import LANGUAGES, SCRIPTS
from answerby.cli.desk_file import tree
from answerby.cli.desk_file.fields import Fields
from answerby.cli.desk_file.problems import Place, Problems
from answerby.cli.desk_file.rules import CATCH_ALL, Placed
from answerby.domain.conditions import with_nested
from answerby.domain.desk import Desk, Rule
from answerby.domain.mention import Channel, Priority
from answerby.domain.rotation import Change


def advise(desk: Desk, top: Fields, rules: Sequence[Placed], today: date, problems: Problems) -> None:
    if not desk.sources:
        problems.warning(top.place, "the desk has no sources, so it hears nothing", "Add `sources:`")
    _advise_on_contacts(desk, top, problems)
    _advise_on_languages(rules, problems)
    _advise_on_sources(desk, top, problems)
    _advise_on_waits(desk, top, problems)
    _advise_on_what_nothing_uses(desk, top, problems)
    _advise_on_rotations(desk, top, today, problems)
    _advise_on_overrides(desk, top, problems)
    if Channel.SMS not in desk.manners.channels[Priority.URGENT]:
        problems.warning(top.place_of("manners"), "urgent posts go out by mail alone", "Add sms: a mail wakes nobody")
    for placed in rules:
        _advise_on_urgency(placed.rule, placed.place, desk, problems)
    _advise_on_urgency(desk.rules[-1], top.place_of(CATCH_ALL), desk, problems)


def _advise_on_urgency(rule: Rule, place: Place, desk: Desk, problems: Problems) -> None:
    if rule.priority is not Priority.URGENT:
        return
    owner = rule.person or desk.teams[rule.team].members[0]
    rotation = desk.rotations.get(owner)
    owners = [person for layer in rotation.layers for person in layer.people] if rotation else [owner]
    for person in dict.fromkeys(owners):
        if not desk.people[person].sms:
            what = f"rule {rule.id} is urgent, and {person}, who owns it, has no phone number"
            problems.warning(place, what, "A mail wakes nobody: add `sms: …` to the person")


def _advise_on_contacts(desk: Desk, top: Fields, problems: Problems) -> None:
    first: dict[str, str] = {}
    for person in desk.people.values():
        for contact in filter(None, (person.sms, person.email)):
            other = first.setdefault(contact, person.id)
            if other != person.id:
                what = f"{other} and {person.id} are both called by {contact}"
                problems.warning(_entry(top, "people", person.id), what, "Give one of them their own")


def _advise_on_languages(rules: Sequence[Placed], problems: Problems) -> None:
    for placed in rules:
        asked = {language for when in with_nested(placed.rule.when) for language in when.languages}
        if unread := sorted(asked - {*LANGUAGES, *SCRIPTS}):
            what = f"rule {placed.rule.id} asks for {', '.join(unread)}, which no text is recognized to be"
            problems.warning(placed.place, what, "It holds only for networks that tell a post's language")


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
        last_called = sum((rung.wait * rung.rounds for rung in rungs[:-1]), timedelta())
        if last_called >= policy.answer_within:
            what = f"policy {policy.id} calls the last rung of ladder {policy.ladder} after its deadline"
            problems.warning(_entry(top, "policies", policy.id), what, "Shorten the waits, or lengthen `answer_within`")


def _advise_on_what_nothing_uses(desk: Desk, top: Fields, problems: Problems) -> None:
    called = set(_called(desk))
    for person in desk.people:
        if person not in called:
            problems.warning(_entry(top, "people", person), f"nothing ever calls {person}", "Add them to a team")
    for rotation in desk.rotations:
        if rotation not in called:
            what = f"nothing calls rotation {rotation}"
            problems.warning(_entry(top, "rotations", rotation), what, "Add it to a team's members or to a rung")
    conditions = [when for rule in desk.rules for when in with_nested(rule.when)]
    used = {when.during for when in conditions} | {when.outside for when in conditions}
    used |= {team.calendar for team in desk.teams.values()} | {policy.calendar for policy in desk.policies.values()}
    for calendar in desk.calendars:
        if calendar not in used:
            what = f"nothing uses calendar {calendar}"
            problems.warning(_entry(top, "calendars", calendar), what, "Name it in a team, a policy or a rule")
    topics = {rule.topic for rule in desk.rules}
    for topic in desk.topics:
        if topic not in topics:
            what = f"no rule gives a post the topic {topic}"
            problems.warning(_entry(top, "topics", topic), what, f"Add `topic: {topic}` to a rule, or remove it")


def _called(desk: Desk) -> Iterator[str]:
    """Everybody and every rotation that is named as one to call."""
    for rule in desk.rules:
        yield from filter(None, [rule.person])
    for person in desk.people.values():
        yield from person.backups
    for topic in desk.topics.values():
        yield from topic.backups
    for team in desk.teams.values():
        yield from (*team.members, team.lead)
    for ladder in desk.ladders.values():
        yield from (name for rung in ladder.rungs for name in rung.who)
    for rotation in desk.rotations.values():
        yield from (person for layer in rotation.layers for person in layer.people)
    for override in desk.overrides:
        yield from filter(None, [override.by, override.person if override.change is Change.ADD else None])


def _advise_on_rotations(desk: Desk, top: Fields, today: date, problems: Problems) -> None:
    for rotation in desk.rotations.values():
        starts = min(layer.starts for layer in rotation.layers)
        if starts > today:
            what = f"rotation {rotation.id} has nobody on call before {starts}"
            problems.warning(_entry(top, "rotations", rotation.id), what, "Let a layer start earlier")


def _advise_on_overrides(desk: Desk, top: Fields, problems: Problems) -> None:
    node = top.node("overrides")
    items = node.items if isinstance(node, tree.Sequence) else []
    for override, item in zip(desk.overrides, items, strict=True):
        rotation = desk.rotations.get(override.rotation or "")
        if rotation is None or override.change is Change.ADD:
            continue
        if all(override.person not in layer.people for layer in rotation.layers):
            what = f"{override.person} is not in rotation {rotation.id}, so the override changes nothing"
            problems.warning(item.place, what, "Name somebody of the rotation")


def _entry(top: Fields, section: str, name: str) -> Place:
    node = top.node(section)
    return node.values[name][0].place if isinstance(node, tree.Mapping) and name in node.values else top.place
