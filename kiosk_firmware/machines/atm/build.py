"""Name what the catalogue builds an ATM from: its rule and profile structs, and how to join them."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.machines.atm.machine import Atm
from kiosk_firmware.machines.atm.state import Profile, Rules, Terms
from kiosk_firmware.machines.atm.world import AtmWorlds

PACKS = Packs[Rules]
__all__ = ["PACKS", "Profile", "Rules", "build"]


def build(rules: Rules, profile: Profile) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return Atm(rules, profile), AtmWorlds(Terms(rules, profile))
