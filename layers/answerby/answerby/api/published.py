"""The published desk as everyone with a token sees it: whom it would call, but not their numbers and addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import overload

from answerby.api.models import (
    ConditionBody,
    DeskBody,
    LadderBody,
    PersonBody,
    PolicyBody,
    RuleBody,
    RungBody,
    SourceBody,
    TeamBody,
)
from answerby.domain.desk import Condition, Desk, Ladder, Person, Policy, Rule


def public_desk(desk: Desk) -> DeskBody:
    return DeskBody(
        version=desk.version,
        people=[_person(person) for person in desk.people.values()],
        teams=[TeamBody(id=team.id, members=list(team.members), lead=team.lead) for team in desk.teams.values()],
        rules=[_rule(rule) for rule in desk.rules],
        policies=[_policy(policy) for policy in desk.policies.values()],
        ladders=[_ladder(ladder) for ladder in desk.ladders.values()],
        sources=[
            SourceBody(
                id=source.id, network=source.network, brand_account=source.brand_account, aliases=[*source.aliases]
            )
            for source in desk.sources.values()
        ],
        digest_after_seconds=_seconds(desk.digest_after),
    )


def masked_number(number: str) -> str:
    return f"…{number[-2:]}"


def masked_address(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _person(person: Person) -> PersonBody:
    return PersonBody(
        id=person.id,
        name=person.name,
        time_zone=person.time_zone,
        sms=masked_number(person.sms) if person.sms else None,
        email=masked_address(person.email) if person.email else None,
        backups=list(person.backups),
    )


def _rule(rule: Rule) -> RuleBody:
    return RuleBody(
        id=rule.id,
        when=_condition(rule.when),
        team=rule.team,
        person=rule.person,
        policy=rule.policy,
        priority=rule.priority,
        topic=rule.topic,
    )


def _condition(when: Condition) -> ConditionBody:
    return ConditionBody(
        phrases=list(when.phrases),
        networks=sorted(when.networks),
        sources=sorted(when.sources),
        kinds=sorted(when.kinds),
        rating_at_most=when.rating_at_most,
        rating_at_least=when.rating_at_least,
        authors=sorted(when.authors),
        followers_at_least=when.followers_at_least,
    )


def _policy(policy: Policy) -> PolicyBody:
    return PolicyBody(
        id=policy.id,
        answer_within_seconds=_seconds(policy.answer_within),
        ladder=policy.ladder,
        ack_for_seconds=_seconds(policy.ack_for),
    )


def _ladder(ladder: Ladder) -> LadderBody:
    return LadderBody(
        id=ladder.id,
        rungs=[RungBody(who=list(rung.who), wait_seconds=_seconds(rung.wait)) for rung in ladder.rungs],
        repeat_every_seconds=_seconds(ladder.repeat_every),
    )


@overload
def _seconds(time: timedelta) -> int: ...
@overload
def _seconds(time: None) -> None: ...
@overload
def _seconds(time: timedelta | None) -> int | None: ...
def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
