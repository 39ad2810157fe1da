"""MDB through an adapter of the Qibixx kind (MDB-USB, Pi Hat): text lines <-> messages. USB serial, 115200 8N1.

The theory. MDB has nine bits a byte, which no port of ours can send, so the adapter speaks MDB and we speak text: a
letter, then fields behind commas, then LF. The host's letter is a capital, the adapter's answer the same letter small:
``V`` version, ``M`` and ``R`` raw peripheral (answered by ``p``), ``D`` cashless master, ``C`` cashless slave, ``X``
sniffing, ``F`` settings, ``L`` relays. There is no check: a line is believed when it is printable ASCII, ends in time,
and, where its fields are bytes or amounts, when they are such. CR before LF is passed over.

An answer carries no number. `Host` asks one question at a time, and after one that went unanswered it asks nothing
until an answer that was only late has had its time; what comes then is told as `Late`, never as an answer. After each
answer it is silent for a moment too, so that a line that comes twice is not taken for the next answer.
Sources: the adapter's command list as public drivers have it; the MDB/ICP specification for lengths (36 bytes a block).
"""

from __future__ import annotations

import re

import msgspec

from hardware.framing.checksums import LocalProtocolError
from hardware.framing.frame_buffer import Framer

MAX_LINE = 512
MAX_BLOCK = 36
_LINE = re.compile(r"[A-Za-z](,[^,]*)*")
_HEX = re.compile(rf"([0-9A-Fa-f]{{2}}){{1,{MAX_BLOCK}}}")
_AMOUNT = re.compile(r"\d{1,7}(\.\d{1,3})?")
ANSWERED_BY = {"R": "p"}
"""The letter of the answer, where it is not the question's own, small."""
_PLAIN = ("ACK", "NACK", "RET")


class Line(msgspec.Struct, frozen=True):
    """One line: its letter, and its fields as they stand."""

    letter: str
    fields: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The line without its end."""
        return ",".join((self.letter, *self.fields))


class Broken(msgspec.Struct, frozen=True):
    """A line came and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Line | Broken


def send(line: Line) -> bytes:
    """Encode *line* as bytes with their line end. Raises LocalProtocolError for what is no line of this protocol."""
    text = line.text
    if len(text) >= MAX_LINE or not _printable(text) or _line(text) != line:
        raise LocalProtocolError(f"{text!r} is no line: a letter, fields behind commas, hex bytes and amounts right")
    return text.encode("ascii") + b"\n"


def raw(command: int, data: bytes = b"") -> Line:
    """Return the line with a raw MDB command to a peripheral: *command* (08 reset a changer, 0B poll, ...) and its
    data, 0..35 bytes.
    """
    return Line("R", (f"{command:02X}", *([data.hex().upper()] if data else [])))


def request(fen: int, item: int) -> Line:
    """Ask a cashless reader for *fen* for the *item*."""
    return Line("D", ("REQ", f"{fen // 100}.{fen % 100:02d}", str(item)))


class Answer(msgspec.Struct, frozen=True):
    """A peripheral's answer to a raw command: *data*, or only that it heard (*ok*)."""

    ok: bool
    data: bytes = b""


def peripheral(line: Line) -> Answer | None:
    """Decode a ``p`` line, the peripheral's answer; None for another one."""
    if line.letter != "p" or len(line.fields) != 1:
        return None
    word = line.fields[0]
    return Answer(word == "ACK") if word in _PLAIN else Answer(True, bytes.fromhex(word))


class Vend(msgspec.Struct, frozen=True):
    """A cashless reader's word: *state* as it stands (INIT, IDLE, CREDIT, VEND, RESULT, ERR); a RESULT *approved*."""

    state: str
    approved: bool | None = None


def vend(line: Line) -> Vend | None:
    """Decode a ``d`` line, the state of a vend; None for another one. RESULT 1 is approved, everything else is not."""
    match line.letter, line.fields:
        case "d", ("STATUS", "RESULT", verdict, *_):
            return Vend("RESULT", verdict == "1")
        case "d", ("STATUS", state, *_):
            return Vend(state)
        case "d", ("ERR", *_):
            return Vend("ERR")
    return None


