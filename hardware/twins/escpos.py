"""The twin of a receipt printer: it prints on paper that the front panel can show as it would look.

While it can print, commands become paper at once. When it cannot (paper out, cover open, cutter jammed) it goes off
line and keeps what comes, up to its buffer's size, and prints it once it can again: so a host that does not clear the
buffer finds its old slip on the next person's paper, as in life. Status questions are answered always.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from hardware.protocols import escpos_stream as stream
from hardware.twins.serial_twin import WireFaults
from hardware.twins.twin_actions import Answer, Doing, act_answer

BUFFER = 4096
FULL_ROLL, LOW_ROLL = 2000, 20
"""Lines on a new roll, and on one that is nearly used up."""
NEAR_END = 60
"""Lines of paper left at which the near-end sensor trips."""
_ALIGN = ("left", "center", "right")


COLUMN_DOTS, LINE_DOTS = 12, 30
"""A half-width character, and a line of text, in dots."""


class PaperLine(msgspec.Struct, frozen=True):
    """The content of a line: text, a QR code or a picture (its size in dots as text), and how it looks: *bold*, *width*
    and *height* (1..8 times) as the boldest and largest character on it.
    """

    text: str
    kind: str = "text"
    bold: bool = False
    width: int = 1
    height: int = 1
    align: str = "left"


def _tear(twin: EscposTwin, _: dict[str, Any], __: float) -> Answer:
    slip = twin.tear_off()
    return act_answer(slip is not None, "no slip hangs out", lines=[line.text for line in slip or []])


def _paper(twin: EscposTwin, args: dict[str, Any], _: float) -> Answer:
    rolls = {"full": FULL_ROLL, "low": LOW_ROLL, "out": 0}
    if args["state"] not in rolls:
        raise ValueError(f"paper {args['state']!r}: allowed are {', '.join(rolls)}")
    twin.set_paper(rolls[args["state"]])
    return {"ok": True}


class EscposTwin:
    """The printer. ``tear_off``, ``set_paper``, ``open_cover``, ``set_jam`` are the person's."""

    ACTS: ClassVar[dict[str, Doing]] = {"tear_off": _tear, "paper": _paper}
    FAULTS: ClassVar[tuple[str, ...]] = ("jam", "cover_open", "near_end", "end", "broken", "hot", "plain")

    def __init__(self, lines_left: int = FULL_ROLL, asb_supported: bool = True) -> None:
        self.wire = WireFaults()
        self.lines_left = lines_left
        self.cover_open = False
        self.jam = self.broken = self.hot = self.feeding = False
        self.slips: list[list[PaperLine]] = []
        self.counters = {"cuts": 0, "lines": 0, "dropped": 0}
        self._asb_supported = asb_supported
        self._stream = stream.Stream()
        self._held: list[stream.Command] = []
        self._paper: list[PaperLine] = []
        self._asb_mask = 0
        self._asb_said = b""
        self._initialise()

    def _initialise(self) -> None:
        self._style = {"bold": 0, "align": 0, "width": 1, "height": 1}
        self._begin_line()

    def _begin_line(self) -> None:
        self._text, self._columns, self._look = "", 0, {"bold": 0, "width": 1, "height": 1}

    # -- what a person does -------------------------------------------------------------------------------------------

    def tear_off(self) -> list[PaperLine] | None:
        """Take the oldest slip that was cut; None when there is none."""
        return self.slips.pop(0) if self.slips else None

    def set_paper(self, lines: int) -> None:
        """Put in a roll with so many lines; 0 takes the paper out."""
        self.lines_left = lines
        self._resume()

    def open_cover(self, is_open: bool) -> None:
        """Open or close the cover."""
        self.cover_open = is_open
        self._resume()

    def set_jam(self, jammed: bool) -> None:
        """Block the cutter, or free it."""
        self.jam = jammed
        self._resume()

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Set a fault: the cutter sticks (`jam`), the cover is open, paper is low or out, the printer is `broken` for
        good or its head too `hot` for a while, or it is a `plain` model that ignores GS a.
        """
        match kind:
            case "cover_open":
                self.open_cover(on)
            case "near_end" | "end":
                self.set_paper((LOW_ROLL if kind == "near_end" else 0) if on else FULL_ROLL)
            case "plain":
                self._asb_supported = not on
            case _:
                setattr(self, kind, on)
                self._resume()

    def state(self) -> dict[str, Any]:
        """Return paper (full, low, out), cover, jam, the slips that hang out and the paper not yet cut, counters."""
        return {
            "paper": "out" if self.lines_left <= 0 else "low" if self.lines_left <= NEAR_END else "full",
            "cover_open": self.cover_open,
            "jam": self.jam,
            "slips": [[msgspec.structs.asdict(line) for line in slip] for slip in self.slips],
            "uncut": [msgspec.structs.asdict(line) for line in self._paper],
            "held": len(self._held),
            "counters": dict(self.counters),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what an earlier process kept: slips that hang out, an empty roll. What was not printed is lost."""
        self.counters.update(state.get("counters", {}))
        self.slips = [[PaperLine(**line) for line in slip] for slip in state.get("slips", [])]
        self.lines_left = {"out": 0, "low": NEAR_END}.get(state.get("paper", "full"), self.lines_left)

    # -- the wire -----------------------------------------------------------------------------------------------------

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take bytes from the host; return status bytes."""
        out = self.wire.due(now_ms)
        for command in self._stream.receive_data(self.wire.hear(data)):
            match command:
                case stream.Query(n):
                    out += self.wire.spoil(self._status(n), now_ms)
                case stream.Clear():
                    self._held.clear()
                    self._initialise()
                case stream.AsbMask(mask):
                    self._asb_mask, self._asb_said = mask, b""
                case _ if self._can_print():
                    self._print(command)
                case _ if len(self._held) < BUFFER:
                    self._held.append(command)
                case _:
                    self.counters["dropped"] += 1
        return out + self._automatic(now_ms)

    def tick(self, now_ms: int) -> bytes:
        """Return late answers, and automatic status when something changed."""
        return self.wire.due(now_ms) + self._automatic(now_ms)

    def _automatic(self, now_ms: int) -> bytes:
        block = self._asb()
        if not self._asb_supported or not self._asb_mask or block == self._asb_said:
            return b""
        self._asb_said = block
        return self.wire.spoil(block, now_ms)

    def _asb(self) -> bytes:
        out, near = self.lines_left <= 0, self.lines_left <= NEAR_END
        head = 0x10 | 0x08 * (not self._can_print()) | 0x20 * self.cover_open | 0x40 * self.feeding
        return bytes([head, self._cause(), 0x03 * near | 0x0C * out, 0])

    def _cause(self) -> int:
        return 0x08 * self.jam | 0x20 * self.broken | 0x40 * self.hot

    def _status(self, n: int) -> bytes:
        out, near = self.lines_left <= 0, self.lines_left <= NEAR_END
        match n:
            case 1:
                return bytes([0x12 | 0x08 * (not self._can_print()) | 0x40 * self.feeding])
            case 2:
                causes = 0x04 * self.cover_open | 0x08 * self.feeding | 0x20 * out | 0x40 * bool(self._cause())
                return bytes([0x12 | causes])
            case 3:
                return bytes([0x12 | self._cause()])
            case 4:
                return bytes([0x12 | 0x0C * near | 0x60 * out])
            case _:
                return b""

    # -- the paper ----------------------------------------------------------------------------------------------------

    def _can_print(self) -> bool:
        return self.lines_left > 0 and not self.cover_open and not self._cause() and not self.feeding

    def _resume(self) -> None:
        while self._held and self._can_print():
            self._print(self._held.pop(0))

    def _print(self, command: stream.Command) -> None:
        match command:
            case stream.Text(char):
                self._write(char)
            case stream.Move(dots, absolute):
                column = dots // COLUMN_DOTS + (0 if absolute else self._columns)
                self._text += " " * (column - self._columns)
                self._columns = max(self._columns, column)
            case stream.Picture(width, height):
                self._put(PaperLine(f"{width}x{height}", "picture", align=self._align), -(-height // LINE_DOTS))
            case stream.Feed(lines):
                self._line(lines)
            case stream.Style(name, value):
                self._style[name] = value
            case stream.Qr(text, size):
                self._put(PaperLine(text, "qr", width=size, align=self._align), 8)
            case stream.Cut():
                self._cut()
            case stream.Init():
                self._initialise()

    @property
    def _align(self) -> str:
        return _ALIGN[self._style["align"]]

    def _write(self, char: str) -> None:
        """Write a character in the style that stands when it comes, not when its line ends."""
        self._text += char
        self._columns += (1 if ord(char) < 0x80 else 2) * self._style["width"]
        if not char.isspace():
            self._look = {name: max(value, self._style[name]) for name, value in self._look.items()}

    def _line(self, lines: int) -> None:
        if self._text:
            look = self._look
            line = PaperLine(self._text, "text", bool(look["bold"]), look["width"], look["height"], self._align)
            self._begin_line()
            self._put(line, look["height"])
            lines -= 1
        for _ in range(lines):
            self._put(PaperLine("", "feed"), 1)

    def _put(self, line: PaperLine, lines: int) -> None:
        self._paper.append(line)
        self.lines_left -= lines
        self.counters["lines"] += lines

    def _cut(self) -> None:
        if self._text:
            self._line(1)
        self.counters["cuts"] += 1
        if self._paper:
            self.slips.append(self._paper)
            self._paper = []
