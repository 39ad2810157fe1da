"""Facts on a USB drive: signed, whole, the unit's own, once each; and the way back lets them go."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kiosk_firmware.office.database import completeness_proof
from kiosk_firmware.office.ingest import usb_import
from kiosk_firmware.office.pki import certificate_authority
from kiosk_firmware.office.pki.trust_folder import TrustFolder, now_ms
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent import usb_transfer
from kiosk_firmware.wire import private_keys, usb_envelopes
from kiosk_firmware.wire.certificates import TrustError
from tests.wire.rig import Screen, query, settings


class Wing:
    """A unit with a certificate, an office that gave it, a USB drive between them, and no network."""

    def __init__(self, folder: Path) -> None:
        self.place = TrustFolder(folder / "office")
        certificate_authority.found_authority(self.place.folder, folder / "root-stick", "correct horse", now_ms())
        self.office, self.stick, self.state = folder / "office" / "office.db", folder / "stick", folder / "state"
        self.stick.mkdir()
        self.settings = settings(1)
        self.screen = Screen(self.state)
        self.certify("jia-atm-01")

    def certify(self, name: str) -> None:
        key, member = private_keys.make_key(), self.state / "trust"
        paper = self.place.authority.issue(key.public_key(), name, "unit", now_ms())
        private_keys.keep(key, member / "unit.pem")
        write_whole(member / "unit.pem", (member / "unit.pem").read_bytes() + paper.encode())
        write_whole(member / "root.pem", self.place.authority.root.encode())

    def tell(self, count: int) -> None:
        for n in range(count):
            self.screen.tell("step.ended", run="r-1", step="pin", prompt=0, slips=0, ms=n)

    def out(self) -> Path:
        made = usb_transfer.write_facts(self.settings, self.state, self.stick)
        assert made is not None
        return made[0]


@pytest.fixture
def wing(tmp_path: Path) -> Wing:
    return Wing(tmp_path)


def test_there_once_and_back(wing: Wing) -> None:
    wing.tell(1200)
    path = wing.out()
    assert wing.screen.left() == 1200, "carrying out lets nothing go"
    assert usb_import.take(path, wing.office, wing.place) == usb_import.ImportResult("jia-atm-01", 1200, 1200)
    assert usb_import.take(path, wing.office, wing.place).new == 0, "a stick that is read twice changes nothing"
    assert usb_transfer.take_acknowledgements(wing.settings, wing.state, wing.stick) == 2
    wing.screen.drop_acknowledged()
    assert wing.screen.left() == 0
    assert usb_transfer.write_facts(wing.settings, wing.state, wing.stick) is None
    (unit,) = completeness_proof.account(wing.office, now_ms())
    assert completeness_proof.line(unit) == "lost: 0 of 1,200"


def test_an_older_copy_of_the_file_lets_go_of_nothing_by_a_stick(wing: Wing) -> None:
    """The drive acknowledges another file's: one put back meanwhile has given its numbers again."""
    wing.tell(5)
    assert usb_import.take(wing.out(), wing.office, wing.place).new == 5
    with wing.screen.db as db:
        db.execute("UPDATE facts SET at_ms = at_ms + 1000")
    assert usb_transfer.take_acknowledgements(wing.settings, wing.state, wing.stick) == 0
    wing.screen.drop_acknowledged()
    assert wing.screen.left() == 5
    (order,) = query(wing.state / "agent.db", "SELECT name FROM inbox")
    assert tuple(order) == ("epoch.renew",), "the screen is told to number its file anew"


def test_what_came_by_the_network_meanwhile_is_known(wing: Wing) -> None:
    wing.tell(10)
    path = wing.out()
    wing.tell(5)
    second = wing.out()
    assert usb_import.take(second, wing.office, wing.place).new == 15
    assert usb_import.take(path, wing.office, wing.place).new == 0, "an older stick comes late"


def test_only_whole_files_of_the_unit_itself_are_taken(wing: Wing, tmp_path: Path) -> None:
    wing.tell(3)
    path = wing.out()
    whole = path.read_bytes()
    for broken in (whole.replace(b'"slips": 0', b'"slips": 7', 1), whole[:-9], whole + b"{}\n", b"", b"{}\n"):
        path.write_bytes(broken)
        with pytest.raises(TrustError):
            usb_import.take(path, wing.office, wing.place)
    path.write_bytes(whole)
    stranger = Wing(tmp_path / "elsewhere")
    with pytest.raises(TrustError):
        usb_import.take(path, wing.office, stranger.place)
    wing.certify("jia-atm-02")
    with pytest.raises(TrustError, match="about"):
        usb_import.take(wing.out(), wing.office, wing.place)
    assert not wing.office.exists(), "nothing was stored"


def test_another_offices_word_lets_nothing_go(wing: Wing, tmp_path: Path) -> None:
    wing.tell(3)
    other = Wing(tmp_path / "elsewhere")
    other.tell(3)
    usb_import.take(other.out(), other.office, other.place)
    (answer,) = other.stick.glob(f"*{usb_envelopes.ACKS_TAIL}")
    (wing.stick / answer.name).write_bytes(answer.read_bytes())
    with pytest.raises(TrustError):
        usb_transfer.take_acknowledgements(wing.settings, wing.state, wing.stick)
    assert query(wing.state / "agent.db", "SELECT * FROM acks") == []


def test_the_commands_say_what_they_did(wing: Wing, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wing.tell(4)
    wing.out()
    words = [str(wing.stick), "--state", str(wing.office.parent)]
    assert usb_import.main(words) == 0
    assert "4 facts, 4 of them new" in capsys.readouterr().out
    assert completeness_proof.main(["--state", str(wing.office.parent)]) == 0
    assert "lost: 0 of 4" in capsys.readouterr().out
    (wing.stick / "other.facts").write_bytes(b"{}\n")
    assert usb_import.main(words) == 1
    assert "refused" in capsys.readouterr().out


def test_books_that_do_not_add_up_are_said(wing: Wing, capsys: pytest.CaptureFixture[str]) -> None:
    wing.tell(4)
    usb_import.take(wing.out(), wing.office, wing.place)
    db = sqlite3.connect(wing.office)
    with db:
        db.execute("DELETE FROM facts WHERE seq = 2")
    db.close()
    assert completeness_proof.main(["--state", str(wing.office.parent)]) == 1
    assert "DO NOT ADD UP" in capsys.readouterr().out
