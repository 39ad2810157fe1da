"""Barcode scanners against their twins over a pty: triggers, codes of ours and of others, cables, noise."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.drivers.scanner import BarcodeScanner
from hardware.drivers.scanner_host import ScannerHost
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables, problems
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.twins.scanner import ScannerTwin
from kiosk_firmware.core.events import BarcodeRead, DeviceBack, DeviceLost
from tests.hardware.wired import Wired

MODELS = ("plain", "honeywell", "gm65", "ssi")
ANSWERING = ("gm65", "ssi")
TICKET = "kiosk-practice:ticket?n=42"
Desk = Wired[ScannerTwin, BarcodeScanner]


class QuickScanner(BarcodeScanner):
    """The driver with shorter pauses."""

    POLL_MS, AWAY_MS = 80, 300


def wired(table: ScannerSettings, folder: Path) -> Desk:
    return Wired(ScannerTwin(table), lambda port, post: QuickScanner(table, port, post), folder / "scanner")


@pytest.fixture(params=MODELS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with wired(ScannerSettings(request.param), tmp_path) as found:
        found.driver.enable(True)
        yield found


@pytest.fixture(params=ANSWERING)
def answering(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with wired(ScannerSettings(request.param), tmp_path) as found:
        found.driver.enable(True)
        yield found


def show(desk: Desk, text: str) -> None:
    """Hold a code before the scanner until it has been read."""

    def shown() -> bool:
        with desk.served.lock:
            return desk.twin.show(text)

    desk.until(shown)


def test_a_code_is_told_once_and_anew_after_a_while(desk: Desk) -> None:
    desk.twin.spoil("stutter", True, 0)
    show(desk, TICKET)
    assert desk.heard(BarcodeRead) == BarcodeRead("barcode_scanner", TICKET)
    show(desk, TICKET + "3")
    assert desk.heard(BarcodeRead, 2).text == TICKET + "3"
    show(desk, TICKET)
    assert [event.text for event in (desk.heard(BarcodeRead, 3), *desk.all(BarcodeRead)[3:])] == [TICKET]


@pytest.mark.parametrize("foreign", ["6901234567892", "https://example.org/me", "kiosk-practice:" + "x" * 600])
def test_what_is_none_of_ours_is_told_without_its_text(
    desk: Desk, foreign: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    show(desk, foreign)
    assert desk.heard(BarcodeRead) == BarcodeRead("barcode_scanner", "")
    assert foreign not in caplog.text + repr(desk.events) + repr(desk.driver.health()) + repr(desk.state())


def test_nothing_is_read_while_nobody_waits(desk: Desk) -> None:
    desk.driver.enable(False)
    desk.until(lambda: not desk.driver._looks)
    if desk.twin._settings.model == "plain":
        show(desk, TICKET)
        desk.until(lambda: desk.driver.health()["unasked"])
    else:
        desk.until(lambda: not desk.state()["looks"])
        assert not desk.twin.show(TICKET)
    desk.driver.enable(True)
    show(desk, "kiosk-practice:later")
    assert desk.heard(BarcodeRead).text == "kiosk-practice:later"
    assert len(desk.all(BarcodeRead)) == 1


def test_a_cable_out_and_in_again(desk: Desk) -> None:
    desk.served.unplug()
    desk.heard(DeviceLost)
    with desk.served.lock:
        desk.twin._looks = desk.twin._settings.model == "plain"  # it lost its power too
    desk.served.replug()
    desk.heard(DeviceBack)
    show(desk, TICKET)
    assert desk.heard(BarcodeRead).text == TICKET


def test_a_scanner_that_says_nothing_is_lost_and_found_again(answering: Desk) -> None:
    answering.twin.wire.silent = True
    answering.heard(DeviceLost)
    answering.twin.wire.silent = False
    answering.heard(DeviceBack)
    show(answering, TICKET)
    answering.heard(BarcodeRead)


def test_late_answers_and_noise_are_survived(answering: Desk) -> None:
    wire = answering.twin.wire
    wire.late_ms = 450
    answering.until(lambda: wire.hit["late"] >= 3)
    wire.late_ms = 0
    for noise in (b"\x02\x00\x00\x09", b"\x05\xf3\x00\x00\x01", b"\x00\xff"):
        wire.noise = noise
        answering.until(lambda: not wire.noise)
    answering.until(lambda: answering.driver.health()["faults"])
    show(answering, TICKET)
    assert answering.heard(BarcodeRead).text == TICKET
    assert not answering.all(DeviceLost)


def test_ssi_pieces_are_joined_and_a_spoiled_one_is_said_again(tmp_path: Path) -> None:
    with wired(ScannerSettings("ssi", longest=2000), tmp_path) as desk:
        desk.driver.enable(True)
        desk.until(lambda: desk.state()["looks"])
        text = "kiosk-practice:" + "练习0123456789" * 60
        with desk.served.lock:
            desk.twin.wire.bad_checks = 1
            assert desk.twin.show(text)
        assert desk.heard(BarcodeRead).text == text
        assert desk.state()["counters"]["again"]
        assert len(desk.all(BarcodeRead)) == 1


@pytest.mark.parametrize("model", MODELS)
def test_no_bytes_upset_a_host(model: str) -> None:
    host = ScannerHost(model, b"\r")
    for at, byte in enumerate(bytes(range(256)) * 4):
        host.receive_data(bytes([byte, 255 - byte, 2, 0]), at * 10)
        host.tick(at * 10 + 5)
        host.data_to_send()


def test_a_table_says_what_is_wrong() -> None:
    assert any(
        "starts" in text
        for text in problems(DeviceTables(barcode_scanner=ScannerSettings(starts=("",))), MoneyChannels())
    )
    assert not problems(DeviceTables(barcode_scanner=ScannerSettings("gm65", starts=())), MoneyChannels())
