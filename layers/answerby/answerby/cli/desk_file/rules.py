"""Rules and the catch-all, as a desk file writes them, with all that they take from their topics filled in."""

from __future__ import annotations

from collections.abc import Mapping as ById
from dataclasses import dataclass
from functools import cached_property, partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.conditions import Scope, condition
from answerby.cli.desk_file.fields import Fields, Reader
from answerby.cli.desk_file.problems import Place, Problems, quoted
from answerby.cli.desk_file.shapes import OTHERWISE, RULE
from answerby.cli.desk_file.topics import priority
from answerby.cli.desk_file.tree import Mapping, Node, Sequence
from answerby.domain.conditions import with_nested
from answerby.domain.desk import Condition, Policy, Rule, Team, Topic
from answerby.domain.mention import Priority

CATCH_ALL = "otherwise"
MOST_RULES = 1_000
MOST_TAGS = 10
_MOST = {"phrases": 10_000, "authors": 20_000, "conditions": 5_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A rule and where it stands; `sound` if nothing was wrong with what it says."""

    rule: Rule
    place: Place
    sound: bool


@dataclass(frozen=True, kw_only=True)
class Around:
    """What rules refer to. `topics` is None for a desk that has no `topics`: any topic may then be named."""

    scope: Scope
    teams: ById[str, Team]
    policies: ById[str, Policy]
    topics: ById[str, Topic] | None

    @cached_property
    def readers(self) -> ById[str, Reader[str]]:
        names = self.scope.names
        return {
            "topic": values.text if self.topics is None else names.reader("topic"),
            **{kind: names.reader(kind) for kind in ("team", "person", "policy")},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actions:
    """What becomes of a post. `policy` and `team` are None where neither the rule nor its topic says them."""

    topic: str | None
    priority: Priority
    team: str | None
    policy: str | None
    tags: tuple[str, ...]


def read_catch_all(top: Fields, around: Around, problems: Problems) -> Rule | None:
    """The rule for what no other takes. It has no condition, and no desk is without it."""
    node = top.node(CATCH_ALL)
    before = problems.count
    at = top.place_of(CATCH_ALL)
    given = Mapping(at) if node is None else node
    fields = Fields(given, "`otherwise` takes whatever is left, so it", OTHERWISE, problems, at)
    actions = _actions(fields, around)
    if problems.count > before:
        return None
    team = actions.team or _only(around.teams)
    policy = actions.policy or _only(around.policies)
    # Where there are none at all, that is told already.
    missing = [
        name
        for name, found, known in (("team", team, around.teams), ("policy", policy, around.policies))
        if not found and known
    ]
    if missing and node is None:
        what = "the desk has no `otherwise`: what no rule takes would be nobody's"
        problems.error(at, what, "Add `otherwise: {team: …, policy: …}`")
    else:
        for name in missing:
            problems.error(at, f"`otherwise` has no `{name}`", f"Add `{name}: …`")
    if not team or not policy:
        return None
    return Rule(
        id=CATCH_ALL,
        when=Condition(),
        team=team,
        policy=policy,
        priority=actions.priority,
        topic=actions.topic,
        tags=actions.tags,
    )


def read_rules(node: Node | None, around: Around, catch_all: Rule | None, problems: Problems) -> list[Placed]:
    if node is None:
        return []
    if not isinstance(node, Sequence):
        problems.error(node.place, "`rules` is a list, tried from its top", "Write `- id: …` before each rule")
        return []
    if len(node.items) > MOST_RULES:
        problems.error(node.items[MOST_RULES].place, f"more than {MOST_RULES} rules", "Join rules with the same owner")
    rules: list[Placed] = []
    seen: dict[str, Place] = {}
    size = _Size()
    for item in node.items[:MOST_RULES]:
        before = problems.count
        fields = Fields(item, "a rule", RULE, problems)
        rule = _rule(fields, around, catch_all, problems)
        place = fields.value_place("id")
        if rule is None:
            continue
        too_much = size.add(rule)
        if too_much:
            # Reading on would take long, to no end.
            problems.error(place, f"the rules have more than {_MOST[too_much]} {too_much}", "Use shorter lists")
            return []
        if rule.id == CATCH_ALL:
            problems.error(place, f"{quoted(CATCH_ALL)} is the catch-all's id", "Give the rule another id")
        if rule.id in seen:
            what = f"there are two rules {quoted(rule.id)}, the first in line {seen[rule.id].line}"
            problems.error(place, what, "Rename one of them")
        seen.setdefault(rule.id, place)
        rules.append(Placed(rule=rule, place=place, sound=problems.count == before))
    return rules


def _rule(fields: Fields, around: Around, catch_all: Rule | None, problems: Problems) -> Rule | None:
    id_ = fields.required("id", values.id_of)
    when = fields.required("when", partial(condition, around.scope))
    person = fields.optional("person", around.readers["person"])
    actions = _actions(fields, around)
    team = actions.team
    if person and "team" not in fields:
        team = _team_of(person, team, fields, around, problems)
    elif not team and catch_all and "team" not in fields and "person" not in fields:
        team = catch_all.team
    policy = actions.policy or (catch_all.policy if catch_all else None)
    if not id_ or not when or not team or not policy:
        return None
    return Rule(
        id=id_,
        when=when,
        team=team,
        policy=policy,
        person=person,
        priority=actions.priority,
        topic=actions.topic,
        tags=actions.tags,
    )


def _actions(fields: Fields, around: Around) -> _Actions:
    """What is said, else what the topic says; the policy may also be named like the priority."""
    name = fields.optional("topic", around.readers["topic"])
    topic = (around.topics or {}).get(name or "") or Topic(id="")
    said = fields.optional("priority", priority) or topic.priority
    resolved = said or (Priority.URGENT if topic.crisis else Priority.NORMAL)
    like_priority = resolved.value if resolved in around.policies else None
    return _Actions(
        topic=name,
        priority=resolved,
        team=fields.optional("team", around.readers["team"]) or topic.team,
        policy=fields.optional("policy", around.readers["policy"]) or topic.policy or like_priority,
        tags=fields.optional("tags", _tags) or (),
    )


def _team_of(person: str, topics: str | None, fields: Fields, around: Around, problems: Problems) -> str | None:
    """The team that a person answers to, where the rule names none: the topic's if they are on it, else their only."""
    teams = [team.id for team in around.teams.values() if person in (*team.members, team.lead)]
    if topics in teams:
        return topics
    if len(teams) == 1:
        return teams[0]
    offered = [team for team in teams or around.teams if team in around.scope.names.offered["team"]]
    if not offered or not all(team.members and team.lead for team in around.teams.values()):
        # Told already, and the person may be meant to be there.
        return None
    what = f"{person} is on {'several teams' if teams else 'no team'}"
    to_do = f"Add `team: …` to say whose lead is called: {', '.join(offered)}"
    problems.error(fields.value_place("person"), what, to_do)
    return None


def _tags(node: Node, problems: Problems) -> tuple[str, ...] | None:
    tags = values.references(values.id_of, "tags", node, problems)
    if tags and len(tags) > MOST_TAGS:
        problems.error(node.place, f"more than {MOST_TAGS} tags", "Keep those that reports ask for")
    return tags


def _only(known: ById[str, object]) -> str | None:
    return next(iter(known)) if len(known) == 1 else None


class _Size:
    """How much all rules hold together."""

    def __init__(self) -> None:
        self._held = dict.fromkeys(_MOST, 0)

    def add(self, rule: Rule) -> str | None:
        """What there is too much of, with this rule."""
        for when in with_nested(rule.when):
            self._held["phrases"] += len(when.phrases) + len(when.all_phrases) + len(when.no_phrases)
            self._held["authors"] += len(when.authors)
            self._held["conditions"] += 1
        return next((what for what, most in _MOST.items() if self._held[what] > most), None)
