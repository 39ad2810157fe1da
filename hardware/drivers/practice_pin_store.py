"""Practice PINs, kept as keyed hashes beside the PIN pad: nobody can read a PIN from the unit's disk.

HMAC-SHA256 over card number and PIN, under a key that is made on the unit and readable by its user only. A run may
change a card's PIN; such a change stands beside the card's own and is dropped when the next run begins afresh. PINs
are passed as `bytearray`, so that whoever made one can overwrite it after use.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
from pathlib import Path

from hardware.transport.durable_json import DurableJson
from kiosk_firmware.system.durable_files import secret_key

LENGTH = 6


class PinStore:
    """The PINs of the practice cards. Two files in `folder`: `pins.key` (32 bytes, 0600) and `pins.json`."""

    def __init__(self, folder: Path) -> None:
        """Open the store; the key is made when there is none. Under a damaged one no PIN is known any more."""
        self._key = secret_key(folder / "pins.key", folder / "pins.json")
        self._memory = DurableJson(folder / "pins.json")

    def __repr__(self) -> str:
        return f"PinStore({len(self._memory.get('cards', {}))} cards)"

    def set(self, card: str, pin: str) -> None:
        """Give a card its PIN, for good: what commissioning does.

        Raises:
            ValueError: not six digits; the message does not repeat them.
        """
        if len(pin) != LENGTH or not pin.isdecimal() or not pin.isascii():
            raise ValueError(f"a practice PIN is {LENGTH} digits; this one has {len(pin)} characters or other signs")
        cards = {**self._memory.get("cards", {}), card: self._hash(card, bytearray(pin.encode()))}
        self._memory.keep(cards=cards)

    def knows(self, card: str) -> bool:
        """Return whether the card has a PIN."""
        return card in self._memory.get("cards", {}) or card in self._memory.get("changed", {})

    def right(self, card: str, digits: bytearray) -> bool:
        """Return whether these are the card's; False for an unknown card."""
        held = self._memory.get("changed", {}).get(card) or self._memory.get("cards", {}).get(card) or ""
        return hmac.compare_digest(held, self._hash(card, digits))

    def change(self, card: str, digits: bytearray) -> None:
        """Keep a new PIN for the rest of the run."""
        changed = {**self._memory.get("changed", {}), card: self._hash(card, digits)}
        self._memory.keep(changed=changed)

    def fresh(self) -> None:
        """Forget what runs changed."""
        if self._memory.get("changed"):
            self._memory.keep(changed={})

    def _hash(self, card: str, digits: bytearray) -> str:
        return hmac.new(self._key, card.encode() + b":" + digits, hashlib.sha256).hexdigest()


_COMMON = frozenset({b"112233", b"123123", b"121212", b"123321", b"520520", b"521521", b"168168", b"147258", b"159753"})


def weak(digits: bytearray) -> bool:
    """Return whether a bank would refuse it: one digit only, a run up or down, a repeated pair or triple, or a common
    one.
    """
    steps = {(b - a) % 10 for a, b in itertools.pairwise(digits)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return True
    if digits[:2] * 3 == digits or digits[:3] * 2 == digits:
        return True
    return bytes(digits) in _COMMON
