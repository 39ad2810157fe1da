"""A unit takes its time from the office that enrolled it, with proof, and from nobody else: chronyd at both ends."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import pytest

from kiosk_firmware.office.pki import certificate_authority
from kiosk_firmware.office.pki.trust_folder import TrustFolder, now_ms
from kiosk_firmware.system.tcp_port import listens
from kiosk_firmware.tools.demo.mosquitto import free_port
from kiosk_firmware.wire import event_clock, private_keys, time_source
from tests.house.tree import ROOT
from tests.pki.rig import HOST, SECRET, Unit, wait

SHIPPED = ROOT / "deploy" / "unit" / "lockdown" / "chrony.conf"
SERVICE = ROOT / "deploy" / "unit" / "systemd" / "kiosk-time.service"
YEAR_MS = 365 * 24 * 3_600_000


@pytest.fixture
def folder():
    """A folder with a short path, for chronyd's socket, and for nobody else's eyes, as chronyd wants it."""
    with tempfile.TemporaryDirectory(prefix="time-") as made:
        yield Path(made)


@contextlib.contextmanager
def chronyd(config: Path):
    words = [time_source.program(), "-U", "-x", "-d", "-u", pwd.getpwuid(os.geteuid()).pw_name, "-f", config]
    log = config.with_suffix(".log")
    with log.open("w") as told:
        running = subprocess.Popen(words, stdout=told, stderr=told)
    try:
        yield log
    finally:
        running.terminate()
        running.wait()


@contextlib.contextmanager
def time_server(folder: Path, begins_ms: int = 0):
    """An office of its own authority whose time server runs; gives (its root, the port)."""
    place, port = TrustFolder(folder), free_port()
    certificate_authority.found_authority(place.folder, folder / "usb", SECRET, now_ms())
    place.set_up_broker([HOST], free_port(), folder / "broker", HOST)
    if begins_ms:
        leaf = private_keys.load(folder / "broker" / "broker.key").public_key()
        text = place.authority.issue(leaf, "broker", "broker", begins_ms, hosts=[HOST])
        (folder / "broker" / "broker.pem").write_text(text)
    with chronyd(time_source.write_server(folder / "broker", port, HOST)):
        wait(lambda: listens(port), "the time server")
        yield place.authority.root, port


class Clock:
    """The unit's chronyd, by the file that ships; what it would do to the clock it only tells."""

    def __init__(self, folder: Path, root: str, line: str) -> None:
        folder.mkdir(mode=0o700)
        self.folder, self.socket = folder, folder / "chronyd.sock"
        (folder / "root.pem").write_text(root)
        (folder / time_source.SOURCE).write_text(line)
        text = SHIPPED.read_text().replace("/run/kiosk-time", str(folder)).replace("/var/lib/chrony", str(folder))
        more = f"bindcmdaddress {self.socket}\npidfile {folder}/pid\ncmdport 0\n"
        self.config = folder / "chrony.conf"
        self.config.write_text(text.replace("rtcsync\n", "") + more)

    def ask(self, *words: str) -> str:
        done = subprocess.run(["chronyc", "-h", self.socket, "-n", "-c", *words], capture_output=True, text=True)
        return done.stdout

    def is_set(self) -> bool:
        """Whether a source is selected: the sign * of chronyc's table."""
        return self.ask("sources").startswith("^,*")

    def heard(self) -> int:
        """How many of the last eight requests were answered."""
        fields = self.ask("sources").split(",")
        return int(fields[5], 8).bit_count() if len(fields) > 5 else 0


def source(port: int, root: str, folder: Path) -> str:
    """The line that an enrolled unit writes."""
    unit = Unit(folder / "unit")
    unit.member.folder.mkdir(parents=True)
    unit.member.take_time_from(HOST, port)
    return (unit.member.folder / time_source.SOURCE).read_text()


def test_unit_takes_the_time_of_its_office_with_proof(folder):
    with time_server(folder / "office") as (root, port):
        clock = Clock(folder / "clock", root, source(port, root, folder))
        with chronyd(clock.config):
            wait(clock.is_set, "the office's time")
            assert clock.ask("authdata").split(",")[1] == "NTS"


def test_time_of_another_office_is_refused(folder):
    with time_server(folder / "ours") as (root, _), time_server(folder / "theirs") as (_, port):
        clock = Clock(folder / "clock", root, source(port, root, folder))
        with chronyd(clock.config) as log:
            wait(lambda: "TLS handshake" in log.read_text(), "a handshake that fails")
            assert "not trusted" in log.read_text().lower()
            assert not clock.is_set()


def test_time_without_proof_is_refused(folder):
    """The office itself, asked as any NTP server is: what comes without proof may be anybody's."""
    with time_server(folder / "office") as (root, port):
        clock = Clock(folder / "clock", root, f"server {HOST} port {port} iburst\n")
        with chronyd(clock.config):
            wait(lambda: clock.heard() >= 3, "answers")
            assert not clock.is_set()


def test_clock_that_starts_in_the_past_is_set_all_the_same(folder):
    """Seen from there the office's certificate has not begun: here it begins in ten years."""
    with time_server(folder / "office", begins_ms=now_ms() + 10 * YEAR_MS) as (root, port):
        clock = Clock(folder / "clock", root, source(port, root, folder))
        with chronyd(clock.config):
            wait(clock.is_set, "the office's time")


def test_chronyd_is_shown_what_the_service_says_it_is():
    """The service copies what the unit writes to where chronyd and the facts' stamps look."""
    said, shipped = SERVICE.read_text(), SHIPPED.read_text()
    assert f"/agent/trust/{time_source.SOURCE} /run/kiosk-time/" in said
    assert "sourcedir /run/kiosk-time\n" in shipped
    assert "ntstrustedcerts /run/kiosk-time/root.pem\n" in shipped
    assert f": >{event_clock._SYNCED}'" in said
