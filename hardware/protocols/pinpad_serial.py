"""Serial PIN pads with framed lines: bytes <-> frames, either side. 9600 8N1. Three dialects, one row each.

The theory. All three begin with 02, carry a length and a check, and differ in what the length counts and how they end:

- ``gz`` (GZ steel keypads): ``02 LEN STATUS data BCC 03``, LEN counts STATUS to BCC, BCC is the XOR from LEN to data;
- ``epp`` (GZ-B encrypting pads): ``02 LN CMD data BCC``, LN counts CMD and data, BCC is the XOR from LN to data. No end
  byte, so eight bits of check are all that tells a frame from noise;
- ``idtech``: ``02 LENL LENH body LRC SUM 03``, LEN counts the body, LRC is its XOR and SUM its sum.

A frame's body may hold digits that a person pressed, so it is masked: no repr, no log, no exception shows it. What is
broken is dropped and searched again, since noise may have been the 02. Sources: keypad pages of Keynius (GZ-Z001075,
GZ-B005015), ID TECH SmartPIN L100 and K100 manuals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from hardware.framing.checksums import LocalProtocolError, xor8
from hardware.framing.frame_buffer import Framer
from hardware.transport.secret_bytes import SecretBytes

STX, ETX = 0x02, 0x03
MAX_IDTECH = 1024
"""Bytes of an ID TECH body; the length field could say more, and noise would."""

GZ_OK, GZ_REFUSED = 0xAA, 0x55
GZ_REASONS = {0xE0: "check", 0xE1: "command"}
EPP_STATES = {0x04: "ok", 0x15: "parameter", 0x80: "timeout", 0xA4: "no_master_key", 0xB5: "error", 0xE0: "error"}
IDTECH_OK, IDTECH_REFUSED = 0x06, 0x15


class Frame(msgspec.Struct, frozen=True):
    """One frame with a right check. *code* is the first byte of its body (status or command), *data* the rest."""

    dialect: str
    code: int
    data: SecretBytes = SecretBytes(b"")

    def __repr__(self) -> str:
        return f"Frame({self.dialect}, {self.code:02X}, {len(self.data)} bytes)"


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Frame | Broken


class Dialect(NamedTuple):
    """A dialect's framing: bytes of its *length* field, what it counts *beyond* the body, the longest body, the
    tail.
    """

    length: int
    beyond: int
    longest: int
    tail: Callable[[bytes, bytes], bytes]


DIALECTS = {
    "gz": Dialect(1, 1, 254, lambda size, body: bytes([xor8(size + body), ETX])),
    "epp": Dialect(1, 0, 255, lambda size, body: bytes([xor8(size + body)])),
    "idtech": Dialect(2, 0, MAX_IDTECH, lambda size, body: bytes([xor8(body), sum(body) & 0xFF, ETX])),
}


def send(frame: Frame) -> bytes:
    """Encode *frame* as the bytes on the line. Raises LocalProtocolError for what it cannot carry; the message shows no
    data.
    """
    dialect = _dialect(frame.dialect)
    if not 0 <= frame.code <= 0xFF or len(frame.data) >= dialect.longest:
        raise LocalProtocolError(
            f"{frame.dialect}: code {frame.code} with {len(frame.data)} bytes; allowed 0..255 and {dialect.longest - 1}"
        )
    body = bytes([frame.code]) + frame.data.reveal()
    size = (len(body) + dialect.beyond).to_bytes(dialect.length, "little")
    return bytes([STX]) + size + body + dialect.tail(size, body)


def _dialect(name: str) -> Dialect:
    if name not in DIALECTS:
        raise LocalProtocolError(f"dialect {name!r}; allowed {', '.join(DIALECTS)}")
    return DIALECTS[name]


class Codec(Framer[Message]):
    """Bytes to frames of one *dialect*, either side. Holds at most one unfinished frame."""

    def __init__(self, dialect: str = "gz") -> None:
        super().__init__()
        self._name, self._dialect = dialect, _dialect(dialect)

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        start = self._buffer.find(STX)
        if start == 0:
            return self._framed(final)
        start = len(self._buffer) if start < 0 else start
        self.faults.count("noise", start)
        return start, None

    def _framed(self, final: bool) -> tuple[int, Message | None] | None:
        at = 1 + self._dialect.length
        size = bytes(self._buffer[1:at])
        body_size = int.from_bytes(size, "little") - self._dialect.beyond
        if len(size) == self._dialect.length and not 1 <= body_size <= self._dialect.longest:
            return self._give_up("length")
        body = bytes(self._buffer[at : at + body_size])
        tail = self._dialect.tail(size, body)
        end = at + body_size + len(tail)
        if len(size) < self._dialect.length or len(self._buffer) < end:
            return self._give_up("timeout") if final else None
        if self._buffer[end - len(tail) : end] != tail:
            return self._give_up("check")
        return end, Frame(self._name, body[0], SecretBytes(body[1:]))

    def _give_up(self, reason: str) -> tuple[int, Message]:
        """Drop the 02 alone: it may have been noise before a good frame."""
        self.faults.count(reason)
        return 1, Broken(reason)


class Answer(msgspec.Struct, frozen=True):
    """The meaning of a pad's frame: *ok*, or why not (as the tables above name it; "" for a code they do not know)."""

    ok: bool
    reason: str = ""


def answer(frame: Frame) -> Answer:
    """Decode the first bytes of a pad's answer, by the frame's dialect."""
    head = frame.data.reveal()[:1]
    if frame.dialect == "epp":
        return Answer(frame.code == 0x04, EPP_STATES.get(frame.code, ""))
    if frame.dialect == "gz":
        return Answer(frame.code == GZ_OK, GZ_REASONS.get(head[0], "") if frame.code == GZ_REFUSED and head else "")
    return Answer(frame.code == IDTECH_OK, "refused" if frame.code == IDTECH_REFUSED else "")
