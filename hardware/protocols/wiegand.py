"""Wiegand card readers: pulses on two lines, in their time, to card numbers; 26 and 34 bits.

The theory. D0 and D1 idle high; a bit is a short low pulse, on D0 for 0 and on D1 for 1, the highest bit first, and a
message is over when no pulse came for 25 ms. 26 bits (H10301): even parity over the first twelve data bits before
them, eight bits of a facility, sixteen of a card, odd parity over the last twelve behind them. 34 bits: the same with
sixteen and sixteen. There is no other check, so whatever is not exactly so is refused: another length, a parity, a
pulse that lasts, both lines low at once (a short).

Edges bear the time at which they happened and may be told in another order, as they come from two lines. Some readers
send the bytes of the number the other way round (``reverse``). Sources: Z9 and ZKTeco readers' manuals.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError

SILENCE_MS = 25.0
LONGEST_MS = 5.0
"""A pulse is 0.02..0.1 ms; one that lasts is a line that is held, not a bit."""
WIDTHS = (26, 34)
MAX_BITS = 128
PULSE_MS, APART_MS = 0.05, 2.0


class Number(msgspec.Struct, frozen=True):
    """A card: *width* 26 (facility 8, card 16 bits) or 34 (facility 16, card 16 bits)."""

    width: int
    facility: int
    card: int

    def __repr__(self) -> str:
        return f"Number({self.width}, …)"

    @property
    def value(self) -> int:
        """Facility and card as one number."""
        return self.facility << 16 | self.card


class Refused(msgspec.Struct, frozen=True):
    """Pulses came that are no card; *reason*: length, parity, short, held."""

    reason: Literal["length", "parity", "short", "held"]


Message = Number | Refused


def bits_of(number: Number) -> str:
    """Encode *number* as its bits, parity included. Raises LocalProtocolError for one that does not fit."""
    half = (number.width - 2) // 2
    if number.width not in WIDTHS or not 0 <= number.card < 1 << 16 or not 0 <= number.facility < 1 << 2 * half - 16:
        raise LocalProtocolError(f"{number.facility}/{number.card} in {number.width} bits; allowed widths 26 and 34")
    data = f"{number.value:0{2 * half}b}"
    return f"{data[:half].count('1') % 2}{data}{(data[half:].count('1') + 1) % 2}"


def number_of(bits: str, reverse: bool = False) -> Message:
    """Return what *bits* say. *reverse*: the bytes of the number come the other way round."""
    if len(bits) not in WIDTHS:
        return Refused("length")
    half = len(bits) // 2
    if bits[:half].count("1") % 2 or not bits[half:].count("1") % 2:
        return Refused("parity")
    value = int(bits[1:-1], 2)
    if reverse:
        size = (len(bits) - 2) // 8
        value = int.from_bytes(value.to_bytes(size, "big"), "little")
    return Number(len(bits), value >> 16, value & 0xFFFF)


def edges(bits: str, pulse_ms: float = PULSE_MS, apart_ms: float = APART_MS) -> list[tuple[float, int, int]]:
    """Return how *bits* look on the lines: (at ms, line 0 or 1, level)."""
    found: list[tuple[float, int, int]] = []
    for at, bit in enumerate(bits):
        found += [(at * apart_ms, int(bit), 0), (at * apart_ms + pulse_ms, int(bit), 1)]
    return found


class Reader:
    """Edges to numbers. `faults` counts what was refused, by reason."""

    def __init__(self, reverse: bool = False) -> None:
        self.faults = FrameFaults()
        self._reverse = reverse
        self._edges: list[tuple[float, int, int]] = []
        self._last_ms = 0.0

    @property
    def quiet(self) -> bool:
        """Nothing is under way: time alone will bring nothing."""
        return not self._edges

    def edge(self, line: int, level: int, at_ms: float) -> list[Message]:
        """Take *line* (0: D0, 1: D1), which went to *level* (0 low) at *at_ms*. Raises LocalProtocolError for another
        line.
        """
        if line not in (0, 1):
            raise LocalProtocolError(f"line {line}; allowed 0, 1")
        said = self.tick(at_ms)
        self._last_ms = at_ms if self.quiet else max(self._last_ms, at_ms)
        if len(self._edges) < 2 * MAX_BITS:
            self._edges.append((at_ms, line, int(bool(level))))
        return said

    def tick(self, now_ms: float) -> list[Message]:
        """Time passed: after a silence what came is a number, or is refused."""
        if self.quiet or now_ms - self._last_ms < SILENCE_MS:
            return []
        told, self._edges = sorted(self._edges), []
        said = self._read(told)
        if isinstance(said, Refused):
            self.faults.count(said.reason)
        return [] if said is None else [said]

    def _read(self, told: list[tuple[float, int, int]]) -> Message | None:
        """Return what the edges say, in the order of their times; None for mere rises (a held line was let go)."""
        low: dict[int, float] = {}
        bits, spoiled = "", False
        for at_ms, line, level in told:
            if level:
                lasted_ms = at_ms - low.pop(line, at_ms)
                spoiled = spoiled or lasted_ms > LONGEST_MS
            elif line not in low:
                if low:
                    return Refused("short")
                low[line] = at_ms
                bits += str(line)
        if spoiled or low:
            return Refused("held")
        return number_of(bits, self._reverse) if bits else None
