"""What the README tells a newcomer to do works, and what it names is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer

from answerby.cli.main import app
from infra.local.layout import ROOT
from infra.local.stack import current

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line.partition(" #")[0].strip() for block in BLOCKS for line in block.splitlines()]
PRODUCT = ROOT / "layers" / "answerby" / "answerby"


def local(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.local", command], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def stack_is_up() -> Iterator[None]:
    was_up = current() is not None
    started = local("up")
    assert started.returncode == 0, started.stdout + started.stderr
    yield
    if not was_up:
        local("down")


@pytest.fixture(scope="module")
def demo(stack_is_up: None) -> Iterator[subprocess.Popen[str]]:
    """Under way while other tests run: most of it is waiting."""
    command = [sys.executable, "-m", "infra.local", "demo"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as playing:
        yield playing
        playing.terminate()


def test_the_two_commands_come_first() -> None:
    assert COMMANDS[:2] == ["make run", "make test"]


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_what_is_made_can_be_made(command: str) -> None:
    ran = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make (\w+)`", README))))
def test_what_the_text_names_can_be_made(target: str) -> None:
    ran = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("block", [block for block in BLOCKS if not block.startswith("make ")])
def test_each_shell_block_works_as_it_is(block: str, demo: subprocess.Popen[str]) -> None:
    ran = subprocess.run(["sh", "-e", "-c", block], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_demo_holds(demo: subprocess.Popen[str]) -> None:
    told, _ = demo.communicate(timeout=170)

    assert demo.returncode == 0, told
    assert "All of it held." in told


def test_every_command_of_the_table_exists() -> None:
    group = typer.main.get_command(app)
    table = [cell for row in re.findall(r"^\| (`.+?) \|", README, re.MULTILINE) for cell in re.findall(r"`(.+?)`", row)]
    under = ""
    for cell in table:
        words = cell.removeprefix("answerby ").split()
        # `show ID` after `answerby mention list` is `answerby mention show ID`.
        if not cell.startswith("answerby "):
            words.insert(0, under)
        under = words[0]
        command = group.get_command(typer.Context(group), words[0])  # type: ignore[attr-defined]
        assert command is not None, cell
        if hasattr(command, "get_command"):
            assert command.get_command(typer.Context(command), words[1]) is not None, cell
    assert len(table) >= 8


def test_every_path_of_the_layout_exists() -> None:
    layout = README.partition("## Layout")[2].partition("```\n")[2].partition("```")[0]
    named = [name for line in layout.splitlines() for name in re.findall(r"[\w/<>]+/(?= |$)|[\w/]+\.(?:py|yaml)", line)]

    missing = [name for name in named if not exists(name)]

    assert len(named) >= 12
    assert not missing


def test_every_link_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def exists(name: str) -> bool:
    pattern = re.sub(r"<\w+>", "*", name).rstrip("/")
    return any(True for base in (ROOT, PRODUCT) for _ in base.glob(pattern))
