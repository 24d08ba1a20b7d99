"""A small sound desk file, and changes to it that mark the place where they go wrong with `§`."""

from __future__ import annotations

from datetime import date

from answerby.cli import desk_file
from answerby.cli.desk_file import Problem, Reading

TODAY = date(2026, 3, 2)

SOUND = """\
people:
  ana:
    name: Ana Ruiz
    sms: "+12025550141"
    email: ana@example.com
    time_zone: Europe/Madrid
    backup: ben
  ben:
    name: Ben Okafor
    email: ben@example.com
  cleo:
    name: Cleo Laurent
    sms: +447700900143
teams:
  care:
    members: [ana, ben]
    lead: cleo
ladders:
  steps:
    rungs:
      - {call: [owner], wait: 10m}
      - {call: [backup, care], wait: 1h30m}
    repeat_every: 20m
policies:
  day: {answer_within: 8h, ladder: steps}
  hour: {answer_within: 1h, ack_for: 15m}
rules:
  - id: refunds
    when:
      phrases: [refund, money back]
    team: care
    priority: high
    topic: refunds
    policy: hour
  - id: stars
    when: {networks: [facebook], rating_at_most: 2}
    person: ana
otherwise: {team: care, policy: day}
sources:
  page: {network: facebook, brand_account: 100, aliases: [brand]}
  other: {network: standard, brand_account: brand}
digest_after: 3d
"""


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)


def read(text: str) -> Reading:
    return desk_file.read(text.encode(), TODAY)


def marked(text: str) -> tuple[Reading, int, int]:
    """The file without its mark, as it is read, and the mark's line and column."""
    before, mark, _ = text.partition("§")
    assert mark
    line = before.count("\n") + 1
    return read(text.replace("§", "")), line, len(before) - before.rfind("\n")


def at(problems: tuple[Problem, ...], line: int, column: int) -> list[Problem]:
    return [problem for problem in problems if (problem.place.line, problem.place.column) == (line, column)]
