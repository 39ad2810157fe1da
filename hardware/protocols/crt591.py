"""CRT-591 card dispenser and recycler: bytes on its RS-232 line <-> messages. 9600..57600 8N1, Creator V1.0.

The theory. A frame is ``F2 ADDR LENH LENL text 03 BCC``; LEN counts the text, BCC is the XOR from F2 to 03. The host's
text is ``C CM PM data``; the device answers ACK (06) within 300 ms or NAK (15), carries the command out and says
``P CM PM st0 st1 st2 data`` (done) or ``N CM PM e1 e0`` (refused), which the host acknowledges; NAK has it said again.
The baud rate is taken from the first command.

The device acts after its ACK, so a command that moves a card is sent once: if no ACK was heard it may have been heard
all the same, and the driver asks where the card is. NAK alone says that it may be sent again. The first command after
power-on must be an initialisation.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError, xor8
from hardware.framing.exchange import Exchange
from hardware.framing.exchange import NoAnswer as NoAnswer
from hardware.framing.frame_buffer import Framer

STX, ETX, ACK, NAK = 0xF2, 0x03, 0x06, 0x15
CONTROLS = frozenset({ACK, NAK})
MAX_TEXT = 520
COMMAND, POSITIVE, NEGATIVE = 0x43, 0x50, 0x4E

INIT_LEAVE = b"\x30\x33"
STATUS = b"\x31\x30"
SENSORS = b"\x31\x31"
MOVE_HOLD, MOVE_IC, MOVE_RF, MOVE_BIN, MOVE_OUT = b"\x32\x30", b"\x32\x31", b"\x32\x32", b"\x32\x33", b"\x32\x39"
ENTRY_OPEN, ENTRY_CLOSED = b"\x33\x30", b"\x33\x31"
SERIAL, VERSION = b"\xa2\x30", b"\xa4\x30"
MOVES = frozenset({0x30, 0x32})
"""The commands (CM) that can move a card."""

PLACES = {0x30: "none", 0x31: "gate", 0x32: "inside"}
STACKS = {0x30: "empty", 0x31: "low", 0x32: "enough"}
ERRORS = {
    "00": "command",
    "01": "parameter",
    "02": "sequence",
    "03": "unsupported",
    "04": "data",
    "05": "contact",
    "10": "jam",
    "12": "sensor",
    "13": "long",
    "14": "short",
    "40": "move",
    "41": "move",
    "43": "move",
    "45": "move",
    "50": "counter",
    "51": "motor",
    "A0": "empty",
    "A1": "bin_full",
    "B0": "not_initialised",
    **{f"6{n}": "chip" for n in range(10)},
}


class Control(msgspec.Struct, frozen=True):
    """One byte between frames: ACK or NAK."""

    code: int


class Frame(msgspec.Struct, frozen=True):
    """One whole frame with a right BCC: *text* 3..520 bytes, from or to the device *address* (0..15)."""

    text: bytes
    address: int = 0


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Control | Frame | Broken


def send(message: Control | Frame) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for what a frame cannot carry."""
    if isinstance(message, Control):
        if message.code not in CONTROLS:
            raise LocalProtocolError(f"no such control byte: {message.code:02X}")
        return bytes([message.code])
    if not 3 <= len(message.text) <= MAX_TEXT or not 0 <= message.address <= 15:
        raise LocalProtocolError(f"{len(message.text)} bytes to {message.address}; allowed 3..{MAX_TEXT}, 0..15")
    framed = bytes([STX, message.address]) + len(message.text).to_bytes(2, "big") + message.text + bytes([ETX])
    return framed + bytes([xor8(framed)])


