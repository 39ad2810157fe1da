"""Scanners of the Grow GM65/GM861 kind: the frames that read and set their zones, among the texts they send.

The theory. The host says ``7E 00 type len addrH addrL data crcH crcL``: type 7 reads (one data byte, how many: 0 is
256), 8 writes *len* bytes, 9 keeps the settings. The module answers ``02 00 type len data crcH crcL``, type 0 done; a
length of 0 stands for 256. The CRC (XMODEM) runs from type to data; a host may send AB CD in its place, a module never
does. What is read comes on the same line with no frame; a text cannot begin with 02, so whatever stands between frames
is handed on as ``Plain``, for ``scanner.Codec`` to read. Source: GM65 and GM812 manuals.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError, crc16_xmodem
from hardware.framing.frame_buffer import Framer

COMMAND, ANSWER = b"\x7e\x00", b"\x02\x00"
READ, WRITE, SAVE, DONE = 0x07, 0x08, 0x09, 0x00
UNCHECKED = b"\xab\xcd"
TRIGGER_ZONE, BAUD_ZONE, RESET_ZONE = 0x0002, 0x002A, 0x00D9
MAX_DATA = 256


class Command(msgspec.Struct, frozen=True):
    """A command of the host about the zone at *address*; *data* 1..256 bytes. *checked* False: AB CD instead of a
    CRC.
    """

    type: int
    address: int
    data: bytes
    checked: bool = True


class Answer(msgspec.Struct, frozen=True):
    """An answer of the module: *type* 0 is done; *data* 1..256 bytes."""

    type: int
    data: bytes


class Plain(msgspec.Struct, frozen=True):
    """Bytes between frames, as they came: text."""

    data: bytes


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Command | Answer | Plain | Broken
TRIGGER = Command(WRITE, TRIGGER_ZONE, b"\x01", checked=False)
KEEP = Command(SAVE, 0, b"\x00")


def send(message: Command | Answer | Plain) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for lengths and codes that a frame cannot
    carry.
    """
    if isinstance(message, Plain):
        return message.data
    if not 1 <= len(message.data) <= MAX_DATA or not 0 <= message.type <= 0xFF:
        raise LocalProtocolError(f"type {message.type} with {len(message.data)} bytes; allowed 0..255, 1..{MAX_DATA}")
    size = bytes([message.type, len(message.data) & 0xFF])
    if isinstance(message, Answer):
        body = size + message.data
        return ANSWER + body + crc16_xmodem(body).to_bytes(2, "big")
    if not 0 <= message.address <= 0xFFFF:
        raise LocalProtocolError(f"zone {message.address}; allowed 0..65535")
    body = size + message.address.to_bytes(2, "big") + message.data
    return COMMAND + body + (crc16_xmodem(body).to_bytes(2, "big") if message.checked else UNCHECKED)


class Codec(Framer[Message]):
    """Bytes to messages. *module* True reads what a host says, False (a host's codec) what the module says."""

    def __init__(self, module: bool = False) -> None:
        super().__init__()
        self._module = module
        self._start = COMMAND if module else ANSWER
        self._suspect = 0  # bytes of a broken frame: searched for another one, never handed on as text

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        step = self._next(final)
        if step is not None:
            self._suspect = max(0, self._suspect - step[0])
        return step

    def _next(self, final: bool) -> tuple[int, Message | None] | None:
        head = self._buffer
        if head[0] == self._start[0]:
            step = self._frame()
            return self._give_up("timeout") if step is None and final else step
        used = head.find(self._start[:1])
        used = len(head) if used < 0 else used
        if self._module:  # a host says nothing but frames
            self._suspect = used
        if not self._suspect:
            return used, Plain(bytes(head[:used]))
        used = min(used, self._suspect)
        self.faults.count("noise", used)
        return used, None

    def _frame(self) -> tuple[int, Message | None] | None:
        """Decode the frame at the head of the buffer; None when bytes are missing."""
        head = self._buffer
        at = 6 if self._module else 4  # where the data begin
        if len(head) > 1 and head[1] != self._start[1]:
            return self._give_up("noise", 1)
        if len(head) < at:
            return None
        size = head[3] or MAX_DATA
        end = at + size + 2
        if len(head) < end:
            return None
        body, check = bytes(head[2 : at + size]), bytes(head[at + size : end])
        good = crc16_xmodem(body).to_bytes(2, "big") == check
        if not good and not (self._module and check == UNCHECKED):
            return self._give_up("check", end)
        data = body[at - 2 :]
        if self._module:
            return end, Command(body[0], int.from_bytes(body[2:4], "big"), data, good)
        return end, Answer(body[0], data)

    def _give_up(self, reason: str, end: int = 0) -> tuple[int, Message]:
        self.faults.count(reason)
        self._suspect = max(self._suspect, end or len(self._buffer))
        return 1, Broken(reason)
