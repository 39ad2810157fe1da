"""The check code on a certificate: read off the slip, looked up at the office.

It is made of what the run was and of the run's id, half of which is chance; nobody can make up one that the office
finds. Ten signs of an alphabet without I, L, O and U, so that none is taken for another.
"""

from __future__ import annotations

import hashlib

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SAME = str.maketrans({"I": "1", "L": "1", "O": "0"})


def check_code(run: str, machine: str, skin: str, lesson: str, outcome: str) -> str:
    """Return the code of a run: `XXXXX-XXXXX`."""
    said = f"kiosk-certificate\n{run}\n{machine}\n{skin}\n{lesson}\n{outcome}".encode()
    number = int.from_bytes(hashlib.sha256(said).digest(), "big")
    signs = "".join(_SIGNS[number >> 5 * at & 31] for at in range(10))
    return f"{signs[:5]}-{signs[5:]}"


def normalise_typed_code(code: str) -> str:
    """Return a code that somebody typed off a slip, in the form of `check_code`."""
    signs = "".join(sign for sign in code.upper() if sign.isalnum()).translate(_SAME)
    return f"{signs[:5]}-{signs[5:]}"
