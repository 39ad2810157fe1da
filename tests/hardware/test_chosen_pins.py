"""A PIN that was chosen at one machine of a unit counts at the next one for the same person, and not any longer."""

from __future__ import annotations

import pytest

from kiosk_firmware.core.effects import ReadPin
from kiosk_firmware.core.events import Lent, PinKeyPressed
from tests.hardware.pin_rig import CabinetRig

NEW, CHOSEN = "9900550000008888", "246802"


def read(unit, purpose):
    """What the pad says to the chosen figures."""
    unit.cabinet.perform(ReadPin("pin_pad", purpose, NEW, purpose))
    for digit in CHOSEN:
        before = len(unit.all(PinKeyPressed))
        unit.must("pin_key", key=digit)
        unit.until(lambda before=before: len(unit.all(PinKeyPressed)) > before)
    unit.must("pin_key", key="enter")
    return unit.until(lambda: next((e for e in unit.events if getattr(e, "ref", "") == purpose), None)).verdict


@pytest.mark.parametrize(("carried", "verdict"), [(True, "right"), (False, "wrong")])
def test_a_chosen_pin_goes_with_the_person(tmp_path, carried, verdict):
    with CabinetRig(tmp_path) as unit:
        assert read(unit, "choose") == "right"
        assert read(unit, "repeat") == "right"
        unit.cabinet.end()
        unit.cabinet.begin(lambda document: [document.title.key], None, True, Lent(carried=carried))
        assert read(unit, "enter") == verdict
