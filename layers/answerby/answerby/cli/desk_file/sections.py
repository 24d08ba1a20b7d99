"""People, teams, ladders, policies and sources, as a desk file writes them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.fields import Fields, Reader, entries
from answerby.cli.desk_file.problems import Place, Problems, quoted
from answerby.cli.desk_file.tree import Mapping, Node, Sequence
from answerby.domain.desk import BACKUP, LEAD, OWNER, ROLES, Ladder, Person, Policy, Rung, Team
from answerby.domain.source import Source

DEFAULT_LADDER = Ladder(
    id="default",
    rungs=tuple(Rung(who=(role,), wait=timedelta(minutes=10)) for role in (OWNER, BACKUP, LEAD)),
)
"""For a policy that names no ladder, unless the file has a `default` of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Every id the file mentions as one of its own, readable or not: so that one fault is reported once."""

    people: Collection[str]
    teams: Collection[str]
    ladders: Collection[str]
    policies: Collection[str]
    sources: Collection[str]
    networks: Collection[str]
    offered: dict[str, Collection[str]]
    """By kind, without those that are refused: advice names nothing that cannot stay."""

    def reader(self, kind: str) -> Reader[str]:
        known: Collection[str] = getattr(self, {"person": "people", "policy": "policies"}.get(kind, f"{kind}s"))
        return partial(_name, known, self.offered[kind], kind)


def _name(known: Collection[str], offered: Collection[str], what: str, node: Node, problems: Problems) -> str | None:
    return values.name_of(node, known, what, problems, offered)


def names_of(top: Fields, networks: Collection[str]) -> Names:
    def ids(section: str) -> Collection[str]:
        node = top.node(section)
        return list(node.values) if isinstance(node, Mapping) else []

    people, teams, policies, sources = map(ids, ("people", "teams", "policies", "sources"))
    ladders = [*ids("ladders"), DEFAULT_LADDER.id]
    return Names(
        people=people,
        teams=teams,
        ladders=ladders,
        policies=policies,
        sources=sources,
        networks=networks,
        offered={
            "person": _sound(people, {*ROLES, *teams}),
            "team": _sound(teams, ROLES),
            "ladder": _sound(ladders),
            "policy": _sound(policies),
            "source": _sound(sources),
            "network": networks,
        },
    )


def _sound(ids: Collection[str], taken: Collection[str] = ()) -> Collection[str]:
    return [id_ for id_ in ids if values.is_identifier(id_) and id_ not in taken]


def read_people(node: Node | None, names: Names, problems: Problems) -> dict[str, Person]:
    people = {}
    for id_, key, value in entries(node, "people", problems):
        fields = Fields(value, f"person {id_}", ("name", "sms", "email", "time_zone", "backup"), problems, key.place)
        if id_ in ROLES or id_ in names.teams:
            meant = "a team" if id_ in names.teams else "a role on every ladder"
            problems.error(key.place, f"{quoted(id_)} is {meant} too", "Give the person another id")
        sms, email = fields.optional("sms", values.phone), fields.optional("email", values.mail_address)
        if fields.node("sms") is None and fields.node("email") is None:
            problems.error(key.place, f"nobody can reach {id_}", "Add `sms: +…` or `email: …`")
        backup = fields.optional("backup", names.reader("person"))
        if backup == id_:
            problems.error(fields.place_of("backup"), f"{id_} cannot be their own back-up", "Name somebody else")
        people[id_] = Person(
            id=id_,
            name=fields.required("name", values.text) or id_,
            time_zone=fields.optional("time_zone", values.time_zone) or "UTC",
            sms=sms,
            email=email,
            backups=(backup,) if backup else (),
        )
    return people


def read_teams(node: Node | None, names: Names, problems: Problems) -> dict[str, Team]:
    teams = {}
    for id_, key, value in entries(node, "teams", problems):
        fields = Fields(value, f"team {id_}", ("members", "lead"), problems, key.place)
        if id_ in ROLES:
            problems.error(key.place, f"{quoted(id_)} is a role on every ladder", "Give the team another id")
        members = fields.required("members", partial(references, names.reader("person"), "members"))
        lead = fields.required("lead", names.reader("person"))
        teams[id_] = Team(id=id_, members=members or (), lead=lead or "")
    return teams


def read_ladders(node: Node | None, names: Names, problems: Problems) -> dict[str, Ladder]:
    ladders = {DEFAULT_LADDER.id: DEFAULT_LADDER}
    for id_, key, value in entries(node, "ladders", problems):
        fields = Fields(value, f"ladder {id_}", ("rungs", "repeat_every"), problems, key.place)
        rungs = fields.required("rungs", partial(_rungs, names))
        repeat_every = fields.optional("repeat_every", values.duration)
        if rungs:
            ladders[id_] = Ladder(id=id_, rungs=rungs, repeat_every=repeat_every)
    return ladders


def read_policies(node: Node | None, names: Names, problems: Problems) -> dict[str, Policy]:
    policies = {}
    for id_, key, value in entries(node, "policies", problems):
        fields = Fields(value, f"policy {id_}", ("answer_within", "ladder", "ack_for"), problems, key.place)
        answer_within = fields.required("answer_within", values.duration)
        ladder = fields.optional("ladder", names.reader("ladder")) or DEFAULT_LADDER.id
        ack_for = fields.optional("ack_for", values.duration)
        if answer_within:
            policies[id_] = Policy(id=id_, answer_within=answer_within, ladder=ladder, ack_for=ack_for)
    return policies


def read_sources(node: Node | None, names: Names, problems: Problems) -> dict[str, Source]:
    sources = {}
    for id_, key, value in entries(node, "sources", problems):
        fields = Fields(value, f"source {id_}", ("network", "brand_account", "aliases"), problems, key.place)
        network = fields.required("network", names.reader("network"))
        account = fields.required("brand_account", values.text)
        aliases = fields.optional("aliases", partial(references, values.text, "aliases")) or ()
        if network and account:
            sources[id_] = Source(id=id_, network=network, brand_account=account, aliases=aliases)
    return sources


def _rungs(names: Names, node: Node, problems: Problems) -> tuple[Rung, ...] | None:
    if not isinstance(node, Sequence) or not node.items:
        problems.error(node.place, "a ladder needs rungs", "Write `- {call: [owner], wait: 10m}` for each")
        return None
    callable_ = [*ROLES, *names.people, *names.teams]
    offered = [*ROLES, *names.offered["person"], *names.offered["team"]]
    who = partial(references, partial(_name, callable_, offered, "role, person or team"), "people to call")
    rungs = []
    for item in node.items:
        fields = Fields(item, "a rung", ("call", "wait"), problems)
        call, wait = fields.required("call", who), fields.required("wait", values.duration)
        if call and wait:
            rungs.append(Rung(who=call, wait=wait))
    return tuple(rungs)


def references(read: Reader[str], what: str, node: Node, problems: Problems) -> tuple[str, ...] | None:
    """A list of names, each once."""
    found: dict[str, Place] = {}
    for item in values.items(node, what, problems):
        name = read(item, problems)
        if name is None:
            continue
        if name in found:
            problems.error(item.place, f"{quoted(name)} is here twice", "Remove one of them")
        found.setdefault(name, item.place)
    return tuple(found) or None
