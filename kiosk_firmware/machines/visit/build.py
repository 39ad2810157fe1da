"""Name what the catalogue builds a visit's terminal from: its structs, and how to join them."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.machines.visit.machine import Visit
from kiosk_firmware.machines.visit.state import Profile, Rules
from kiosk_firmware.machines.visit.world import VisitWorlds

SHARED = "visit/domain"
PACKS = Packs[Rules]
__all__ = ["PACKS", "SHARED", "Profile", "Rules", "build"]


def build(rules: Rules, profile: Profile) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return Visit(rules, profile), VisitWorlds(rules)
