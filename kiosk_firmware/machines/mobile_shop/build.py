"""Name what the catalogue builds the mobile shop from: its structs, and how to join them."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.machines.mobile_shop.machine import MobileShop
from kiosk_firmware.machines.mobile_shop.state import Profile, Rules, Terms
from kiosk_firmware.machines.mobile_shop.world import ShopWorlds

PACKS = Packs[Rules]
SHARED = "kits/phone"
__all__ = ["PACKS", "SHARED", "Profile", "Rules", "build"]


def build(rules: Rules, profile: Profile) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return MobileShop(rules, profile), ShopWorlds(Terms(rules, profile))
