"""Barcode scanners that send plain text: bytes <-> what was read, and the trigger commands beside it. 9600 8N1.

The theory. A scanner sends what it read and then a suffix, CR or CR LF, with no frame and no check; so a text is
believed only when it is whole, can be text (control characters spoil it, but for the separators of GS1 and ISO 15434)
and its bytes followed each other without a pause. The host may say ``16 54 0D`` (read) and ``16 55 0D`` (stop), and set
options by ``16 4D 0D command .``, which is echoed with 06 (done), 15 (wrong value) or 05 (no such command) before or
after its end mark. Sources: Mindeo ES4650 and Honeywell manuals; Scanners of the Grow GM kind speak frames as well
(``scanner_gm65``, ``scanner_ssi``).
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError
from hardware.framing.frame_buffer import Framer

CR, CRLF = b"\r", b"\r\n"
SYN = 0x16
DONE, REFUSED, UNKNOWN = 0x06, 0x15, 0x05
MAX_TEXT = 7089
"""Characters of the largest QR code (digits)."""
_ALLOWED = frozenset((0x09, 0x0A, 0x04, 0x1D, 0x1E))
_TRIGGERS = {0x54: True, 0x55: False}
_MENU = b"\x16M\r"
_ENDS = (b".", b"!")
MAX_MENU = 256


class Text(msgspec.Struct, frozen=True):
    """Something was read; *data* without its *suffix*."""

    data: bytes
    suffix: bytes = CR


class Trigger(msgspec.Struct, frozen=True):
    """Read now (*on*), or stop."""

    on: bool


class Menu(msgspec.Struct, frozen=True):
    """An option is set: *command* ends with ``.`` (kept for good) or ``!`` (until power-off)."""

    command: bytes


class MenuAnswer(msgspec.Struct, frozen=True):
    """The echo of an option, with *code* 06, 15 or 05; *last*: what stood behind the code (an end mark, or nothing)."""

    command: bytes
    code: int
    last: bytes = b""


class Broken(msgspec.Struct, frozen=True):
    """Something began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Text | Trigger | Menu | MenuAnswer | Broken


def send(message: Text | Trigger | Menu | MenuAnswer) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for a text with its own suffix in it, or a
    command without end.
    """
    match message:
        case Text(data, suffix) if suffix in (CR, CRLF) and 0 < len(data) <= MAX_TEXT and suffix not in data:
            return data + suffix
        case Trigger(on):
            return bytes([SYN, 0x54 if on else 0x55, 0x0D])
        case Menu(command) if command[-1:] in _ENDS and len(command) <= MAX_MENU:
            return _MENU + command
        case MenuAnswer(command, code, last) if code in (DONE, REFUSED, UNKNOWN):
            return command + bytes([code]) + last
    raise LocalProtocolError(f"{message!r} cannot be said: texts 1..{MAX_TEXT} bytes, commands end with . or !")


def readable(data: bytes) -> str:
    """Return what was read as text: UTF-8 where it is, else GB18030, which Chinese scanners send too."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


class Codec(Framer[Message]):
    """The host's ear: bytes from the scanner to texts and answers. *suffix* as the scanner is set."""

    GAP_MS = 200

    def __init__(self, suffix: bytes = CR) -> None:
        super().__init__()
        if suffix not in (CR, CRLF):
            raise LocalProtocolError(f"suffix {suffix!r}; allowed CR and CR LF")
        self._suffix = suffix

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        head = self._buffer
        if self._suffix == CR and head[0] == 0x0A:  # the scanner sends CR LF: its LF is nobody's text
            return 1, None
        end = head.find(self._suffix)
        answer = self._answer(end, final)
        if answer is not None:
            return answer
        if 0 <= end <= MAX_TEXT:
            return end + len(self._suffix), self._text(bytes(head[:end]))
        if end > MAX_TEXT or len(head) > MAX_TEXT + 1:
            return len(head) if end < 0 else end, self._broken("length")
        return (len(head), self._broken("timeout")) if final else None

    def _text(self, data: bytes) -> Message | None:
        if not data:
            return None
        if any((byte < 0x20 and byte not in _ALLOWED and byte != 0x0D) or byte == 0x7F for byte in data):
            return self._broken("noise")
        return Text(data, self._suffix)

    def _answer(self, before: int, final: bool) -> tuple[int, Message | None] | None:
        """Find the echo of a command that ends with its code, where one stands in front of the next suffix."""
        line = self._buffer[:before] if 0 <= before <= MAX_MENU else self._buffer[: MAX_MENU + 1]
        at = next((at for at, byte in enumerate(line) if not 0x20 <= byte < 0x7F), -1)
        if at < 0 or line[at] not in (DONE, REFUSED, UNKNOWN):
            return None
        command, code = bytes(line[:at]), line[at]
        last = bytes(self._buffer[at + 1 : at + 2])
        if not command:
            self.faults.count("noise")
            return 1, None
        if command[-1:] in _ENDS:
            return at + 1, MenuAnswer(command, code)
        if not last and not final:
            return None
        last = last if last in _ENDS else b""
        return at + 1 + len(last), MenuAnswer(command, code, last)

    def _broken(self, reason: str) -> Broken:
        self.faults.count(reason)
        return Broken(reason)


class Commands(Framer[Message]):
    """The scanner's ear (for its twin): bytes from the host to triggers and options."""

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        if self._buffer[0] != SYN:
            return self._drop("noise")
        head = bytes(self._buffer[:3])
        if len(head) < 3:
            return self._drop("timeout") if final else None
        if head == _MENU:
            return self._menu(final)
        if head[1] in _TRIGGERS and head[2] == 0x0D:
            return 3, Trigger(_TRIGGERS[head[1]])
        return self._drop("unknown")

    def _menu(self, final: bool) -> tuple[int, Message | None] | None:
        for at, byte in enumerate(self._buffer[3 : 3 + MAX_MENU], 3):
            if bytes([byte]) in _ENDS:
                return at + 1, Menu(bytes(self._buffer[3 : at + 1]))
            if not 0x20 <= byte < 0x7F:
                return self._drop("unknown")
        return self._drop("length") if final or len(self._buffer) >= 3 + MAX_MENU else None

    def _drop(self, reason: str) -> tuple[int, Message | None]:
        self.faults.count(reason)
        return 1, None if reason == "noise" else Broken(reason)
