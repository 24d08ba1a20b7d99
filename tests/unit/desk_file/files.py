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


FULL = """\
people:
  ana: {name: Ana Ruiz, sms: "+12025550141", time_zone: Europe/Madrid, backup: [ben, cleo], languages: [es, en]}
  ben:
    name: Ben Okafor
    email: ben@example.com
    working_hours:
      mon-thu: "09:00-12:00, 13:00-17:00"
      fri, sat: 22:00-06:00
      sun: closed
  cleo: {name: Cleo Laurent, sms: +447700900143}
calendars:
  office:
    time_zone: Europe/Berlin
    hours: {mon-fri: "09:00-17:00"}
    holidays: [GB, {country: DE, subdivision: BY}]
    exceptions:
      2026-12-24: "09:00-13:00"
      2026-12-27..2026-12-31: closed
      2027-01-01: "10:00-12:00"
rotations:
  shifts: {time_zone: Europe/Madrid, people: [ana, ben], starts: 2026-01-05, hand_over: "08:00", every: 3 days}
  helpers:
    time_zone: America/New_York
    layers:
      - {people: [ana, ben, ana], starts: 2026-01-05}
      - {people: cleo, starts: 2026-01-06, every: 12h, during: {daily: "22:00-06:00"}}
overrides:
  - {rotation: shifts, replace: ana, with: cleo, from: 2026-12-20 09:00, until: 2026-12-27}
  - {rotation: shifts, add: cleo, from: 2026-12-20, until: 2026-12-20}
  - {rotation: helpers, remove: ben, from: 2026-06-01 00:00, until: 2026-06-01 12:00}
  - {away: ana, from: 2026-06-01, until: 2026-06-02, with: ben}
  - {away: ben, from: 2026-08-01, until: 2026-08-02}
teams:
  care: {members: [shifts, ana, ben], lead: cleo, calendar: office}
  press: {members: [helpers], lead: cleo, calendar: always}
ladders:
  steps:
    rungs:
      - {call: owner, wait: 10m, rounds: 3, channels: [email]}
      - {call: [helpers, press, backup, lead], wait: 5m}
    repeat_every: 20m
policies:
  day: {answer_within: 8h, next_within: 4h, resolve_within: 3d, ladder: steps, calendar: always, remind: [50%, 15m]}
  urgent: {answer_within: 30m, ack_for: 5m}
topics:
  health: {crisis: yes, team: press, backup: [cleo, ben], guidance: "Say sorry."}
  refunds: {priority: high, team: care, policy: day}
lists:
  fans: ["@Lena", BEANBAG]
rules:
  - id: illness
    when: {text: {any: ["allerg*"], all: [coffee, shop], none: [joke]}}
    topic: health
    tags: [quality, call-back]
  - id: refunds
    when:
      phrases: [refund]
      networks: [facebook]
      sources: [page]
      kinds: [comment]
      languages: [en, es]
      sentiment: negative
      rating_at_most: 3
      rating_at_least: 1
      authors: [sam, {list: fans}]
      followers_at_least: 1
      followers_at_most: 50
      links: [shop.example.com]
      during: office
      repeat_author: {posts: 3, within: 7d}
    topic: refunds
  - id: nested
    when:
      outside: office
      any:
        - {links: true}
        - all: [{kinds: post}, {kinds: [comment, reply]}]
      not: {repeat_author: true}
    person: ana
    team: care
    priority: low
    policy: urgent
otherwise: {topic: refunds, priority: normal}
sources:
  page: {network: facebook, brand_account: 100, aliases: [brand]}
manners:
  channels: {low: email, normal: [email], high: [sms, email], urgent: sms}
  bundle_for: 3m
  sms_every: 10m
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
