"""DG600F coin acceptor in its RS-232 mode: bytes -> coins. 4800 8N1, ``AA value check``, check = AA XOR value.

The theory. *value* is what was deposited in units of 0.1, 0..160 (00..A0); the acceptor says it once and nobody
answers. So a coin is money only when all three bytes are right and followed each other, and ¥0.1, which as a pulse
could not be told from noise, can be taken in this mode. A value above A0 is none: the AA in front of it was noise.
Sources: DG600F manual v1.0; ts-dg600f. The JY-910 sends groups of five bytes at 9600 baud, which no source describes
further, so it has no codec.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError
from hardware.framing.frame_buffer import Framer

HEAD, MAX_VALUE, UNIT_FEN = 0xAA, 0xA0, 10


class Coin(msgspec.Struct, frozen=True):
    """A coin of *value* tenths, 0..160 (0: the acceptor counts what is still below its charge)."""

    value: int

    @property
    def fen(self) -> int:
        """Return what it is worth."""
        return self.value * UNIT_FEN


class Broken(msgspec.Struct, frozen=True):
    """A message began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Coin | Broken


def send(coin: Coin) -> bytes:
    """Encode *coin* as its three bytes (the twin's side). Raises LocalProtocolError outside 0..160."""
    if not 0 <= coin.value <= MAX_VALUE:
        raise LocalProtocolError(f"value {coin.value}; allowed 0..{MAX_VALUE}")
    return bytes([HEAD, coin.value, HEAD ^ coin.value])


class Codec(Framer[Message]):
    """Bytes to coins. Holds at most two bytes."""

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        head = self._buffer
        if head[0] != HEAD:
            self.faults.count("noise")
            return 1, None
        if len(head) > 1 and head[1] > MAX_VALUE:
            return self._give_up("unknown")
        if len(head) < 3:
            return self._give_up("timeout") if final else None
        return (3, Coin(head[1])) if head[2] == HEAD ^ head[1] else self._give_up("check")

    def _give_up(self, reason: str) -> tuple[int, Message]:
        self.faults.count(reason)
        return 1, Broken(reason)
