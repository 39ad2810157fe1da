"""The twin of a barcode scanner: plain, honeywell, gm65 or ssi, as its table says.

`show_code` holds a code before its window. A plain scanner reads it; the others do so while they have been told to
look, and a read ends the look. An SSI decoder says a piece again that was not acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.settings.scanners import ScannerSettings
from hardware.protocols import scanner, scanner_gm65, scanner_ssi
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

PIECE, AGAIN_MS, TRIES = 240, 300, 3
QR = 0x1C
"""What the decoder calls the kind of code; a real one has its own number for each."""


def _show(twin: ScannerTwin, args: dict[str, Any], _: float) -> Answer:
    return act_answer(twin.show(str(args["text"])), "the scanner does not look now")


class ScannerTwin:
    """The scanner. `show` is the person's; "stutter": every code is read three times."""

    ACTS: ClassVar[dict[str, Doing]] = {"show_code": _show}
    FAULTS: ClassVar[tuple[str, ...]] = ("stutter",)

    def __init__(self, settings: ScannerSettings) -> None:
        self.wire = WireFaults()
        self.counters = {"shown": 0, "read": 0, "triggers": 0, "commands": 0, "again": 0}
        self._settings = settings
        self._looks = settings.model == "plain"
        self._stutters = False
        self._out = b""
        self._pieces: list[scanner_ssi.Packet] = []
        self._sent_ms: int | None = None
        self._tries = 0
        codecs: dict[str, Callable[[], Any]] = {
            "gm65": lambda: scanner_gm65.Codec(module=True),
            "ssi": scanner_ssi.Codec,
        }
        self._codec = codecs.get(settings.model, scanner.Commands)()

    def show(self, text: str) -> bool:
        """Hold a code before it; False where it does not look."""
        self.counters["shown"] += 1
        if not self._looks:
            return False
        self.counters["read"] += 1
        for _ in range(3 if self._stutters else 1):
            self._say(text.encode())
        self._looks = self._settings.model == "plain"
        return True

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Make the scanner repeat itself, or stop that."""
        self._stutters = on

    def state(self) -> dict[str, Any]:
        """Return whether it looks, and counters; never what it read."""
        return {"looks": self._looks, "counters": dict(self.counters)}

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take bytes from the host; return answers."""
        out = b""
        for message in self._codec.receive_data(self.wire.hear(data), now_ms):
            out += self.wire.spoil(self._take(message), now_ms)
        return out + self.tick(now_ms)

    def tick(self, now_ms: int) -> bytes:
        """Return what was read, and late answers."""
        self._codec.tick(now_ms)
        out, self._out = self._out + self._piece(now_ms), b""
        return self.wire.spoil(out, now_ms, spoilable=self._settings.model == "ssi") + self.wire.due(now_ms)

    def _say(self, data: bytes) -> None:
        if self._settings.model != "ssi":
            self._out += data + self._settings.ending
            return
        parts = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
        for at, part in enumerate(parts):
            more = scanner_ssi.MORE if at < len(parts) - 1 else 0
            self._pieces.append(scanner_ssi.Packet(scanner_ssi.DECODED, scanner_ssi.DECODER, more, bytes([QR]) + part))

    def _piece(self, now_ms: int) -> bytes:
        """Return the piece of a code that is due: new, or again because nobody acknowledged it; given up
        after a while.
        """
        if not self._pieces or (self._sent_ms is not None and now_ms - self._sent_ms < AGAIN_MS):
            return b""
        if self._tries == TRIES:
            self._pieces.clear()
            self._sent_ms, self._tries = None, 0
            return b""
        again = scanner_ssi.AGAIN if self._tries else 0
        self.counters["again"] += bool(again)
        self._sent_ms, self._tries = now_ms, self._tries + 1
        piece = self._pieces[0]
        return scanner_ssi.send(scanner_ssi.Packet(piece.opcode, piece.source, piece.status | again, piece.data))

    def _take(self, message: Any) -> bytes:
        self.counters["commands"] += 1
        match message:
            case scanner.Trigger(on):
                self._look(on)
            case scanner.Menu(command):
                return scanner.send(scanner.MenuAnswer(command[:-1], scanner.UNKNOWN, command[-1:]))
            case scanner_gm65.Command(scanner_gm65.WRITE, scanner_gm65.TRIGGER_ZONE, data):
                self._look(bool(data[0] & 1))
                return scanner_gm65.send(scanner_gm65.Answer(scanner_gm65.DONE, b"\x00"))
            case scanner_gm65.Command(scanner_gm65.READ, _, data):
                return scanner_gm65.send(scanner_gm65.Answer(scanner_gm65.DONE, bytes(data[0] or 256)))
            case scanner_ssi.Packet(source=scanner_ssi.HOST):
                return self._ssi(message.opcode)
        return b""

    def _look(self, on: bool) -> None:
        self.counters["triggers"] += on
        self._looks = on

    def _ssi(self, opcode: int) -> bytes:
        if opcode == scanner_ssi.ACK:
            del self._pieces[:1]
            self._sent_ms, self._tries = None, 0
            return b""
        if opcode in (scanner_ssi.READ, scanner_ssi.STOP):
            self._look(opcode == scanner_ssi.READ)
        if opcode == scanner_ssi.REVISION:
            return scanner_ssi.send(scanner_ssi.Packet(scanner_ssi.REVISION_IS, scanner_ssi.DECODER, 0, b"TWIN-1"))
        known = opcode in (scanner_ssi.READ, scanner_ssi.STOP, scanner_ssi.PARAMETER)
        answer = scanner_ssi.ACK if known else scanner_ssi.NAK
        return scanner_ssi.send(scanner_ssi.Packet(answer, scanner_ssi.DECODER, 0, b"" if known else b"\x06"))
