"""Magnetic stripes: flux to bits, bits to the text of a track, and how readers say the text on a line.

The theory, from the stripe upwards:

- The head sees flux changes. A bit is a cell of some length, a 1 has a change in its middle (F2F); the length drifts
  with the hand, so it is followed from cell to cell.
- Track 1 has characters of six bits from a space on, tracks 2 and 3 of four bits from ``0`` on, the lowest bit first
  and an odd parity behind. A track begins with ``%`` (1) or ``;`` (2, 3), ends with ``?``, and then comes a character
  whose bits make each column even (LRC). A card drawn the other way gives the same bits backwards.
- Readers say texts: ``lines`` a track or several a line, ended by CR (ID TECH, and keyboard wedges behind a serial
  adapter); ``magtek`` insertion readers ``STX ESC tracks status CR ETX``, status 1 or 0 for a card that is in or out,
  ``%E?`` for a track that could not be read, and STX, ESC and ETX are options that a reader may not know or have
  switched off; ``msr605`` ``ESC s ESC 1 T1 ESC 2 T2 ESC 3 T3 ? FS ESC status``, when it
  was told to read.

Sources: ISO/IEC 7811, ISO/IEC 7813; MagTek, ID TECH MiniMag and MSR605 manuals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from hardware.framing.checksums import LocalProtocolError
from hardware.framing.frame_buffer import Framer

Dialect = Literal["lines", "magtek", "msr605"]
DIALECTS: tuple[Dialect, ...] = ("lines", "magtek", "msr605")
SEVEN, FIVE = (6, 0x20), (4, 0x30)
"""Bits of a character without parity, and the character whose bits are all zero: track 1; tracks 2 and 3."""
STARTS = {SEVEN: "%", FIVE: ";"}
MAX_TRACK = 110
MAX_LINE = 3 * MAX_TRACK
ESC, STX, ETX = b"\x1b", b"\x02", b"\x03"
READ, RESET, SEND_STX = b"r", b"a", b"S"
"""Letters behind ESC: read a card (MSR605), stop that; begin with STX (MagTek)."""


# -- bits -------------------------------------------------------------------------------------------------------------


def bits_of(text: str) -> str:
    """Encode a track's *text* with its sentinels as the stripe's bits, LRC included. Raises LocalProtocolError for a
    text that is no track.
    """
    form = SEVEN if text[:1] == "%" else FIVE
    size, offset = form
    codes = [ord(sign) - offset for sign in text]
    if not _has_sentinels(text, form) or not all(0 <= code < 1 << size for code in codes):
        raise LocalProtocolError("no track: allowed are % or ;, characters of that track, and ? at the end")
    lrc = 0
    for code in codes:
        lrc ^= code
    return "".join(_character(code, size) for code in (*codes, lrc))


def lrc_of(text: str) -> str:
    """Return the check character (LRC) behind a track's text."""
    offset = (SEVEN if text[:1] == "%" else FIVE)[1]
    lrc = 0
    for sign in text:
        lrc ^= ord(sign) - offset
    return chr(lrc + offset)


def _has_sentinels(text: str, form: tuple[int, int]) -> bool:
    return 2 <= len(text) <= MAX_TRACK and text[0] == STARTS[form] and text.find("?") == len(text) - 1


def _character(code: int, size: int) -> str:
    low_first = "".join(str(code >> at & 1) for at in range(size))
    return low_first + str((low_first.count("1") + 1) % 2)


def text_of(bits: str, form: tuple[int, int]) -> str:
    """Return the text of the track in *bits*, drawn either way, zeros around it; "" where parity, sentinels or LRC are
    wrong.

    Both ways holding at once is no track: nobody could say which one it is.
    """
    ways = {forward(bits, form), forward(bits[::-1], form)} - {""}
    return ways.pop() if len(ways) == 1 else ""


