"""Name what the catalogue builds check-in from: its structs, its data file, and how to join them."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.machines.airport.airline import Airline
from kiosk_firmware.machines.airport.flights import Data, Flights
from kiosk_firmware.machines.airport.machine import Airport
from kiosk_firmware.machines.airport.state import Profile, Rules
from kiosk_firmware.machines.airport.world import AirWorlds

PACKS = Packs[Rules]
DATA = Data
__all__ = ["DATA", "PACKS", "Data", "Profile", "Rules", "build"]


def build(rules: Rules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    flights = Flights(data)
    machine = Airport(rules, profile, flights)
    return machine, AirWorlds(Airline(flights), rules, machine.terms.closes_min, profile.stock)
