"""A diagnostic bundle: for a ticket of the office alone, read by the office alone, and nothing of a learner in it."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from hardware.diagnostics.device_history import FILE, History
from kiosk_firmware.office.pki import certificate_authority, diagnostic_tickets
from kiosk_firmware.office.pki.trust_folder import TrustFolder, now_ms
from kiosk_firmware.office.pki.unit_register import Register
from kiosk_firmware.office.process.main import main as office_main
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.unit.agent import diagnostic_bundle
from kiosk_firmware.wire.certificates import TrustError
from tests.office.test_usb_transfer import Wing

UNIT = """
[unit]
id = "jia-atm-01"
site = "jia"
[broker]
password = "hunter2-of-the-broker"
[devices.card_reader]
driver = "pn532"
purse_key = "a1b2c3d4e5f6"
cards = { "04f0e1d2c3b4a5" = "9900700000000932" }
[devices.note_acceptor]
driver = "essp"
key = "89abcdef01234567"
"""
SECRETS = ("hunter2-of-the-broker", "a1b2c3d4e5f6", "89abcdef01234567", "04f0e1d2c3b4a5")
LEARNER = ("000932", "9900700000000932", "l-000932", "39393030373030303030303030393332", "learner", "withdraw-100")
"""A learner's number, card, pseudonym, card as bytes of a wire; what a journal calls them, and their lesson."""
FILES = {"unit.json", "about.json", "screen.log", "agent.log", "counters.json", "recordings/coin_acceptor-5.jsonl"}


