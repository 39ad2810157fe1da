"""The pad that a phone is held to, alone on a unit and beside a slot that takes cards in: a whole cabinet against
twins. One pad is the metro's card reader or the till's tap reader, as the page wants it, and the slot stays shut for
the latter.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Crt310, Pn532
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet, problems
from kiosk_firmware.core.effects import EjectMedia
from kiosk_firmware.core.events import (
    PHONE,
    DeviceBack,
    DeviceLost,
    Media,
    MediaDetected,
    MediaInserted,
    MediaPresented,
)
from tests.hardware.pin_rig import CARD, CabinetRig

UID, CARD_UID = "04f0e1d2", "04a1b2c3"
PAD = Pn532(port="tty-tap", cards={UID: PHONE, CARD_UID: CARD})
UNITS = {
    "alone": DeviceTables(tap_reader=PAD),
    "beside": msgspec.structs.replace(full_cabinet(quick=True), tap_reader=PAD),
}


class Till(CabinetRig):
    """A cabinet whose page waits for a phone."""

    def waits(self, *at: str) -> None:
        self.cabinet.expect(at)

    def hold(self, uid: str) -> None:
        self.must("tap_tag", at="tap_reader", uid=uid)

    def let_go(self) -> None:
        self.must("remove_tag", at="tap_reader")
        self.until(lambda: not self.cabinet.health()["tap_reader"]["tag"])


@pytest.fixture(params=list(UNITS))
def till(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Till]:
    with Till(tmp_path, UNITS[request.param]) as rig:
        yield rig


def test_a_phone_is_told_at_the_tap_reader_and_nothing_is_in_the_cabinet(till: Till) -> None:
    till.waits("tap_reader")
    till.hold(UID)
    assert till.heard(MediaDetected) == MediaDetected("tap_reader", Media(PHONE))
    assert till.cabinet.found().place == "none"
    assert not till.all(MediaInserted)


def test_a_cable_out_is_the_tap_readers_own_loss(till: Till) -> None:
    till.waits("tap_reader")
    before = set(till.cabinet.found().lost)
    assert "tap_reader" not in before
    till.must("unplug", device="tap_reader")
    till.until(lambda: DeviceLost("tap_reader") in till.events)
    assert "tap_reader" in till.cabinet.found().lost
    row = next(row for row in till.cabinet.self_test() if row["at"] == "tap_reader")
    assert (row["ok"], row["text"]) == (False, "lost")
    till.must("replug", device="tap_reader")
    till.until(lambda: DeviceBack("tap_reader") in till.events)
    till.until(lambda: set(till.cabinet.found().lost) == before)


def test_the_pad_is_whatever_the_page_wants(tmp_path: Path) -> None:
    """A card is put in where a card is wanted, and only held there where a phone is."""
    with Till(tmp_path, UNITS["beside"]) as till:
        till.waits("tap_reader")
        assert not till.do("insert_card", card=CARD)["ok"]  # the slot is shut
        till.hold(CARD_UID)
        assert till.heard(MediaDetected).media == Media(CARD)
        till.let_go()
        till.waits("card_reader")
        till.hold(CARD_UID)
        assert till.heard(MediaInserted) == MediaInserted("card_reader", Media(CARD))
        assert till.answer(EjectMedia("card_reader", "eject")).completion == "success"
        assert till.all(MediaPresented)
        assert len(till.all(MediaDetected)) == 1


@pytest.mark.parametrize(
    ("devices", "good"),
    [
        (DeviceTables(tap_reader=PAD), True),
        (DeviceTables(tap_reader=PAD, card_reader=Crt310()), True),
        (DeviceTables(tap_reader=PAD, card_reader=Pn532()), False),
    ],
)
def test_where_a_tap_reader_may_stand(devices: DeviceTables, good: bool) -> None:
    told = [problem for problem in problems(devices, MoneyChannels()) if problem.startswith("devices.tap_reader:")]
    assert bool(told) != good
    assert all("allowed alone, or beside" in problem for problem in told)
