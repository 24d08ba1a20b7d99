from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True, scope="session")
def _gives_way() -> None:
    """The stack's clocks are real, and a busy core makes them late; a simulated one is never late."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        os.nice(19)
