"""Topics and lists of authors, as a desk file writes them."""

from __future__ import annotations

from functools import partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.fields import Fields, entries
from answerby.cli.desk_file.names import Names
from answerby.cli.desk_file.problems import Problems, quoted
from answerby.cli.desk_file.shapes import TOPIC
from answerby.cli.desk_file.tree import Node
from answerby.domain.desk import Topic
from answerby.domain.mention import Priority
from answerby.domain.phrases import fold

MOST_TOPICS = 200
MOST_LISTS = 200


def read_topics(node: Node | None, names: Names, problems: Problems) -> dict[str, Topic]:
    team_of, policy_of = names.reader("team"), names.reader("policy")
    backups_of = partial(values.references, names.reader("person"), "back-ups")
    topics = {}
    for id_, key, value in entries(node, "topics", problems, MOST_TOPICS):
        fields = Fields(value, f"topic {id_}", TOPIC, problems, key.place)
        topics[id_] = Topic(
            id=id_,
            priority=fields.optional("priority", priority),
            team=fields.optional("team", team_of),
            policy=fields.optional("policy", policy_of),
            backups=fields.optional("backup", backups_of) or (),
            guidance=fields.optional("guidance", values.prose),
            crisis=fields.optional("crisis", values.flag) or False,
        )
    return topics


def read_lists(node: Node | None, problems: Problems) -> dict[str, frozenset[str]]:
    """Authors by list, folded as those of posts are."""
    lists = {}
    for id_, _, value in entries(node, "lists", problems, MOST_LISTS):
        lists[id_] = frozenset(values.references(author, "authors", value, problems) or ())
    return lists


def author(node: Node, problems: Problems) -> str | None:
    name = values.text(node, problems)
    folded = fold(name).lstrip("@") if name else None
    if folded == "":
        problems.error(node.place, f"{quoted(name or '')} is no author", "Write a handle or an author's id")
    return folded or None


def priority(node: Node, problems: Problems) -> Priority | None:
    return values.choice(node, Priority, "priority", problems)
