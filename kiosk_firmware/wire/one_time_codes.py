"""One-time codes: ten signs that a tired person can read out and type, and that nobody can guess.

Nine signs of 31 are random (44 bits), the tenth is a check sign: one wrong sign, or two neighbours that changed places,
never make another code. Letters that look like digits do not occur; typed all the same they are read as those digits.
The office keeps only a slow hash.
"""

from __future__ import annotations

import hashlib
import secrets

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXY"
"""31, a prime: then a weighted sum sees every swap."""
LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "Z": "2", "-": "", " ": ""})
LENGTH = 10


def make_code() -> str:
    """Make a new code, as it is printed: `K7QM2-9XDT4`."""
    body = "".join(secrets.choice(SIGNS) for _ in range(LENGTH - 1))
    whole = body + _check(body)
    return f"{whole[:5]}-{whole[5:]}"


def _check(body: str) -> str:
    return SIGNS[sum(place * SIGNS.index(sign) for place, sign in enumerate(body, 2)) % len(SIGNS)]


def read_code(typed: str) -> str:
    """Return the ten signs that were meant.

    Raises:
        ValueError: too many or too few, or a slip of the finger.
    """
    whole = typed.upper().translate(LOOKS_LIKE)
    if len(whole) != LENGTH or any(sign not in SIGNS for sign in whole):
        raise ValueError(f"code: allowed are {LENGTH} letters and digits, as in {SIGNS[:5]}-{SIGNS[5:10]}")
    if _check(whole[:-1]) != whole[-1]:
        raise ValueError("code: one sign is wrong; please compare it with the label")
    return whole


def hash_code(code: str, salt: bytes) -> str:
    """Return what the office keeps of a code."""
    return hashlib.scrypt(read_code(code).encode(), salt=salt, n=4096, r=8, p=1, dklen=32).hex()
