"""The locked dependencies: complete, hashed, and as pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.template.templates import ROOT

LAYER = ROOT / "layers/dependencies/requirements.txt"
LOCKS = [LAYER, *sorted((ROOT / "requirements").glob("*.txt"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

locks = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name + "/" + lock.name)


def pinned(lock: Path) -> dict[str, set[Version]]:
    """Versions by name: several where they depend on the Python version."""
    found: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*])?==([^\s;]+)", lock.read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


def unmet(requirements: list[str], lock: Path) -> list[str]:
    versions = pinned(lock)
    asked = [Requirement(text) for text in requirements]
    return [
        str(one)
        for one in asked
        if one.name != PROJECT["name"] and not any(one.specifier.contains(v) for v in versions.get(one.name, ()))
    ]


def test_the_layer_holds_what_the_product_asks_for() -> None:
    assert unmet(PROJECT["dependencies"], LAYER) == []


def test_the_development_lock_holds_what_everything_asks_for() -> None:
    extras = [text for extra in PROJECT["optional-dependencies"].values() for text in extra]

    assert unmet(PROJECT["dependencies"] + extras, ROOT / "requirements/dev.txt") == []


@pytest.mark.parametrize("name", ["tools", "audit", "bootstrap"])
def test_a_lock_holds_what_its_source_asks_for(name: str) -> None:
    source = (ROOT / f"requirements/{name}.in").read_text().splitlines()
    asked = [line for line in source if line and not line.startswith("#")]

    assert unmet(asked, ROOT / f"requirements/{name}.txt") == []


def test_tests_run_with_what_is_deployed() -> None:
    development = pinned(ROOT / "requirements/dev.txt")

    assert {name: development.get(name) for name in pinned(LAYER)} == pinned(LAYER)


def test_the_layer_holds_nothing_that_no_requirement_asks_for() -> None:
    """Each pin says on behalf of what it is there: one that is left over names nothing that is."""
    versions = pinned(LAYER)
    direct = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    reasons = re.findall(r"^([\w.-]+)==.*\n(?:    --hash.*\n)+((?:    # .*\n?)+)", LAYER.read_text(), re.MULTILINE)

    assert {canonicalize_name(name) for name, _ in reasons} == set(versions)
    assert {canonicalize_name(name) for name, why in reasons if "answerby" in why} == direct


@locks
def test_every_pin_is_hashed(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())

    assert all("--hash=sha256:" in entry for entry in entries if not entry.startswith("#"))


@locks
def test_a_lock_names_no_index(lock: Path) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host", lock.read_text())
