"""A shell for a ticket of the office: once, for its time, on this unit alone; and the office is told."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_firmware.office.pki import certificate_authority, diagnostic_tickets
from kiosk_firmware.office.pki.trust_folder import TrustFolder, now_ms
from kiosk_firmware.office.pki.unit_register import Register
from kiosk_firmware.office.process.main import main as office_main
from kiosk_firmware.unit.agent import service_shell
from kiosk_firmware.wire import diagnostic_messages as d
from kiosk_firmware.wire.certificates import TrustError
from tests.house.tree import ROOT
from tests.office.test_usb_transfer import Wing

SCRIPT = ROOT / "deploy" / "unit" / "lockdown" / "service-shell.sh"
UNIT = '[unit]\nid = "jia-atm-01"\nsite = "jia"\n'
HOUR_MS = diagnostic_tickets.HOUR_MS


class Site(Wing):
    """A locked unit, and its office."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for name in ("jia-atm-01", "jia-atm-02"):
            Register(self.place.folder / "trust.db").expect(name, "jia", "atm", now_ms())
        self.folder, self.toml = folder, folder / "unit.toml"
        self.toml.write_text(UNIT)
        self.key = folder / "id_ed25519.pub"
        public = Ed25519PrivateKey.generate().public_key()
        words = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        self.key.write_bytes(words + b" somebody@a-laptop\n")

    def ticket(self, unit: str = "jia-atm-01", key: Path | None = None) -> tuple[bytes, str]:
        path, code = diagnostic_tickets.shell_ticket(self.place, unit, self.stick, 1, 30, key)
        return path.read_bytes(), code

    def take(self, data: bytes) -> d.ShellTicket:
        return service_shell.take("jia-atm-01", self.state, data)

    def told(self) -> list[dict]:
        with sqlite3.connect(self.state / "agent.db") as db:
            rows = db.execute("SELECT data FROM facts WHERE type = 'shell.staged' ORDER BY seq").fetchall()
        return [json.loads(row[0]) for row in rows]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_ticket_opens_once_and_the_office_is_told(site: Site) -> None:
    data, code = site.ticket()
    asked = site.take(data)
    assert asked.minutes == 30
    assert code
    with pytest.raises(TrustError, match="used already"):
        site.take(data)
    service_shell.tell("jia-atm-01", site.state, service_shell.ShellStaged(asked.number, "closed", detail="time"))
    assert [(one["stage"], one["ticket"], one.get("detail", "")) for one in site.told()] == [
        ("opened", asked.number, ""),
        ("refused", asked.number, "this ticket was used already; ask the office for a new one"),
        ("closed", asked.number, "time"),
    ]
    assert site.take(site.ticket()[0]).number != asked.number, "a new one opens again"


def test_a_ticket_that_has_ended_opens_nothing_used_or_not(site: Site, monkeypatch) -> None:
    used, unused = site.ticket()[0], site.ticket()[0]
    site.take(used)
    late = now_ms() + 2 * HOUR_MS
    monkeypatch.setattr(service_shell, "now_ms", lambda: late)
    for data in (used, unused):
        with pytest.raises(TrustError, match="has ended"):
            site.take(data)


