"""A technician's stick, by the shipped script and the real `kiosk enrol`: names out, sheets back, nothing unasked.

Mounting and changing the user need a system of its own: those commands are noted and let through.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk_firmware.office import carrying
from kiosk_firmware.office.trust import batch
from kiosk_firmware.office.trust.main import main as office_main
from kiosk_firmware.office.trust.place import now_ms
from kiosk_firmware.trust import told
from tests.house.tree import ROOT
from tests.telemetry.rig import Screen
from tests.trust.rig import Office, Unit

SCRIPT = ROOT / "deploy" / "unit" / "lockdown" / "stick.sh"
STUBS = {
    "mount": 'echo "$*" >>"$NOTED"', "umount": "", "chown": "", "setpriv": 'shift 3; exec "$@"',
    "kiosk": 'exec "$PYTHON" -m kiosk_firmware.cli "$@" --unit "$DATA/unit.toml" --state "$DATA/state"',
}  # fmt: skip


class Stick:
    """A stick in the hand, and the units that it goes to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at = folder, folder / "stick"
        self.at.mkdir()
        (folder / "bin").mkdir()
        for name, body in STUBS.items():
            (folder / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
            (folder / "bin" / name).chmod(0o755)

    def unit(self, name: str) -> Unit:
        made = Unit(self.folder / name)
        made.toml = self.folder / name / "unit.toml"
        made.state.mkdir(parents=True)
        return made

    def into(self, unit: Unit) -> str:
        """Plug it in; what the script asked the system to mount."""
        noted = self.folder / "noted"
        noted.write_text("")
        environment = {
            **os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "AT": str(self.at), "NOTED": str(noted),
            "DATA": str(unit.toml.parent), "KIOSK": str(self.folder / "bin" / "kiosk"), "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        done = subprocess.run(["sh", str(SCRIPT), "/dev/sda1"], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return noted.read_text()

    def names(self, pattern: str) -> list[str]:
        return sorted(path.name for path in self.at.glob(pattern))


@pytest.fixture
def stick(tmp_path):
    return Stick(tmp_path)


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path / "office")
    yield made
    made.close()


def test_one_stick_names_a_room_without_a_network_and_takes_the_sheets(stick, office):
    files(stick, office, "jia-atm-01", "jia-atm-02")
    units = [stick.unit(name) for name in ("left", "right")]
    for unit in units:
        assert "remount,rw" in stick.into(unit)
    assert stick.names("*.ask.json") == ["jia-atm-01.ask.json", "jia-atm-02.ask.json"]
    assert office_main("enrol", ["sign", str(stick.at), "--state", str(office.folder / "office")]) == 0
    for unit in units:
        assert "remount,rw" not in stick.into(unit), "an answer is only read"
    assert [unit.member.identity().unit for unit in units] == ["jia-atm-01", "jia-atm-02"]

    sheets = units[0].state / "acceptance"
    assert units[0].run("sheet", "--out", str(sheets)) == 1, "no part was tried: it says so, and is written"
    assert "remount,rw" not in stick.into(units[0]), "nobody gets it unasked"
    (stick.at / "acceptance").mkdir()
    stick.into(units[1])
    assert not stick.names("acceptance/*"), "this one has none yet"
    stick.into(units[0])
    assert stick.names("acceptance/*") == ["jia-atm-01.acceptance.html", "jia-atm-01.acceptance.json"]


def files(stick, office, *names: str) -> None:
    """Enrolment files that name no desk."""
    for name in names:
        known = office.register.expect(name, "jia", "atm", now_ms())
        batch.file(office.place, office.register, known, stick.at, "", 24)


def test_one_board_asks_as_one_unit_however_often_the_stick_comes(stick, office):
    """Every other file stays for the others."""
    files(stick, office, "jia-atm-01", "jia-atm-02", "jia-atm-03")
    left, right = stick.unit("left"), stick.unit("right")
    assert "remount,rw" in stick.into(left)
    asked = (stick.at / "jia-atm-01.ask.json").read_bytes()
    assert "remount,rw" not in stick.into(left)
    stick.into(right)
    assert stick.names("*.ask.json") == ["jia-atm-01.ask.json", "jia-atm-02.ask.json"]
    assert (stick.at / "jia-atm-01.ask.json").read_bytes() == asked


@pytest.mark.long
def test_board_whose_name_the_office_refused_asks_for_the_next(stick, office):
    files(stick, office, "jia-atm-01", "jia-atm-02", "jia-atm-03")
    left, right = stick.unit("left"), stick.unit("right")
    for unit in (left, right):
        stick.into(unit)
    office.register.retire("jia-atm-01", now_ms())
    assert office_main("enrol", ["sign", str(stick.at), "--state", str(office.folder / "office")]) == 1
    stick.into(left)
    assert stick.names("*.ask.json")[-1] == "jia-atm-03.ask.json", "that name was refused; the next is asked for"
    assert left.member.identity() is None
    office_main("enrol", ["sign", str(stick.at), "--state", str(office.folder / "office")])
    for unit in (left, right):
        stick.into(unit)
    assert [unit.member.identity().unit for unit in (left, right)] == ["jia-atm-03", "jia-atm-02"]


def test_stick_in_a_room_with_a_network_names_each_unit_at_once(stick, office):
    office.open_desk()
    for name in ("jia-atm-01", "jia-atm-02"):
        known = office.register.expect(name, "jia", "atm", now_ms())
        batch.file(office.place, office.register, known, stick.at, office.address, 24)
    units = [stick.unit(name) for name in ("left", "right")]
    for unit in units:
        assert "remount,rw" not in stick.into(unit)
    assert [unit.member.identity().unit for unit in units] == ["jia-atm-01", "jia-atm-02"]


def test_facts_leave_on_a_stick_only_when_the_glass_wants_it_and_the_word_comes_back(stick, office):
    """As before a wipe: signed by the unit, said to the glass when they lie there, taken by the office, let go of."""
    files(stick, office, "jia-atm-01")
    unit = stick.unit("left")
    stick.into(unit)
    office_main("enrol", ["sign", str(stick.at), "--state", str(office.folder / "office")])
    stick.into(unit)
    screen = Screen(unit.state)
    for n in range(7):
        screen.tell("step.ended", run="r-1", step="pin", prompt=0, slips=0, ms=n)
    stick.into(unit)
    assert not stick.names("*.facts"), "nobody gets them unasked"
    told.want(unit.state, told.CARRY)
    stick.into(unit)
    (facts,) = stick.at.glob("*.facts")
    assert (unit.state / told.CARRIED).read_text().strip() == "7"
    full = stick.folder / "bin" / "cp"
    full.write_text("#!/bin/sh\nexit 1\n")
    full.chmod(0o755)
    stick.into(unit)
    assert (unit.state / told.CARRIED).read_text().strip() == "0", "a stick that is full"
    assert stick.names("*.facts") == [facts.name]
    full.unlink()
    (unit.state / told.CARRY).unlink()
    books = office.place.folder.parent / "office.db"
    assert carrying.take(facts, books, office.place).new == 7
    stick.into(unit)
    screen.drop_acknowledged()
    assert screen.left() == 0


def test_stick_with_anything_else_changes_nothing(stick):
    for name in ("run.sh", "autorun.inf", "x.enrol", "y.answer.json"):
        (stick.at / name).write_text("#!/bin/sh\ntouch /nowhere\n")
    unit = stick.unit("left")
    assert "remount" not in stick.into(unit)
    assert unit.member.identity() is None
    assert not unit.toml.exists()