class Codec(Framer[Message]):
    """Bytes to lines, either side. Holds at most one unfinished line."""

    GAP_MS = 500

    def _one(self, final: bool) -> tuple[int, Message | None] | None:
        end = self._buffer.find(b"\n", 0, MAX_LINE + 2)
        if end < 0:
            if len(self._buffer) > MAX_LINE + 1:
                return len(self._buffer), self._broken("length")
            return (len(self._buffer), self._broken("timeout")) if final else None
        text = self._buffer[:end].removesuffix(b"\r").decode("latin-1")
        if not text:
            return end + 1, None
        if not _printable(text):
            return end + 1, self._broken("noise")
        return end + 1, _line(text) or self._broken("unknown")

    def _broken(self, reason: str) -> Broken:
        self.faults.count(reason)
        return Broken(reason)


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _line(text: str) -> Line | None:
    """Parse *text* as a line; None when its shape, or a field that must be bytes or an amount, is wrong."""
    if not _LINE.fullmatch(text):
        return None
    letter, *fields = text.split(",")
    return Line(letter, tuple(fields)) if _sound(letter, fields) else None


def _sound(letter: str, fields: list[str]) -> bool:
    match letter, fields:
        case "R", [command]:
            return bool(re.fullmatch("[0-9A-Fa-f]{2}", command))
        case "R", [command, data]:
            return bool(re.fullmatch("[0-9A-Fa-f]{2}", command) and _HEX.fullmatch(data))
        case "R", _:
            return False
        case "p", [word]:
            return word in _PLAIN or bool(_HEX.fullmatch(word))
        case "p", _:
            return False
        case (("M" | "X"), _):
            return len(fields) == 1 and fields[0].isdigit()
        case "V", _:
            return not fields
        case "D", ["REQ", amount, *rest]:
            cancel = amount == "-1" and not rest
            return cancel or (bool(_AMOUNT.fullmatch(amount)) and len(rest) == 1 and rest[0].isdigit())
    return True


class Late(msgspec.Struct, frozen=True):
    """A line for which nobody waits: an answer that was given up, or said twice."""

    line: Line


class Host:
    """The host's half: one line out, one line back that answers it. Outcomes: a Line, None for silence, and Late."""

    SETTLE_MS, APART_MS = 500, 20

    def __init__(self) -> None:
        self.codec = Codec()
        self._open = b""
        self._deadline_ms = self._free_ms = 0
        self._waits: int | None = None
        self._out = b""

    @property
    def busy(self) -> bool:
        """A question waits for its answer."""
        return bool(self._open)

    def command(self, data: bytes, now_ms: int, answer_ms: int = 1000) -> None:
        """Ask the line *data* (without its end). Raises LocalProtocolError while another question is open."""
        if self._open:
            raise LocalProtocolError("one question at a time")
        self._open, self._waits = data, answer_ms
        self._write(now_ms)

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, and empty the store."""
        out, self._out = self._out, b""
        return out

    def receive_data(self, data: bytes, now_ms: int) -> list[Line | Late | None]:
        """Take bytes from the adapter; return what they say."""
        lines = [message for message in self.codec.receive_data(data, now_ms) if isinstance(message, Line)]
        return [self._heard(line, now_ms) for line in lines]

    def tick(self, now_ms: int) -> list[Line | Late | None]:
        """Time passed: write what had to wait, or give up."""
        self.codec.tick(now_ms)
        self._write(now_ms)
        if not self._open or self._waits is not None or now_ms < self._deadline_ms:
            return []
        self._open, self._free_ms = b"", now_ms + self.SETTLE_MS
        return [None]

    def _write(self, now_ms: int) -> None:
        if self._waits is not None and now_ms >= self._free_ms:
            self._out += self._open + b"\n"
            self._deadline_ms, self._waits = now_ms + self._waits, None

    def _heard(self, line: Line, now_ms: int) -> Line | Late:
        asked = chr(self._open[0]) if self._open and self._waits is None else ""
        if line.letter != ANSWERED_BY.get(asked, asked.lower()):
            self.codec.faults.count("stale")
            return Late(line)
        self._open, self._free_ms = b"", now_ms + self.APART_MS
        return line
