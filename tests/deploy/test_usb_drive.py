"""A technician's USB drive, by the shipped script and the real `kiosk enrol`: names out, sheets back, nothing unasked.

Mounting and changing the user need a system of its own: those commands are noted and let through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kiosk_firmware.office.ingest import usb_import
from kiosk_firmware.office.pki import batch_enrolment, diagnostic_tickets
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.unit.identity import status_file
from tests.deploy.board import UPDATE, bundle, program, signer
from tests.house.tree import ROOT
from tests.pki.rig import Office, Unit
from tests.wire.rig import Screen

SCRIPT = ROOT / "deploy" / "unit" / "lockdown" / "stick.sh"
STUBS = {
    "mount": 'echo "$*" >>"$NOTED"',
    "umount": "",
    "chown": "",
    "setpriv": 'shift 3; exec "$@"',
    "systemctl": 'echo "systemctl $*" >>"$NOTED"',
    "kiosk": 'exec "$PYTHON" -m kiosk_firmware.cli "$@" --unit "$DATA/unit.toml" --state "$DATA/state"',
}


class Stick:
    """A USB drive in the hand, and the units that it goes to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at = folder, folder / "stick"
        self.at.mkdir()
        (folder / "bin").mkdir()
        for name, body in STUBS.items():
            self.stub(name, body)

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
            **os.environ,
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "AT": str(self.at),
            "NOTED": str(noted),
            "DATA": str(unit.toml.parent),
            "KIOSK": str(self.folder / "bin" / "kiosk"),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "BIN": str(UPDATE),
            "TICKETS": str(self.folder),
            "RAUC": str(self.folder / "system.conf"),
        }
        done = subprocess.run(["sh", str(SCRIPT), "/dev/sda1"], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return noted.read_text()

    def stub(self, name: str, body: str) -> Path:
        """A program of that name, instead of the system's."""
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

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


def test_a_ticket_on_the_stick_brings_a_bundle_that_only_its_office_opens(stick, office):
    files(stick, office, "jia-atm-01")
    unit = stick.unit("left")
    stick.into(unit)
    assert office_main("enrol", ["sign", str(stick.at), "--state", str(office.folder / "office")]) == 0
    stick.into(unit)
    office.register.expect("jia-atm-02", "jia", "atm", now_ms())
    other = diagnostic_tickets.ticket(office.place, "jia-atm-02", stick.at, 1)
    assert "remount,rw" not in stick.into(unit), "a ticket for another unit brings nothing"
    other.unlink()
    diagnostic_tickets.ticket(office.place, "jia-atm-01", stick.at, 1)
    assert "remount,rw" in stick.into(unit)
    (made,) = stick.at.glob("*.diagnosis")
    opened = diagnostic_tickets.unpack(office.place, made, stick.folder / "seen")
    assert {path.name for path in opened} >= {"unit.json", "about.json", "screen.log", "agent.log", "counters.json"}


def test_a_ticket_for_a_shell_is_laid_where_roots_helper_looks(stick, office):
    files(stick, office, "jia-atm-01")
    unit = stick.unit("left")
    assert "systemctl" not in stick.into(unit)
    asked, _ = diagnostic_tickets.shell_ticket(office.place, "jia-atm-01", stick.at, 1, 30)
    assert "systemctl start --no-block kiosk-service-shell.service" in stick.into(unit)
    assert (stick.folder / "ticket").read_bytes() == asked.read_bytes()


def files(stick, office, *names: str) -> None:
    """Enrolment files that name no desk."""
    for name in names:
        known = office.register.expect(name, "jia", "atm", now_ms())
        batch_enrolment.file(office.place, office.register, known, stick.at, "", 24)


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
        batch_enrolment.file(office.place, office.register, known, stick.at, office.address, 24)
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
    status_file.want(unit.state, status_file.CARRY)
    stick.into(unit)
    (facts,) = stick.at.glob("*.facts")
    assert (unit.state / status_file.CARRIED).read_text().strip() == "7"
    full = stick.stub("cat", "exit 1")
    stick.into(unit)
    assert (unit.state / status_file.CARRIED).read_text().strip() == "0", "a stick that is full"
    assert stick.names("*.facts") == [facts.name]
    full.unlink()
    (unit.state / status_file.CARRY).unlink()
    books = office.place.folder.parent / "office.db"
    assert usb_import.take(facts, books, office.place).new == 7
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


# -- a new system


@pytest.fixture(scope="module")
def systems(tmp_path_factory):
    """A bundle by the makers, whose certificate this unit has, and one by somebody: (signed, unsigned, keyring)."""
    folder = tmp_path_factory.mktemp("systems")
    maker, somebody = signer(folder, "maker"), signer(folder, "somebody")
    return bundle(folder, "0.2.0", maker), bundle(folder, "0.3.0", somebody), maker[1]


@pytest.fixture
def updates(stick, systems):
    """The folder of a unit's updates, a unit that is somebody; RAUC believes the makers."""
    program("rauc")
    unit = stick.unit("left")
    (unit.state / "update").mkdir()
    (unit.state / "trust").mkdir()
    (unit.state / "trust" / "unit.pem").touch()
    shipped = (UPDATE / "system.conf").read_text().replace("/etc/rauc/keyring.pem", str(systems[2]))
    (stick.folder / "system.conf").write_text(shipped)
    stick.to = unit
    return unit.state / "update"


def held(updates: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in updates.iterdir() if path.name != "progress"}


def refused(updates: Path) -> str:
    """What root told the agent, if anything."""
    said = (updates / "progress").read_text() if (updates / "progress").exists() else ""
    return said.partition(" refused ")[2].strip()


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("order", ["", "rollout-1", "stop", "stick 1"])
@pytest.mark.parametrize("free", [1 << 40, 1 << 20])
def test_only_a_makers_bundle_is_taken_unasked_and_with_room(stick, systems, updates, is_signed, order, free):
    signed, unsigned, _ = systems
    (stick.at / "new.raucb").write_bytes((signed if is_signed else unsigned).read_bytes())
    stick.stub("df", f"echo Avail; echo {free}")
    if order:
        (updates / "request").write_text(f"{order}\n")
        (updates / "system.raucb").write_bytes(b"what the office ordered")
    before = held(updates)
    stick.into(stick.to)
    if is_signed and not order and free > 1 << 30:
        assert (updates / "request").read_text().startswith("stick ")
        assert (updates / "stick.raucb").read_bytes() == signed.read_bytes()
        assert not refused(updates)
    else:
        assert held(updates) == before
        assert refused(updates)


def test_unsigned_bundle_of_3_gb_is_not_even_copied(stick, updates):
    with (stick.at / "huge.raucb").open("wb") as file:
        file.truncate(3 << 30)
    for name in ("request", "system.raucb"):
        (updates / name).write_bytes(b"rollout-1\n")
    before = held(updates)
    copied = stick.stub("cp", 'echo "$*" >>"$NOTED"; exec /bin/cp "$@"')
    assert "raucb" not in stick.into(stick.to)
    (updates / "request").unlink()
    assert "raucb" not in stick.into(stick.to), "nor where nobody asks"
    copied.unlink()
    assert {**held(updates), "request": before["request"]} == before
    assert "bytes" in refused(updates).splitlines()[-1]


def test_stick_that_shows_another_file_at_the_second_reading_is_refused(stick, systems, updates):
    """A USB drive is a computer: what it showed to be judged need not be what it gives to be copied."""
    signed, unsigned, _ = systems
    (stick.at / "new.raucb").write_bytes(signed.read_bytes())
    stick.stub("cp", f'for last; do :; done; exec /bin/cp {unsigned} "$last"')
    stick.into(stick.to)
    assert not held(updates)
    assert "signature" in refused(updates)


def test_order_that_comes_while_the_stick_is_read_stands(stick, systems, updates):
    (stick.at / "new.raucb").write_bytes(systems[0].read_bytes())
    stick.stub("cp", f'echo rollout-1 >{updates}/request; exec /bin/cp "$@"')
    stick.into(stick.to)
    assert held(updates) == {"request": b"rollout-1\n"}
    assert refused(updates)


def test_file_that_is_refused_keeps_no_other_from_being_taken(stick, systems, updates):
    (stick.at / "a.kcontent").write_bytes(b"nonsense")
    (stick.at / "a.acks").write_bytes(b"nonsense")
    (stick.at / "a.raucb").write_bytes(systems[1].read_bytes())
    (stick.at / "b.raucb").write_bytes(systems[0].read_bytes())
    stick.into(stick.to)
    assert (updates / "stick.raucb").read_bytes() == systems[0].read_bytes()


@pytest.mark.parametrize("name", ["x.acks", "x.kcontent", "jia-atm-01.answer.json", "x.enrol"])
def test_file_of_any_size_is_not_read_into_memory(stick, name):
    with (stick.at / name).open("wb") as file:
        file.truncate(2 << 30)
    stick.stub("kiosk", 'echo "kiosk $*" >>"$NOTED"')
    assert "kiosk" not in stick.into(stick.unit("left")), "nothing reads it"


# -- root's hand, and what the kiosk's user may have laid there


@pytest.fixture
def nobody(stick):
    """The USB drive's service as root, and a kiosk's user who is really another one; where traps are laid, and a
    secret.
    """
    if os.geteuid() != 0:
        pytest.skip("two users: this needs root")
    folder = Path(tempfile.mkdtemp(prefix="kiosk-stick-"))
    folder.chmod(0o755)
    made = Stick(folder)
    made.stub("setpriv", 'shift 3; exec /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups "$@"')
    made.stub("chown", 'shift; exec /bin/chown 65534:65534 "$@"')
    made.stub("kiosk", "exit 1")
    made.secret = folder / "shadow"
    made.secret.write_text("root's own")
    made.secret.chmod(0o600)
    unit = made.unit("left")
    (unit.state / "trust").mkdir()
    (unit.state / "trust" / "unit.pem").touch()
    (unit.state / "acceptance").mkdir()
    (made.at / "acceptance").mkdir()
    made.to = unit
    yield made
    shutil.rmtree(folder)


def owned(unit) -> None:
    for path in (unit.toml.parent, *unit.toml.parent.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)


def test_stick_takes_no_file_that_only_root_may_read(nobody):
    """A link in the place of the acceptance sheet, and one in the place of the facts."""
    unit = nobody.to
    unit.toml.write_text('id = "jia-atm-01"\n')
    (unit.state / "acceptance" / "acceptance.json").write_text("{}")
    (unit.state / "acceptance" / "acceptance.html").symlink_to(nobody.secret)
    status_file.want(unit.state, status_file.CARRY)
    nobody.stub("kiosk", f'ln -s {nobody.secret} "$3"/jia-atm-01.facts')
    owned(unit)
    nobody.into(unit)
    assert (nobody.at / "acceptance" / "jia-atm-01.acceptance.json").read_text() == "{}"
    for path in nobody.at.rglob("*"):
        assert not path.is_file() or nobody.secret.read_bytes() not in path.read_bytes(), path


@pytest.mark.parametrize("name", ["../../planted", "../planted", "a/b", ".", "$(id)"])
def test_name_in_the_settings_leads_root_nowhere(nobody, name):
    unit = nobody.to
    unit.toml.write_text(f'id = "{name}"\n')
    (unit.state / "acceptance" / "acceptance.json").write_text("{}")
    owned(unit)
    before = {path for path in nobody.folder.rglob("*") if nobody.at not in path.parents}
    nobody.into(unit)
    after = {path for path in nobody.folder.rglob("*") if nobody.at not in path.parents}
    assert after - before <= {nobody.folder / "noted"}
    assert {path.parent for path in nobody.at.rglob("*.json")} <= {nobody.at / "acceptance"}
