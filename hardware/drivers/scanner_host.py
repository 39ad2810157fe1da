"""The host's half of a barcode scanner: triggers out, answers and codes in. One row a model.

The theory. A scanner looks when it is triggered and says what it read on the same line, unasked. What differs is in
`MODELS`: how it is told to look and to stop, whether it answers, how one sees that it is there, and what it is told at
first. Settings are said each time the line comes up and never kept in the scanner's flash, which wears.

- ``plain`` looks all the time and hears nothing; ``honeywell`` is triggered by text that it does not answer;
- ``gm65`` answers frames about its zones; text comes between them;
- ``ssi`` acknowledges commands, and wants each piece of a code acknowledged, else it says it again. A decoder that
  sleeps loses the command that wakes it: it is said again.

Sources: as in ``scanner``, ``scanner_gm65``, ``scanner_ssi``; parameters 8A (trigger: host) and EE (codes in packets)
from the Zebra SSI programmer's guide.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import msgspec

from hardware.framing.checksums import FrameFaults
from hardware.framing.exchange import Exchange, NoAnswer
from hardware.protocols import scanner, scanner_gm65, scanner_ssi


class ScannedCode(msgspec.Struct, frozen=True):
    """Something was read; its bytes are in no repr: people show all sorts of codes."""

    data: bytes

    def __repr__(self) -> str:
        return f"Code({len(self.data)} bytes)"


class ScannerAnswer(msgspec.Struct, frozen=True):
    """The scanner answered; either way it is there."""

    ok: bool


Outcome = ScannedCode | ScannerAnswer


class ScannerModel(NamedTuple):
    """A scanner model's commands: to look, to stop, to see whether it is there, and at first. *answers* False: nothing
    is answered.
    """

    on: bytes = b""
    off: bytes = b""
    ping: bytes = b""
    first: tuple[bytes, ...] = ()
    answers: bool = True


def _zone(value: int) -> bytes:
    zone = scanner_gm65.Command(scanner_gm65.WRITE, scanner_gm65.TRIGGER_ZONE, bytes([value]), checked=False)
    return scanner_gm65.send(zone)


def _ssi(opcode: int, data: bytes = b"") -> bytes:
    return scanner_ssi.WAKE_UP + scanner_ssi.send(scanner_ssi.Packet(opcode, data=data))


BAUD = scanner_gm65.Command(scanner_gm65.READ, scanner_gm65.BAUD_ZONE, b"\x02")
ACK = scanner_ssi.send(scanner_ssi.Packet(scanner_ssi.ACK))
MODELS = {
    "plain": ScannerModel(answers=False),
    "honeywell": ScannerModel(scanner.send(scanner.Trigger(True)), scanner.send(scanner.Trigger(False)), answers=False),
    "gm65": ScannerModel(_zone(1), _zone(0), scanner_gm65.send(BAUD)),
    "ssi": ScannerModel(
        _ssi(scanner_ssi.READ),
        _ssi(scanner_ssi.STOP),
        _ssi(scanner_ssi.REVISION),
        (_ssi(scanner_ssi.PARAMETER, b"\x00\x8a\x08"), _ssi(scanner_ssi.PARAMETER, b"\x00\xee\x01")),
    ),
}


class ScannerHost(Exchange[Any, Outcome]):
    """One exchange at a time, and codes at any time."""

    def __init__(self, name: str, suffix: bytes) -> None:
        self.model = MODELS[name]
        self._texts = scanner.Codec(suffix)
        self._joiner = scanner_ssi.Joiner()
        codecs = {"gm65": scanner_gm65.Codec, "ssi": scanner_ssi.Codec}
        super().__init__(codecs[name]() if name in codecs else self._texts)

    def tell(self, data: bytes) -> None:
        """Say what is not answered."""
        self._out += data

    def faults(self) -> Counter[str]:
        """Return what was wrong on the line, at all levels."""
        levels: set[FrameFaults] = {self.codec.faults, self._texts.faults, self._joiner.faults}
        return sum((Counter(level.as_dict()) for level in levels), Counter())

    def tick(self, now_ms: int) -> list[Outcome | NoAnswer]:
        """Time passed: repeat the command or give up; a text that was never finished is dropped."""
        said = super().tick(now_ms)
        return said if self.codec is self._texts else said + self._read(self._texts.tick(now_ms))

    def _frame(self, body: bytes) -> bytes:
        return body

    def _take(self, message: Any, now_ms: int) -> list[Outcome | NoAnswer]:
        match message:
            case scanner.Text():
                return self._read([message])
            case scanner_gm65.Plain(data):
                return self._read(self._texts.receive_data(data, now_ms))
            case scanner_gm65.Answer(kind, _):
                return self._answered(kind == scanner_gm65.DONE)
            case scanner_ssi.Packet(opcode=scanner_ssi.DECODED, source=scanner_ssi.DECODER):
                self.tell(ACK)
                whole = self._joiner.take(message)
                return [ScannedCode(whole.data)] if whole is not None else []
            case scanner_ssi.Packet(opcode=opcode, source=scanner_ssi.DECODER):
                return self._answered(opcode != scanner_ssi.NAK)
            case _:
                return []  # counted by the codec

    def _read(self, messages: list[scanner.Message]) -> list[Outcome | NoAnswer]:
        return [ScannedCode(message.data) for message in messages if isinstance(message, scanner.Text)]

    def _answered(self, ok: bool) -> list[Outcome | NoAnswer]:
        return self._done(ScannerAnswer(ok)) if self.busy else []
