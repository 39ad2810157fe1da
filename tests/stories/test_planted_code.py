"""Python and settings that somebody planted where a unit keeps its state: no process of the unit runs any of it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.stories.rig import House
from tests.wire.rig import wait

PLANTED = (
    "kivy/mods/planted.py",
    ".kivy/mods/planted.py",
    "mods/planted.py",
    "planted.py",
    "sitecustomize.py",
    "usercustomize.py",
    "json.py",
    "msgspec.py",
    "kiosk_firmware/__init__.py",
    "hardware/__init__.py",
    "screens/__init__.py",
    "lessons.d/planted.py",
    f".local/lib/python3.{sys.version_info[1]}/site-packages/planted.pth",
)
CONFIGS = "kivy/config.ini", ".kivy/config.ini", "config.ini"


def plant(house: House) -> None:
    """Each leaves its name in `ran` beside the state folder if it is ever run."""
    for name in PLANTED:
        path = house.state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        line = f"open({str(house.folder / 'ran')!r}, 'a').write({name + ' '!r})"
        path.write_text(f"import os; {line}\n\ndef start(win, ctx): ...\n\ndef stop(win, ctx): ...\n")
    for name in CONFIGS:
        (house.state / name).parent.mkdir(exist_ok=True)
        (house.state / name).write_text("[modules]\nplanted =\n")


def start(house: House, verb: str, *words: str) -> subprocess.Popen[bytes]:
    """As the service does: the state's folder is where it stands, and its home if the service names no other."""
    command = [sys.executable, "-P", "-m", "kiosk_firmware.cli", verb, "--unit", str(house.unit)]
    environment = {**os.environ, "HOME": str(house.state), "PYTHONPATH": str(ROOT)}
    with (house.folder / f"{verb}.log").open("wb") as log:
        return subprocess.Popen(
            [*command, "--state", str(house.state), *words], cwd=house.state, env=environment, stdout=log, stderr=log
        )


def began(house: House, made: Path, verb: str, *words: str) -> None:
    """The process made its file, was ended, and ran nothing that was planted."""
    process = start(house, verb, *words)
    try:
        wait(lambda: made.exists() or process.poll() is not None, verb)
        assert process.poll() is None, (house.folder / f"{verb}.log").read_text()
    finally:
        process.terminate()
        process.wait(30)
    ran = house.folder / "ran"
    assert not ran.exists(), ran.read_text()


@pytest.mark.glass
def test_screen_runs_nothing_that_lies_in_its_state_folder(fresh):
    plant(fresh)
    hand = fresh.state / "hand.sock"
    began(fresh, hand, "run", "--offscreen", "--hand", str(hand))


def test_agent_runs_nothing_that_lies_in_its_state_folder(fresh):
    plant(fresh)
    began(fresh, fresh.state / "agent.db", "agent")


@pytest.mark.parametrize("room", ["kiosk_firmware", "hardware", "screens"])
def test_python_that_a_unit_starts_looks_for_no_module_where_it_stands(room):
    """`python -m` puts the folder where it stands first on its path; `-P` does not."""
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.List | ast.Tuple) and len(node.elts) > 1:
                first, second = (ast.unparse(element) for element in node.elts[:2])
                assert (first, second) != ("sys.executable", "'-m'"), f"{path}:{node.lineno}: write '-P', '-m'"
