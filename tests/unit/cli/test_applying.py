from __future__ import annotations

from base64 import b64encode
from copy import deepcopy
from dataclasses import replace

import pytest

from answerby.cli.applying import Applied, apply, clear_up, enforce, plan
from answerby.cli.errors import CommandError
from answerby.cli.topics import Contact
from answerby.domain.desk import Desk
from answerby.domain.source import Source
from answerby.networks.webhook import Keys
from answerby.ports import ConflictError
from tests.builders import ANA, BEN, CLEO, NOW, a_desk
from tests.unit.cli.offices import FakeOffice

STANDARD = Source(id="crm", network="standard", brand_account="brand")
SECRETS = {"page": "0123456789abcdef0123456789abcdef"}


def applied(fake: FakeOffice, desk: Desk, given: dict[str, str] | None = None) -> Applied:
    planned = plan(desk, fake.office, SECRETS if given is None else given, NOW)
    return apply(planned, fake.office, by="ana", why="because", now=NOW)


def with_sources(*sources: Source) -> Desk:
    return a_desk(sources={source.id: source for source in sources})


def test_planning_changes_nothing() -> None:
    fake = FakeOffice()
    plan(a_desk(), fake.office, SECRETS, NOW)
    assert (fake.topics.topics, fake.sources.stored, fake.desks.desk) == ({}, {}, None)


def test_everybody_gets_a_topic_with_their_contacts() -> None:
    fake = FakeOffice()
    applied(fake, a_desk())
    assert fake.topics.topics["ana"] == {
        Contact(protocol="sms", endpoint=ANA.sms or ""),
        Contact(protocol="email", endpoint="ana@example.com"),
    }
    assert fake.topics.topics["cleo"] == {Contact(protocol="email", endpoint="cleo@example.com")}


def test_the_desk_is_in_force_with_who_and_why() -> None:
    fake = FakeOffice()
    assert applied(fake, a_desk()).version == 1
    assert fake.desks.whys == [("ana", "because")]


def test_applying_the_same_again_does_nothing() -> None:
    fake = FakeOffice()
    first = applied(fake, a_desk())
    planned = plan(a_desk(), fake.office, SECRETS, NOW)
    assert planned.is_empty
    again = apply(planned, fake.office, by="ana", why="", now=NOW)
    assert (again.version, again.sources) == (first.version, first.sources)
    assert len(fake.desks.whys) == 1


def test_a_contact_that_changed_is_replaced() -> None:
    fake = FakeOffice()
    applied(fake, a_desk())
    moved = replace(CLEO, email="cleo@example.org")
    applied(fake, a_desk(people={"ana": ANA, "ben": BEN, "cleo": moved}))
    assert fake.topics.topics["cleo"] == {Contact(protocol="email", endpoint="cleo@example.org")}


def test_the_topic_of_somebody_who_left_goes() -> None:
    fake = FakeOffice()
    applied(fake, a_desk())
    applied(fake, a_desk(people={"ana": replace(ANA, backups=()), "cleo": CLEO}))
    assert set(fake.topics.topics) == {"ana", "cleo"}


def test_a_standard_sources_secret_is_made_once() -> None:
    fake = FakeOffice()
    first = plan(with_sources(STANDARD), fake.office, {}, NOW)
    assert first.made_secrets["crm"].startswith("whsec_")
    apply(first, fake.office, by="ana", why="", now=NOW)
    assert plan(with_sources(STANDARD), fake.office, {}, NOW).made_secrets == {}
    assert fake.sources.stored["crm"][1].secrets == (first.made_secrets["crm"],)


def test_every_source_has_a_verify_token_that_stays() -> None:
    fake = FakeOffice()
    before = applied(fake, a_desk()).sources["page"][1].verify_token
    renamed = replace(a_desk().sources["page"], brand_account="200")
    after = applied(fake, with_sources(renamed)).sources["page"]
    assert len(before) >= 16
    assert (after[0].brand_account, after[1].verify_token) == ("200", before)


def test_without_its_app_secret_nothing_is_done() -> None:
    fake = FakeOffice()
    with pytest.raises(CommandError, match="The secret of page is missing"):
        applied(fake, a_desk(), given={})
    assert fake.topics.topics == {}
    assert fake.desks.desk is None


def test_a_new_secret_is_added_before_the_old_one() -> None:
    fake = FakeOffice()
    applied(fake, a_desk())
    for secret in ("second", "third"):
        applied(fake, a_desk(), given={"page": secret})
    assert fake.sources.stored["page"][1].secrets == ("third", "second")


def test_a_source_that_left_the_desk_is_forgotten() -> None:
    fake = FakeOffice()
    applied(fake, with_sources(STANDARD, a_desk().sources["page"]))
    applied(fake, a_desk())
    assert set(fake.sources.stored) == {"page"}


def whsec(size: int) -> str:
    return "whsec_" + b64encode(bytes(range(size))).decode()


@pytest.mark.parametrize(
    "secret", ["", "two words", "gehéim", "whsec_", "whsec_???", "c2VjcmV0", whsec(23), whsec(65), "whpk_" + "A" * 44]
)
def test_what_is_no_standard_secret_is_refused(secret: str) -> None:
    with pytest.raises(CommandError, match="The secret of crm is not one"):
        plan(with_sources(STANDARD), FakeOffice().office, {"crm": secret}, NOW)


