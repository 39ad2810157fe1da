"""Readers of Chinese ID cards that speak SDT (SAM_V: Synthesis, Invengo, Huada…): bytes <-> frames. 115200 8N1.

The theory. A frame is ``AA AA AA 96 69 LENH LENL body CHK``; LEN counts what follows it, CHK is the XOR from LENH to
the end of the body. The host's body is CMD PARA data, the reader's SW1 SW2 SW3 data, of which SW3 tells. An answer
does not name its command, so an answer that does not fit the open command is a late one and is passed over. A card is
found (20 01), selected (20 02) and read (30 01): 256 bytes of text in UTF-16LE and 1024 of a photo.

The photo is nobody's business: a frame is handed on whole, since its check covers the photo, but ``decode_text`` cuts
it off unread, and a frame shows no more of itself than its first three bytes. Sources: GA/T 490, GA 467, makers' notes.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError, xor8
from hardware.framing.exchange import Exchange
from hardware.framing.exchange import NoAnswer as NoAnswer
from hardware.framing.frame_buffer import Framer

START = b"\xaa\xaa\xaa\x96\x69"
MAX_BODY = 2400
"""Text, photo and fingerprints together are 2310 bytes."""

FIND, SELECT, READ = b"\x20\x01", b"\x20\x02", b"\x30\x01"
READ_NEW = b"\x30\x03"
"""What was added to the selected card later (a new address); also: is the selected card still there?"""
STATUS, SAM_ID, RESET = b"\x11\xff", b"\x12\xff", b"\x10\xff"
OK, FOUND, NOT_FOUND, NOT_SELECTED, NO_DATA = 0x90, 0x9F, 0x80, 0x81, 0x91
ERRORS = {
    0x10: "check",
    0x11: "length",
    0x21: "command",
    0x23: "authority",
    0x31: "authentication",
    0x32: "authentication",
    0x33: "authentication",
    0x40: "read",
    0x41: "read",
    0x47: "random",
    0x60: "self_test",
    0x66: "not_authorised",
    NOT_FOUND: "not_found",
    NOT_SELECTED: "not_selected",
    NO_DATA: "no_data",
}
_GOOD = {FIND: FOUND}
_SIZES = {FIND: (4, 4), SELECT: (8, 8), READ: (4, MAX_BODY), READ_NEW: (0, 74), SAM_ID: (16, 16)}
"""How many bytes follow a good answer's SW, from and to; others: none."""


class Frame(msgspec.Struct, frozen=True):
    """One whole frame with a right CHK; *body* is CMD PARA data (host) or SW1 SW2 SW3 data (reader), 2..2400 bytes."""

    body: bytes

    def __repr__(self) -> str:
        return f"Frame({self.body[:3].hex()}…, {len(self.body)} bytes)"


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Frame | Broken


def send(message: Frame) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for a body out of 2..2400 bytes."""
    if not 2 <= len(message.body) <= MAX_BODY:
        raise LocalProtocolError(f"body of {len(message.body)} bytes; allowed 2..{MAX_BODY}")
    checked = (len(message.body) + 1).to_bytes(2, "big") + message.body
    return START + checked + bytes([xor8(checked)])


class Codec(Framer[Message]):
    """Bytes to messages, either side. Holds at most one unfinished frame (under 2420 bytes)."""

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        start = self._buffer.find(START)
        if start == 0:
            return self._framed(final)
        if start < 0:
            kept = 0 if final else next(n for n in range(len(START) - 1, -1, -1) if self._buffer.endswith(START[:n]))
            start = len(self._buffer) - kept
        if start:
            self.faults.count("noise", start)
        return (start, None) if start else None

    def _framed(self, final: bool) -> tuple[int, Message | None] | None:
        head = self._buffer
        at = len(START) + 2
        size = int.from_bytes(head[len(START) : at], "big") if len(head) >= at else 0
        if len(head) >= at and not 3 <= size <= MAX_BODY + 1:
            return self._give_up("length", at)
        if len(head) < at + max(size, 3):
            return self._give_up("timeout", len(head)) if final else None
        checked = bytes(head[len(START) : at + size])
        if xor8(checked):
            return self._give_up("check", at + size)
        return at + size, Frame(checked[2:-1])

    def _give_up(self, reason: str, end: int) -> tuple[int, Message]:
        self.faults.count(reason)
        return self._restart(START, end if reason == "check" else len(self._buffer)), Broken(reason)


class Answer(msgspec.Struct, frozen=True):
    """The reader's answer to *command*: *status* is SW3, *data* what follows it."""

    command: bytes
    status: int
    data: bytes

    def __repr__(self) -> str:
        return f"Answer({self.command.hex()}, {self.status:02X}, {len(self.data)} bytes)"

    @property
    def good(self) -> bool:
        """Done as asked."""
        return self.status == _GOOD.get(self.command, OK)


def _fits(command: bytes, status: int, data: bytes) -> bool:
    """Return whether that can be the answer to *command*: a failure has no data, a success its own shape."""
    if status not in (OK, FOUND):
        return not data and status in ERRORS
    least, most = _SIZES.get(command, (0, 0))
    return status == _GOOD.get(command, OK) and least <= len(data) <= most


class Host(Exchange[Message, Answer]):
    """The host's half: a command (CMD PARA data), then its answer; nothing is acknowledged."""

    FIRST = "answer"

    def __init__(self) -> None:
        super().__init__(Codec())

    def _frame(self, body: bytes) -> bytes:
        return send(Frame(body))

    def _take(self, message: Message, now_ms: int) -> list[Answer | NoAnswer]:
        match self._phase, message:
            case "answer", Frame(body) if len(body) >= 3 and _fits(self._body[:2], body[2], body[3:]):
                return self._done(Answer(self._body[:2], body[2], body[3:]))
            case "answer", Broken("check"):
                return [self._end("garbled")]
            case _, Broken():
                pass  # already counted by the codec
            case _:
                self.codec.faults.count("stale")
        return []

    def _begun(self) -> bool:
        return False  # nothing that is asked here moves anything


def text_of(data: bytes) -> bytes | None:
    """Return the text block of a good answer to READ (lengths of text and photo, text, photo), or None; the photo is
    left out.
    """
    size = int.from_bytes(data[:2], "big")
    whole = 4 + size + int.from_bytes(data[2:4], "big")
    return data[4 : 4 + size] if len(data) >= 4 and size and len(data) >= whole else None


def base_message(text: bytes, photo: bytes) -> bytes:
    """Return what a reader says to READ: both lengths, *text*, *photo*."""
    return len(text).to_bytes(2, "big") + len(photo).to_bytes(2, "big") + text + photo
