"""The sources' secret, as Secrets Manager and the fake keep it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from answerby.adapters import aws
from answerby.adapters.sources import KeyedSource, SecretSources, SourcesError
from answerby.domain.source import Source
from answerby.networks.webhook import Keys
from answerby.ports import UnavailableError
from tests.contract.faults import counting, refused, unreachable
from tests.contract.local_aws import LocalAws
from tests.fakes.sources import FakeSources

PAGE: KeyedSource = (
    Source(id="page", network="facebook", brand_account="100", aliases=("101",)),
    Keys(secrets=("old", "new"), verify_token="hello"),
)
OTHER: KeyedSource = (Source(id="x", network="x", brand_account="7"), Keys(secrets=("s",), verify_token=""))


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secret(local_aws: LocalAws, unique: str) -> str:
    arn: str = aws.client("secretsmanager").create_secret(Name=unique, SecretString="{}")["ARN"]
    return arn


@pytest.fixture
def stored(secret: str, clock: Clock) -> SecretSources:
    return SecretSources(secret, clock)


def write(secret: str, text: str) -> None:
    aws.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=text)


@pytest.fixture(params=["memory", "aws"])
def holding(request: pytest.FixtureRequest) -> Callable[..., FakeSources | SecretSources]:
    def made(*sources: KeyedSource) -> FakeSources | SecretSources:
        if request.param == "memory":
            return FakeSources(*sources)
        stored: SecretSources = request.getfixturevalue("stored")
        stored.write({source.id: (source, keys) for source, keys in sources})
        return stored

    return made


def test_a_source_comes_with_its_keys(holding: Callable[..., FakeSources | SecretSources]) -> None:
    sources = holding(PAGE, OTHER)
    assert sources.get("page") == PAGE
    assert sources.get("x") == OTHER


def test_an_unknown_source_is_none(holding: Callable[..., FakeSources | SecretSources]) -> None:
    assert holding(PAGE).get("nobody") is None
    assert holding().get("page") is None


def test_all_sources_can_be_read_to_be_written_again(stored: SecretSources) -> None:
    stored.write({"page": PAGE})
    stored.write({**stored.read(), "x": OTHER})
    assert stored.read() == {"page": PAGE, "x": OTHER}


def test_the_secret_is_read_once_a_minute(stored: SecretSources, clock: Clock) -> None:
    stored.write({"page": PAGE})
    with counting(stored._client, "GetSecretValue") as reads:
        for clock.seconds in (0.0, 59.0):
            stored.get("page")
            stored.get("unknown")
        assert len(reads) == 1
        clock.seconds = 60.0
        stored.get("page")
    assert len(reads) == 2


def test_what_was_read_before_holds_while_the_secret_cannot_be_read(stored: SecretSources, clock: Clock) -> None:
    stored.write({"page": PAGE})
    stored.get("page")
    clock.seconds = 60.0
    with unreachable(stored._client, "GetSecretValue") as tries:
        assert stored.get("page") == PAGE
        assert stored.get("page") == PAGE
    assert len(tries) == 2


def test_what_was_read_before_holds_while_the_secret_is_damaged(
    stored: SecretSources, secret: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    stored.write({"page": PAGE})
    stored.get("page")
    write(secret, '{"page": {"secrets": "hush"}}')
    clock.seconds = 60.0
    assert stored.get("page") == PAGE
    write(secret, "{hush")
    clock.seconds = 120.0
    assert stored.get("page") == PAGE
    told = [record.__dict__.get("source") or record.__dict__["error"] for record in caplog.records]
    assert told == ["page", "SourcesError"]


def test_a_malformed_entry_takes_no_other_source_down(
    stored: SecretSources, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    sound = {"network": "x", "brand_account": "7", "secrets": ["s"]}
    write(secret, json.dumps({"page": {"secrets": "hush"}, "x": sound}))
    assert (stored.get("x"), stored.get("page")) == (OTHER, None)
    assert [record.__dict__["source"] for record in caplog.records] == ["page"]
    assert "hush" not in str([record.__dict__ for record in caplog.records])


@pytest.mark.parametrize("document", ["{hush", "[]"])
def test_a_secret_that_is_malformed_as_a_whole_may_be_mended_later(
    stored: SecretSources, secret: str, document: str
) -> None:
    write(secret, document)
    with pytest.raises(UnavailableError) as raised:
        stored.get("page")
    assert "hush" not in str(raised.value)
    write(secret, "{}")
    assert stored.get("page") is None


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServiceError"])
def test_a_secret_that_was_never_read_may_be_readable_later(stored: SecretSources, code: str) -> None:
    status = 400 if code == "ThrottlingException" else 500
    with refused(stored._client, "GetSecretValue", code, status), pytest.raises(UnavailableError):
        stored.get("page")


@pytest.mark.parametrize(
    "document",
    [
        "{hush",
        "[]",
        '{"page": []}',
        '{"page": {"network": "facebook", "brand_account": "1"}}',
        '{"page": {"network": 1, "brand_account": "1", "secrets": ["hush"]}}',
        '{"page": {"network": "facebook", "brand_account": "1", "secrets": "hush"}}',
        '{"page": {"network": "facebook", "brand_account": "1", "secrets": [["hush"]]}}',
        '{"page": {"network": "facebook", "brand_account": "1", "secrets": ["hush"], "aliases": "1"}}',
    ],
)
def test_a_damaged_secret_is_named_without_telling_it(stored: SecretSources, secret: str, document: str) -> None:
    write(secret, document)
    with pytest.raises(SourcesError) as raised:
        stored.read()
    assert "sources secret" in str(raised.value) or "source page" in str(raised.value)
    assert "hush" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_source_needs_neither_aliases_nor_a_verify_token(stored: SecretSources, secret: str) -> None:
    write(secret, json.dumps({"x": {"network": "x", "brand_account": "7", "secrets": ["s"]}}))
    assert stored.get("x") == OTHER