def forward(bits: str, form: tuple[int, int]) -> str:
    """Return the text as ``text_of``, drawn forwards only."""
    size, offset = form
    start = bits.find("1")
    start_code = _character(ord(STARTS[form]) - offset, size)
    start -= start_code.find("1")  # zeros of the first character are among the leading ones
    codes: list[int] = []
    ended = False
    while start >= 0 and start + size < len(bits) and len(codes) <= MAX_TRACK:
        cell = bits[start : start + size + 1]
        if cell.count("1") % 2 == 0:
            return ""
        codes.append(sum(1 << at for at in range(size) if cell[at] == "1"))
        if ended:
            break
        ended = chr(codes[-1] + offset) == "?"
        start += size + 1
    check = 0
    for code in codes:
        check ^= code
    text = "".join(chr(code + offset) for code in codes[:-1])
    trailing = bits[start + size + 1 :]
    return text if ended and not check and _has_sentinels(text, form) and "1" not in trailing else ""


# -- flux -------------------------------------------------------------------------------------------------------------


def flux_of(bits: str, cell: float = 1.0, zeros: int = 12) -> list[float]:
    """Return the times between flux changes for *bits*, a cell long each, with clocking zeros before and after."""
    times: list[float] = []
    for bit in "0" * zeros + bits + "0" * zeros:
        times += [cell / 2, cell / 2] if bit == "1" else [cell]
    return times


def bits_of_flux(times: Iterable[float]) -> str:
    """Return the bits in the times between flux changes. It starts on the clocking zeros; a lone half cell is passed
    over.
    """
    cell, half, bits = 0.0, 0.0, ""
    for time in times:
        if time <= 0:
            continue
        if not cell:
            cell = time
        if half:
            whole, half = half + time, 0.0
            bits += "1"
            cell += (whole - cell) / 4
        elif time < cell * 0.72:
            half = time
        else:
            bits += "0"
            cell += (time - cell) / 4
    return bits


# -- what readers say -------------------------------------------------------------------------------------------------


class Swipe(msgspec.Struct, frozen=True):
    """A reader told tracks: each with its sentinels as it came (MSR605: ``+`` for none). *status*: the reader's.

    repr hides the tracks: a person may draw a card of their own.
    """

    dialect: Dialect
    tracks: tuple[str, ...]
    status: str = ""

    def __repr__(self) -> str:
        return f"Swipe({self.dialect}, {len(self.tracks)} tracks, {self.status!r})"


class Command(msgspec.Struct, frozen=True):
    """The host's half: ESC and a letter."""

    letter: bytes


class Broken(msgspec.Struct, frozen=True):
    """Something began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Swipe | Command | Broken
_TRACK = r"(?:%[\x20-\x3e\x40-\x5f]*\?|[;+][0-9:;<=>]*\?|[;+]E\?)"
_LINE = re.compile(f"{_TRACK}{{1,3}}")
_MAGTEK = re.compile(f"\x02?\x1b?({_TRACK}{{0,3}})([0-9]?)\r\x03?")
_PART = "([^\x1b]*|\x1b[+])"
_MSR605 = re.compile(f"\x1b\x01{_PART}\x1b\x02{_PART}\x1b\x03{_PART}\\?\x1c\x1b([0-9A])")
_MAGTEK_HEADS = STX + ESC + b"%;+01"
"""What a MagTek message may begin with: its marks are optional."""
_BEGINS: dict[Dialect, bytes] = {"lines": b"", "magtek": STX, "msr605": ESC + b"s"}
NONE = "+"
"""An MSR605's track that was empty or could not be read."""


def send(message: Swipe | Command) -> bytes:
    """Encode *message* as the bytes on the line. Raises LocalProtocolError for what the dialect cannot say."""
    if isinstance(message, Command):
        if len(message.letter) != 1 or not message.letter.isalpha():
            raise LocalProtocolError(f"letter {message.letter!r}; allowed is one of the alphabet")
        return ESC + message.letter
    text = _encode_swipe(message)
    if _decode_swipe(message.dialect, text) != message:
        raise LocalProtocolError(f"{message!r}: tracks that {message.dialect} cannot say")
    return text.encode("ascii")


