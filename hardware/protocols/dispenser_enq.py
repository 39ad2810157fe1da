"""Card dispensers that act on ENQ (QU-CD-720M, CRT-541 and their kin): bytes <-> messages. 9600 8N1.

The theory. A frame is ``02 text 03 BCC`` with two letters for a command and BCC the XOR from 02 to 03; CRT-541s have
two digits of an address before the letters. The device answers ACK (06) or NAK (15), the host says ENQ (05), and only
then the device acts. ``RF``, ``PB`` and ``GV`` are answered by a frame, all others by nothing more: what became of
them, the state tells. Because it acts on ENQ, a frame that was not acknowledged is sent again without harm; after ENQ
nothing is repeated.

A state is three digits, each four bits: what the device does and could not do; warnings; where the card is. The makers
write digits above nine as ``:``…``?`` or as ``A``…``F``; both are read. Source: QU-CD-720M/820M V3.19.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError, xor8
from hardware.framing.exchange import Exchange
from hardware.framing.exchange import NoAnswer as NoAnswer
from hardware.framing.frame_buffer import Framer

STX, ETX, ENQ, ACK, NAK = 0x02, 0x03, 0x05, 0x06, 0x15
CONTROLS = frozenset({ENQ, ACK, NAK})
MAX_TEXT = 40
DISPENSE, CAPTURE, STATE, RESET, THROW = b"DC", b"CP", b"RF", b"ST", b"FU"
TO_READ, TO_TAKE = b"DH", b"ES"
"""Single steps: out of the stack to the reading place, and on to where it is taken."""
CLEAR_FLAGS, FLAGS, VERSION = b"PC", b"PB", b"GV"
ANSWERED = frozenset({STATE, FLAGS, VERSION})


class Control(msgspec.Struct, frozen=True):
    """One byte between frames: ENQ, ACK or NAK."""

    code: int


class Frame(msgspec.Struct, frozen=True):
    """One whole frame with a right BCC; *text* is 2..40 printable characters."""

    text: bytes


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Control | Frame | Broken


def _printable(text: bytes | bytearray) -> bool:
    return all(0x20 <= byte < 0x7F for byte in text)


def send(message: Control | Frame) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for what a frame cannot carry."""
    if isinstance(message, Control):
        if message.code not in CONTROLS:
            raise LocalProtocolError(f"no such control byte: {message.code:02X}")
        return bytes([message.code])
    if not 2 <= len(message.text) <= MAX_TEXT or not _printable(message.text):
        raise LocalProtocolError(f"text {message.text!r}; allowed are 2..{MAX_TEXT} printable characters")
    framed = bytes([STX]) + message.text + bytes([ETX])
    return framed + bytes([xor8(framed)])


class Codec(Framer[Message]):
    """Bytes to messages, either side. Holds at most one unfinished frame (under 45 bytes)."""

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        head = self._buffer
        if head[0] in CONTROLS:
            return 1, Control(head[0])
        if head[0] != STX:
            self.faults.count("noise")
            return 1, None
        end = head.find(ETX, 1, MAX_TEXT + 2)
        text = head[1 : end if end > 0 else MAX_TEXT + 2]
        if not _printable(text) or (end < 0 and len(text) > MAX_TEXT) or 0 < end < 3:
            return self._give_up("length", len(text) + 1)
        if end < 0 or len(head) < end + 2:
            return self._give_up("timeout", len(head)) if final else None
        if xor8(head[: end + 1]) != head[end + 1]:
            return self._give_up("check", end + 2)
        return end + 2, Frame(bytes(text))

    def _give_up(self, reason: str, end: int) -> tuple[int, Message]:
        self.faults.count(reason)
        return self._restart(bytes([STX]), end), Broken(reason)


class Answer(msgspec.Struct, frozen=True):
    """*command* was handed over, or answered by *text*."""

    command: bytes
    text: bytes = b""


class Host(Exchange[Message, Answer]):
    """The host's half. *begun* in NoAnswer: ENQ had been sent. *address*: two digits, or none."""

    def __init__(self, address: bytes = b"") -> None:
        super().__init__(Codec())
        self._address = address

    def _frame(self, body: bytes) -> bytes:
        return send(Frame(self._address + body))

    def _take(self, message: Message, now_ms: int) -> list[Answer | NoAnswer]:
        match self._phase, message:
            case "ack", Control(code) if code == ACK:
                self._out += send(Control(ENQ))
                if self._body not in ANSWERED:
                    return self._done(Answer(self._body))
                self._acknowledged(now_ms)
            case "ack", Control(code) if code == NAK:
                return self._refused(now_ms)
            case "answer", Frame(text) if self._fits(text):
                return self._done(Answer(self._body, text.removeprefix(self._address)))
            case "answer", Broken("check"):
                return [self._end("garbled", begun=False)]
            case _, Broken():
                pass  # already counted by the codec
            case _:
                self.codec.faults.count("stale")
        return []

    def _fits(self, text: bytes) -> bool:
        """Return whether an answer fits the question: a state begins with SF, flags with PB, a version with
        anything.
        """
        own = text.removeprefix(self._address)
        return own[:2] == {STATE: b"SF", FLAGS: FLAGS}.get(self._body, own[:2])

    def _begun(self) -> bool:
        return False  # what moves a card is over with its ENQ; asking moves nothing


class State(msgspec.Struct, frozen=True):
    """A device's report of itself. *place* of the card: none, inside (the reading place), gate (where it is taken)."""

    place: str
    bin_full: bool = False
    failed: bool = False
    busy: bool = False
    low: bool = False
    jammed: bool = False
    captured: bool = False
    taken: bool = False
    empty: bool = False


def decode_state(text: bytes) -> State | None:
    """Decode an answer to STATE (``SF`` and three digits); None for any other text."""
    if len(text) != 5 or text[:2] != b"SF" or not all(digit in _DIGITS for digit in text[2:]):
        return None
    does, warns, where = (_DIGITS[digit] for digit in text[2:])
    return State(
        "gate" if where & 4 else "inside" if where & 2 else "none",
        bool(does & 1),
        bool(does & 2),
        bool(does & 12),
        bool(warns & 1),
        bool(warns & 2),
        bool(warns & 4),
        bool(warns & 8),
        bool(where & 8),
    )


def encode_state(state: State) -> bytes:
    """Encode *state* as the text that the 720M sends."""
    does = state.bin_full | state.failed << 1 | state.busy << 3
    warns = state.low | state.jammed << 1 | state.captured << 2 | state.taken << 3
    where = {"none": 0, "inside": 2, "gate": 4}[state.place] | state.empty << 3
    return b"SF" + bytes(0x30 + digit for digit in (does, warns, where))


_DIGITS = {0x30 + n: n for n in range(16)} | {ord("A") + n: 10 + n for n in range(6)}
