"""Check bytes and the two kinds of protocol error, for every codec in ``hardware.protocols``.

The theory: a codec never raises because of what the wire says. Bytes from outside are *their* fault: they are counted
by kind in :class:`FrameFaults` and dropped. Asking a codec to send something that its protocol cannot carry is *our*
fault and raises :class:`LocalProtocolError` at once, as h11 does. The checks are a few lines each, so no package is
needed.
"""

from __future__ import annotations

from collections import Counter


class LocalProtocolError(ValueError):
    """We asked for something that the protocol cannot say. The caller is at fault, never the wire."""


class FrameFaults:
    """The other side's errors, counted by kind; the memory it takes does not grow with the noise.

    Kinds used by the codecs: ``noise`` (bytes outside a frame), ``check`` (wrong check byte), ``length`` (impossible
    length), ``timeout`` (a frame that was never finished), ``restart`` (a frame cut off by the next one),
    ``stale`` (an answer nobody waits for), ``unknown`` (well formed, but not in the protocol).
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, kind: str, amount: int = 1) -> None:
        """Add *amount* to the counter of *kind*."""
        self._counts[kind] += amount

    def as_dict(self) -> dict[str, int]:
        """Return all counters that are not zero, by kind; a copy."""
        return dict(self._counts)

    def total(self) -> int:
        """Sum over all kinds."""
        return sum(self._counts.values())


def xor8(data: bytes | bytearray) -> int:
    """Return the XOR of all bytes, 0..255 (CRT-310: STX to ETX inclusive)."""
    result = 0
    for byte in data:
        result ^= byte
    return result


def sum8_complement(data: bytes | bytearray) -> int:
    """Return the byte that makes the sum of *data* and itself zero mod 256 (PN532 LCS and DCS, ccTalk)."""
    return -sum(data) & 0xFF


def crc16_ssp(data: bytes | bytearray) -> int:
    """Return the CRC-16 with polynomial 0x8005, seed 0xFFFF, most significant bit first (ITL SSP; also known as
    CRC-16/CMS).
    """
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def crc16_xmodem(data: bytes | bytearray) -> int:
    """Return the CRC-16 with polynomial 0x1021, seed 0, most significant bit first (ccTalk's CRC mode; GM65
    scanners).
    """
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
