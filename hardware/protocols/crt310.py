"""CRT-310 motorised card reader: bytes on its RS-232 line <-> messages. 9600 8N1, Creator protocol V3.0.

The theory. A frame is ``02 LENH LENL CMD PARAM data 03 BCC``; LEN counts CMD to the last data byte and BCC is the XOR
from 02 to 03. Between frames single control bytes pass: the host sends a frame, the reader answers ACK (06) or NAK
(15), the host sends ENQ (05), the reader acts and answers with a frame. EOT (04) cancels and is echoed. Because the
reader acts only on ENQ, sending the frame again before ENQ is safe; sending it again after ENQ is not, so an answer
that is lost or garbled after ENQ is reported as such and the driver asks where the card is.

One quirk is honoured: the manual itself prints a LEN that is one too large, so a length that is off by one is accepted
when the BCC holds and the stream shows nothing better.

Codec and host are strangers to ports and clocks: every call that needs the time is given ``now_ms``.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError, xor8
from hardware.framing.exchange import Exchange
from hardware.framing.exchange import NoAnswer as NoAnswer
from hardware.framing.frame_buffer import Framer

STX, ETX = 0x02, 0x03
ACK, NAK, ENQ, EOT = 0x06, 0x15, 0x05, 0x04
CONTROLS = frozenset({ACK, NAK, ENQ, EOT})
MAX_BODY = 512
GAP_MS = 100
"""A frame whose next byte does not come for this long is dropped (a byte takes 1 ms at 9600 baud)."""

POSITIONS = {
    0x46: "long",
    0x47: "short",
    0x48: "front",
    0x49: "front_held",
    0x4A: "inside",
    0x4B: "ic",
    0x4C: "rear_held",
    0x4D: "captured",
    0x4E: "none",
}
ABNORMAL = {
    0: "command",
    1: "parameter",
    2: "cannot",
    4: "data",
    5: "voltage",
    6: "abnormal_card",
    7: "backup_power",
}

RESET = b"\x30\x30"
STATUS = b"\x31\x30"
CARD_TYPE = b"\x31\x31"
ENTRY_OPEN = b"\x2f\x33\x31"
ENTRY_CLOSED = b"\x2f\x31\x31"
STOP_AT_IC = b"\x2e\x33"
MOVE_IC = b"\x32\x2f"
MOVE_FRONT_HOLD = b"\x32\x31"
MOVE_CAPTURE = b"\x32\x33"
READ_TRACK_2 = b"\x45\x30\x30\x32"


class Control(msgspec.Struct, frozen=True):
    """One control byte outside a frame: ACK, NAK, ENQ or EOT."""

    code: int


class Frame(msgspec.Struct, frozen=True):
    """One whole frame with a right BCC; *body* is CMD, PARAM and data, 2..512 bytes."""

    body: bytes


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used (*reason* as in ``Faults``); the reader's side answers NAK to it."""

    reason: str


Message = Control | Frame | Broken


def send(message: Control | Frame) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for an unknown control or a body out of
    2..512 bytes.
    """
    if isinstance(message, Control):
        if message.code not in CONTROLS:
            raise LocalProtocolError(f"no such control byte: {message.code:02X}")
        return bytes([message.code])
    if not 2 <= len(message.body) <= MAX_BODY:
        raise LocalProtocolError(f"body of {len(message.body)} bytes; allowed 2..{MAX_BODY}")
    framed = bytes([STX]) + len(message.body).to_bytes(2, "big") + message.body + bytes([ETX])
    return framed + bytes([xor8(framed)])


class Codec(Framer[Message]):
    """Bytes to messages, either side. Holds at most one unfinished frame (under 520 bytes)."""

    GAP_MS = GAP_MS

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        """Return (bytes used, message) from the head of the buffer, or None when more bytes are needed."""
        head = self._buffer[0]
        if head in CONTROLS:
            return 1, Control(head)
        if head != STX:
            self.faults.count("noise")
            return 1, None
        if len(self._buffer) < 3:
            return self._give_up("timeout") if final else None
        length = int.from_bytes(self._buffer[1:3], "big")
        if not 2 <= length <= MAX_BODY + 1:
            return self._give_up("length")
        return self._framed(length, final)

    def _framed(self, length: int, final: bool) -> tuple[int, Message | None] | None:
        have = len(self._buffer)
        if have < length + 5 and not final:
            return None
        for guess in (length, length - 1, length + 1):
            if guess < 2:
                continue
            if have < guess + 5:
                if final:
                    continue
                return None
            if self._holds(guess):
                return guess + 5, Frame(bytes(self._buffer[3 : 3 + guess]))
            if guess == length and self._buffer[3 + length] == ETX:
                # ETX stands where LEN says, so the length is right and the check byte is wrong.
                return self._give_up("check")
        return self._give_up("timeout" if have < length + 5 else "length")

    def _holds(self, length: int) -> bool:
        framed = self._buffer[: length + 4]
        return framed[-1] == ETX and xor8(framed) == self._buffer[length + 4]

    def _give_up(self, reason: str) -> tuple[int, Message]:
        """Drop only the STX: a whole frame may have been swallowed by a false one, and is then found.

        A frame with a wrong check but its ETX in place is dropped up to the next STX, lest its inside is read as
        control bytes.
        """
        self.faults.count(reason)
        used = 1
        if reason == "check":
            end = int.from_bytes(self._buffer[1:3], "big") + 5
            inner = self._buffer.find(STX, 3, end - 1)
            used = inner if inner > 0 else end
        return used, Broken(reason)


class Answer(msgspec.Struct, frozen=True):
    """The reader's answer to *command* (CMD, PARAM); *data* is what follows."""

    command: bytes
    data: bytes


