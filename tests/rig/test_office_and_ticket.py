"""A blank card comes in by a file on it, is heard by a real office, and opens a shell for its ticket, for its time.

The office is `kiosk office up` on this computer's loopback, which the guest reaches as 10.0.2.2. One start of the
machine, since each takes minutes.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.pki import batch_enrolment, certificate_authority, diagnostic_tickets
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.office.pki.unit_register import Register
from kiosk_firmware.system.utc_clock import utc_ms
from tests.deploy.board import program

GUEST_SEES = "10.0.2.2"
UNIT = "jia-atm-01"
MINUTES = 2


def waited(is_so: Callable[[], bool], seconds: float, what: str) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, f"no {what}"
        time.sleep(1)
    return time.monotonic() - began


class Office:
    """One site's, with the ports that a unit's firewall lets through."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "office"
        certificate_authority.found_authority(self.state / "trust", folder / "usb", "correct horse", utc_ms())
        people = AccountService(self.state)
        people.accounts.make("test", "head", "administrator", (), "Correct-horse-7-battery")
        people.close()
        self.place = TrustFolder(self.state)
        words = ["up", "--state", str(self.state), "--host", GUEST_SEES, "--listen", "127.0.0.1"]
        command = [sys.executable, "-P", "-m", "kiosk_firmware.cli", "office", *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert self.process.stdout.readline().startswith("中心已经在运行")

    def enrolment_file(self) -> bytes:
        with closing(Register(self.place.folder / "trust.db")) as register:
            known = register.expect(UNIT, "jia", "atm", utc_ms())
            made = batch_enrolment.file(self.place, register, known, self.folder, f"{GUEST_SEES}:8443", 24, False)
        return made.read_bytes()

    def facts(self, kind: str) -> list[dict]:
        found = self.rows("SELECT data FROM facts WHERE unit = ? AND type = ? ORDER BY rowid", UNIT, kind)
        return [json.loads(data) for (data,) in found]

    def rows(self, sql: str, *values: str) -> list[tuple]:
        with closing(sqlite3.connect(self.state / "office.db", timeout=30)) as db:
            return db.execute(sql, values).fetchall()

    def sees_unit(self, seconds: float) -> float:
        """Wait until the unit's agent was heard; the seconds."""
        return waited(lambda: ("online", 1) in self.rows("SELECT 'online', online FROM units"), seconds, "the agent")

    def hears(self, kind: str, count: int, seconds: float) -> float:
        """Wait for so many facts of a kind; the seconds."""
        return waited(lambda: len(self.facts(kind)) >= count, seconds, kind)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture
def office(tmp_path):
    program("ssh")
    made = Office(tmp_path)
    yield made
    made.close()


def key_pair(folder: Path) -> tuple[Path, Path]:
    """A technician's key for ssh: private, public."""
    key, private, public = Ed25519PrivateKey.generate(), folder / "id", folder / "id.pub"
    form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    private.touch(0o600)
    private.write_bytes(key.private_bytes(*form))
    own = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    public.write_bytes(key.public_key().public_bytes(*own) + b"\n")
    return private, public


def ssh(machine, key: Path, command: str) -> subprocess.CompletedProcess[str]:
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=60", "BatchMode=yes"]
    words = [word for one in options for word in ("-o", one)]
    line = ["ssh", *words, "-i", str(key), "-p", str(machine.ssh_port), "kiosk-technician@127.0.0.1", command]
    return subprocess.run(line, capture_output=True, text=True, timeout=180)


def test_blank_card_comes_in_is_heard_and_opens_a_shell_for_its_ticket(machine, office, tmp_path, record_property):
    machine.put(f"{UNIT}.enrol", office.enrolment_file())
    machine.start()
    record_property("seconds to the agent", machine.wait(r"Started kiosk-agent\.service", 1800))
    record_property("seconds from agent to office", office.sees_unit(900))

    private, public = key_pair(tmp_path)
    drive = tmp_path / "drive"
    drive.mkdir()
    diagnostic_tickets.shell_ticket(office.place, UNIT, drive, 1, MINUTES, public)
    assert ssh(machine, private, "true").returncode == 255, "closed before"
    machine.plug_in(drive)
    record_property("seconds from drive to shell", office.hears("shell.staged", 1, 300))
    opened = time.monotonic()
    machine.wait(r"Started kiosk-shell-cable\.service", 60)
    done = ssh(machine, private, "id -un; ls /var/lib/kiosk; echo begun; sleep 1000")
    assert done.stdout.splitlines()[:1] == ["kiosk-technician"], done
    assert "closed by remote host" in done.stderr, "what was begun does not go on"
    assert "begun" in done.stdout
    assert "Permission denied" in done.stderr, "the unit's data are not seen"
    office.hears("shell.staged", 2, 600)
    record_property("seconds until it closed", time.monotonic() - opened)
    first, last = office.facts("shell.staged")
    assert (first["stage"], first["way"], first["minutes"]) == ("opened", "cable", MINUTES)
    assert (last["stage"], last["detail"]) == ("closed", "time")
    assert ssh(machine, private, "true").returncode == 255, "closed after"
    machine.plug_in(drive)
    office.hears("shell.staged", 3, 300)
    assert office.facts("shell.staged")[-1]["detail"].startswith("this ticket was used already")