@pytest.mark.parametrize("secret", [whsec(24), whsec(64), whsec(32).rstrip("="), "whpk_" + "A" * 43])
def test_what_the_network_can_verify_with_is_taken(secret: str) -> None:
    assert plan(with_sources(STANDARD), FakeOffice().office, {"crm": secret}, NOW).sources["crm"][1].secrets == (
        secret,
    )


def test_a_senders_private_key_is_refused() -> None:
    with pytest.raises(CommandError, match="private key"):
        plan(with_sources(STANDARD), FakeOffice().office, {"crm": "whsk_" + "A" * 43}, NOW)


def test_a_given_secret_is_not_one_that_was_made() -> None:
    fake = FakeOffice()
    assert plan(with_sources(STANDARD), fake.office, {"crm": whsec(24)}, NOW).made_secrets == {}
    applied(fake, with_sources(STANDARD))
    assert plan(with_sources(STANDARD), fake.office, {"crm": whsec(24)}, NOW).made_secrets == {}


def test_who_publishes_meanwhile_is_not_overwritten() -> None:
    fake = FakeOffice()
    late = plan(with_sources(STANDARD), fake.office, {}, NOW)
    applied(fake, with_sources(STANDARD))
    topics, stored = deepcopy(fake.topics.topics), fake.sources.stored
    with pytest.raises(ConflictError):
        apply(late, fake.office, by="ben", why="", now=NOW)
    assert (fake.topics.topics, fake.sources.stored) == (topics, stored)
    assert [by for by, _ in fake.desks.whys] == ["ana"]


def test_what_a_desk_published_meanwhile_needs_is_not_taken_away() -> None:
    fake = FakeOffice()
    full, small = a_desk(), with_sources(STANDARD)
    small = replace(small, people={id_: small.people[id_] for id_ in ("ben", "cleo")})
    small = replace(small, teams={"care": replace(small.teams["care"], members=("ben",))})
    applied(fake, full)
    slow = plan(small, fake.office, {}, NOW)
    done = enforce(slow, fake.office, by="cleo", why="Ana left", now=NOW)
    applied(fake, full)
    with pytest.raises(ConflictError, match="apply again"):
        clear_up(slow, done, fake.office, by="cleo", now=NOW)
    assert "ana" in fake.topics.topics
    assert fake.sources.stored["page"][1].secrets


def test_who_adds_a_secret_meanwhile_is_not_overwritten() -> None:
    fake = FakeOffice()
    applied(fake, a_desk())
    late = plan(a_desk(), fake.office, {"page": "late"}, NOW)
    applied(fake, a_desk(), given={"page": "early"})
    with pytest.raises(ConflictError):
        apply(late, fake.office, by="ben", why="", now=NOW)
    assert fake.sources.stored["page"][1].secrets == ("early", SECRETS["page"])


def test_sources_that_others_store_meanwhile_stay() -> None:
    fake = FakeOffice()
    applied(fake, with_sources(STANDARD, a_desk().sources["page"]))
    planned = plan(a_desk(), fake.office, {"page": "new"}, NOW)
    other = Source(id="other", network="x", brand_account="7"), Keys(secrets=("s",), verify_token="")
    fake.sources.stored = {**fake.sources.stored, "other": other}
    apply(planned, fake.office, by="ana", why="", now=NOW)
    assert set(fake.sources.stored) == {"page", "other"}
    assert fake.sources.stored["other"] == other


def test_what_failed_half_way_is_completed_by_applying_again() -> None:
    fake = FakeOffice()
    fake.topics.create("ana")
    assert applied(fake, a_desk()).version == 1
    assert len(fake.topics.topics["ana"]) == 2


def test_a_topic_that_outlived_its_person_goes_when_applying_again() -> None:
    fake = FakeOffice()
    applied(fake, a_desk())
    fake.topics.create("dev")
    applied(fake, a_desk())
    assert set(fake.topics.topics) == {"ana", "ben", "cleo"}


def test_a_secret_that_was_stored_but_never_shown_is_made_anew() -> None:
    fake = FakeOffice()
    broken_off = plan(with_sources(STANDARD), fake.office, {}, NOW)
    fake.sources.write(broken_off.sources)
    again = plan(with_sources(STANDARD), fake.office, {}, NOW)
    assert again.sources["crm"][1].secrets == (again.made_secrets["crm"], broken_off.made_secrets["crm"])


def test_a_subscription_that_hears_every_channel_is_limited_to_its_own() -> None:
    fake = FakeOffice()
    applied(fake, a_desk())
    loud = f"{fake.topics.arn('ana')}:ana@example.com"
    fake.topics.loud = {loud}
    planned = plan(a_desk(), fake.office, SECRETS, NOW)
    assert [each.arn for each in planned.loud_subscriptions] == [loud]
    assert not planned.is_empty
    assert not planned.changed
    apply(planned, fake.office, by="ana", why="", now=NOW)
    assert plan(a_desk(), fake.office, SECRETS, NOW).is_empty
