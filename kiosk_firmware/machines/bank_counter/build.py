"""Name what the catalogue builds a bank counter from: its dated figures, and the counter's kit."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.kits.counter.errands import Data
from kiosk_firmware.kits.counter.machine import counter
from kiosk_firmware.kits.counter.state import CounterRules, Profile
from kiosk_firmware.machines.bank_counter.frauds import SCENES


class Rules(CounterRules, frozen=True):
    """A bank's own figures: days, years, amounts in fen. Sources stand in rulepack.toml."""

    verbal_days: int
    same_days: int
    kept_days: int
    card_fen: int
    ban_years: int
    police_years: int
    ban_most_years: int
    appeal_days: int
    two_day_fen: int
    two_year_fen: int
    three_balance_fen: int
    new_day_fen: int


SHARED = "kits/counter"
PACKS = Packs[Rules]
DATA = Data
__all__ = ["DATA", "PACKS", "SHARED", "Data", "Profile", "build"]


def build(rules: Rules, profile: Profile, data: Data) -> tuple[Machine[Any], World[Any]]:
    """Make the machine and its world."""
    return counter("bank-counter", rules, profile, data, SCENES)
