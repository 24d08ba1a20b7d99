"""Put a desk in force: a plan of everything that would change, then the changes, each of which may be repeated."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from answerby.adapters.desks import DeskTable, Publication
from answerby.adapters.dynamodb import MentionsTable
from answerby.adapters.reader import TextReader
from answerby.adapters.sources import KeyedSource, SecretSources
from answerby.adapters.timers import QueueTimers
from answerby.cli.errors import CommandError
from answerby.cli.moving import REMEMBERED, HandOver, Left, hand_over_all, hand_overs, people_who_left
from answerby.cli.stack import Stack
from answerby.cli.topics import Contact, SnsTopics
from answerby.domain.desk import Desk, Person
from answerby.domain.source import Source
from answerby.networks.standard import key_of
from answerby.networks.webhook import Keys
from answerby.ports import ConflictError, Mentions, NoDeskError, Reader, Timers

STANDARD = "standard"
_SECRET_BYTES = 32
_ACTIVE_SECRETS = 2


class Topics(Protocol):
    def arn(self, person: str) -> str: ...
    def people(self) -> Sequence[str]: ...
    def foreign(self, person: str) -> Sequence[Contact]: ...
    def contacts(self, person: str) -> dict[Contact, str] | None: ...
    def create(self, person: str) -> None: ...
    def subscribe(self, person: str, contact: Contact) -> None: ...
    def unsubscribe(self, subscription_arn: str) -> None: ...
    def is_limited(self, subscription_arn: str, protocol: str) -> bool: ...
    def limit(self, subscription_arn: str, protocol: str) -> None: ...
    def delete(self, person: str) -> None: ...


class Sources(Protocol):
    def read(self) -> Mapping[str, KeyedSource]: ...
    def write(self, sources: Mapping[str, KeyedSource]) -> None: ...


class Desks(Protocol):
    def current(self, *, fresh: bool = False) -> Desk: ...
    def publish(self, desk: Desk, *, by: str, why: str, now: datetime, expected_version: int) -> int: ...
    def publications(self, limit: int | None = None) -> Sequence[Publication]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a desk is put in force with."""

    desks: Desks
    sources: Sources
    topics: Topics
    mentions: Mentions
    timers: Timers
    reader: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`arn` is None as long as there is none."""

    person: str
    contact: Contact
    arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What differs between the desk in force and the one to come. `in_force` is a version, 0 for none."""

    desk: Desk
    current: Desk | None
    hand_overs: Sequence[HandOver]
    """Open posts of people who are not on the desk to come."""
    new_topics: Sequence[str]
    gone_topics: Mapping[str, Sequence[Contact]]
    """People who are not on the desk, with what others subscribed to their topics: it goes with the topic."""
    new_subscriptions: Sequence[Subscription]
    gone_subscriptions: Sequence[Subscription]
    loud_subscriptions: Sequence[Subscription]
    """Those that stay, and hear the messages of every channel: an older version made them."""
    stored: Mapping[str, KeyedSource]
    sources: Mapping[str, KeyedSource]
    """As they are to be; the secrets of `missing` ones are empty."""
    made_secrets: Mapping[str, str]
    """By source: what its sender has yet to learn, because it was made here."""
    missing: Sequence[str]
    """Sources whose secret only their network's app knows."""

    @property
    def changed(self) -> bool:
        return self.current is None or replace(self.current, version=self.desk.version) != self.desk

    @property
    def in_force(self) -> int:
        return _version(self.current)

    @property
    def new_sources(self) -> list[str]:
        return [id_ for id_ in self.sources if id_ not in self.stored]

    @property
    def changed_sources(self) -> list[str]:
        return [id_ for id_, entry in self.sources.items() if id_ in self.stored and self.stored[id_] != entry]

    @property
    def gone_sources(self) -> list[str]:
        return [id_ for id_ in self.stored if id_ not in self.sources]

    @property
    def is_empty(self) -> bool:
        return not (
            self.changed
            or self.hand_overs
            or self.new_topics
            or self.gone_topics
            or self.new_subscriptions
            or self.gone_subscriptions
            or self.loud_subscriptions
            or self.sources != self.stored
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """`topics` are ARNs by person."""

    version: int
    sources: Mapping[str, KeyedSource]
    topics: Mapping[str, str]


def office_of(stack: Stack) -> Office:
    return Office(
        desks=DeskTable(stack.desk_table),
        sources=SecretSources(stack.sources_secret),
        topics=SnsTopics(stack.person_topic_prefix),
        mentions=MentionsTable(stack.mentions_table, stack.retention),
        timers=QueueTimers(
            queue_url=stack.follow_ups_url,
            queue_arn=stack.follow_ups_arn,
            schedule_group=stack.schedule_group,
            role_arn=stack.scheduler_role,
        ),
        reader=TextReader(),
    )


def apply_desk(
    desk: Desk,
    stack: Stack,
    *,
    secrets: Mapping[str, str],
    by: str,
    why: str,
    now: datetime | None = None,
) -> Applied:
    """Plan and apply. `secrets` by source; those of `standard` sources are made where none is given.

    Raises CommandError for a secret that is missing or unusable, ConflictError if somebody else publishes meanwhile.
    """
    office = office_of(stack)
    now = now or datetime.now(UTC)
    return apply(plan(desk, office, secrets, now), office, by=by, why=why, now=now)


def plan(desk: Desk, office: Office, given: Mapping[str, str], now: datetime) -> Plan:
    """Reads, and changes nothing; tokens and secrets that the plan makes up are lost unless it is applied."""
    current = _current(office.desks)
    known = {person.id: office.topics.contacts(person.id) for person in desk.people.values()}
    gone = sorted(set(office.topics.people()) - set(desk.people))
    stored = office.sources.read()
    kept = {source.id: (source, _kept(source, stored.get(source.id))) for source in desk.sources.values()}
    made = {
        id_: _made_secret()
        for id_, (source, keys) in kept.items()
        # Nobody was shown what an application stored that then failed.
        if source.network == STANDARD and id_ not in given and not (keys.secrets and current and id_ in current.sources)
    }
    sources = {id_: _keyed(keyed, {**made, **given}.get(id_)) for id_, keyed in kept.items()}
    return Plan(
        desk=desk,
        current=current,
        hand_overs=list(hand_overs(desk, _left(desk, office), office.mentions, now)),
        new_topics=[id_ for id_, contacts in known.items() if contacts is None],
        gone_topics={id_: office.topics.foreign(id_) for id_ in gone},
        new_subscriptions=[each for person in desk.people.values() for each in _new(person, known[person.id] or {})],
        gone_subscriptions=[each for person in desk.people.values() for each in _gone(person, known[person.id] or {})],
        loud_subscriptions=[
            each
            for person in desk.people.values()
            for each in _kept_subscriptions(person, known[person.id] or {})
            if not office.topics.is_limited(each.arn or "", each.contact.protocol)
        ],
        stored=stored,
        sources=sources,
        made_secrets=made,
        missing=[id_ for id_, (_, keys) in sources.items() if not keys.secrets],
    )


def apply(plan: Plan, office: Office, *, by: str, why: str, now: datetime) -> Applied:
    """Raises what `enforce` and `clear_up` raise."""
    applied = enforce(plan, office, by=by, why=why, now=now)
    clear_up(plan, applied, office, by=by, now=now)
    return applied


def enforce(plan: Plan, office: Office, *, by: str, why: str, now: datetime) -> Applied:
    """What people and sources the new desk needs is there before it is in force; `clear_up` is still to be done.

    So a failure in between leaves a desk in force that works, and applying again completes it. Raises ConflictError,
    before anything is changed, if what the plan was made from is no longer so.
    """
    if plan.missing:
        raise CommandError(f"The secret of {', '.join(plan.missing)} is missing: it is the app secret of the network.")
    version = _version(_current(office.desks))
    if version != plan.in_force:
        raise ConflictError(f"version {version} of the desk was published meanwhile: apply again to see what is left")
    _store(plan, office.sources)
    for person in plan.new_topics:
        office.topics.create(person)
    for subscription in plan.new_subscriptions:
        office.topics.subscribe(subscription.person, subscription.contact)
    for subscription in plan.loud_subscriptions:
        office.topics.limit(subscription.arn or "", subscription.contact.protocol)
    if plan.changed:
        version = office.desks.publish(plan.desk, by=by, why=why, now=now, expected_version=plan.in_force)
    return Applied(
        version=version,
        sources=plan.sources,
        topics={person: office.topics.arn(person) for person in plan.desk.people},
    )


def clear_up(plan: Plan, applied: Applied, office: Office, *, by: str, now: datetime) -> None:
    """Hand over the posts of people who left, and take away what the desk does not need.

    Raises ConflictError, and takes nothing away, if another desk is in force by now: it may need it.
    """
    left = _left(plan.desk, office)
    hand_over_all(replace(plan.desk, version=applied.version), left, by, office.mentions, office.timers, now)
    version = _version(_current(office.desks))
    if version != applied.version:
        raise ConflictError(
            f"version {version} of the desk was published after version {applied.version}, so nothing was taken away:"
            " apply again to see what is left"
        )
    for subscription in plan.gone_subscriptions:
        office.topics.unsubscribe(subscription.arn or "")
    for person in plan.gone_topics:
        office.topics.delete(person)
    if plan.gone_sources:
        office.sources.write({id_: it for id_, it in office.sources.read().items() if id_ not in plan.gone_sources})


def completed(plan: Plan, given: Mapping[str, str]) -> Plan:
    """The plan with secrets that were asked for after it was made."""
    sources = {id_: _keyed(keyed, given.get(id_)) for id_, keyed in plan.sources.items()}
    return replace(plan, sources=sources, missing=[id_ for id_, (_, keys) in sources.items() if not keys.secrets])


def checked_secret(source: Source, secret: str) -> str:
    """Raises CommandError for what no network would have issued."""
    secret = secret.strip()
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise CommandError(f"The secret of {source.id} is not one: it holds blanks or unusual characters, or nothing.")
    if source.network == STANDARD:
        if secret.startswith("whsk_"):
            raise CommandError(f"The secret of {source.id} is its sender's private key: give the public one, whpk_….")
        try:
            key_of(secret)
        except ValueError as error:
            raise CommandError(f"The secret of {source.id} is not one: {error}.") from None
    return secret


def _current(desks: Desks) -> Desk | None:
    try:
        return desks.current(fresh=True)
    except NoDeskError:
        return None


def _version(desk: Desk | None) -> int:
    return desk.version if desk else 0


def _left(desk: Desk, office: Office) -> Left:
    return people_who_left(desk, office.desks.publications(REMEMBERED))


def _store(plan: Plan, sources: Sources) -> None:
    """Add what the new desk needs, beside whatever else is stored by now."""
    changed = [*plan.new_sources, *plan.changed_sources]
    if not changed:
        return
    stored = sources.read()
    if any(stored.get(id_) != plan.stored.get(id_) for id_ in changed):
        raise ConflictError("somebody else changed the sources meanwhile: apply again to see what is left")
    sources.write({**stored, **{id_: plan.sources[id_] for id_ in changed}})


def _kept(source: Source, stored: KeyedSource | None) -> Keys:
    if stored and stored[0].network == source.network:
        return stored[1]
    return Keys(secrets=(), verify_token=secrets.token_urlsafe(24))


def _keyed(keyed: KeyedSource, secret: str | None) -> KeyedSource:
    """A secret that is new is added before the old one, so that nothing is refused while the network changes over."""
    source, keys = keyed
    new = None if secret is None else checked_secret(source, secret)
    if new is None or new in keys.secrets:
        return keyed
    return source, replace(keys, secrets=(new, *keys.secrets)[:_ACTIVE_SECRETS])


def _made_secret() -> str:
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _contacts(person: Person) -> dict[str, Contact]:
    wanted = {"sms": person.sms, "email": person.email}
    return {protocol: Contact(protocol=protocol, endpoint=to) for protocol, to in wanted.items() if to}


def _new(person: Person, known: Mapping[Contact, str]) -> Iterator[Subscription]:
    for contact in _contacts(person).values():
        if contact not in known:
            yield Subscription(person=person.id, contact=contact)


def _kept_subscriptions(person: Person, known: Mapping[Contact, str]) -> Iterator[Subscription]:
    for contact, arn in known.items():
        if contact in _contacts(person).values():
            yield Subscription(person=person.id, contact=contact, arn=arn)


def _gone(person: Person, known: Mapping[Contact, str]) -> Iterator[Subscription]:
    for contact, arn in known.items():
        # A mail address that has not confirmed yet has no ARN to unsubscribe: SNS forgets it by itself.
        if contact not in _contacts(person).values() and arn.startswith("arn:"):
            yield Subscription(person=person.id, contact=contact, arn=arn)
