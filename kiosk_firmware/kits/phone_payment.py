"""A code on the glass that a phone pays: what it says, and which open ask waits for the phone.

The ask stands open until the phone has paid (a person's act, not the host's answer) or the machine calls it off.
"""

from __future__ import annotations

import re

from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.hosts.bank import PayAsked
from kiosk_firmware.kits.bank import PHONE

_ORDER = re.compile(r"kiosk-practice:pay\?order=(\d{1,9})&fen=(\d{1,9})")


def by_phone(effect: AnyEffect) -> AskHost | None:
    """Return the effect as the bank's ask that a phone's payment answers; None for every other."""
    if isinstance(effect, AskHost) and isinstance(effect.ask, PayAsked) and effect.ask.card == PHONE:
        return effect
    return None


def pay_code(number: int, fen: int) -> str:
    """Return what the code on the glass says: which order, and how much. Invented, so that no real phone pays it."""
    return f"kiosk-practice:pay?order={number}&fen={fen}"


def paid_order(text: str) -> tuple[int, int] | None:
    """Order and sum of a code that `pay_code` made; None for every other text."""
    found = _ORDER.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def own_code(digits: str) -> str:
    """Return what the phone's own code says: the 18 digits that a till reads."""
    return f"kiosk-practice:code?n={digits}"


def receipt_code(order: str, fen: int, digits: str) -> str:
    """Return what the phone shows to the unit that was paid, as proof."""
    return f"kiosk-practice:paid?order={order}&fen={fen}&n={digits}"
