from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from answerby.adapters import aws, tables
from answerby.adapters.dynamodb import MentionsTable
from answerby.ports import Mentions
from tests.contract.local_aws import LocalAws, made, ministack
from tests.fakes.mentions import FakeMentions

RETENTION = timedelta(days=400)


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    with pytest.MonkeyPatch.context() as patch, ministack() as endpoint:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_REGION", "eu-west-1")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        aws.session.cache_clear()
        tables.connection.cache_clear()
        yield made()
        aws.session.cache_clear()
        tables.connection.cache_clear()


@pytest.fixture(scope="session")
def table(local_aws: LocalAws) -> MentionsTable:
    return MentionsTable(local_aws.mentions_table, RETENTION)


@pytest.fixture(params=["memory", "dynamodb"])
def mentions(request: pytest.FixtureRequest) -> Mentions:
    if request.param == "memory":
        return FakeMentions()
    stored: Mentions = request.getfixturevalue("table")
    return stored


@pytest.fixture
def unique() -> str:
    """Tests share the tables: whatever they store carries an id of their own."""
    return uuid4().hex[:12]
