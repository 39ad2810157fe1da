"""The twin of an ENQ dispenser (QU-CD-720M, CRT-541): it acknowledges a frame and acts when it is asked to, by ENQ.

A move takes a moment (`MOVE_MS`), in which its state says that it is busy; what went wrong is said by the state alone.
"""

from __future__ import annotations

from hardware.protocols import dispenser_enq as enq
from hardware.twins.card_stack import FULL, LOW, CardStack
from hardware.twins.serial_twin import FramedTwin

MOVE_MS = 150


class EnqTwin(FramedTwin, CardStack):
    """The dispenser; *address*: the two digits that commands must bear, or none."""

    def __init__(self, cards: int = FULL, address: bytes = b"") -> None:
        super().__init__(cards)
        self._codec = enq.Codec()
        self._address = address
        self._ready = b""
        self._busy_ms = 0
        self._failed = self._captured = False

    def _take(self, message: enq.Message, now_ms: int) -> bytes:
        match message:
            case enq.Frame(text) if text.startswith(self._address):
                self._ready = text.removeprefix(self._address)
                return self._control(enq.ACK, now_ms)
            case enq.Broken():
                return self._control(enq.NAK, now_ms)
            case enq.Control(code) if code == enq.ENQ and self._ready:
                command, self._ready = self._ready, b""
                said = self._run(command, now_ms)
                return self.wire.spoil(enq.send(enq.Frame(self._address + said)), now_ms) if said else b""
            case _:
                return b""

    def _control(self, code: int, now_ms: int) -> bytes:
        return self.wire.spoil(enq.send(enq.Control(code)), now_ms, spoilable=False)

    def _run(self, command: bytes, now_ms: int) -> bytes:
        match command:
            case enq.STATE:
                return enq.encode_state(self._state(now_ms))
            case enq.VERSION:
                return b"QU-CD-720M V3.19"
            case enq.FLAGS:
                return b"PB001"
            case enq.CLEAR_FLAGS | enq.RESET:
                self._failed = self._captured = False
            case enq.TO_READ:
                self._moved(self.bring(), now_ms)
            case enq.TO_TAKE | enq.THROW:
                self._moved(self.offer(), now_ms)
            case enq.DISPENSE:
                self._moved(self.bring() or self.offer(), now_ms)
            case enq.CAPTURE:
                why = self.capture()
                self._moved(why, now_ms)
                self._captured = not why
        return b""

    def _moved(self, why: str, now_ms: int) -> None:
        self._busy_ms = now_ms + MOVE_MS
        self._failed = bool(why)

    def _state(self, now_ms: int) -> enq.State:
        return enq.State(
            self.place,
            len(self.box) >= FULL,
            self._failed,
            now_ms < self._busy_ms,
            len(self.stack) <= LOW,
            self.jam,
            self._captured,
            False,
            not self.stack,
        )
