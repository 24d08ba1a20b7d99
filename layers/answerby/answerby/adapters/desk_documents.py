"""A desk as a plain document, and back. Durations are milliseconds; nulls and empty values are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from answerby.domain.desk import Condition, Desk, Ladder, Person, Policy, Rule, Rung, Team
from answerby.domain.mention import Kind, Priority
from answerby.domain.source import Source

_MS = timedelta(milliseconds=1)


def desk_document(desk: Desk) -> dict[str, Any]:
    return {
        "people": [_person_document(person) for person in desk.people.values()],
        "teams": [{"id": team.id, "members": list(team.members), "lead": team.lead} for team in desk.teams.values()],
        "ladders": [_ladder_document(ladder) for ladder in desk.ladders.values()],
        "policies": [_policy_document(policy) for policy in desk.policies.values()],
        "rules": [_rule_document(rule) for rule in desk.rules],
        "sources": [source_document(source) for source in desk.sources.values()],
        "digest_after": _ms(desk.digest_after),
    }


def desk_of(document: Mapping[str, Any], version: int) -> Desk:
    people = [Person(**person) for person in document["people"]]
    teams = [replace(Team(**team), members=tuple(team["members"])) for team in document["teams"]]
    ladders = [_ladder(ladder) for ladder in document["ladders"]]
    policies = [_policy(policy) for policy in document["policies"]]
    sources = [source_of(source) for source in document["sources"]]
    return Desk(
        people={person.id: person for person in people},
        teams={team.id: team for team in teams},
        ladders={ladder.id: ladder for ladder in ladders},
        policies={policy.id: policy for policy in policies},
        rules=tuple(_rule(rule) for rule in document["rules"]),
        sources={source.id: source for source in sources},
        digest_after=_time(document["digest_after"]),
        version=version,
    )


def source_document(source: Source) -> dict[str, Any]:
    return _without_empty(
        {
            "id": source.id,
            "network": source.network,
            "brand_account": source.brand_account,
            "aliases": list(source.aliases),
        }
    )


def source_of(document: Mapping[str, Any]) -> Source:
    return Source(
        id=document["id"],
        network=document["network"],
        brand_account=document["brand_account"],
        aliases=tuple(document.get("aliases", ())),
    )


def _person_document(person: Person) -> dict[str, Any]:
    return _without_empty(
        {
            "id": person.id,
            "name": person.name,
            "time_zone": person.time_zone,
            "sms": person.sms,
            "email": person.email,
            "backup": person.backup,
        }
    )


def _ladder_document(ladder: Ladder) -> dict[str, Any]:
    return _without_empty(
        {
            "id": ladder.id,
            "rungs": [{"who": list(rung.who), "wait": _ms(rung.wait)} for rung in ladder.rungs],
            "repeat_every": _ms_or_none(ladder.repeat_every),
        }
    )


def _ladder(document: Mapping[str, Any]) -> Ladder:
    return Ladder(
        id=document["id"],
        rungs=tuple(Rung(who=tuple(rung["who"]), wait=_time(rung["wait"])) for rung in document["rungs"]),
        repeat_every=_time_or_none(document.get("repeat_every")),
    )


def _policy_document(policy: Policy) -> dict[str, Any]:
    return _without_empty(
        {
            "id": policy.id,
            "answer_within": _ms(policy.answer_within),
            "ladder": policy.ladder,
            "ack_for": _ms_or_none(policy.ack_for),
        }
    )


def _policy(document: Mapping[str, Any]) -> Policy:
    return Policy(
        id=document["id"],
        answer_within=_time(document["answer_within"]),
        ladder=document["ladder"],
        ack_for=_time_or_none(document.get("ack_for")),
    )


def _rule_document(rule: Rule) -> dict[str, Any]:
    return _without_empty(
        {
            "id": rule.id,
            "when": _condition_document(rule.when),
            "team": rule.team,
            "policy": rule.policy,
            "person": rule.person,
            "priority": rule.priority,
            "topic": rule.topic,
        }
    )


def _rule(document: Mapping[str, Any]) -> Rule:
    return Rule(
        id=document["id"],
        when=_condition(document.get("when", {})),
        team=document["team"],
        policy=document["policy"],
        person=document.get("person"),
        priority=Priority(document["priority"]),
        topic=document.get("topic"),
    )


def _condition_document(when: Condition) -> dict[str, Any]:
    return _without_empty(
        {
            "phrases": list(when.phrases),
            "networks": sorted(when.networks),
            "sources": sorted(when.sources),
            "kinds": sorted(when.kinds),
            "rating_at_most": when.rating_at_most,
            "rating_at_least": when.rating_at_least,
            "authors": sorted(when.authors),
            "followers_at_least": when.followers_at_least,
        }
    )


def _condition(document: Mapping[str, Any]) -> Condition:
    return Condition(
        phrases=tuple(document.get("phrases", ())),
        networks=frozenset(document.get("networks", ())),
        sources=frozenset(document.get("sources", ())),
        kinds=frozenset(Kind(kind) for kind in document.get("kinds", ())),
        rating_at_most=document.get("rating_at_most"),
        rating_at_least=document.get("rating_at_least"),
        authors=frozenset(document.get("authors", ())),
        followers_at_least=document.get("followers_at_least"),
    )


def _ms(duration: timedelta) -> int:
    return duration // _MS


def _ms_or_none(duration: timedelta | None) -> int | None:
    return None if duration is None else _ms(duration)


def _time(duration: int) -> timedelta:
    return duration * _MS


def _time_or_none(duration: int | None) -> timedelta | None:
    return None if duration is None else _time(duration)


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    # Zero is a value (a rating of 0, no followers), an empty list is not.
    return {name: value for name, value in document.items() if value is not None and value not in ([], {})}