def test_the_office_hears_the_address_on_the_cable_alone(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(service_shell, "own_address", lambda: "10.3.0.7")
    for key in (site.key, None):
        site.take(site.ticket(key=key)[0])
    assert [(one["way"], one.get("detail", "")) for one in site.told()] == [("cable", "10.3.0.7"), ("console", "")]


def test_used_ones_are_remembered_no_longer_than_they_could_be_used(site: Site, monkeypatch) -> None:
    old, later = site.ticket()[0], now_ms() + HOUR_MS * 3 // 2
    site.take(old)
    monkeypatch.setattr(diagnostic_tickets, "now_ms", lambda: later)
    new = site.ticket()[0]
    monkeypatch.setattr(service_shell, "now_ms", lambda: later)
    asked = site.take(new)
    with sqlite3.connect(site.state / "agent.db") as db:
        (kept,) = db.execute("SELECT value FROM meta WHERE key = 'shell.spent'").fetchone()
    assert list(json.loads(kept)) == [asked.number]


def test_another_units_another_offices_and_a_changed_one_open_nothing(site: Site, tmp_path: Path) -> None:
    other = TrustFolder(tmp_path / "other")
    certificate_authority.found_authority(other.folder, tmp_path / "root-2", "correct horse", now_ms())
    Register(other.folder / "trust.db").expect("jia-atm-01", "jia", "atm", now_ms())
    foreign = diagnostic_tickets.shell_ticket(other, "jia-atm-01", site.stick, 1, 30)[0].read_bytes()
    longer = site.ticket()[0].replace(b'minutes\\":30', b'minutes\\":240')
    bundle = diagnostic_tickets.ticket(site.place, "jia-atm-01", site.stick, 1).read_bytes()
    for data, why in (
        (site.ticket("jia-atm-02")[0], "allowed here is 'jia-atm-01'"),
        (foreign, "not issued by the office"),
        (longer, "the file was changed"),
        (bundle, "allowed here is 'shell ticket'"),
        (b"#!/bin/sh", "no signed file"),
    ):
        with pytest.raises(TrustError, match=why):
            site.take(data)
    assert [one["stage"] for one in site.told()] == ["refused"] * 5


def test_the_glass_is_not_taken_from_somebody_who_practises(site: Site) -> None:
    """And the ticket is not spent by that; by the cable nobody is disturbed."""
    with sqlite3.connect(site.state / "screen.db") as db:
        db.execute("CREATE TABLE IF NOT EXISTS runs(run, header, started_ms, ended)")
        db.execute("INSERT INTO runs(run, header, started_ms) VALUES('r-1', '{\"machine\": \"atm\"}', 1)")
    data, _ = site.ticket()
    with pytest.raises(TrustError, match="somebody is practising"):
        site.take(data)
    assert site.take(site.ticket(key=site.key)[0]).key
    with sqlite3.connect(site.state / "screen.db") as db:
        db.execute("UPDATE runs SET ended = 2")
    assert site.take(data)


def test_a_code_is_asked_five_times(site: Site) -> None:
    data, code = site.ticket()
    asked, typed = site.take(data).code, iter(["", "K7QM2-9XDT4", code.lower().replace("-", " ")])
    assert service_shell.console(asked, lambda prompt: next(typed), lambda: 0) == 0
    _, other = site.ticket()
    tries: list[str] = []
    assert service_shell.console(asked, lambda prompt: tries.append(prompt) or other, lambda: 0) == 99
    assert len(tries) == 5
    assert code.replace("-", "") not in asked


def test_a_key_is_read_without_whose_it_is(site: Site, tmp_path: Path, capsys) -> None:
    state = ["--state", str(tmp_path / "office")]
    words = ["diagnose", "shell", "jia-atm-01", str(site.stick), *state]
    assert office_main("office", [*words, "--key", str(site.key)]) == 0
    assert "code" not in capsys.readouterr().out
    (path,) = site.stick.glob("*.shell")
    assert site.take(path.read_bytes()).key == site.key.read_text().removesuffix(" somebody@a-laptop\n")
    (tmp_path / "text").write_text("ssh-ed25519 nothing")
    with pytest.raises(ValueError, match=r"allowed is a file as ssh-keygen writes it"):
        office_main("office", [*words, "--key", str(tmp_path / "text")])
    for wrong in ("0", "241"):
        with pytest.raises(ValueError, match="allowed are 1 to 240"):
            office_main("office", [*words, "--minutes", wrong])


# -- root's helper, by its own commands: what it asks of the system is noted


@pytest.fixture
def helper(site: Site):
    made = site.folder / "bin"
    made.mkdir()
    (site.folder / "run").mkdir()
    noted = 'echo "${0##*/} $*" >>"$NOTED"\n'
    kiosk = 'exec "$PYTHON" -m kiosk_firmware.cli "$@"'
    shows = 'case $1 in show) echo "$STATUS";; start) case $* in *--wait*) sleep "$STAYS"; exit "$STATUS";; esac;; esac'
    waits = 'shift; exec /usr/bin/timeout 2 "$@"'
    bodies = {"setpriv": 'shift 3; exec "$@"', "kiosk": kiosk, "systemctl": noted + shows, "timeout": noted + waits}
    for name, body in {**bodies, "nft": noted, "usbguard": noted}.items():
        (made / name).write_text(f"#!/bin/sh\n{body}\n")
        (made / name).chmod(0o755)

    def run(ticket: bytes, stays: str = "0", status: str = "0") -> str:
        (site.folder / "noted").write_text("")
        (site.folder / "ticket").write_bytes(ticket)
        for path in (site.folder / "run").iterdir():
            path.unlink()
        places = {
            "DATA": site.folder,
            "RUN": site.folder / "run",
            "KIOSK": made / "kiosk",
            "NOTED": site.folder / "noted",
        }
        told = {"STAYS": stays, "STATUS": status, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
        path = f"{made}:{os.environ['PATH']}"
        environment = {**os.environ, **{name: str(at) for name, at in places.items()}, **told, "PATH": path}
        for words in (["open", str(site.folder / "ticket")], ["close"]):
            subprocess.run(["sh", str(SCRIPT), *words], env=environment, capture_output=True, check=False)
        return (site.folder / "noted").read_text()

    return run


def test_helper_opens_the_cable_for_its_minutes_and_closes_it(site: Site, helper) -> None:
    did = helper(site.ticket(key=site.key)[0], stays="9")
    assert "nft add element inet kiosk opened { 2222 timeout 30m }" in did
    assert "timeout 30m systemctl start --wait kiosk-shell-cable.service" in did
    assert "usbguard" not in did, "no keyboard for a shell on the cable"
    assert "kiosk-screen" not in did, "the glass stays as it is"
    after = did.partition("--wait kiosk-shell-cable.service")[2]
    assert "systemctl stop kiosk-shell-console.service kiosk-shell-cable.service" in after
    assert "nft delete element inet kiosk opened { 2222 }" in after
    assert [one["stage"] for one in site.told()] == ["opened", "closed"]
    assert site.told()[-1]["detail"] == "time"
    assert (site.folder / "run" / "word").read_text().startswith("restrict,pty ssh-ed25519 ")


@pytest.mark.parametrize(("status", "why"), [("0", "left"), ("130", "left"), ("99", "code"), ("203", "failed")])
def test_helper_gives_the_screen_to_the_console_and_back(site: Site, helper, status: str, why: str) -> None:
    did = helper(site.ticket()[0], status=status)
    opened, _, closed = did.partition("--wait kiosk-shell-console.service")
    assert "usbguard append-rule --temporary allow with-interface match-all { 03:*:* }" in opened
    assert "systemctl stop kiosk-screen.service" in opened
    assert "systemctl restart usbguard.service" in closed, "keyboards are shut out again"
    assert "systemctl start --no-block kiosk-screen.service" in closed
    assert "nft add" not in did
    assert site.told()[-1]["detail"] == why
    assert not (site.folder / "run" / "keyboard").exists()


def test_helper_opens_nothing_for_a_ticket_that_was_used(site: Site, helper) -> None:
    data, _ = site.ticket(key=site.key)
    site.take(data)
    did = helper(data)
    assert not [word for word in ("add element", "--wait", "usbguard", "kiosk-screen") if word in did]
    assert [one["stage"] for one in site.told()] == ["opened", "refused"]
