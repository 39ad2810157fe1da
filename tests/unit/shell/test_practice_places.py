"""What a unit is built as: its one machine, a place, or anything."""

from __future__ import annotations

import pytest

from deploy.unit import unit_kinds
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.unit.shell.environment import UnitDescription


def who(kind: str, *machines: str) -> UnitDescription:
    return UnitDescription("unit", kind, machines, "zh", (), "0")


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_a_kind_stands_at_its_machines_or_its_places_first_page(kind: str) -> None:
    unit = unit_kinds.unit(kind).unit
    made = who(unit.kind, *unit.machines)
    places = {spot.id for spot in machine_loader.PLACES}
    assert made.is_dedicated == (len(unit.machines) == 1)
    assert made.place == (kind if kind in places and not made.is_dedicated else "")


def test_a_place_is_what_all_its_machines_are_parts_of() -> None:
    assert who("metro", "metro-ticket", "metro-gate").place == "metro"
    assert who("metro").place == "metro"
    assert who("metro", "metro-ticket", "atm").place == ""
    assert who("metro", "metro-ticket").is_dedicated
    assert not who("all-in-one", "atm").is_dedicated
    assert who("all-in-one").place == ""
