"""Name what the catalogue builds the messenger from: its structs, and how to join them."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.machines.social.machine import Messenger
from kiosk_firmware.machines.social.state import Profile, Rules, Terms
from kiosk_firmware.machines.social.world import SocialWorlds

PACKS = Packs[Rules]
SHARED = "kits/phone"
__all__ = ["PACKS", "SHARED", "Profile", "Rules", "build"]


def build(rules: Rules, profile: Profile) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return Messenger(rules, profile), SocialWorlds(Terms(rules, profile))
