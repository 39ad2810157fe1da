"""ESC/POS receipt printers, the host's half: what is sent to print, and what the status bytes mean.

The theory. Printing is one long stream without answers; the only thing that comes back is status. ``10 04 n`` asks
for one byte in real time, and every such answer has ``b & 93 == 12``; ``1D 61 n`` turns on four-byte automatic status
(ASB), whose first byte has ``b & 93 == 10``. Chinese printers often ignore the latter, so a driver asks. The answers
carry no number: they belong to the questions in the order asked.

Chinese text goes out as GB18030 between ``1C 26`` and ``1C 2E``, whatever the code page. python-escpos is used where
it is right (initialise, styles, QR, cut) and is imported only when something prints; its own Chinese path never sends
``1C 26`` and turns lone Chinese punctuation into question marks, so text is encoded here. Sources: Epson TM tables,
python-escpos 3.1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError

ASB_ON = b"\x1d\x61\xff"
ASB_OFF = b"\x1d\x61\x00"
KANJI_ON, KANJI_OFF = b"\x1c\x26", b"\x1c\x2e"
MAX_PENDING = 8


def ask(n: int) -> bytes:
    """Return DLE EOT *n* (1 printer, 2 off-line cause, 3 error cause, 4 paper). Raises LocalProtocolError for another
    n.
    """
    if n not in (1, 2, 3, 4):
        raise LocalProtocolError(f"status {n}; allowed 1..4")
    return bytes([0x10, 0x04, n])


class Status(msgspec.Struct, frozen=True):
    """The state in one answer or ASB block; None where it says nothing about that."""

    offline: bool | None = None
    cover_open: bool | None = None
    paper_near_end: bool | None = None
    paper_end: bool | None = None
    cutter_error: bool | None = None
    fatal_error: bool | None = None
    recoverable_error: bool | None = None
    error: bool | None = None
    feeding: bool | None = None
    """Somebody holds the feed button."""
    auto_recoverable: bool | None = None
    """Of the recoverable errors the one that goes away by itself: the head is too hot."""

    @property
    def words(self) -> tuple[str, ...]:
        """Return what is so, by name."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name))


class Automatic(Status, frozen=True):
    """A status that the printer told by itself."""


def decode_status(n: int, byte: int) -> Status:
    """Decode *byte* as the answer to ``ask(n)``. Raises LocalProtocolError when it is no status byte."""
    if byte & 0x93 != 0x12:
        raise LocalProtocolError(f"{byte:02X} is no status byte")
    bit = [bool(byte >> i & 1) for i in range(8)]
    if n == 1:
        return Status(offline=bit[3], feeding=bit[6])
    if n == 2:
        return Status(cover_open=bit[2], feeding=bit[3], paper_end=bit[5], error=bit[6])
    if n == 3:
        return Status(
            cutter_error=bit[3], fatal_error=bit[5], recoverable_error=bit[2] or bit[6], auto_recoverable=bit[6]
        )
    return Status(paper_near_end=bit[2] and bit[3], paper_end=bit[5] and bit[6])


def decode_asb(block: bytes) -> Automatic:
    """Decode a four-byte ASB block. Raises LocalProtocolError when it is none."""
    if len(block) != 4 or block[0] & 0x93 != 0x10 or any(byte & 0x90 for byte in block[1:]):
        raise LocalProtocolError(f"{block.hex()} is no ASB block")
    head, cause, paper = block[0], block[1], block[2]
    return Automatic(
        offline=bool(head & 0x08),
        cover_open=bool(head & 0x20),
        feeding=bool(head & 0x40),
        auto_recoverable=bool(cause & 0x40),
        paper_near_end=bool(paper & 0x03),
        paper_end=bool(paper & 0x0C),
        cutter_error=bool(cause & 0x08),
        fatal_error=bool(cause & 0x20),
        recoverable_error=bool(cause & 0x44),
    )


