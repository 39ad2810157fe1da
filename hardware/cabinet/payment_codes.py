"""Codes that two units show each other: a phone's payment code, and the receipt of who has paid another unit's code.

The theory. Units of a site do not talk to each other while somebody practises, so a code must say by itself all that
the reading unit has to know: when it was made (in tens of seconds, so that it is good for two minutes), something that
makes it the only one (five figures of chance), and that it is one of ours (four figures of a hash over the rest). Its
first two figures are 10 to 15, as such codes begin. That it was used elsewhere nobody can see here: each unit takes it
once, and the office, which hears of it from both, finds it (`code.taken`). Nothing in a code names a person.

18 figures: 2 beginning · 7 tens of seconds since 1970, modulo ten million (three years) · 5 chance · 4 check.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.wallet import FreshCodeAsked, SpendAsked

Word = Literal["taken", "used", "old", "foreign"]
GOOD_MS = 120_000
EARLY_MS = 60_000
"""Two units' clocks may differ by so much."""
SLOT_MS, SLOTS = 10_000, 10_000_000
_KEY = b"practice codes, worth nothing"
_CODE = re.compile(r"kiosk-practice:code\?n=(1[0-5]\d{16})")
_PAID = re.compile(r"kiosk-practice:paid\?order=(\d{1,9})&fen=(\d{1,9})&n=(1[0-5]\d{16})")


class PaymentCode(msgspec.Struct, frozen=True):
    """A code that was read: its figures, and for a receipt which order and sum it is for (None: a payment code)."""

    digits: str
    order: int | None = None
    fen: int | None = None

    @property
    def mark(self) -> str:
        """Return what the office knows it by: 16 hex digits of a hash."""
        return hashlib.sha256(self.digits.encode()).hexdigest()[:16]


def make_code(utc_ms: int, chance: int) -> str:
    """Make a new code of 18 figures. `chance`: any number, the same twice only by accident."""
    slot = utc_ms // SLOT_MS % SLOTS
    body = f"{10 + chance % 6}{slot:07d}{chance // 6 % 100_000:05d}"
    return body + _check(body)


def stamp_answer(ask: Ask, utc_ms: int, chance: int) -> Ask:
    """Return the host's answer with a code or receipt that is valid now, where it has one."""
    match ask:
        case FreshCodeAsked(code=code) if code:
            return msgspec.structs.replace(ask, code=make_code(utc_ms, chance))
        case SpendAsked(receipt=receipt) if receipt:
            return msgspec.structs.replace(ask, receipt=make_code(utc_ms, chance))
        case _:
            return ask


def read_code(text: str) -> PaymentCode | None:
    """Read the code in a scanned text; None where it is none of these, or its check is wrong."""
    if (own := _CODE.fullmatch(text)) is not None:
        found = PaymentCode(own[1])
    elif (paid := _PAID.fullmatch(text)) is not None:
        found = PaymentCode(paid[3], int(paid[1]), int(paid[2]))
    else:
        return None
    return found if found.digits[14:] == _check(found.digits[:14]) else None


def is_fresh(code: PaymentCode, utc_ms: int) -> bool:
    """Return whether it was made within two minutes, as far as the two clocks agree."""
    age = (utc_ms // SLOT_MS - int(code.digits[2:9])) % SLOTS
    return age <= GOOD_MS // SLOT_MS or age >= SLOTS - EARLY_MS // SLOT_MS


def _check(body: str) -> str:
    digest = hmac.new(_KEY, body.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:4], 'big') % 10_000:04d}"
