"""ESC/POS, the printer's half: the bytes that a host sends -> commands, one at a time.

The theory. The stream has no frames: text runs until a control byte, and each command knows its own length, by
table or by a length inside it. Real-time commands (``10 04 n``, ``10 05 n``) may stand anywhere between commands.
Text between ``1C 26`` and ``1C 2E`` is GB18030; outside it a byte above 7F belongs to a code page and prints as
whatever stands there (here: CP437, or page 1 with its rules and kana), which is how wrongly sent Chinese looks on
paper. Commands that only change what this project never looks at are read to their end and reported as Ignored, so
that the stream never gets out of step.
"""

from __future__ import annotations

import codecs

import msgspec

from hardware.framing.checksums import FrameFaults

MAX_COMMAND = 65_540
"""A command longer than this (a picture of more than a metre) is dropped byte by byte instead of being kept."""


class Text(msgspec.Struct, frozen=True):
    """One character to print."""

    char: str


class Feed(msgspec.Struct, frozen=True):
    """End of line (*lines* 1) or paper fed by *lines* lines."""

    lines: int


class Style(msgspec.Struct, frozen=True):
    """*name* bold (0/1), align (0 left, 1 centre, 2 right), width or height (1..8 times)."""

    name: str
    value: int


class Qr(msgspec.Struct, frozen=True):
    """A QR symbol is printed."""

    text: str
    size: int


class Move(msgspec.Struct, frozen=True):
    """A shift of what follows, *dots* to the right: of the line's beginning (*absolute*), or of what stands there."""

    dots: int
    absolute: bool


class Picture(msgspec.Struct, frozen=True):
    """A picture is printed, in dots; *dots* are its rows, a bit each, the left one highest (GS v 0 only)."""

    width: int
    height: int
    dots: bytes = b""


class Cut(msgspec.Struct, frozen=True):
    """The paper is cut; *full* False leaves a bridge."""

    full: bool


class Query(msgspec.Struct, frozen=True):
    """DLE EOT *n*: one status byte is wanted now."""

    n: int


class AsbMask(msgspec.Struct, frozen=True):
    """GS a: automatic status for the groups in *mask* (0 turns it off)."""

    mask: int


class Clear(msgspec.Struct, frozen=True):
    """DLE ENQ 2: recover from an error and forget what was not printed."""


class Init(msgspec.Struct, frozen=True):
    """ESC @: styles and modes as at power-up."""


class Ignored(msgspec.Struct, frozen=True):
    """A known command without an effect here, as its hex prefix."""

    prefix: str


Command = Text | Feed | Style | Qr | Move | Picture | Cut | Query | AsbMask | Clear | Init | Ignored

# Parameter bytes after the two-byte prefix, for commands of fixed length.
_FIXED = {
    0x1B: {
        ord(c): n
        for c, n in {
            "@": 0,
            "!": 1,
            "E": 1,
            "G": 1,
            "a": 1,
            "d": 1,
            "J": 1,
            "M": 1,
            "-": 1,
            "2": 0,
            "3": 1,
            "t": 1,
            "R": 1,
            "{": 1,
            "p": 3,
            "c": 2,
            "B": 2,
            "=": 1,
            "V": 1,
            " ": 1,
            "$": 2,
            "\\": 2,
            "i": 0,
            "m": 0,
            "e": 1,
            "r": 1,
            "v": 0,
        }.items()
    },
    0x1D: {
        ord(c): n
        for c, n in {
            "!": 1,
            "B": 1,
            "a": 1,
            "h": 1,
            "w": 1,
            "H": 1,
            "f": 1,
            "L": 2,
            "W": 2,
            "r": 1,
            "I": 1,
            "b": 1,
            "P": 2,
            "$": 2,
        }.items()
    },
    0x1C: {ord(c): n for c, n in {"&": 0, ".": 0, "!": 1, "W": 1, "S": 2, "-": 1, "C": 1}.items()},
    0x10: {0x04: 1, 0x05: 1, 0x14: 3},
}
_PAGE_1 = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
"""Code page 1 from 80 on; A1 to DF are half-width kana."""


