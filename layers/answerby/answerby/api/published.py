"""The published desk as everyone with a token sees it: whom it would call, but not their numbers and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import overload

from answerby.api.models import (
    CalendarBody,
    ConditionBody,
    DeskBody,
    LadderBody,
    LayerBody,
    MannersBody,
    OverrideBody,
    PersonBody,
    PolicyBody,
    RotationBody,
    RuleBody,
    RungBody,
    SourceBody,
    TeamBody,
    TopicBody,
)
from answerby.domain.calendar import Calendar, Span, Week
from answerby.domain.desk import Condition, Desk, Ladder, Manners, Person, Policy, Rule
from answerby.domain.public import time as shown
from answerby.domain.rotation import Layer, Override, Rotation

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60


def public_desk(desk: Desk) -> DeskBody:
    return DeskBody(
        version=desk.version,
        people=[_person(person) for person in desk.people.values()],
        teams=[
            TeamBody(id=team.id, members=list(team.members), lead=team.lead, calendar=team.calendar)
            for team in desk.teams.values()
        ],
        calendars=[_calendar(calendar) for calendar in desk.calendars.values()],
        rotations=[_rotation(rotation) for rotation in desk.rotations.values()],
        overrides=[_override(override) for override in desk.overrides],
        topics=[
            TopicBody(id=topic.id, backups=list(topic.backups), guidance=topic.guidance, crisis=topic.crisis)
            for topic in desk.topics.values()
        ],
        rules=[_rule(rule) for rule in desk.rules],
        policies=[_policy(policy) for policy in desk.policies.values()],
        ladders=[_ladder(ladder) for ladder in desk.ladders.values()],
        sources=[
            SourceBody(
                id=source.id, network=source.network, brand_account=source.brand_account, aliases=[*source.aliases]
            )
            for source in desk.sources.values()
        ],
        manners=_manners(desk.manners),
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
        working_hours=_hours(person.working_hours.week) if person.working_hours else None,
        languages=list(person.languages),
    )


def _calendar(calendar: Calendar) -> CalendarBody:
    return CalendarBody(
        id=calendar.id,
        time_zone=calendar.time_zone,
        hours=_hours(calendar.week),
        exceptions={day.isoformat(): _spans(spans) for day, spans in sorted(calendar.exceptions.items())},
    )


def _rotation(rotation: Rotation) -> RotationBody:
    return RotationBody(
        id=rotation.id, time_zone=rotation.time_zone, layers=[_layer(layer) for layer in rotation.layers]
    )


def _layer(layer: Layer) -> LayerBody:
    return LayerBody(
        people=list(layer.people),
        starts=layer.starts.isoformat(),
        hand_over=_wall(layer.hand_over),
        every=layer.every,
        unit=layer.unit,
        during=_hours(layer.during) if layer.during else None,
    )


def _override(override: Override) -> OverrideBody:
    return OverrideBody(
        change=override.change,
        person=override.person,
        by=override.by,
        rotation=override.rotation,
        starts=shown(override.starts) or "",
        ends=shown(override.ends) or "",
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
        tags=list(rule.tags),
    )


def _condition(when: Condition) -> ConditionBody:
    return ConditionBody(
        phrases=list(when.phrases),
        all_phrases=list(when.all_phrases),
        no_phrases=list(when.no_phrases),
        networks=sorted(when.networks),
        sources=sorted(when.sources),
        kinds=sorted(when.kinds),
        languages=sorted(when.languages),
        sentiments=sorted(when.sentiments),
        rating_at_most=when.rating_at_most,
        rating_at_least=when.rating_at_least,
        authors=sorted(when.authors),
        followers_at_least=when.followers_at_least,
        followers_at_most=when.followers_at_most,
        has_link=when.has_link,
        link_domains=sorted(when.link_domains),
        during=when.during,
        outside=when.outside,
        earlier_posts=when.earlier_posts,
        earlier_within_seconds=_seconds(when.earlier_within),
        any_of=[_condition(part) for part in when.any_of],
        all_of=[_condition(part) for part in when.all_of],
        none_of=[_condition(part) for part in when.none_of],
    )


def _policy(policy: Policy) -> PolicyBody:
    return PolicyBody(
        id=policy.id,
        answer_within_seconds=_seconds(policy.answer_within),
        next_within_seconds=_seconds(policy.next_within),
        resolve_within_seconds=_seconds(policy.resolve_within),
        ladder=policy.ladder,
        calendar=policy.calendar,
        ack_for_seconds=_seconds(policy.ack_for),
        remind_after=[each for each in policy.reminders if isinstance(each, float)],
        remind_before_seconds=[_seconds(each) for each in policy.reminders if isinstance(each, timedelta)],
    )


def _ladder(ladder: Ladder) -> LadderBody:
    return LadderBody(
        id=ladder.id,
        rungs=[
            RungBody(
                who=list(rung.who), wait_seconds=_seconds(rung.wait), rounds=rung.rounds, channels=list(rung.channels)
            )
            for rung in ladder.rungs
        ],
        repeat_every_seconds=_seconds(ladder.repeat_every),
    )


def _manners(manners: Manners) -> MannersBody:
    return MannersBody(
        channels={priority: list(channels) for priority, channels in manners.channels.items()},
        bundle_for_seconds=_seconds(manners.bundle_for),
        sms_every_seconds=_seconds(manners.sms_every),
    )


def _hours(week: Week) -> dict[str, list[str]]:
    return {day: _spans(spans) for day, spans in zip(_DAYS, week, strict=True)}


def _spans(spans: Iterable[Span]) -> list[str]:
    return [f"{_wall(span.start)}-{_wall(span.end if span.end <= _DAY else span.end - _DAY)}" for span in spans]


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@overload
def _seconds(time: timedelta) -> int: ...
@overload
def _seconds(time: None) -> None: ...
@overload
def _seconds(time: timedelta | None) -> int | None: ...
def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
