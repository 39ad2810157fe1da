"""A code on the glass that a phone pays: what it says, and which open ask waits for the phone.

The ask stands open until the phone has paid (a person's act, not the host's answer) or the machine calls it off.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.hosts.bank import PayAsked
from kiosk_firmware.kits.bank import PHONE


def by_phone(effect: AnyEffect) -> AskHost | None:
    """The effect as the bank's ask that a phone's payment answers; None for every other."""
    if isinstance(effect, AskHost) and isinstance(effect.ask, PayAsked) and effect.ask.card == PHONE:
        return effect
    return None


def pay_code(number: int, fen: int) -> str:
    """What the code on the glass says: which order, and how much. Invented, so that no real phone pays it."""
    return f"kiosk-practice:pay?order={number}&fen={fen}"
