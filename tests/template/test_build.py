"""What is deployed: `sam build`, for the processor and Python of Lambda."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.templates import ROOT, of_type

TOOLS = ROOT / ".local/tools/bin"
UNPACKED_LIMIT = 250 * 1024 * 1024
"""Of a function with its layers: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

AARCH64 = 183
"""e_machine of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }
    command = [str(TOOLS / "sam"), "build", "--build-dir", str(folder / "out"), "--no-cached"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return folder / "out"


def test_binaries_are_for_the_processor_of_lambda(build: Path) -> None:
    binaries = list(build.rglob("*.so"))

    assert binaries
    assert {int.from_bytes(file.read_bytes()[18:20], "little") for file in binaries} == {AARCH64}


def test_binaries_are_for_the_python_of_lambda(build: Path) -> None:
    versions = {file.name.split(".")[1].split("-")[1] for file in build.rglob("*.cpython-*.so")}

    assert versions == {"313"}


def test_the_product_is_deployed_without_its_command_line(build: Path) -> None:
    product = build / "AnswerbyLayer/python/answerby"

    assert (product / "runtime.py").is_file()
    assert not (product / "cli").exists()


def test_layers_fit_into_lambda(build: Path) -> None:
    assert sum(file.stat().st_size for file in build.rglob("*") if file.is_file()) < UNPACKED_LIMIT / 2


def test_layers_say_what_they_are_for() -> None:
    layers = of_type("AWS::Serverless::LayerVersion").values()

    assert all(layer["Metadata"]["BuildArchitecture"] == "arm64" for layer in layers)
    assert all(layer["Properties"]["CompatibleArchitectures"] == ["arm64"] for layer in layers)
