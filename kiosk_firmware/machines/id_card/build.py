"""Name what the catalogue builds the ID card's window from: its dated figures, and the counter's kit."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.kits.counter.errands import Data
from kiosk_firmware.kits.counter.machine import counter
from kiosk_firmware.kits.counter.state import CounterRules, Profile
from kiosk_firmware.machines.id_card.frauds import SCENES


class Rules(CounterRules, frozen=True):
    """The window's own figures: fees in fen, days, months, years. Sources stand in rulepack.toml."""

    first_fen: int
    renew_fen: int
    lost_fen: int
    temp_fen: int
    temp_days: int
    temp_months: int
    card_days: int
    card_most_days: int
    restore_days: int
    report_days: int
    young_years: int
    middle_years: int


SHARED = "kits/counter"
PACKS = Packs[Rules]
DATA = Data
__all__ = ["DATA", "PACKS", "SHARED", "Data", "Profile", "build"]


def build(rules: Rules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return counter("id-card", rules, profile, data, SCENES)