class Abnormal(msgspec.Struct, frozen=True):
    """The reader refused *command*; *error* is a value of ABNORMAL or ``unknown``."""

    command: bytes
    error: str


Outcome = Answer | Abnormal | NoAnswer


class Host(Exchange[Message, Answer | Abnormal]):
    """The host's half of one exchange at a time: frame, ACK, ENQ, answer. *begun* in NoAnswer: ENQ had been sent."""

    ABORT = bytes([EOT])

    def __init__(self) -> None:
        super().__init__(Codec())

    def _frame(self, body: bytes) -> bytes:
        return send(Frame(body))

    def _take(self, message: Message, now_ms: int) -> list[Outcome]:
        match self._phase, message:
            case "ack", Control(code) if code == ACK:
                self._out += send(Control(ENQ))
                self._acknowledged(now_ms)
            case "ack", Control(code) if code == NAK:
                return self._refused(now_ms)
            case "answer", Frame(body):
                return self._answered(body)
            case "answer", Broken("check"):
                return [self._end("garbled")]
            case _, Broken():
                pass  # already counted by the codec
            case _:
                self.codec.faults.count("stale")
        return []

    def _answered(self, body: bytes) -> list[Outcome]:
        wanted = self._body[:2]
        if body[0] == 0x4E and len(body) >= 3 and body[1] == wanted[0]:
            return self._done(Abnormal(wanted, ABNORMAL.get(body[2], "unknown")))
        # The reader echoes CMD and PARAM; an echo of another command is the late answer of an exchange given up.
        if body[:2] != wanted:
            self.codec.faults.count("stale")
            return []
        return self._done(Answer(wanted, body[2:]))


class ReaderStatus(msgspec.Struct, frozen=True):
    """The card's place (a value of POSITIONS, or ``unknown``) and whether the front lets cards in."""

    position: str
    entry_open: bool


def decode_status(data: bytes) -> ReaderStatus | None:
    """Decode an answer to STATUS (S1 S2 S3); None when it is too short."""
    if len(data) < 2:
        return None
    return ReaderStatus(POSITIONS.get(data[0], "unknown"), data[1] != 0x4E)


def decode_has_chip(data: bytes) -> bool | None:
    """Decode an answer to CARD_TYPE: True for a contact chip, False for none, None for no card or an answer without
    sense.

    First byte: ``N`` no card, ``0`` unknown kind (a stripe only, as far as the reader can tell), ``1`` contactless,
    ``2`` contact processor card, ``3`` contact memory card. The vectors fix ``N``; the digits follow the maker's
    family.
    """
    if len(data) < 2 or data[0] == 0x4E:
        return None
    return data[0] in (0x31, 0x32, 0x33)


class Track(msgspec.Struct, frozen=True):
    """A stripe's track: its text without sentinels, or the reader's error (E1 start, E2 end, E3 parity, E4 LRC, E5
    empty).
    """

    text: str
    error: int = 0


def decode_track(data: bytes) -> Track:
    """Decode an answer to READ_TRACK_2: mode and track, then ``1F`` and either ``Y`` + text or ``N`` + error byte.

    A reader that leaves out the Y or N is read too. Anything else is an unreadable stripe (error E5).
    """
    _, mark, rest = data.partition(b"\x1f")
    if not mark or not rest:
        return Track("", 0xE5)
    if rest[0] == 0x4E or 0xE1 <= rest[0] <= 0xE5:
        return Track("", rest[-1] if 0xE1 <= rest[-1] <= 0xE5 else 0xE5)
    text = rest[1:] if rest[0] == 0x59 else rest
    try:
        return Track(text.decode("ascii").strip(";?"))
    except UnicodeDecodeError:
        return Track("", 0xE3)
