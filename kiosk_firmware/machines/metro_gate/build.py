"""Name what the catalogue builds a gate from: its structs, the metro's shared data, and how to join them."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.kits.metro.fares import MetroRules
from kiosk_firmware.kits.metro.network import Network
from kiosk_firmware.machines.metro_gate.machine import MetroGate
from kiosk_firmware.machines.metro_gate.state import Data, Profile, Terms
from kiosk_firmware.machines.metro_gate.world import GateWorlds

SHARED = "kits/metro"
PACKS = Packs[MetroRules]
DATA = Data
__all__ = ["DATA", "PACKS", "SHARED", "Data", "Profile", "build"]


def build(rules: MetroRules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    terms = Terms(rules, profile, Network(data.network))
    return MetroGate(terms), GateWorlds(terms)
