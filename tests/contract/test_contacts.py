"""ports.Contacts, as SNS and the fake keep it. The local AWS knows no SMS accounts: answers are put in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from answerby.adapters import aws
from answerby.adapters.contacts import SnsContacts
from answerby.domain.mention import Channel
from answerby.domain.readiness import ContactState, SmsAccount
from answerby.ports import Contacts
from tests.builders import ANA
from tests.contract.faults import ALWAYS, _Body, put_in_the_way, unreachable
from tests.contract.local_aws import LocalAws
from tests.fakes.contacts import FakeContacts

MAIL_ONLY = replace(ANA, sms=None)
OPTED_OUT, SANDBOX = "CheckIfPhoneNumberIsOptedOut", "GetSMSSandboxAccountStatus"
NUMBERS, LIMIT = "ListSMSSandboxPhoneNumbers", "GetSMSAttributes"
SUBSCRIPTIONS = "ListSubscriptionsByTopic"


@pytest.fixture
def topics(local_aws: LocalAws, unique: str) -> str:
    """A prefix of topic ARNs: Ana has a topic with her two contacts."""
    arn: str = aws.client("sns").create_topic(Name=f"{unique}-person-ana")["TopicArn"]
    for protocol, endpoint in (("sms", ANA.sms), ("email", ANA.email)):
        aws.client("sns").subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
    return arn.removesuffix("ana")


@pytest.fixture
def by_sns(topics: str) -> SnsContacts:
    return SnsContacts(topics)


@pytest.fixture(params=["memory", "sns"])
def contacts(request: pytest.FixtureRequest) -> Contacts:
    if request.param == "memory":
        return FakeContacts({("nobody", Channel.EMAIL): ContactState.MISSING})
    made: SnsContacts = request.getfixturevalue("by_sns")
    return made


@contextmanager
def answering(contacts: SnsContacts, answers: Mapping[str, str], status: int = 200) -> Iterator[None]:
    """SNS speaks XML: `answers` are results by operation."""
    with ExitStack() as ways:
        for operation, result in answers.items():
            xml = f"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
            if status != 200:
                xml = f"<ErrorResponse><Error><Code>{result}</Code><Message>no</Message></Error></ErrorResponse>"
            content = xml.encode()
            ways.enter_context(
                put_in_the_way(
                    contacts._client,
                    operation,
                    lambda request, content=content: AWSResponse(request.url, status, {}, _Body(content)),  # type: ignore[arg-type]
                    ALWAYS,
                )
            )
        yield


def opted_out(yes: bool) -> dict[str, str]:
    return {OPTED_OUT: f"<isOptedOut>{str(yes).lower()}</isOptedOut>"}


def listed(*subscriptions: tuple[str, str, str | None]) -> dict[str, str]:
    members = "".join(
        f"<member><SubscriptionArn>{arn}</SubscriptionArn><Protocol>{protocol}</Protocol><Endpoint>{to}</Endpoint></member>"
        for arn, protocol, to in subscriptions
    )
    return {SUBSCRIPTIONS: f"<Subscriptions>{members}</Subscriptions>"}


def test_a_confirmed_mail_address_is_known(contacts: Contacts) -> None:
    assert contacts.states(MAIL_ONLY) == {Channel.EMAIL: ContactState.CONFIRMED}


def test_somebody_without_a_topic_is_not_subscribed(contacts: Contacts) -> None:
    assert contacts.states(replace(MAIL_ONLY, id="nobody")) == {Channel.EMAIL: ContactState.MISSING}


def test_somebody_without_a_contact_has_no_lines(contacts: Contacts) -> None:
    assert contacts.states(replace(ANA, sms=None, email=None)) == {}


def test_another_address_than_the_desks_is_none_of_theirs(by_sns: SnsContacts) -> None:
    assert by_sns.states(replace(MAIL_ONLY, email="new@example.com")) == {Channel.EMAIL: ContactState.MISSING}


@pytest.mark.parametrize(
    ("arn", "state"),
    [
        ("PendingConfirmation", ContactState.PENDING),
        ("Deleted", ContactState.GONE),
        ("arn:aws:sns:eu-west-1:1:t:1", ContactState.CONFIRMED),
    ],
)
def test_what_a_subscription_is_told_to_be(by_sns: SnsContacts, arn: str, state: ContactState) -> None:
    with answering(by_sns, listed((arn, "email", ANA.email))):
        assert by_sns.states(MAIL_ONLY) == {Channel.EMAIL: state}


def test_a_contact_that_came_back_is_there_though_its_old_subscription_is_listed(by_sns: SnsContacts) -> None:
    old, new = ("Deleted", "email", ANA.email), ("arn:aws:sns:eu-west-1:1:t:1", "email", ANA.email)
    for order in ((old, new), (new, old)):
        with answering(by_sns, listed(*order)):
            assert by_sns.states(MAIL_ONLY) == {Channel.EMAIL: ContactState.CONFIRMED}


@pytest.mark.parametrize(("yes", "state"), [(True, ContactState.OPTED_OUT), (False, ContactState.CONFIRMED)])
def test_a_number_that_opted_out_still_has_its_subscription(
    by_sns: SnsContacts, yes: bool, state: ContactState
) -> None:
    with answering(by_sns, opted_out(yes)):
        assert by_sns.states(ANA) == {Channel.SMS: state, Channel.EMAIL: ContactState.CONFIRMED}


def test_an_account_in_the_sandbox_tells_its_verified_numbers(by_sns: SnsContacts) -> None:
    numbers = "".join(
        f"<member><PhoneNumber>{number}</PhoneNumber><Status>{status}</Status></member>"
        for number, status in ((ANA.sms, "Verified"), ("+15550101009", "Pending"))
    )
    answers = {
        SANDBOX: "<IsInSandbox>true</IsInSandbox>",
        NUMBERS: f"<PhoneNumbers>{numbers}</PhoneNumbers>",
        LIMIT: "<attributes><entry><key>MonthlySpendLimit</key><value>1</value></entry></attributes>",
    }
    with answering(by_sns, answers):
        assert by_sns.account() == SmsAccount(in_sandbox=True, verified=frozenset({"+15550101001"}), monthly_limit=1.0)


def test_an_account_outside_the_sandbox_has_no_verified_numbers(by_sns: SnsContacts) -> None:
    with answering(by_sns, {SANDBOX: "<IsInSandbox>false</IsInSandbox>", LIMIT: "<attributes></attributes>"}):
        assert by_sns.account() == SmsAccount(in_sandbox=False)


def test_what_the_local_aws_does_not_know_is_unknown(by_sns: SnsContacts) -> None:
    assert by_sns.states(ANA) == {Channel.SMS: ContactState.UNKNOWN, Channel.EMAIL: ContactState.CONFIRMED}
    assert by_sns.account() == SmsAccount()


@pytest.mark.parametrize(("code", "status"), [("AuthorizationError", 403), ("Throttled", 429), ("InternalError", 500)])
def test_what_sns_does_not_tell_is_unknown(by_sns: SnsContacts, code: str, status: int) -> None:
    with answering(by_sns, dict.fromkeys((SUBSCRIPTIONS, OPTED_OUT, SANDBOX, NUMBERS, LIMIT), code), status):
        assert by_sns.states(ANA) == {Channel.SMS: ContactState.UNKNOWN, Channel.EMAIL: ContactState.UNKNOWN}
        assert by_sns.account() == SmsAccount()


def test_sns_being_away_leaves_everything_unknown(by_sns: SnsContacts) -> None:
    client: Any = by_sns._client
    with unreachable(client, SUBSCRIPTIONS), unreachable(client, SANDBOX), unreachable(client, LIMIT):
        assert by_sns.states(MAIL_ONLY) == {Channel.EMAIL: ContactState.UNKNOWN}
        assert by_sns.account() == SmsAccount()