class Codec(Framer[Message]):
    """Bytes to messages, either side. Holds at most one unfinished frame (under 530 bytes)."""

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        head = self._buffer
        if head[0] in CONTROLS:
            return 1, Control(head[0])
        if head[0] != STX:
            self.faults.count("noise")
            return 1, None
        if len(head) < 4:
            return self._give_up("timeout", 1) if final else None
        size = int.from_bytes(head[2:4], "big")
        if head[1] > 15 or not 3 <= size <= MAX_TEXT:
            return self._give_up("length", 1)
        if len(head) < size + 6:
            return self._give_up("timeout", len(head)) if final else None
        if head[size + 4] != ETX:
            return self._give_up("length", 1)
        framed = bytes(head[: size + 5])
        if xor8(framed) != head[size + 5]:
            return self._give_up("check", size + 6)
        return size + 6, Frame(framed[4:-1], framed[1])

    def _give_up(self, reason: str, end: int) -> tuple[int, Message]:
        self.faults.count(reason)
        return (1 if end == 1 else self._restart(bytes([STX]), end)), Broken(reason)


class Answer(msgspec.Struct, frozen=True):
    """*command* (CM PM) was carried out. *place* of the card (none, gate, inside), *stack* (empty, low, enough)."""

    command: bytes
    place: str
    stack: str
    bin_full: bool
    data: bytes = b""


class Refused(msgspec.Struct, frozen=True):
    """*command* was not carried out; *error* a value of ERRORS or ``unknown``."""

    command: bytes
    error: str


def decode(text: bytes) -> Answer | Refused | None:
    """Return what the device's *text* says; None where it is no answer."""
    if text[0] == NEGATIVE and len(text) >= 5:
        return Refused(text[1:3], ERRORS.get(text[3:5].decode("latin-1"), "unknown"))
    if text[0] == POSITIVE and len(text) >= 6:
        place, stack = PLACES.get(text[3], "unknown"), STACKS.get(text[4], "unknown")
        return Answer(text[1:3], place, stack, text[5] == 0x31, text[6:])
    return None


class Host(Exchange[Message, Answer | Refused]):
    """The host's half: frame, ACK, answer, ACK. *begun* in NoAnswer: the device may have moved the card."""

    ACK_MS = 350
    AGAIN = 3
    """How often a frame that was refused, or an answer that was garbled, may come again."""

    def __init__(self, address: int = 0) -> None:
        super().__init__(Codec())
        self._address = address
        self._naks = self._again = 0

    def command(self, body: bytes, now_ms: int, answer_ms: int = 1500) -> None:
        """Begin an exchange with all its repeats."""
        self._naks = self._again = self.AGAIN
        super().command(body, now_ms, answer_ms)

    def _frame(self, body: bytes) -> bytes:
        return send(Frame(bytes([COMMAND]) + body, self._address))

    def _tries(self, body: bytes) -> int:
        return 1 if body[0] in MOVES else self.TRIES

    def _begun(self) -> bool:
        return self._body[0] in MOVES

    def _refused(self, now_ms: int) -> list[Answer | Refused | NoAnswer]:
        """Send the frame again after a NAK: nothing was done, so even a move may be repeated."""
        if self._naks <= 0:
            return [self._end("refused", begun=False)]
        self._naks -= 1
        self._write(now_ms)
        return []

    def _take(self, message: Message, now_ms: int) -> list[Answer | Refused | NoAnswer]:
        match self._phase, message:
            case "ack", Control(code) if code == ACK:
                self._acknowledged(now_ms)
            case "ack", Control(code) if code == NAK:
                return self._refused(now_ms)
            case "ack" | "answer", Frame(text, address) if address == self._address:
                return self._answered(text)
            case "answer", Broken("check") if self._again > 0:
                self._again -= 1
                self._out += send(Control(NAK))
            case "answer", Broken("check"):
                return [self._end("garbled")]
            case _, Broken():
                pass  # already counted by the codec
            case _, Frame():
                self._out += send(Control(ACK))  # lest it is said again and again
                self.codec.faults.count("stale")
            case _:
                self.codec.faults.count("stale")
        return []

    def _answered(self, text: bytes) -> list[Answer | Refused | NoAnswer]:
        """Take an answer, also one whose ACK was lost; count that of another command as late."""
        self._out += send(Control(ACK))
        said = decode(text)
        if said is None or said.command != self._body[:2]:
            self.codec.faults.count("stale")
            return []
        return self._done(said)
