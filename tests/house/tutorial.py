"""Do what a page of documents says, in a copy of the project: its `sh` blocks are run, its `diff` blocks are applied.

A `diff` block begins with `+++ FILE`; its other lines, without those that are added, stand in the file exactly once. A
block of added lines alone is a new file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import ROOT

FENCE = re.compile(r"^```(sh|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("kiosk_firmware", "hardware", "screens", "deploy", "tests", "pyproject.toml", "requirements-test.lock")
LEFT = shutil.ignore_patterns("node_modules", "__pycache__", "vendor", "bench")


class Block(NamedTuple):
    """A fenced block of a page."""

    kind: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Every block of the page that is to be done."""
    return [Block(*found) for found in FENCE.findall(page.read_text(encoding="utf-8"))]


def copy(into: Path) -> Path:
    """Copy what the project is made of; files are linked where the disk can."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, into / name, ignore=LEFT, copy_function=_link)
        else:
            shutil.copy(ROOT / name, into / name)
    subprocess.run(["git", "init", "--quiet", str(into)], check=True)  # the tests ask git which files there are
    return into


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def follow(page: Path, home: Path) -> Iterator[tuple[str, str]]:
    """Do the page block by block; yields each command with what it said.

    Raises:
        AssertionError: a block does not fit, or a command fails.
    """
    for block in blocks(page):
        if block.kind == "diff":
            apply(block.text, home)
        else:
            yield from ((line, run(line, home)) for line in block.text.splitlines())


def apply(text: str, home: Path) -> None:
    """Change the file that the block names."""
    head, *lines = text.splitlines()
    assert head.startswith("+++ "), head
    path = home / head.removeprefix("+++ ")
    old = "".join(f"{line[1:]}\n" for line in lines if line[:1] in ("-", " ", ""))
    new = "".join(f"{line[1:]}\n" for line in lines if line[:1] in ("+", " ", ""))
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert before.count(old) == 1 if before else not old, f"{path.name}: stands there {before.count(old)} times:\n{old}"
    path.unlink(missing_ok=True)  # linked: the project's own file stays as it is
    path.write_text(before.replace(old, new) if old else new, encoding="utf-8")


def run(line: str, home: Path) -> str:
    """Do a line as the launcher would, with this Python."""
    launcher, verb, *words = shlex.split(line)
    assert launcher == "./kiosk", line
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    asked = tests if verb == "test" else ["-m", "kiosk_firmware.cli", verb, *words]
    done = subprocess.run(
        [sys.executable, *asked], cwd=home, env=_plain(), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{line}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def _plain() -> dict[str, str]:
    """The surroundings without what this run of pytest has put there."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
