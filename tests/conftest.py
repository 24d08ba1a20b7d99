from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent

# Before any test imports a client: a test that forgets to say which AWS it means must not find a real one.
os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_METRICS_DISABLED="true",
)
# A shared machine is slow at times, which says nothing of the code: speed is measured by `make bench`.
settings.register_profile("answerby", deadline=None)
settings.load_profile("answerby")

for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For `-n 2 --dist loadgroup`: what starts a local AWS or builds layers does so once, in one process."""
    for item in items:
        part = item.path.relative_to(ROOT).parts[0]
        if part in ("contract", "template"):
            item.add_marker(pytest.mark.xdist_group(part))
