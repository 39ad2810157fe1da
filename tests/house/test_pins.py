"""What is installed is pinned: each lock holds its requirements of pyproject.toml, hashed, without addresses."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements-unit.lock": ("unit",),
    "requirements-visit.lock": ("unit", "visit"),
    "requirements.lock": ("unit", "office", "demo"),
    "requirements-docs.lock": ("docs",),
    "requirements-test.lock": ("unit", "office", "docs", "test"),
}


def pins(lock: str) -> dict[str, str]:
    """Package to version."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_every_requirement(lock):
    wanted = [*PROJECT["dependencies"], *(r for extra in LOCKS[lock] for r in EXTRAS[extra])]
    pinned = pins(lock)
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not pinned; run python -m deploy.generate_locks"
        assert requirement.specifier.contains(version), (
            f"{requirement} against {version}; run python -m deploy.generate_locks"
        )


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_hashed_and_names_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_locks_agree():
    every = pins("requirements-test.lock")
    for lock in LOCKS:
        assert pins(lock).items() <= every.items()


def test_unit_installs_nothing_of_the_office():
    office = {canonicalize_name(Requirement(r).name) for r in EXTRAS["office"]}
    unit = {canonicalize_name(Requirement(r).name) for r in EXTRAS["unit"]}
    visit = {canonicalize_name(Requirement(r).name) for r in EXTRAS["visit"]}
    assert not ((office | visit) - unit) & pins("requirements-unit.lock").keys()
    assert not (office - unit - visit) & pins("requirements-visit.lock").keys()
