import pytest

from tests.unit.api.gateway import Service


@pytest.fixture
def service() -> Service:
    return Service()
