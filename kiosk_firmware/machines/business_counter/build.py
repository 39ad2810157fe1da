"""Name what the catalogue builds the business counter from: its dated figures, its judgement, and the counter's kit."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.kits.counter.errands import Data
from kiosk_firmware.kits.counter.machine import counter
from kiosk_firmware.kits.counter.state import Profile
from kiosk_firmware.machines.business_counter.annual_report import JUDGES, Rules
from kiosk_firmware.machines.business_counter.frauds import SCENES

SHARED = "kits/counter"
PACKS = Packs[Rules]
DATA = Data
__all__ = ["DATA", "PACKS", "SHARED", "Data", "Profile", "build"]


def build(rules: Rules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return counter("business-counter", rules, profile, data, SCENES, JUDGES)
