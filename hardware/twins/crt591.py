"""The twin of a CRT-591: a card dispenser that acknowledges, acts, says what became of it, and wants to be heard.

Before it was initialised it refuses everything. It says its last answer again when the host could not read it.
"""

from __future__ import annotations

from typing import Any

from hardware.protocols import crt591
from hardware.twins.card_stack import FULL, LOW, CardStack
from hardware.twins.serial_twin import FramedTwin

NAME = b"CRT-591-M001"
_ERRORS = {"jam": b"10", "empty": b"A0", "occupied": b"02", "": b""}


class Crt591Twin(FramedTwin, CardStack):
    """The dispenser at *address*."""

    def __init__(self, cards: int = FULL, address: int = 0) -> None:
        super().__init__(cards)
        self._codec = crt591.Codec()
        self._address = address
        self._awake = False
        self._entry_open = False
        self._last = b""

    def state(self) -> dict[str, Any]:
        """Return the stack's state, and whether cards may be put in at the gate."""
        return {**super().state(), "entry_open": self._entry_open}

    def _take(self, message: crt591.Message, now_ms: int) -> bytes:
        match message:
            case crt591.Frame(text, address) if address == self._address and text[0] == crt591.COMMAND:
                said = self._control(crt591.ACK, now_ms)
                self._last = crt591.send(crt591.Frame(self._run(text[1:]), self._address))
                return said + self.wire.spoil(self._last, now_ms)
            case crt591.Broken():
                return self._control(crt591.NAK, now_ms)
            case crt591.Control(code) if code == crt591.NAK:
                return self.wire.spoil(self._last, now_ms)
            case _:
                return b""

    def _control(self, code: int, now_ms: int) -> bytes:
        return self.wire.spoil(crt591.send(crt591.Control(code)), now_ms, spoilable=False)

    def _run(self, body: bytes) -> bytes:
        command = body[:2]
        if command[0] != 0x30 and not self._awake:
            return b"N" + command + b"B0"
        match command[0], command[1]:
            case 0x30, way if 0x30 <= way <= 0x37:
                return self._begin(command, way)
            case 0x31, 0x30:
                return self._done(command)
            case 0x31, 0x31:
                return self._done(command, b"0" * 8)
            case 0x32, where:
                return self._moved(command, where)
            case 0x33, 0x30 | 0x31:
                self._entry_open = command[1] == 0x30
                return self._done(command)
            case 0xA2 | 0xA4, 0x30:
                return self._done(command, NAME)
            case _:
                return b"N" + command + b"00"

    def _begin(self, command: bytes, way: int) -> bytes:
        self._awake = True
        if way in (0x30, 0x34) and self.place == "inside":
            self.offer()
        elif way in (0x31, 0x35) and self.place != "none":
            self.capture()
        return self._done(command, NAME)

    def _moved(self, command: bytes, where: int) -> bytes:
        acts = {0x30: self.offer, 0x31: self.bring, 0x32: self.bring, 0x33: self.capture, 0x39: self.offer}
        why = acts[where]() if where in acts else "occupied"
        return b"N" + command + _ERRORS[why] if why else self._done(command)

    def _done(self, command: bytes, data: bytes = b"") -> bytes:
        place = {"none": b"0", "gate": b"1", "inside": b"2"}[self.place]
        stack = b"0" if not self.stack else b"1" if len(self.stack) <= LOW else b"2"
        return b"P" + command + place + stack + (b"1" if len(self.box) >= FULL else b"0") + data
