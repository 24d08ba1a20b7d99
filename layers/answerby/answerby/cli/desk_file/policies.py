"""Policies, as a desk file writes them: how soon is promised."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TypeAlias

from answerby.cli.desk_file import values
from answerby.cli.desk_file.defaults import DEFAULT_LADDER, DEFAULT_POLICIES
from answerby.cli.desk_file.fields import Fields, entries
from answerby.cli.desk_file.names import Names
from answerby.cli.desk_file.problems import Problems
from answerby.cli.desk_file.shapes import POLICY
from answerby.cli.desk_file.tree import Node
from answerby.domain.desk import Policy

MOST_REMINDERS = 10
Reminder: TypeAlias = float | timedelta


def read_policies(node: Node | None, names: Names, problems: Problems) -> dict[str, Policy]:
    if node is None:
        return dict(DEFAULT_POLICIES)
    ladder_of, calendar_of = names.reader("ladder"), names.reader("calendar")
    policies = {}
    for id_, key, value in entries(node, "policies", problems):
        fields = Fields(value, f"policy {id_}", POLICY, problems, key.place)
        answer_within = fields.required("answer_within", values.duration)
        next_within = fields.optional("next_within", values.duration)
        resolve_within = fields.optional("resolve_within", values.duration)
        ladder = fields.optional("ladder", ladder_of) or DEFAULT_LADDER.id
        calendar = fields.optional("calendar", calendar_of)
        ack_for = fields.optional("ack_for", values.duration)
        if answer_within is None:
            continue
        if resolve_within is not None and resolve_within < answer_within:
            what = "nothing is at its end before it is answered"
            problems.error(fields.value_place("resolve_within"), what, "Write more than `answer_within`")
        shortest = min(answer_within, next_within or answer_within)
        policies[id_] = Policy(
            id=id_,
            answer_within=answer_within,
            next_within=next_within,
            resolve_within=resolve_within,
            ladder=ladder,
            calendar=calendar,
            ack_for=ack_for,
            reminders=fields.optional("remind", partial(_reminders, shortest)) or (),
        )
    return policies


def _reminders(target: timedelta, node: Node, problems: Problems) -> tuple[Reminder, ...] | None:
    found: tuple[Reminder, ...] | None = values.references(values.share_or_duration, "reminders", node, problems)
    if found is None:
        return None
    if any(isinstance(reminder, timedelta) and reminder >= target for reminder in found):
        what = "a reminder so long before the deadline comes before the post"
        problems.error(node.place, what, "Write less than `answer_within` and `next_within`")
    if len(found) > MOST_REMINDERS:
        problems.error(node.place, f"more than {MOST_REMINDERS} reminders", "Keep the last ones")
    return found
