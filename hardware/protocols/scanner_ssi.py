"""Scanners that speak SSI (Grow GM6x/GM72, Zebra): bytes <-> packets, and packets -> what was read.

The theory. A packet is ``LEN OP SRC STAT data CHKh CHKl``; LEN counts all but the check, which is the two's complement
of the 16-bit sum before it. SRC is 04 for the host, 00 for the decoder. STAT bit 0 says "sent before, not answered",
bit 1 "more follows": a long code comes in several packets. Nothing marks a beginning, so after a wrong check every
later byte is tried. A sleeping decoder is woken by 00 and 50 ms; a LEN of 0 is such a call and no fault.
Source: Grow GM72 manual p. 27-28, Zebra Simple Serial Interface guide.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError
from hardware.framing.frame_buffer import Framer

HOST, DECODER = 0x04, 0x00
READ, STOP, ACK, NAK, REVISION, REVISION_IS, PARAMETER, DECODED = 0xE4, 0xE5, 0xD0, 0xD1, 0xA3, 0xA4, 0xC6, 0xF3
AGAIN, MORE, PERMANENT = 0x01, 0x02, 0x08
WAKE_UP, WAKE_MS = b"\x00", 50
MAX_DATA = 251


class Packet(msgspec.Struct, frozen=True):
    """One packet with a right check; *data* 0..251 bytes."""

    opcode: int
    source: int = HOST
    status: int = 0
    data: bytes = b""


class Broken(msgspec.Struct, frozen=True):
    """A packet began and cannot be used; *reason* as in ``FrameFaults``."""

    reason: str


Message = Packet | Broken


def send(packet: Packet) -> bytes:
    """Encode *packet* as the bytes on the line. Raises LocalProtocolError for values that it cannot carry."""
    fields = (packet.opcode, packet.source, packet.status)
    if any(not 0 <= value <= 0xFF for value in fields) or len(packet.data) > MAX_DATA:
        raise LocalProtocolError(f"{fields} with {len(packet.data)} bytes; allowed 0..255 each and {MAX_DATA} bytes")
    plain = bytes([4 + len(packet.data), *fields]) + packet.data
    return plain + _check(plain)


def _check(plain: bytes) -> bytes:
    return (-sum(plain) & 0xFFFF).to_bytes(2, "big")


class Codec(Framer[Message]):
    """Bytes to packets, either side. Holds at most one unfinished packet (257 bytes)."""

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        size = self._buffer[0]
        if size < 4:
            self.faults.count("noise", size != 0)
            return 1, None
        if len(self._buffer) < size + 2:
            return self._give_up("timeout") if final else None
        plain = bytes(self._buffer[:size])
        if self._buffer[size : size + 2] != _check(plain):
            return self._give_up("check")
        return size + 2, Packet(plain[1], plain[2], plain[3], plain[4:])

    def _give_up(self, reason: str) -> tuple[int, Message]:
        self.faults.count(reason)
        return 1, Broken(reason)


class Read(msgspec.Struct, frozen=True):
    """A code was read: *symbology* as the decoder numbers it, and all of its bytes."""

    symbology: int
    data: bytes


class Joiner:
    """Decoded packets to whole codes: parts are put together, and what was sent again is taken once.

    Each packet that it takes is to be answered with ACK, else the decoder sends it again.
    """

    LONGEST = 8192

    def __init__(self) -> None:
        self.faults = FrameFaults()
        self._parts = bytearray()
        self._last: bytes | None = None

    def take(self, packet: Packet) -> Read | None:
        """Take the next packet from the decoder; return a code when this was its last part."""
        if packet.opcode != DECODED or packet.source != DECODER or not packet.data:
            return None
        if packet.status & AGAIN and packet.data == self._last:
            self.faults.count("stale")
            return None
        self._last = packet.data
        if len(self._parts) + len(packet.data) > self.LONGEST:
            self.faults.count("length")
            self._parts.clear()
            return None
        self._parts += packet.data[1:] if self._parts else packet.data
        if packet.status & MORE:
            return None
        whole = bytes(self._parts)
        self._parts.clear()
        return Read(whole[0], whole[1:])
