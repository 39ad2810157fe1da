"""The papers for technicians, teachers and directors are true: every command, verb and file that they name is there."""

from __future__ import annotations

import importlib.util
import re

import pytest

from deploy.reference.commands import OFFICE, usage, verbs
from kiosk_firmware.cli import COMMANDS
from tests.house.tree import ROOT, name

GUIDES = tuple(
    sorted(name(path) for folder in ("zh", "en", "explanation") for path in (ROOT / "docs" / folder).rglob("*.md"))
)
TUTORIALS = "library_desk"
"""What the tutorial of a first machine makes."""
PAPERS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "deploy/unit/README.md",
    "deploy/PILOT.md",
    "deploy/SECURITY.md",
    *GUIDES,
)
FOLDERS = ("kiosk_firmware/", "hardware/", "screens/", "deploy/", "tests/", "docs/")
SUBVERBS = {"office": OFFICE}


def named(paper: str) -> list[list[str]]:
    """The commands that a paper writes as code."""
    spans = re.findall(r"`([^`\n]+)`", (ROOT / paper).read_text(encoding="utf-8"))
    return [span.split() for span in spans if span.startswith("kiosk ")]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_command_that_is_named_exists(paper):
    for _, command, *more in named(paper):
        assert command in COMMANDS, command
        path = [command]
        if command in SUBVERBS and more and not more[0].startswith(("--", "…")):
            assert more[0] in SUBVERBS[command], more
            path.append(more.pop(0))
        known = verbs(*path) if more and path[-1] != "verify" else set()
        if known and more[0].islower() and more[0].isascii():
            assert more[0] in known, f"{paper}: kiosk {' '.join([*path, *more])}: allowed are {sorted(known)}"
            path.append(more[0])
        for option in (word for word in more if word.startswith("--")):
            assert option in usage(*path), f"{paper}: kiosk {' '.join(path)} knows no {option}"


@pytest.mark.parametrize("paper", PAPERS)
def test_every_file_that_is_named_exists(paper):
    text = (ROOT / paper).read_text(encoding="utf-8")
    spans = re.findall(r"`([^`\n ]+)`", text)
    named_files = [one for one in spans if one.startswith(FOLDERS) and TUTORIALS not in one]
    lacking = [one for one in named_files if not (ROOT / one.partition("::")[0]).exists()]
    links = [one for one in re.findall(r"\]\(([^)]+)\)", text) if "://" not in one]
    lacking += [one for one in links if not ((ROOT / paper).parent / one.partition("#")[0]).exists()]
    assert not lacking


def test_the_index_of_the_units_folder_names_what_lies_there():
    text = (ROOT / "deploy/unit/README.md").read_text(encoding="utf-8")
    folders = {path.name for path in (ROOT / "deploy/unit").glob("[!_]*/")}
    kinds = {name for name in folders if (ROOT / "deploy/unit" / name / "unit.toml").exists()}
    assert not [name for name in folders - kinds if f"`{name}/`" not in text]


def test_every_command_of_the_cli_can_be_imported_by_name():
    assert all(importlib.util.find_spec(module) for module, _ in COMMANDS.values())
