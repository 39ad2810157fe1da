"""The clear PIN block of ISO 9564-1 format 0: a PIN and a card number <-> eight bytes.

The theory. ``0 L P…P F…F`` (L digits of PIN, filled with F) XOR ``0000`` and the rightmost twelve digits of the card
number without its check digit. Encrypting pads make the block inside and encrypt it; here it exists so that a twin can
answer as they do, and it is never encrypted with a real key. Errors name what is allowed and never a digit.
"""

from __future__ import annotations

from hardware.framing.checksums import LocalProtocolError
from hardware.transport.secret_bytes import SecretBytes

SHORTEST, LONGEST = 4, 12


def block(pin: SecretBytes, pan: str) -> SecretBytes:
    """Build the block of *pin* (ASCII digits) for the card number *pan*. Raises LocalProtocolError."""
    digits = pin.reveal()
    if not (SHORTEST <= len(digits) <= LONGEST and digits.isdigit()):
        raise LocalProtocolError(f"a PIN of {len(digits)} characters; allowed are {SHORTEST}..{LONGEST} digits")
    clear = f"0{len(digits):X}{digits.decode()}".ljust(16, "F")
    return SecretBytes(_xor(bytes.fromhex(clear), _card(pan)))


def read_pin(data: SecretBytes, pan: str) -> SecretBytes | None:
    """Return the PIN in a clear block, or None when the block is not this card's."""
    card = _card(pan)
    if len(data) != 8:
        return None
    clear = _xor(data.reveal(), card).hex().upper()
    size = int(clear[1], 16)
    digits, filler = clear[2 : 2 + size], clear[2 + size :]
    if clear[0] != "0" or not SHORTEST <= size <= LONGEST or not digits.isdigit() or filler.strip("F"):
        return None
    return SecretBytes(digits.encode())


def _card(pan: str) -> bytes:
    if not (pan.isascii() and pan.isdigit() and 13 <= len(pan) <= 19):
        raise LocalProtocolError("a card number; allowed are 13..19 digits")
    return bytes.fromhex("0000" + pan[-13:-1])


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
