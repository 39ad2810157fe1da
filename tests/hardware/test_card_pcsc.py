"""The chip reader's driver through pyscard and the real daemon, with its virtual reader and a card made of software.

Skipped where pcscd, its virtual reader or pyscard is not installed, or where a daemon runs already: there is one a
machine, and somebody's is not ours to stop.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.drivers.registry import DriverContext, make_driver
from hardware.drivers.settings.cards import Pcsc
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.twins.virtual_chip import ChipCard, VirtualSlot
from kiosk_firmware.core.effects import EjectMedia
from kiosk_firmware.core.events import (
    DeviceBack,
    DeviceLost,
    Media,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaTaken,
)
from tests.hardware.pin_rig import CabinetRig, Heard

CARD = "9900123412341234"
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
COMM = Path("/run/pcscd/pcscd.comm")


def missing() -> str:
    """Why the daemon cannot be had here; "" where it can."""
    if shutil.which("pcscd", path="/usr/sbin:/usr/bin") is None:
        return "pcscd is not installed"
    if not DRIVER.exists():
        return "vsmartcard-vpcd is not installed"
    if importlib.util.find_spec("smartcard") is None:
        return "pyscard is not installed"
    if not os.access("/run", os.W_OK):
        return "only root may start pcscd"
    with socket.socket(socket.AF_UNIX) as end:
        if end.connect_ex(str(COMM)) == 0:
            return "a pcscd runs already"
    return ""


def free_port() -> int:
    """A port whose next one is free as well."""
    while True:
        with socket.socket() as end, socket.socket() as after:
            end.bind(("127.0.0.1", 0))
            port = int(end.getsockname()[1])
            try:
                after.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


class Daemon:
    """A pcscd of our own whose virtual reader waits for cards at a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        (folder / "conf").mkdir()
        (folder / "conf" / "vpcd").write_text(
            f'FRIENDLYNAME "Practice slot"\nDEVICENAME /dev/null:{self.port:#X}\nLIBPATH {DRIVER}\n'
            f"CHANNELID {self.port:#X}\n"
        )
        self._command = ["pcscd", "--foreground", "--disable-polkit", "--config", str(folder / "conf")]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(timeout=10)


def pushed(slot: VirtualSlot, card: ChipCard) -> bool:
    """Whether the daemon had a slot for the card."""
    try:
        slot.insert(card)
    except OSError:
        return False
    return True


class Rig(Heard):
    """Daemon, slot and driver."""

    def __init__(self, folder: Path, reader: str = "") -> None:
        super().__init__()
        self.daemon = Daemon(folder)
        self.slot = VirtualSlot(self.daemon.port)
        context = DriverContext("card_reader", self.post, time.monotonic_ns, None, folder, None, None, {})  # type: ignore[arg-type]
        self.driver: Any = make_driver(Pcsc(reader), context)

    def insert(self, card: ChipCard) -> None:
        """Push the card in, as soon as the daemon has its slot."""
        self.until(lambda: pushed(self.slot, card))

    def __enter__(self) -> Rig:
        self.daemon.start()
        self.driver.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.stop()
        self.slot.remove()
        self.daemon.stop()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    if reason := missing():
        pytest.skip(reason)
    with Rig(tmp_path) as rig:
        rig.driver.enable(True)
        rig.until(lambda: rig.driver.health()["ready"])
        yield rig


def test_cards_that_are_pushed_in_are_read_and_told_apart(rig: Rig) -> None:
    rig.insert(ChipCard(CARD, "2807"))
    assert rig.heard(MediaInserted) == MediaInserted("card_reader", Media(CARD, "2807", True))
    rig.slot.remove()
    rig.until(lambda: not rig.driver._here)
    theirs = ChipCard("6222020200112233445", aid=bytes.fromhex("A000000333010101"))
    rig.insert(theirs)
    assert rig.heard(MediaInvalid) == MediaInvalid("card_reader", "foreign")
    assert theirs.commands == 1, "somebody's own card was asked for more than the practice application"
    assert "62220" not in repr(rig.events) + repr(rig.driver.health())


def test_a_card_counts_for_nothing_while_none_is_wanted(rig: Rig) -> None:
    rig.driver.enable(False)
    rig.until(lambda: not rig.driver.health()["enabled"])
    rig.insert(ChipCard(CARD))
    rig.until(lambda: rig.driver._here)
    rig.driver.enable(True)
    rig.driver.perform(EjectMedia("card_reader", "eject"))
    assert rig.heard(MediaPresented).completion == "unsupportedCommand"
    assert rig.all(MediaInserted) == []
    rig.slot.remove()
    rig.until(lambda: not rig.driver._here)
    rig.insert(ChipCard(CARD))
    rig.heard(MediaInserted)


def test_a_daemon_that_dies_is_lost_and_found_again(rig: Rig) -> None:
    rig.slot.remove()
    rig.daemon.stop()
    assert rig.heard(DeviceLost) == DeviceLost("card_reader")
    assert "pcscd" in rig.driver.health()["trouble"] or "eader" in rig.driver.health()["trouble"]
    rig.daemon.start()
    rig.heard(DeviceBack)
    rig.insert(ChipCard(CARD))
    rig.heard(MediaInserted)


def test_the_cabinet_completes_it(tmp_path: Path) -> None:
    if reason := missing():
        pytest.skip(reason)
    daemon = Daemon(tmp_path)
    slot = VirtualSlot(daemon.port)
    daemon.start()
    try:
        with CabinetRig(tmp_path, DeviceTables(card_reader=Pcsc("Practice"), pins=LinkedPins())) as unit:
            unit.cabinet.expect(("card_reader",))
            unit.until(lambda: unit.cabinet.health()["card_reader"]["ready"])
            unit.until(lambda: pushed(slot, ChipCard(CARD)))
            unit.heard(MediaInserted)
            assert unit.answer(EjectMedia("card_reader", "eject")).completion == "success"
            unit.heard(MediaTaken)
    finally:
        slot.remove()
        daemon.stop()


def test_without_pyscard_the_unit_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with CabinetRig(tmp_path, DeviceTables(card_reader=Pcsc(), pins=LinkedPins())) as unit:
        (row,) = [row for row in unit.cabinet.self_test() if row["at"] == "card_reader"]
    assert not row["ok"]
    assert "install training-kiosk[unit,pcsc]" in row["text"]
