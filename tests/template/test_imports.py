"""Nothing that a function imports is missing from its layers, and nothing it reads from its environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.package import build_layers
from tests.template.templates import FUNCTIONS, ROOT, TEMPLATES

COMMON = TEMPLATES["template.yaml"]["Globals"]["Function"]
LAMBDA_GIVES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
REGION = dict.fromkeys(("AWS_DEFAULT_REGION", "AWS_REGION"), "us-east-1")


@pytest.fixture(scope="module")
def layers() -> list[Path]:
    """The layers' folders, built for the Python that runs this test."""
    return [folder / "python" for folder in build_layers()]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_with_its_layers_and_environment_alone(name: str, layers: list[Path]) -> None:
    properties = FUNCTIONS[name]["Properties"]
    given = [*properties["Environment"]["Variables"], *COMMON["Environment"]["Variables"]]
    folder = ROOT / properties["CodeUri"]
    code = f"import sys; sys.path[:0] = {[str(path) for path in (folder, *layers)]}; import app; app.lambda_handler"

    environment = dict.fromkeys((*LAMBDA_GIVES, *given), "1") | REGION

    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
