"""A balance on a card that survives being torn away: two blocks, a counter, a checksum.

The theory. Whoever pays pulls the card away when they think that it is done, also in the middle of a write. So a new
balance never overwrites the one that holds: of two blocks the one with the higher counter holds, and the *other* one is
written, with the next count. A block that was torn has a wrong checksum, and the old one holds as before; so at every
instant the card says the old balance or the new one, and nothing else. The checksum covers the card's UID, lest a
block copied from another card is believed.

A block is ``C5, counter (3), balance in fen (4, big end first), BLAKE2s of UID and these eight bytes (8)``. It is no
secret and no signature: practice money.
"""

from __future__ import annotations

import hashlib

import msgspec

from hardware.checks import LocalProtocolError

MARK = 0xC5
SIZE = 16
_WRAP = 1 << 24
MOST_FEN = 0xFFFF_FFFF


class Purse(msgspec.Struct, frozen=True):
    """What the card says: *fen*, the *count* of changes (modulo 2^24), and which block (0, 1) holds."""

    fen: int
    count: int
    holds: int


def block(uid: bytes, fen: int, count: int) -> bytes:
    """The 16 bytes that say *fen*. Raises LocalProtocolError for a balance that does not fit."""
    if not 0 <= fen <= MOST_FEN:
        raise LocalProtocolError(f"a balance of {fen} fen; allowed are 0..{MOST_FEN}")
    body = bytes([MARK]) + (count % _WRAP).to_bytes(3, "big") + fen.to_bytes(4, "big")
    return body + _check(uid, body)


def _check(uid: bytes, body: bytes) -> bytes:
    return hashlib.blake2s(uid + body, digest_size=8).digest()


def _one(uid: bytes, data: bytes, at: int) -> Purse | None:
    if len(data) != SIZE or data[0] != MARK or data[8:] != _check(uid, data[:8]):
        return None
    return Purse(int.from_bytes(data[4:8], "big"), int.from_bytes(data[1:4], "big"), at)


def read(uid: bytes, first: bytes, second: bytes) -> Purse | None:
    """What the two blocks say together; None where neither holds (never a purse, or worn out)."""
    a, b = _one(uid, first, 0), _one(uid, second, 1)
    if a is None or b is None:
        return a or b
    return a if (a.count - b.count) % _WRAP < _WRAP // 2 else b


def changed(uid: bytes, purse: Purse, fen: int) -> tuple[int, bytes]:
    """Which block (0, 1) to write, and what, so that the card says *fen*."""
    return 1 - purse.holds, block(uid, fen, purse.count + 1)


def fresh(uid: bytes, fen: int = 0) -> tuple[bytes, bytes]:
    """Both blocks of a new purse, to be written in this order: until the second one is there the first holds."""
    return block(uid, fen, 1), block(uid, fen, 0)
