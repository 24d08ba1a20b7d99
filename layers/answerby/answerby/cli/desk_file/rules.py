"""Rules and the catch-all, as a desk file writes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.fields import Fields
from answerby.cli.desk_file.problems import Place, Problems, one_of, quoted
from answerby.cli.desk_file.sections import Names, references
from answerby.cli.desk_file.tree import Node, Sequence
from answerby.domain.desk import Condition, Rule, Team
from answerby.domain.mention import Kind, Priority
from answerby.domain.phrases import fold, is_unspaced, words
from answerby.domain.source import Source

CATCH_ALL = "otherwise"
MOST_RULES = 500
MOST_PHRASES = 5_000
LONGEST_PHRASE = 60
HIGHEST_RATING = 5
MOST_FOLLOWERS = 10**12
ANY_NETWORK = "standard"
"""A source of this network delivers posts of whichever network its sender names."""

_RULE = ("id", "when", "team", "person", "priority", "topic", "policy")
_CATCH_ALL = ("team", "policy", "priority", "topic")
_CONDITION = (
    "phrases",
    "networks",
    "sources",
    "kinds",
    "rating_at_most",
    "rating_at_least",
    "authors",
    "followers_at_least",
)
_NETWORK = re.compile(r"[a-z][a-z0-9_]{0,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A rule and where it stands; `sound` if nothing was wrong with what it says."""

    rule: Rule
    place: Place
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What rules refer to."""

    names: Names
    teams: Mapping[str, Team]
    sources: Mapping[str, Source]
    default_policy: str
    delivered: frozenset[str]
    """The networks of the sources; all known ones while a source cannot be read."""


def read_catch_all(top: Fields, names: Names, problems: Problems) -> Rule | None:
    """The rule for what no other takes. It has no condition, and no desk is without it."""
    node = top.node(CATCH_ALL)
    if node is None:
        what = "the desk has no `otherwise`: what no rule takes would be nobody's"
        problems.error(top.place, what, "Add `otherwise: {team: …, policy: …}`")
        return None
    fields = Fields(node, "`otherwise` takes whatever is left, so it", _CATCH_ALL, problems, top.place_of(CATCH_ALL))
    team = fields.required("team", names.reader("team"))
    policy = fields.required("policy", names.reader("policy"))
    priority = fields.optional("priority", _priority) or Priority.NORMAL
    topic = fields.optional("topic", values.text)
    if not team or not policy:
        return None
    return Rule(id=CATCH_ALL, when=Condition(), team=team, policy=policy, priority=priority, topic=topic)


def read_rules(node: Node | None, around: Around, problems: Problems) -> list[Placed]:
    if node is None:
        return []
    if not isinstance(node, Sequence):
        problems.error(node.place, "`rules` is a list, tried from its top", "Write `- id: …` before each rule")
        return []
    if len(node.items) > MOST_RULES:
        problems.error(node.items[MOST_RULES].place, f"more than {MOST_RULES} rules", "Join rules with the same owner")
    rules: list[Placed] = []
    seen: dict[str, Place] = {}
    for item in node.items[:MOST_RULES]:
        before = problems.count
        fields = Fields(item, "a rule", _RULE, problems)
        rule = _rule(fields, around, problems)
        place = _place(fields, "id")
        if rule is None:
            continue
        if rule.id == CATCH_ALL:
            problems.error(place, f"{quoted(CATCH_ALL)} is the catch-all's id", "Give the rule another id")
        if rule.id in seen:
            what = f"there are two rules {quoted(rule.id)}, the first in line {seen[rule.id].line}"
            problems.error(place, what, "Rename one of them")
        seen.setdefault(rule.id, place)
        rules.append(Placed(rule=rule, place=place, sound=problems.count == before))
    _limit_phrases(rules, problems)
    return rules


def _rule(fields: Fields, around: Around, problems: Problems) -> Rule | None:
    names = around.names
    id_ = fields.required("id", values.id_of)
    when = fields.required("when", partial(_condition, around))
    priority = fields.optional("priority", _priority) or Priority.NORMAL
    topic = fields.optional("topic", values.text)
    policy = fields.optional("policy", names.reader("policy")) or around.default_policy
    person = fields.optional("person", names.reader("person"))
    team = fields.optional("team", names.reader("team"))
    if fields.node("team") is None:
        team = _team_of(person, fields, around, problems)
    if not id_ or not when or not team:
        return None
    return Rule(id=id_, when=when, team=team, policy=policy, person=person, priority=priority, topic=topic)


def _team_of(person: str | None, fields: Fields, around: Around, problems: Problems) -> str | None:
    """The team that a person answers to, where the rule names none."""
    if fields.node("person") is None:
        problems.error(_place(fields, "id"), "the rule says nobody to go to", "Add `team: …` or `person: …`")
    if person is None:
        return None
    teams = [team.id for team in around.teams.values() if person in (*team.members, team.lead)]
    if len(teams) == 1:
        return teams[0]
    offered = [team for team in teams or around.teams if team in around.names.offered["team"]]
    if not offered or not all(team.members and team.lead for team in around.teams.values()):
        # Told already, and the person may be meant to be there.
        return None
    what = f"{person} is on {'several teams' if teams else 'no team'}"
    to_do = f"Add `team: …` to say whose lead is called: {', '.join(offered)}"
    problems.error(_place(fields, "person"), what, to_do)
    return None


def _condition(around: Around, node: Node, problems: Problems) -> Condition | None:
    fields = Fields(node, "`when`", _CONDITION, problems)
    if not any(fields.node(name) for name in _CONDITION):
        to_do = "Say what it takes; whatever no rule takes goes to `otherwise`"
        problems.error(fields.place, "the rule has no condition", to_do)
        return None
    network = partial(_network, around)
    when = Condition(
        phrases=fields.optional("phrases", partial(references, _phrase, "phrases")) or (),
        networks=frozenset(fields.optional("networks", partial(references, network, "networks")) or ()),
        sources=frozenset(
            fields.optional("sources", partial(references, around.names.reader("source"), "sources")) or ()
        ),
        kinds=frozenset(map(Kind, fields.optional("kinds", partial(references, _kind, "kinds")) or ())),
        rating_at_most=fields.optional("rating_at_most", _rating),
        rating_at_least=fields.optional("rating_at_least", _rating),
        authors=frozenset(fields.optional("authors", partial(references, _author, "authors")) or ()),
        followers_at_least=fields.optional("followers_at_least", _followers),
    )
    _refuse_contradictions(when, fields, around.sources, problems)
    return when


def _refuse_contradictions(when: Condition, fields: Fields, sources: Mapping[str, Source], problems: Problems) -> None:
    least, most = when.rating_at_least, when.rating_at_most
    if least is not None and most is not None and least > most:
        what = f"no rating is at least {least:g} and at most {most:g}"
        problems.error(_place(fields, "rating_at_least"), what, "Exchange them: this never matches")
    delivered = {sources[id_].network for id_ in when.sources if id_ in sources}
    if when.networks and delivered and ANY_NETWORK not in delivered and not when.networks & delivered:
        what = f"its sources deliver {' and '.join(sorted(delivered))} only"
        problems.error(_place(fields, "networks"), what, "Remove `networks` or `sources`: this rule never matches")


def _limit_phrases(rules: Collection[Placed], problems: Problems) -> None:
    phrases = 0
    for placed in rules:
        phrases += len(placed.rule.when.phrases)
        if phrases > MOST_PHRASES:
            problems.error(placed.place, f"the rules have more than {MOST_PHRASES} phrases", "Use shorter lists")
            return


def _phrase(node: Node, problems: Problems) -> str | None:
    phrase = values.text(node, problems)
    if phrase is None:
        return None
    if len(fold(phrase)) > LONGEST_PHRASE:
        what = f"the phrase {quoted(phrase)} is too long"
        problems.error(node.place, what, f"Use at most {LONGEST_PHRASE} characters: few posts say all of it")
        return None
    if not is_unspaced(phrase) and not words(phrase):
        what = f"the phrase {quoted(phrase)} has no letter or digit"
        problems.error(node.place, what, "Write a word: only whole words are looked for, so this never matches")
        return None
    return phrase


def _network(around: Around, node: Node, problems: Problems) -> str | None:
    """A network of one of the sources. Where one of them delivers any network, a known one's misspelling is refused."""
    name = values.text(node, problems)
    if name is None:
        return None
    delivered, known = around.delivered, around.names.networks
    if name in delivered or (name in known and ANY_NETWORK in delivered):
        return name
    if name in known:
        what = f"no source delivers {quoted(name)}"
        problems.error(node.place, what, f"Add a source with `network: {name}`, or remove it: this never matches")
    elif ANY_NETWORK not in delivered or get_close_matches(name.lower(), known, n=1, cutoff=0.8):
        problems.error(node.place, f"there is no network {quoted(name)}", one_of(name, known))
    elif not _NETWORK.fullmatch(name):
        to_do = "Write it as the source does: a to z, digits and _, a letter first, at most 20"
        problems.error(node.place, f"{quoted(name)} is no network's name", to_do)
    else:
        return name
    return None


def _author(node: Node, problems: Problems) -> str | None:
    name = values.text(node, problems)
    folded = fold(name).lstrip("@") if name else None
    if folded == "":
        problems.error(node.place, f"{quoted(name or '')} is no author", "Write a handle or an author's id")
    return folded or None


def _kind(node: Node, problems: Problems) -> str | None:
    return values.choice(node, Kind, "kind", problems)


def _priority(node: Node, problems: Problems) -> Priority | None:
    return values.choice(node, Priority, "priority", problems)


def _rating(node: Node, problems: Problems) -> float | None:
    return values.number(node, HIGHEST_RATING, problems)


def _followers(node: Node, problems: Problems) -> int | None:
    return values.whole_number(node, MOST_FOLLOWERS, problems)


def _place(fields: Fields, name: str) -> Place:
    node = fields.node(name)
    return node.place if node else fields.place