class Stream:
    """Bytes to commands. Holds at most one unfinished command."""

    def __init__(self) -> None:
        self.faults = FrameFaults()
        self._buffer = bytearray()
        self._kanji = False
        self._decoder = codecs.getincrementaldecoder("gb18030")("replace")
        self._qr_text = ""
        self._qr_size = 3
        self._page = 0
        self._picture = Picture(0, 0)

    def receive_data(self, data: bytes) -> list[Command]:
        """Take *data* as it came and return the commands that are now complete, in order."""
        self._buffer += data
        commands: list[Command] = []
        at = 0
        while at < len(self._buffer):
            size = self._size(at)
            if size is None or at + size > len(self._buffer):
                break
            commands += self._command(bytes(self._buffer[at : at + size]))
            at += size
        del self._buffer[:at]
        return commands

    def _byte(self, at: int) -> int | None:
        return self._buffer[at] if at < len(self._buffer) else None

    def _size(self, at: int) -> int | None:
        """Return the length of the command at *at*; None when that cannot be told yet."""
        first, second = self._buffer[at], self._byte(at + 1)
        if first not in _FIXED:
            return 1
        if second is None:
            return None
        if second in _FIXED[first]:
            return 2 + _FIXED[first][second]
        if second == ord("("):
            low, high = self._byte(at + 3), self._byte(at + 4)
            return None if low is None or high is None else 5 + low + 256 * high
        if first == 0x1D:
            return self._group_size(at, second)
        if first == 0x1B and second == ord("D"):
            end = self._buffer.find(0, at + 2)
            return None if end < 0 and len(self._buffer) - at < 40 else (end - at + 1 if end >= 0 else 1)
        self.faults.count("unknown")
        return 1

    def _group_size(self, at: int, second: int) -> int | None:
        """Return the length of a GS command that has it inside; None when that cannot be told yet."""
        third = self._byte(at + 2)
        if second == ord("V"):
            return None if third is None else 4 if third in (65, 66, 103, 104) else 3
        if second == ord("8") and third in (None, ord("L")):
            length = self._buffer[at + 3 : at + 7]
            return 7 + int.from_bytes(length, "little") if len(length) == 4 else None
        if second == ord("k"):
            return self._barcode_size(at, third)
        if second == ord("v"):
            if len(self._buffer) < at + 8:
                return None
            wide = int.from_bytes(self._buffer[at + 4 : at + 6], "little")
            size = 8 + wide * int.from_bytes(self._buffer[at + 6 : at + 8], "little")
            return size if size <= MAX_COMMAND else 8
        self.faults.count("unknown")
        return 1

    def _barcode_size(self, at: int, kind: int | None) -> int | None:
        if kind is None:
            return None
        if kind >= 65:
            length = self._byte(at + 3)
            return None if length is None else 4 + length
        end = self._buffer.find(0, at + 3)
        if end >= 0:
            return end - at + 1
        return None if len(self._buffer) - at < 260 else 1

    def _command(self, raw: bytes) -> list[Command]:
        if len(raw) == 1:
            return self._plain(raw)
        match raw[0], raw[1]:
            case 0x1C, 0x26:
                self._kanji = True
            case 0x1C, 0x2E:
                self._kanji = False
                self._decoder.reset()
            case 0x1B, 0x40:
                self._kanji = False
                self._decoder.reset()
                return [Init()]
            case 0x10, 0x04:
                return [Query(raw[2])]
            case 0x10, 0x05:
                return [Clear()] if raw[2] == 2 else []
            case 0x1D, 0x61:
                return [AsbMask(raw[2])]
            case 0x1D, 0x56:
                return [Cut(raw[2] in (0, 48, 65))]
            case 0x1B, 0x69 | 0x6D:
                return [Cut(raw[1] == 0x69)]
            case 0x1D, 0x28:
                return self._picture_of(raw[5:]) if raw[2] == ord("L") else self._group(raw)
            case 0x1D, 0x38:
                return self._picture_of(raw[7:])
            case 0x1D, 0x76:
                return [Picture(8 * int.from_bytes(raw[4:6], "little"), int.from_bytes(raw[6:8], "little"), raw[8:])]
            case 0x1B, 0x24:
                return [Move(int.from_bytes(raw[2:4], "little"), True)]
            case 0x1B, 0x5C:
                return [Move(int.from_bytes(raw[2:4], "little", signed=True), False)]
            case 0x1B, 0x74:
                self._page = raw[2]
            case 0x1B, second if second in (0x64, 0x4A):
                return [Feed(raw[2] if second == 0x64 else max(1, raw[2] // 30))]
            case _:
                return self._style(raw)
        return [Ignored(raw[:2].hex())]

    def _plain(self, raw: bytes) -> list[Command]:
        byte = raw[0]
        if byte == 0x0A:
            self._decoder.reset()
            return [Feed(1)]
        if byte < 0x20 or byte == 0x7F:
            if byte not in (0x0D, 0x09):
                self.faults.count("noise")
            return []
        text = self._decoder.decode(raw) if self._kanji else self._paged(byte)
        return [Text(char) for char in text]

    def _paged(self, byte: int) -> str:
        if self._page != 1 or byte < 0x80:
            return bytes([byte]).decode("cp437")
        if byte < 0xA0:
            return _PAGE_1[byte - 0x80]
        return chr(0xFF61 + byte - 0xA1) if 0xA1 <= byte <= 0xDF else " "

    def _picture_of(self, body: bytes) -> list[Command]:
        """Take GS ( L and GS 8 L: function 112 keeps a picture, 2 and 50 print it."""
        match list(body[:2]):
            case [48, 112] if len(body) >= 10:
                self._picture = Picture(int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little"))
            case [48, 2 | 50]:
                return [self._picture]
        return [Ignored("1d284c")]

    def _style(self, raw: bytes) -> list[Command]:
        match raw[0], raw[1]:
            case 0x1B, 0x45:
                return [Style("bold", raw[2] & 1)]
            case 0x1B, 0x61:
                return [Style("align", raw[2] % 48 % 3)]
            case 0x1B, 0x21:
                wide, high = 1 + (raw[2] >> 5 & 1), 1 + (raw[2] >> 4 & 1)
                return [Style("bold", raw[2] >> 3 & 1), Style("width", wide), Style("height", high)]
            case 0x1D, 0x21:
                return [Style("width", 1 + (raw[2] >> 4 & 7)), Style("height", 1 + (raw[2] & 7))]
            case _:
                return [Ignored(raw[:2].hex())]

    def _group(self, raw: bytes) -> list[Command]:
        """Take GS ( k, symbol 31 (QR): 43 size, 50 store, 51 print."""
        if raw[2] != ord("k") or len(raw) < 8 or raw[5] != 0x31:
            return [Ignored(raw[:3].hex())]
        if raw[6] == 0x43:
            self._qr_size = raw[7]
        elif raw[6] == 0x50:
            self._qr_text = raw[8:].decode("utf-8", "replace")
        elif raw[6] == 0x51:
            return [Qr(self._qr_text, self._qr_size)]
        return [Ignored(raw[:3].hex())]
