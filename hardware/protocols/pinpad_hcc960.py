"""HCC960 PIN pads: ESC commands to the pad, keys and whole entries from it. 9600 8N1, no checks.

The theory. The host asks for an entry (ESC I, or ESC E for "try again"; ESC F before it keeps the entry until ESC G),
sets how many digits end it (ESC N n, 0..48), or lets every key through as it is pressed (ESC M). The pad sends an entry
as ``02 digits 03`` and, in key mode, each key as one byte: digits as ASCII, ENTER 0D, CLEAR 08. There is no check, so
only bytes that can be said are believed: anything else inside an entry spoils it. Digits are masked from here on.

Sources: the pad's published command list (tesco-shop.com/products/61563, top-factories.com/products/2472565).
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError
from hardware.framing.frame_buffer import Framer
from hardware.transport.secret_bytes import SecretBytes

ESC, STX, ETX = 0x1B, 0x02, 0x03
ENTER, CLEAR = 0x0D, 0x08
MAX_DIGITS = 48
COMMANDS = {"ask": b"I", "again": b"E", "hold": b"F", "give": b"G", "keys": b"M", "length": b"N"}
"""Ask for an entry, ask again, keep the next one, hand it over, send every key, set how many digits end an entry."""
_NAMES = {code[0]: name for name, code in COMMANDS.items()}
_KEYS = {ENTER: "enter", CLEAR: "clear"}
_CODES = {name: code for code, name in _KEYS.items()}


class Command(msgspec.Struct, frozen=True):
    """A command of the host; *digits* only with "length"."""

    name: str
    digits: int = 0


class Key(msgspec.Struct, frozen=True):
    """One key in key mode: "enter", "clear", or "digit", whose value is masked."""

    name: str
    digit: SecretBytes = SecretBytes(b"")


class Entry(msgspec.Struct, frozen=True):
    """A whole entry; its digits, as ASCII, are masked."""

    digits: SecretBytes


class Broken(msgspec.Struct, frozen=True):
    """Something began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Command | Key | Entry | Broken


def send(message: Command | Key | Entry) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for what the pad does not know; it shows no
    digit.
    """
    match message:
        case Command("length", digits) if 0 <= digits <= MAX_DIGITS:
            return bytes([ESC]) + COMMANDS["length"] + bytes([digits])
        case Command(name, 0) if name in COMMANDS and name != "length":
            return bytes([ESC]) + COMMANDS[name]
        case Key("digit", digit) if len(digit) == 1 and digit.reveal().isdigit():
            return digit.reveal()
        case Key(name, digit) if name in _CODES and not len(digit):
            return bytes([_CODES[name]])
        case Entry(digits) if len(digits) <= MAX_DIGITS and (not len(digits) or digits.reveal().isdigit()):
            return bytes([STX]) + digits.reveal() + bytes([ETX])
    raise LocalProtocolError(f"{message!r}; allowed are {', '.join(COMMANDS)}, keys and up to {MAX_DIGITS} digits")


class Codec(Framer[Message]):
    """Bytes to messages. *pad* True reads what a host says, False (a host's codec) what the pad says."""

    def __init__(self, pad: bool = False) -> None:
        super().__init__()
        self._pad = pad

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        step = self._command() if self._pad else self._pressed()
        if step is None and final:
            self.faults.count("timeout")
            return len(self._buffer) if self._buffer[0] == STX else 1, Broken("timeout")
        return step

    def _command(self) -> tuple[int, Message | None] | None:
        if self._buffer[0] != ESC:
            return self._noise()
        if len(self._buffer) < 2:
            return None
        name = _NAMES.get(self._buffer[1], "")
        if name != "length":
            return (2, Command(name)) if name else self._give_up("unknown")
        if len(self._buffer) < 3:
            return None
        return (3, Command(name, self._buffer[2])) if self._buffer[2] <= MAX_DIGITS else self._give_up("length")

    def _pressed(self) -> tuple[int, Message | None] | None:
        first = self._buffer[0]
        if first == STX:
            return self._entry()
        if first in _KEYS:
            return 1, Key(_KEYS[first])
        if 0x30 <= first <= 0x39:
            return 1, Key("digit", SecretBytes(bytes([first])))
        return self._noise()

    def _entry(self) -> tuple[int, Message | None] | None:
        """Decode the digits up to 03. A byte that is neither spoils the entry; its digits are dropped, not read as
        keys.
        """
        for at, byte in enumerate(self._buffer[1 : MAX_DIGITS + 2], 1):
            if byte == ETX:
                return at + 1, Entry(SecretBytes(bytes(self._buffer[1:at])))
            if not 0x30 <= byte <= 0x39:
                return self._give_up("check", at)
        return self._give_up("length", MAX_DIGITS + 2) if len(self._buffer) > MAX_DIGITS + 1 else None

    def _noise(self) -> tuple[int, Message | None]:
        self.faults.count("noise")
        return 1, None

    def _give_up(self, reason: str, used: int = 1) -> tuple[int, Message]:
        self.faults.count(reason)
        return used, Broken(reason)
