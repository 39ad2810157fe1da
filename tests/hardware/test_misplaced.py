"""Two plugs change places while the unit runs: said in words, credited to nobody, forgotten when they are back."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hardware.devices.serial_device import SerialDevice
from hardware.emulators import makers
from hardware.emulators.pty import serve
from hardware.equipment import Equipment
from hardware.ports import monotonic_ms
from hardware.settings import Devices, HardwareSettings
from hardware.tables.base import Money
from hardware.tables.cards import Crt310, Pn532
from hardware.tables.notes import Ssp
from hardware.tables.panel import Host, LinkedPins
from hardware.tables.printers import Escpos
from kiosk_firmware.core.events import DeviceBack, DeviceLost, ItemsInserted, MediaInserted
from tests.hardware.pin_rig import CARD, CabinetRig, Heard


class Swapped(CabinetRig):
    """A unit with a card reader and a note acceptor, whose plugs can change places."""

    def swap(self) -> None:
        reader, notes = self.twins.serial["card_reader"], self.twins.serial["note_acceptor"]
        reader.unplug()
        notes.unplug()
        reader.twin, notes.twin = notes.twin, reader.twin
        reader.replug()
        notes.replug()

    def misplaced(self) -> dict[str, str]:
        found: dict[str, str] = self.cabinet.health()["cabinet"]["misplaced"]
        return found


@pytest.fixture
def quick(monkeypatch):
    for driver in (SerialDevice, *SerialDevice.__subclasses__()):
        monkeypatch.setattr(driver, "GRACE_MS", 300)


def test_swapped_plugs_are_said_and_found_again(tmp_path, quick):
    devices = Devices(card_reader=Crt310(), note_acceptor=Ssp(), payment_host=Host(answer_ms=0), pins=LinkedPins())
    with Swapped(tmp_path, devices) as rig:
        rig.cabinet.expect(("card_reader", "note_acceptor"))
        rig.swap()
        rig.until(lambda: len(rig.misplaced()) == 2)
        assert rig.misplaced() == {
            "card_reader": "its plug and that of note_acceptor have changed places",
            "note_acceptor": "its plug and that of card_reader have changed places",
        }
        assert {event.at: event.instead for event in rig.all(DeviceLost) if event.instead} == {
            "card_reader": "ssp", "note_acceptor": "crt310",
        }
        assert {row["at"]: row["text"] for row in rig.cabinet.self_test() if row["driver"] in ("crt310", "ssp")} == {
            "card_reader": "misplaced", "note_acceptor": "misplaced",
        }
        rig.do("insert_card", card=CARD, at="note_acceptor")
        rig.do("note", fen=10_000, at="card_reader")
        assert not rig.all(ItemsInserted)
        assert not rig.all(MediaInserted)
        rig.swap()
        rig.until(lambda: {event.at for event in rig.all(DeviceBack)} == {"card_reader", "note_acceptor"})
        rig.until(lambda: not rig.misplaced())
        rig.must("insert_card", card=CARD)
        assert rig.heard(MediaInserted).media.number == CARD


SERIAL = {"card_reader": (Crt310, Pn532), "note_acceptor": (Ssp,), "receipt_printer": (Escpos,)}
TABLES = [(at, table) for at, tables in SERIAL.items() for table in tables]


@pytest.mark.parametrize(
    ("mine", "theirs"), list(itertools.permutations(TABLES, 2)), ids=lambda one: one[1].__name__
)
def test_no_driver_takes_another_device_for_its_own(tmp_path: Path, quick, mine, theirs) -> None:
    """Whatever a stranger answers, a driver gets neither ready nor tells of money, cards or paper."""
    heard = Heard()
    devices = Devices(**{mine[0]: mine[1](port=str(tmp_path / "tty"))})
    settings = HardwareSettings(devices, Money(), str(tmp_path))
    parts = Equipment(settings, heard.post, monotonic_ms, str, print)
    with serve(makers.SERIAL[theirs[1]](theirs[1](), Money()), tmp_path / "tty"):
        parts.start()
        driver = parts.drivers[mine[0]]
        driver.enable(True)
        heard.until(lambda: heard.all(DeviceLost))
        assert not driver.health()["ready"]
        parts.stop()
    assert {type(event) for event in heard.events} == {DeviceLost}