class StatusCodec:
    """Bytes from the printer to statuses. Call ``asked`` for each question sent; unasked bytes are counted noise."""

    GAP_MS = 200
    ANSWER_MS = 1500

    def __init__(self) -> None:
        self.faults = FrameFaults()
        self._pending: deque[tuple[int, int]] = deque(maxlen=MAX_PENDING)
        self._block = bytearray()
        self._last_ms = 0

    @property
    def waiting(self) -> int:
        """Return how many questions have no answer yet."""
        return len(self._pending)

    def asked(self, n: int, now_ms: int) -> None:
        """Note that question *n* has been sent."""
        self._pending.append((n, now_ms + self.ANSWER_MS))

    def receive_data(self, data: bytes, now_ms: int) -> list[Status]:
        """Take *data* as it came and return what it says, in order."""
        self.tick(now_ms)
        self._last_ms = now_ms if data else self._last_ms
        statuses = [self._byte(byte) for byte in data]
        return [status for status in statuses if status is not None]

    def tick(self, now_ms: int) -> int:
        """Let time pass; returns how many questions were given up. Then all are: an answer would be misread."""
        if self._block and now_ms - self._last_ms >= self.GAP_MS:
            self.faults.count("timeout")
            self._block.clear()
        if not self._pending or now_ms < self._pending[0][1]:
            return 0
        lost = len(self._pending)
        self._pending.clear()
        return lost

    def _byte(self, byte: int) -> Status | None:
        if self._block:
            return self._asb_byte(byte)
        if byte & 0x93 == 0x12 and self._pending:
            n, _ = self._pending.popleft()
            return decode_status(n, byte)
        if byte & 0x93 == 0x10:
            self._block.append(byte)
            return None
        self.faults.count("stale" if byte & 0x93 == 0x12 else "noise")
        return None

    def _asb_byte(self, byte: int) -> Status | None:
        if byte & 0x90:
            self.faults.count("restart")
            self._block.clear()
            return self._byte(byte)
        self._block.append(byte)
        if len(self._block) < 4:
            return None
        block = bytes(self._block)
        self._block.clear()
        return decode_asb(block)


class Line(msgspec.Struct, frozen=True):
    """A line of paper. *align* left, center or right; *big* doubles width and height."""

    text: str
    bold: bool = False
    big: bool = False
    align: str = "left"


class Code(msgspec.Struct, frozen=True):
    """A QR code of *text*, centred; *size* 1..16 dots a module."""

    text: str
    size: int = 6


class Stacked(msgspec.Struct, frozen=True):
    """A PDF417 symbol of *text*, centred, as wide as *dots* allow; a module is 1 to 3 dots (0.125 to 0.375 mm)."""

    text: str
    dots: int = 384


Part = Line | Code | Stacked
QUIET = 2
"""Modules of white at each side of a PDF417 symbol (ISO/IEC 15438)."""


def width(text: str) -> int:
    """Return the columns that *text* takes: a character sent as two or four bytes is two columns wide."""
    return sum(1 if ord(char) < 0x80 else 2 for char in text)


def encode_text(text: str) -> bytes:
    """Encode *text* and its line feed. ASCII as it is, everything else as GB18030 within 1C 26 … 1C 2E; controls are
    dropped.
    """
    clean = "".join(char for char in text if char >= " " and char != "\x7f")
    data = clean.encode("gb18030", "replace")
    if all(byte < 0x80 for byte in data):
        return data + b"\n"
    return KANJI_ON + data + b"\n" + KANJI_OFF


def _device() -> Any:
    from escpos.printer import Dummy  # costs 140 ms and 17 MB: only when something prints

    return Dummy()


def pdf417_picture(part: Stacked) -> Any:
    """Draw a PDF417 symbol as a picture. Printers' own PDF417 differs from model to model, so it goes out in dots.

    Raises:
        LocalProtocolError: it is wider than the paper.
    """
    import zxingcpp  # a code is rare, its library is not light: only when one is printed
    from PIL import Image

    symbol: Any = zxingcpp.create_barcode(part.text, zxingcpp.BarcodeFormat.PDF417)
    least: Any = memoryview(symbol.to_image(scale=1, add_quiet_zones=False))
    wide = least.shape[1] + 2 * QUIET
    scale = min(3, part.dots // wide)
    if not scale:
        raise LocalProtocolError(f"a code of {len(part.text)} characters is {wide} dots wide; allowed {part.dots}")
    dots: Any = memoryview(symbol.to_image(scale=scale, add_quiet_zones=True))
    return Image.frombytes("L", (dots.shape[1], dots.shape[0]), bytes(dots))


def encode(parts: Sequence[Part], cut: bool = True) -> bytes:
    """Encode a whole slip as printer commands: initialise, parts, feed and partial cut."""
    printer = _device()
    printer.hw("INIT")
    for part in parts:
        if isinstance(part, Code):
            printer.set(align="center")
            printer.qr(part.text, size=part.size, native=True)
            continue
        if isinstance(part, Stacked):
            printer.set(align="center")
            printer.image(pdf417_picture(part), impl="bitImageRaster")
            continue
        printer.set(
            align=part.align,
            bold=part.bold,
            custom_size=part.big,
            width=2 if part.big else 1,
            height=2 if part.big else 1,
            normal_textsize=not part.big,
        )
        printer._raw(encode_text(part.text))
    if cut:
        printer.cut(mode="PART")
    return bytes(printer.output)
