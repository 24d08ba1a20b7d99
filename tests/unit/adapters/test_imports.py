from __future__ import annotations

import subprocess
import sys


def test_the_mentions_table_is_used_without_boto3() -> None:
    """A cold start of receive_webhook pays for every module."""
    loaded = "import sys, answerby.adapters.dynamodb, answerby.adapters.sources; print('boto3' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "False"
