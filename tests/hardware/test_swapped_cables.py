"""Two plugs change places while the unit runs: said in words, credited to nobody, forgotten when they are back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hardware.cabinet.unit_devices import Equipment
from hardware.drivers.serial_device import SerialDevice
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Crt310, Sdt
from hardware.drivers.settings.coins import Dg600fSerial
from hardware.drivers.settings.hardware_settings import DeviceTables, HardwareSettings
from hardware.drivers.settings.notes import EsspNotes, Ssp
from hardware.drivers.settings.pin_pads import SerialPad
from hardware.drivers.settings.printers import Escpos
from hardware.drivers.settings.unit_fixtures import LinkedPins, SimulatedHost
from hardware.setup.port_probing import QUESTIONS
from hardware.transport.serial_port import monotonic_ms
from hardware.twins import factory
from hardware.twins.pseudo_terminal import serve
from hardware.twins.single_twin import roles
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
    devices = DeviceTables(
        card_reader=Crt310(), note_acceptor=Ssp(), payment_host=SimulatedHost(answer_ms=0), pins=LinkedPins()
    )
    with Swapped(tmp_path, devices) as rig:
        rig.cabinet.expect(("card_reader", "note_acceptor"))
        rig.swap()
        rig.until(lambda: len(rig.misplaced()) == 2)
        assert rig.misplaced() == {
            "card_reader": "its plug and that of note_acceptor have changed places",
            "note_acceptor": "its plug and that of card_reader have changed places",
        }
        instead = {"card_reader": "ssp", "note_acceptor": "crt310"}
        rig.until(lambda: {event.at: event.instead for event in rig.all(DeviceLost) if event.instead} == instead)
        assert {row["at"]: row["text"] for row in rig.cabinet.self_test() if row["driver"] in ("crt310", "ssp")} == {
            "card_reader": "misplaced",
            "note_acceptor": "misplaced",
        }
        rig.do("insert_card", card=CARD, at="note_acceptor")
        rig.do("note", fen=10_000, at="card_reader")
        assert not rig.all(ItemsInserted)
        assert not rig.all(MediaInserted)
        rig.swap()
        rig.until(lambda: {event.at for event in rig.all(DeviceBack)} == {"card_reader", "note_acceptor"})
        rig.until(lambda: not rig.misplaced())
        rig.until(lambda: rig.all(MediaInserted) or rig.do("insert_card", card=CARD)["ok"])
        assert rig.heard(MediaInserted).media.number == CARD


class Mute:
    """Hears, and says nothing."""

    heard = b""

    def receive(self, data: bytes, now_ms: int) -> bytes:
        self.heard += data
        return b""

    def tick(self, now_ms: int) -> bytes:
        return b""

    def state(self) -> dict[str, Any]:
        return {}


def test_nothing_is_printed_while_a_printer_is_looked_for(tmp_path, quick, monkeypatch):
    """A printer that does not answer is asked its own question and no other: all else would come out on paper."""
    monkeypatch.setattr("hardware.setup.swapped_cables.LOOK_S", 0.02)
    monkeypatch.setattr("hardware.protocols.escpos.StatusCodec.ANSWER_MS", 100)
    heard, mute = Heard(), Mute()
    devices = DeviceTables(receipt_printer=Escpos(port=str(tmp_path / "tty")), pins=LinkedPins())
    parts = Equipment(
        HardwareSettings(devices, MoneyChannels(), str(tmp_path / "state")), heard.post, monotonic_ms, str, print
    )
    with serve(mute, tmp_path / "tty"):
        parts.start()
        heard.heard(DeviceLost)
        asked = len(mute.heard)
        heard.until(lambda: len(mute.heard) > asked + 20)
        parts.stop()
    others = [data for driver, data in QUESTIONS if driver != "escpos" and len(data) > 1]
    assert not [data for data in others if data in mute.heard]


class Late:
    """A device on a busy unit: its answers to the first round of questions come too late to be heard."""

    def __init__(self, twin: Any) -> None:
        self.twin, self.heard = twin, b""

    def receive(self, data: bytes, now_ms: int) -> bytes:
        self.heard += data
        asked = [data for driver, data in QUESTIONS if driver == "scanner"][-1]  # the last of a round
        return self.twin.receive(data, now_ms) if asked in self.heard else b""

    def tick(self, now_ms: int) -> bytes:
        return self.twin.tick(now_ms) if self.heard else b""

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.twin.state()
        return state


def test_a_stranger_whose_first_answers_came_too_late_is_asked_again(tmp_path, quick, monkeypatch):
    monkeypatch.setattr("hardware.setup.swapped_cables.LOOK_S", 0.2)
    heard, late = Heard(), Late(factory.SERIAL[Ssp](Ssp(), MoneyChannels()))
    devices = DeviceTables(card_reader=Crt310(port=str(tmp_path / "tty")), pins=LinkedPins())
    parts = Equipment(
        HardwareSettings(devices, MoneyChannels(), str(tmp_path / "state")), heard.post, monotonic_ms, str, print
    )
    with serve(late, tmp_path / "tty"):
        parts.start()
        try:
            heard.until(lambda: [event for event in heard.all(DeviceLost) if event.instead == "ssp"])
        finally:
            parts.stop()


TABLES = [
    (role, table)
    for role, drivers in roles().items()
    for table in drivers.values()
    if (table in factory.SERIAL and role not in ("id_reader", "tap_reader", "cash_dispenser")) or table is Sdt
]
KIN = ({Ssp, EsspNotes},)
"""Those that speak alike."""
NEED = {SerialPad: {"model": "gz"}, Dg600fSerial: {"inhibit_pin": 5}}


def made(table: type, **more: Any) -> Any:
    """A table with what it cannot do without."""
    return table(**NEED.get(table, {}), **more)


class Stranger(Heard):
    """The driver of a table with another device's twin at its port."""

    def __init__(self, folder: Path, mine: tuple[str, type], theirs: type) -> None:
        super().__init__()
        self.at, self.theirs = mine[0], theirs
        self.served = serve(factory.SERIAL[theirs](made(theirs), MoneyChannels()), folder / theirs.__name__)
        devices = DeviceTables(**{self.at: made(mine[1], port=self.served.path)}, pins=LinkedPins())
        folder = folder / f"with-{theirs.__name__}"
        self.parts = Equipment(
            HardwareSettings(devices, MoneyChannels(), str(folder)), self.post, monotonic_ms, str, print
        )
        self.parts.start()
        self.parts.drivers[self.at].enable(True)

    def settled(self) -> bool:
        """The driver has given up, or has a line and nothing to ask on it."""
        health = self.parts.drivers[self.at].health()
        asks = health["port"]["bytes_out"]
        return bool(self.all(DeviceLost)) or (health["ready"] and health["port"]["open"] and not asks)

    def close(self) -> None:
        self.parts.stop()
        self.served.close()


@pytest.mark.parametrize("mine", TABLES, ids=lambda one: one[1].__name__)
def test_no_driver_takes_another_device_for_its_own(tmp_path: Path, quick, mine) -> None:
    """Whatever strangers answer, a driver that asks gets ready with none of them, and none tells of money or cards."""
    theirs = [table for _, table in TABLES if table is not mine[1] and {table, mine[1]} not in KIN]
    strangers = [Stranger(tmp_path, mine, table) for table in theirs]
    for one in strangers:
        one.until(one.settled)
        assert {type(event) for event in one.events} <= {DeviceLost}, (mine, one.theirs, one.events)
    for one in strangers:
        one.close()
