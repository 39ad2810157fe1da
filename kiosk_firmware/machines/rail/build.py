"""Name what the catalogue builds a ticket machine from: its structs, its data files, and how to join them."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.machines.rail.booking_office import Railway
from kiosk_firmware.machines.rail.machine import Rail
from kiosk_firmware.machines.rail.state import Profile, Rules
from kiosk_firmware.machines.rail.timetable import Data, Timetable
from kiosk_firmware.machines.rail.world import RailWorlds

PACKS = Packs[Rules]
DATA = Data
__all__ = ["DATA", "PACKS", "Data", "Profile", "Rules", "build"]


def build(rules: Rules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    table = Timetable(data)
    railway = Railway(table, rules, rules.presale_days, rules.sale_closes_min)
    return Rail(rules, profile, data, table), RailWorlds(railway, profile.stock)