class Site(Wing):
    """A unit on which a learner has practised, and its office."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        Register(self.place.folder / "trust.db").expect("jia-atm-01", "jia", "atm", now_ms())
        self.toml = folder / "unit.toml"
        self.toml.write_text(UNIT)
        self.settings = unit_toml.read_settings(self.toml)
        (self.state / "screen.log").write_text(
            "2026-12-03 INFO sign-in l-000932 card 9900700000000932\nWARNING coin: 3\n"
        )
        (self.state / "screen.log.1").write_text("2026-12-02 INFO older\n")
        History(self.state / FILE).add({"coin_acceptor": {"accepted": 7}}, now_ms())
        self.screen.tell("run.began", run="r-1", learner="l-000932", lesson="withdraw-100")
        (self.state / "learners.json").write_text('{"000932": {"pictures": [1, 2, 3]}}')
        folder = self.state / "recordings"
        folder.mkdir()
        for device in ("coin_acceptor", "card_reader", "receipt_printer"):
            (folder / f"{device}-5.jsonl").write_text('{"hex": "aa"}\n' if device[0:2] == "co" else " ".join(LEARNER))

    def ticket(self, unit: str = "jia-atm-01", hours: int = 1) -> Path:
        return diagnostic_tickets.ticket(self.place, unit, self.stick, hours)

    def bundle(self) -> Path:
        return diagnostic_bundle.make(self.settings, self.state, self.ticket().read_bytes(), self.stick)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_bundle_is_made_by_the_commands_and_opened_by_the_office(site: Site, tmp_path: Path, capsys) -> None:
    state = ["--state", str(tmp_path / "office")]
    assert office_main("office", ["diagnose", "ticket", "jia-atm-01", str(site.stick), *state]) == 0
    (asked,) = site.stick.glob("*.ticket")
    told = ["--out", str(site.stick), "--unit", str(site.toml), "--state", str(site.state)]
    assert diagnostic_bundle.main("diagnose", [str(asked), *told]) == 0
    (made,) = site.stick.glob("*.diagnosis")
    assert office_main("office", ["diagnose", "open", str(made), "--to", str(tmp_path / "seen"), *state]) == 0
    folder = tmp_path / "seen" / "jia-atm-01"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == FILES
    assert (folder / "screen.log").read_text() == (
        "2026-12-02 INFO older\n2026-12-03 INFO sign-in … card …\nWARNING coin: 3"
    )
    assert json.loads((folder / "counters.json").read_text())[0][::4] == ["coin_acceptor", 7]
    assert json.loads((folder / "unit.json").read_text())["devices"]["note_acceptor"]["key"] == "left out"


def test_nothing_of_a_learner_and_no_secret_is_in_it(site: Site, tmp_path: Path) -> None:
    paths = diagnostic_tickets.unpack(site.place, site.bundle(), tmp_path / "seen")
    whole = " ".join(f"{path.name} {path.read_text()}" for path in paths)
    assert not [one for one in (*LEARNER, *SECRETS) if one in whole]
    assert "accepted" in whole, "something is in it"


def test_whoever_carries_it_reads_nothing(site: Site) -> None:
    data = site.bundle().read_bytes()
    assert b"accepted" not in data
    assert b"screen.log" not in data
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(BytesIO(data))


def test_another_office_does_not_open_it(site: Site, tmp_path: Path) -> None:
    made = site.bundle()
    (site.place.folder / diagnostic_tickets.KEY).unlink()
    site.ticket()
    with pytest.raises(TrustError, match=r"diagnostics\.key does not open it"):
        diagnostic_tickets.unpack(site.place, made, tmp_path / "seen")
    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize("at", [40, -40])
def test_a_bundle_that_was_changed_is_refused(site: Site, tmp_path: Path, at: int) -> None:
    made = site.bundle()
    data = bytearray(made.read_bytes())
    data[at] ^= 1
    made.write_bytes(data)
    with pytest.raises(TrustError, match=made.name):
        diagnostic_tickets.unpack(site.place, made, tmp_path / "seen")


def test_what_somebody_else_sealed_is_not_the_units(site: Site, tmp_path: Path) -> None:
    """A ticket can be read by whoever carries it, and the key in it seals for anybody."""
    asked = site.ticket().read_bytes()
    made = diagnostic_bundle.make(site.settings, site.state, asked, site.stick)
    (site.state / "screen.log").write_text("INFO forged\n")
    forged = diagnostic_bundle.make(site.settings, site.state, asked, tmp_path / "forged")
    made.write_bytes(made.read_bytes().partition(b"\n")[0] + b"\n" + forged.read_bytes().partition(b"\n")[2])
    with pytest.raises(TrustError, match="not what was signed"):
        diagnostic_tickets.unpack(site.place, made, tmp_path / "seen")


def test_a_ticket_is_for_one_unit_and_some_hours(site: Site, monkeypatch) -> None:
    Register(site.place.folder / "trust.db").expect("jia-atm-02", "jia", "atm", now_ms())
    other, mine = site.ticket("jia-atm-02").read_bytes(), site.ticket().read_bytes()
    with pytest.raises(TrustError, match="allowed here is 'jia-atm-01'"):
        diagnostic_bundle.make(site.settings, site.state, other, site.stick)
    late = now_ms() + 2 * diagnostic_tickets.HOUR_MS
    monkeypatch.setattr(diagnostic_bundle, "now_ms", lambda: late)
    with pytest.raises(TrustError, match="has ended"):
        diagnostic_bundle.make(site.settings, site.state, mine, site.stick)
    assert not list(site.stick.glob("*.diagnosis"))


def test_a_ticket_of_another_office_opens_nothing(site: Site, tmp_path: Path) -> None:
    other = TrustFolder(tmp_path / "other")
    certificate_authority.found_authority(other.folder, tmp_path / "root-2", "correct horse", now_ms())
    Register(other.folder / "trust.db").expect("jia-atm-01", "jia", "atm", now_ms())
    asked = diagnostic_tickets.ticket(other, "jia-atm-01", site.stick, 1)
    with pytest.raises(TrustError):
        diagnostic_bundle.make(site.settings, site.state, asked.read_bytes(), site.stick)


@pytest.mark.parametrize(("unit", "hours"), [("jia-atm-77", 1), ("jia-atm-01", 0), ("jia-atm-01", 169)])
def test_a_wrong_ticket_is_not_made(site: Site, unit: str, hours: int) -> None:
    with pytest.raises(ValueError, match="allowed"):
        site.ticket(unit, hours)


def test_the_screens_counters_are_only_read(site: Site) -> None:
    """The agent's user may not write there."""
    (site.state / FILE).chmod(0o440)
    before = (site.state / FILE).stat().st_mtime_ns
    site.bundle()
    assert (site.state / FILE).stat().st_mtime_ns == before
    with sqlite3.connect(site.state / FILE) as file:
        assert file.execute("SELECT n FROM week").fetchall() == [(7,)]
