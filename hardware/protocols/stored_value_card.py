"""A balance and the journey it pays for, on a card that survives being torn away: two blocks, a counter, a checksum.

The theory. Whoever pays pulls the card away when they think that it is done, also in the middle of a write. So what
is new never overwrites what holds: of two blocks the one with the higher counter holds, and the *other* one is
written, with the next count. A block that was torn has a wrong checksum, and the old one holds as before; so at every
instant the card says the old record or the new one, whole: never a new balance with an old journey. The checksum covers
the card's UID, lest a block copied from another card is believed.

A block is ``C6, counter (2), balance in fen (3), journey (6), BLAKE2s of UID and these twelve bytes (4)``, big end
first. It is no secret and no signature: practice money. The journey is text with at most 16 signs, packed in 48 bits:
whether there is one, whether it is a token's, station of sale and of entry (10 bits each, 0 for none), a minute (26).
"""

from __future__ import annotations

import hashlib
import re

import msgspec

from hardware.framing.checksums import LocalProtocolError

MARK = 0xC6
SIZE = 16
_BODY = 12
_WRAP = 1 << 16
MOST_FEN = 0xFF_FFFF
_TRIP = re.compile(r"(?P<kind>[tc])(?:s(?P<sold>\d{3}))?(?:>s(?P<entry>\d{3}))?(?:@(?P<minute>[1-9a-z][0-9a-z]{0,4}))?")
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Purse(msgspec.Struct, frozen=True):
    """The content of the card: *fen*, the *count* of changes (modulo 2^16), which block (0, 1) holds, and the
    *trip*.
    """

    fen: int
    count: int
    holds: int
    trip: str = ""


def pack_journey(trip: str) -> bytes:
    """Encode a journey as six bytes: ``c``, ``ts009@1482``, ``c>s009@1482`` (minute in base 36); "" is none.

    Raises:
        LocalProtocolError: it is not written so.
    """
    if not trip:
        return bytes(6)
    found = _TRIP.fullmatch(trip)
    if found is None:
        allowed = "t or c, then s and 3 digits, >s and 3 digits, @ and a minute in base 36"
        raise LocalProtocolError(f"a journey {trip!r}; allowed are {allowed}")
    sold, entry = (int(found[name]) + 1 if found[name] else 0 for name in ("sold", "entry"))
    minute = int(found["minute"], 36) if found["minute"] else 0
    bits = 1 << 47 | (found["kind"] == "t") << 46 | sold << 36 | entry << 26 | minute
    return bits.to_bytes(6, "big")


def unpack_journey(data: bytes) -> str:
    """Decode a journey from six bytes."""
    bits = int.from_bytes(data, "big")
    if not bits >> 47:
        return ""
    sold, entry, minute = bits >> 36 & 0x3FF, bits >> 26 & 0x3FF, bits & 0x3FF_FFFF
    said = "t" if bits >> 46 & 1 else "c"
    said += f"s{sold - 1:03}" if sold else ""
    said += f">s{entry - 1:03}" if entry else ""
    return said + (f"@{_digits(minute)}" if minute else "")


def _digits(n: int) -> str:
    said = ""
    while n:
        n, rest = divmod(n, 36)
        said = _SIGNS[rest] + said
    return said


def block(uid: bytes, fen: int, count: int, trip: str = "") -> bytes:
    """Encode *fen* and *trip* as a block of 16 bytes. Raises LocalProtocolError for what does not fit."""
    if not 0 <= fen <= MOST_FEN:
        raise LocalProtocolError(f"a balance of {fen} fen; allowed are 0..{MOST_FEN}")
    body = bytes([MARK]) + (count % _WRAP).to_bytes(2, "big") + fen.to_bytes(3, "big") + pack_journey(trip)
    return body + _check(uid, body)


def _check(uid: bytes, body: bytes) -> bytes:
    return hashlib.blake2s(uid + body, digest_size=SIZE - _BODY).digest()


def _one(uid: bytes, data: bytes, at: int) -> Purse | None:
    if len(data) != SIZE or data[0] != MARK or data[_BODY:] != _check(uid, data[:_BODY]):
        return None
    fen, count = int.from_bytes(data[3:6], "big"), int.from_bytes(data[1:3], "big")
    return Purse(fen, count, at, unpack_journey(data[6:_BODY]))


def read_purse(uid: bytes, first: bytes, second: bytes) -> Purse | None:
    """Return what the two blocks say together; None where neither holds (never a purse, or worn out)."""
    a, b = _one(uid, first, 0), _one(uid, second, 1)
    if a is None or b is None:
        return a or b
    return a if (a.count - b.count) % _WRAP < _WRAP // 2 else b


def strange(first: bytes, second: bytes) -> bool:
    """Return whether the blocks hold something of another make, which is not ours to overwrite: neither empty nor begun
    as a purse of this layout.
    """
    return any(any(data) and data[0] != MARK for data in (first, second))


def block_to_write(uid: bytes, purse: Purse, fen: int, trip: str = "") -> tuple[int, bytes]:
    """Return which block (0, 1) to write, and what, so that the card says *fen* and *trip*."""
    return 1 - purse.holds, block(uid, fen, purse.count + 1, trip)


def fresh(uid: bytes, fen: int = 0, trip: str = "") -> tuple[bytes, bytes]:
    """Return both blocks of a new purse, to be written in this order: until the second one is there the first holds."""
    return block(uid, fen, 1, trip), block(uid, fen, 0, trip)
