"""NXP PN532 NFC reader on a UART (HSU): bytes <-> frames. 115200 8N1, UM0701-02.

The theory. A frame is ``00 00 FF LEN LCS TFI DATA DCS 00`` with LEN+LCS = 0 and TFI..DATA+DCS = 0 (mod 256); TFI D4
comes from the host, D5 from the chip. Longer ones (``00 00 FF FF FF LENM LENL LCS``) hold up to 265 bytes. The chip
answers each command with ACK within 15 ms and then, when it is done, with the command's code plus one. Anything
before ``00 FF`` is preamble: hosts wake the sleeping chip with 55s and zeros of their own taste, so noise of that
kind is no fault.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError, sum8_complement
from hardware.framing.frame_buffer import Framer

START = b"\x00\xff"
GAP_MS = 100
MAX_LEN = 265
HOST, CHIP, ERROR = 0xD4, 0xD5, 0x7F
WAKE_UP = b"\x55\x55" + bytes(14)
"""Sent before the first command: two 55s wake the chip, the zeros give it the time to do so."""

DIAGNOSE, FIRMWARE, READ_REGISTER, WRITE_REGISTER, SET_BAUD, SET_PARAMETERS = 0x00, 0x02, 0x06, 0x08, 0x10, 0x12
SAM_CONFIG, POWER_DOWN, RF_CONFIG, DATA_EXCHANGE, DESELECT, LIST_TARGETS, RELEASE = (
    0x14,
    0x16,
    0x32,
    0x40,
    0x44,
    0x4A,
    0x52,
)


class Ack(msgspec.Struct, frozen=True):
    """``00 00 FF 00 FF 00``: heard; from the host also "stop what you are doing"."""


class Nack(msgspec.Struct, frozen=True):
    """``00 00 FF FF 00 00``: say the last frame again."""


class Frame(msgspec.Struct, frozen=True):
    """An information frame with right sums. *tfi* D4, D5, or 7F (the chip's error frame); *data* 0..264 bytes."""

    tfi: int
    data: bytes


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Ack | Nack | Frame | Broken


def send(message: Ack | Nack | Frame) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for a frame longer than 265 bytes with its
    TFI.
    """
    if isinstance(message, Ack):
        return b"\x00\x00\xff\x00\xff\x00"
    if isinstance(message, Nack):
        return b"\x00\x00\xff\xff\x00\x00"
    body = bytes([message.tfi]) + message.data
    if len(body) > MAX_LEN:
        raise LocalProtocolError(f"{len(body)} bytes with TFI; allowed 1..{MAX_LEN}")
    if len(body) <= 0xFF:
        head = bytes([len(body), -len(body) & 0xFF])
    else:
        size = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes([sum8_complement(size)])
    return b"\x00" + START + head + body + bytes([sum8_complement(body), 0])


class Codec(Framer[Message]):
    """Bytes to messages, either side. Holds at most one unfinished frame (under 280 bytes)."""

    GAP_MS = GAP_MS

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        start = self._buffer.find(START)
        if start == 0:
            step = self._framed()
            return self._give_up("timeout") if step is None and final else step
        if start < 0:
            start = len(self._buffer) - (self._buffer[-1] == 0 and not final)
        noise = sum(byte not in (0x00, 0x55) for byte in self._buffer[:start])
        if noise:
            self.faults.count("noise", noise)
        return (start, None) if start else None

    def _framed(self) -> tuple[int, Message | None] | None:
        """Return (bytes used, message) of the frame whose start code is at the head, or None when bytes are missing."""
        head = self._buffer
        if len(head) < 4:
            return None
        if head[2] == 0x00 and head[3] == 0xFF:
            return 4, Ack()
        if head[2] == 0xFF and head[3] == 0x00:
            return 4, Nack()
        if head[2] == 0xFF and head[3] == 0xFF:
            return self._extended()
        if (head[2] + head[3]) & 0xFF:
            return self._give_up("length")
        return self._body(4, head[2])

    def _extended(self) -> tuple[int, Message | None] | None:
        head = self._buffer
        if len(head) < 7:
            return None
        size = int.from_bytes(head[4:6], "big")
        if sum(head[4:7]) & 0xFF or not 1 <= size <= MAX_LEN:
            return self._give_up("length")
        return self._body(7, size)

    def _body(self, at: int, size: int) -> tuple[int, Message | None] | None:
        if len(self._buffer) < at + size + 1:
            return None
        body = self._buffer[at : at + size + 1]
        if sum(body) & 0xFF:
            return self._give_up("check")
        # The postamble 00 is left in the buffer on purpose: it is a valid preamble of whatever comes next.
        return at + size + 1, Frame(body[0], bytes(body[1:-1]))

    def _give_up(self, reason: str) -> tuple[int, Message]:
        self.faults.count(reason)
        return 2, Broken(reason)


class Reply(msgspec.Struct, frozen=True):
    """The chip's answer to *command*; *data* follows the code."""

    command: int
    data: bytes


class NoReply(msgspec.Struct, frozen=True):
    """*command* failed. *reason*: ``silent`` (no ACK), ``timeout`` (ACK and nothing more), ``error`` (error frame)."""

    command: int
    reason: str


class Host:
    """The host's half: one command at a time; command, ACK, reply."""

    ACK_MS = 150
    TRIES = 3

    def __init__(self) -> None:
        self.codec = Codec()
        self._out = bytearray()
        self._data = b""
        self._phase = "idle"
        self._left = 0
        self._deadline_ms = 0
        self._reply_ms = 0

    @property
    def busy(self) -> bool:
        """True while a command waits for its answer."""
        return self._phase != "idle"

    def command(self, data: bytes, now_ms: int, reply_ms: int = 1000, wake: bool = False) -> None:
        """Send command *data* (code first), after WAKE_UP when *wake*. Raises LocalProtocolError while one is open."""
        if self.busy:
            raise LocalProtocolError("one command at a time")
        if wake:
            self._out += WAKE_UP
        self._data, self._left, self._reply_ms = data, self.TRIES, reply_ms
        self._write(now_ms)

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, and empty the store."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive_data(self, data: bytes, now_ms: int) -> list[Reply | NoReply]:
        """Take bytes from the chip; return the outcome when the exchange has ended (at most one)."""
        return self._take(self.codec.receive_data(data, now_ms), now_ms)

    def tick(self, now_ms: int) -> list[Reply | NoReply]:
        """Let time pass: repeat a command that was not acknowledged, or give up."""
        outcomes = self._take(self.codec.tick(now_ms), now_ms)
        if not self.busy or now_ms < self._deadline_ms:
            return outcomes
        if self._phase == "ack" and self._left > 0:
            self._write(now_ms)
            return outcomes
        return [*outcomes, self._end("silent" if self._phase == "ack" else "timeout")]

    def _write(self, now_ms: int) -> None:
        self._left -= 1
        self._phase, self._deadline_ms = "ack", now_ms + self.ACK_MS
        self._out += send(Frame(HOST, self._data))

    def _take(self, messages: list[Message], now_ms: int) -> list[Reply | NoReply]:
        outcomes: list[Reply | NoReply] = []
        for message in messages:
            match self._phase, message:
                case "ack", Ack():
                    self._phase, self._deadline_ms = "reply", now_ms + self._reply_ms
                case "reply", Frame(tfi, data) if tfi == CHIP and data[:1] == bytes([self._data[0] + 1]):
                    self._phase = "idle"
                    outcomes.append(Reply(self._data[0], data[1:]))
                case "reply", Frame(tfi, _) if tfi == ERROR:
                    outcomes.append(self._end("error"))
                case "reply", Broken("check"):
                    self._out += send(Nack())  # the chip says its last frame again
                case _, Broken():
                    pass  # already counted by the codec
                case _:
                    self.codec.faults.count("stale")
        return outcomes

    def _end(self, reason: str) -> NoReply:
        self._phase = "idle"
        if reason == "timeout":
            self._out += send(Ack())  # aborts what the chip still does
        return NoReply(self._data[0], reason)


class Target(msgspec.Struct, frozen=True):
    """A tag of type A in the field: its number in the chip, SENS_RES, SEL_RES and UID (4, 7 or 10 bytes)."""

    number: int
    sens_res: int
    sel_res: int
    uid: bytes


def decode_targets(data: bytes) -> tuple[Target, ...] | None:
    """Decode an answer to LIST_TARGETS for type A; empty when no tag is there, None when it does not fit together.

    Only the first target is read (the driver asks for one); an ATS behind the UID is ignored.
    """
    if not data:
        return None
    if data[0] == 0:
        return ()
    if len(data) < 6 or len(data) < 6 + data[5] or data[5] not in (4, 7, 10):
        return None
    return (Target(data[1], int.from_bytes(data[2:4], "big"), data[4], bytes(data[6 : 6 + data[5]])),)
