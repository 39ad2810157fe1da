"""A unit with a tap reader: the cabinet completes what such a reader cannot do."""

from __future__ import annotations

import pytest

from hardware.drivers.settings.cards import Pn532
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins, SimulatedHost
from kiosk_firmware.core.effects import (
    EjectMedia,
    RetainMedia,
)
from kiosk_firmware.core.events import (
    Media,
    MediaInserted,
    MediaPresented,
    MediaRetained,
    MediaTaken,
)
from tests.hardware.pin_rig import CARD, CabinetRig

MEDIA = Media(CARD, "3012", True)


@pytest.fixture
def tapped(tmp_path):
    devices = DeviceTables(
        card_reader=Pn532(cards={"04a1b2c3": CARD}), payment_host=SimulatedHost(answer_ms=0), pins=LinkedPins()
    )
    with CabinetRig(tmp_path, devices) as rig:
        rig.cabinet.expect(("card_reader",))
        rig.until(lambda: rig.cabinet.health()["card_reader"]["enabled"])
        rig.must("tap_tag", uid="04a1b2c3")
        rig.heard(MediaInserted)
        yield rig


def test_a_tap_is_completed_to_a_card_that_was_in(tapped):
    assert tapped.cabinet.found().place == "inside"
    assert tapped.answer(EjectMedia("card_reader", "eject")) == MediaPresented("card_reader", "eject")
    assert tapped.heard(MediaTaken) == MediaTaken("card_reader")
    assert tapped.answer(EjectMedia("card_reader", "eject2")).completion == "userError"
    assert tapped.cabinet.health()["cabinet"]["simulated"] == {"ejected": 1}


def test_a_kept_tag_is_asked_for(tapped):
    assert tapped.answer(RetainMedia("card_reader", "keep")) == MediaRetained("card_reader", "keep")
    assert tapped.notes == ["cabinet.card_to_box"]
    assert tapped.cabinet.found().place == "none"
    assert dict(tapped.cabinet.found().counters)["card_reader.captured"] == 1


# -- settings ---------------------------------------------------------------------------------------------------------
