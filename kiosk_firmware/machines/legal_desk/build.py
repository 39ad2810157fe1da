"""Name what the catalogue builds the legal desk from: its dated figures, and the counter's kit."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.kits.counter.errands import Data
from kiosk_firmware.kits.counter.machine import counter
from kiosk_firmware.kits.counter.state import CounterRules, Profile
from kiosk_firmware.machines.legal_desk.frauds import SCENES


class Rules(CounterRules, frozen=True):
    """The desk's own figures. `aid_days`, `lift_days`: days of the calendar within which the working days `…_work`
    have passed. Bounds of a fine's monthly part in fen. Sources stand in rulepack.toml.
    """

    aid_work: int
    aid_days: int
    supplement_days: int
    lift_work: int
    lift_days: int
    relief_days: int
    part_least_fen: int
    part_most_fen: int


SHARED = "kits/counter"
PACKS = Packs[Rules]
DATA = Data
__all__ = ["DATA", "PACKS", "SHARED", "Data", "Profile", "build"]


def build(rules: Rules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return counter("legal-desk", rules, profile, data, SCENES)