def _encode_swipe(message: Swipe) -> str:
    joined = "".join(message.tracks)
    match message.dialect:
        case "lines":
            return joined + "\r"
        case "magtek":
            return f"\x02\x1b{joined}{message.status}\r\x03"
        case "msr605":
            parts = ("\x1b" + text if text == NONE else text for text in message.tracks)
            told = "".join(f"\x1b{chr(at)}{part}" for at, part in enumerate(parts, 1))
            return f"\x1bs{told}?\x1c\x1b{message.status}"


def _decode_swipe(dialect: Dialect, text: str) -> Swipe | None:
    """Return what a whole message says; None where it is none."""
    match dialect:
        case "lines" if _LINE.fullmatch(text[:-1]) and text.endswith("\r"):
            return Swipe(dialect, tuple(re.findall(_TRACK, text)))
        case "magtek" if (found := _MAGTEK.fullmatch(text)) and found[1] + found[2]:
            return Swipe(dialect, tuple(re.findall(_TRACK, found[1])), found[2])
        case "msr605" if found := _MSR605.fullmatch(text[2:]):
            return Swipe(dialect, tuple(found[at].removeprefix("\x1b") for at in (1, 2, 3)), found[4])
        case _:
            return None


class Codec(Framer[Message]):
    """The host's ear. Keeps at most one line (under 400 bytes)."""

    GAP_MS = 200

    def __init__(self, dialect: Dialect = "lines") -> None:
        super().__init__()
        self._dialect: Dialect = dialect
        self._start = _BEGINS[dialect]

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        head, start = self._buffer, self._start
        if self._dialect != "msr605" and head[0] in b"\r\n\x03":
            return 1, None
        if self._dialect == "magtek" and head[0] not in _MAGTEK_HEADS:
            self.faults.count("noise")
            return 1, None
        if self._dialect == "msr605" and not head.startswith(start):
            if not final and start.startswith(head):
                return None
            self.faults.count("noise")
            return 1, None
        end = self._end()
        if end:
            said = _decode_swipe(self._dialect, bytes(head[:end]).decode("latin-1"))
            return (end, said) if said is not None else self._give_up("noise", end)
        if len(head) > MAX_LINE:
            return self._give_up("length", len(head))
        return self._give_up("timeout", len(head)) if final else None

    def _end(self) -> int:
        """Return how many bytes make the message at the head; 0 when bytes are missing."""
        mark, more = (b"\x1c" + ESC, 1) if self._dialect == "msr605" else (b"\r", 0)
        at = self._buffer.find(mark)
        end = at + len(mark) + more
        return end if at >= 0 and len(self._buffer) >= end else 0

    def _give_up(self, reason: str, end: int) -> tuple[int, Message]:
        self.faults.count(reason)
        return (self._restart(self._start, end) if self._start else end), Broken(reason)


class Commands(Framer[Message]):
    """The reader's ear, for its twin."""

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        head = self._buffer
        if head[:1] == ESC and len(head) < 2 and not final:
            return None
        if head[:1] == ESC and head[1:2].isalpha():
            return 2, Command(bytes(head[1:2]))
        self.faults.count("noise")
        return 1, None


# -- what a stripe says -----------------------------------------------------------------------------------------------


class Card(msgspec.Struct, frozen=True):
    """A stripe's *number*, *expires* YYMM, and the first digit of its service code (2, 6: the card has a chip)."""

    number: str
    expires: str
    service: str

    def __repr__(self) -> str:
        return "Card(…)"


_TRACK_1 = re.compile(r"%B([0-9]{8,19})\^[^^]*\^([0-9]{4})([0-9])[0-9]{2}.*\?")
_TRACK_2 = re.compile(r";([0-9]{8,19})=([0-9]{4})([0-9])[0-9]{2}[0-9=]*\?")


def card_of(tracks: Sequence[str]) -> Card | None:
    """Return what the tracks say, track 2 before track 1; None where neither is a bank card's."""
    for form in (_TRACK_2, _TRACK_1):
        for track in tracks:
            if found := form.fullmatch(track):
                return Card(found[1], found[2], found[3])
    return None
