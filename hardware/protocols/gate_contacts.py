"""Turnstiles and gates on dry contacts: what is pulsed to open them, and what the lines say of the passage.

The theory, in three parts that know no pins and get the time told:

- ``Controller`` is the gate's own half (PERCo and its kin): edges on Unlock A, Unlock B, Stop and Fire, active low, to
  what it does. In pulse mode a command is a fall that stays for `pulse_ms`; what the other lines were *when it fell*
  says which: A alone one passage A; A while B is low one passage either way; Stop alone lock; Stop while A (or B) is
  low free passage that way until locked. A passage not used in `window_ms` is over. In potential mode a way is open
  while its line is low. Fire opens all as long as it is low, whatever else is said.
- ``signal`` is our half: the edges that say a command.
- ``Passage`` reads two light beams, A outside and B inside: A, both, B, none is an entry; mirrored an exit; A, both, A,
  none turned back. A again while B still stands is somebody close behind (tailgate); both for `obstructed_ms` is an
  obstruction, over which nothing closes; a first beam from a side that is not open is an intrusion.

Lines are fed settled (``contacts.Contact``, 20 ms). Sources: PERCo TTR-04CW, TB-1 and ST-02 manuals; the beams' logic
is generic.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError

Ways = Literal["A", "B", "A+B"]
A, B, STOP, FIRE = "A", "B", "STOP", "FIRE"
LINES = (A, B, STOP, FIRE)
PULSE_MS, PASS_MS = 100, 250
"""The shortest pulse that is a command; how long a PASS contact closes when somebody went through."""


class Mode(msgspec.Struct, frozen=True):
    """The gate's mode from now on: *state* single, free, locked or fire; *ways* that are open."""

    state: Literal["single", "free", "locked", "fire"]
    ways: Ways | None = None

    @property
    def text(self) -> str:
        """In two words."""
        return self.state if self.ways is None or self.state == "fire" else f"{self.state} {self.ways}"


LOCKED, FIRE_RELEASE = Mode("locked"), Mode("fire", "A+B")
Edge = tuple[int, str, int]
"""At (ms), line, level: 0 is closed."""


def signal(mode: Mode, hold_ms: int = 2 * PULSE_MS) -> list[Edge]:
    """Return the edges in pulse mode that make a gate do *mode*, from idle lines; for fire the line stays closed.

    Raises LocalProtocolError for a pulse that is too short to be heard.
    """
    if hold_ms < PULSE_MS:
        raise LocalProtocolError(f"hold_ms = {hold_ms}; allowed is {PULSE_MS} and more")
    if mode.state == "fire":
        return [(0, FIRE, 0)]
    first = _ways(mode.ways)
    if mode.state == "single":
        lines = first if mode.ways != "A+B" else [B, A]
    else:
        lines = [*first, STOP]
    # What must be low beforehand is closed a little earlier, and would be a command of its own if it stood longer.
    start = {line: (PULSE_MS // 2) * (at == len(lines) - 1 and at > 0) for at, line in enumerate(lines)}
    end = max(start.values()) + hold_ms
    return [(start[line], line, 0) for line in lines] + [(end, line, 1) for line in lines]


def _ways(ways: Ways | None) -> list[str]:
    return [] if ways is None else ways.split("+")


def _join_ways(ways: list[str]) -> Ways | None:
    """Return the name of the ways: both are written A+B, one by its letter."""
    return "A+B" if A in ways and B in ways else "A" if A in ways else "B" if B in ways else None


class Controller:
    """The gate's control unit. *potential* True: a way is open while its line is low. `faults` counts short pulses."""

    def __init__(self, potential: bool = False, pulse_ms: int = PULSE_MS, window_ms: int = 5000) -> None:
        self.mode = LOCKED
        self.faults = FrameFaults()
        self._potential, self._pulse_ms, self._window_ms = potential, pulse_ms, window_ms
        self._low = dict.fromkeys(LINES, False)
        self._fell: dict[str, tuple[float, frozenset[str]]] = {}
        self._until_ms: float | None = None

    def edge(self, line: str, level: int, at_ms: float) -> list[Mode]:
        """Take *line* at *level*; return what the gate does now, where that changed or was said again."""
        if line not in LINES:
            raise LocalProtocolError(f"line {line!r}; allowed {', '.join(LINES)}")
        said = self.tick(at_ms)
        low = level == 0
        if low == self._low[line]:
            return said
        self._low[line] = low
        if line == FIRE:
            return [*said, self._set(FIRE_RELEASE if low else LOCKED, at_ms)]
        if self._potential:
            return said + self._potentials(at_ms)
        if low:
            self._fall(line, at_ms)
        elif self._fell.pop(line, None) is not None:
            self.faults.count("short")
        return said

    def _fall(self, line: str, at_ms: float) -> None:
        """Note a fall that may become a command, with the lines that fell in the same moment or that STOP needs."""
        others = frozenset(other for other in (A, B, STOP) if self._low[other] and other != line)
        together = {other for other, (fell_ms, _) in self._fell.items() if line == STOP or fell_ms == at_ms}
        if STOP in together:
            fell_ms, stop_with = self._fell[STOP]
            self._fell[STOP] = (fell_ms, stop_with | {line})
            return
        for other in together:
            del self._fell[other]
        self._fell[line] = (at_ms, others)

    def tick(self, now_ms: float) -> list[Mode]:
        """Time passed: pulses that have lasted become commands, and a passage that was not used is over."""
        said: list[Mode] = []
        for line, (fell_ms, others) in sorted(self._fell.items(), key=lambda item: item[1][0]):
            if now_ms - fell_ms >= self._pulse_ms:
                del self._fell[line]
                said += self._command(line, others, fell_ms + self._pulse_ms)
        if self._until_ms is not None and now_ms >= self._until_ms:
            said.append(self._set(LOCKED, now_ms))
        return said

    @property
    def waits(self) -> bool:
        """A pulse may become a command, or a window runs: time must be told."""
        return bool(self._fell) or self._until_ms is not None

    def passed(self, way: str, now_ms: float) -> list[Mode]:
        """Hear that somebody went through by *way* (PASS A, PASS B): a single passage is used up."""
        if self.mode.state == "single" and way in _ways(self.mode.ways):
            return [self._set(LOCKED, now_ms)]
        return []

    def _command(self, line: str, others: frozenset[str], at_ms: float) -> list[Mode]:
        if self._low[FIRE]:
            return []
        if line == STOP:
            ways = _join_ways(sorted(others))
            return [self._set(Mode("free", ways) if ways else LOCKED, at_ms)]
        if STOP in others:
            self.faults.count("refused")
            return []
        return [self._set(Mode("single", _join_ways([line, *others])), at_ms)]

    def _potentials(self, at_ms: float) -> list[Mode]:
        ways = _join_ways([way for way in (A, B) if self._low[way]])
        mode = Mode("free", ways) if ways and not self._low[STOP] else LOCKED
        return [] if self._low[FIRE] or mode == self.mode else [self._set(mode, at_ms)]

    def _set(self, mode: Mode, at_ms: float) -> Mode:
        self.mode = mode
        self._until_ms = at_ms + self._window_ms if mode.state == "single" else None
        return mode


class Went(msgspec.Struct, frozen=True):
    """The end of a passage: the beams are free again: entry, exit, or aborted (turned back)."""

    how: Literal["entry", "exit", "aborted"]


class Alarm(msgspec.Struct, frozen=True):
    """tailgate, intrusion, or obstructed; an obstruction is over with ``Clear``."""

    what: Literal["tailgate", "intrusion", "obstructed"]


class Clear(msgspec.Struct, frozen=True):
    """The end of an obstruction."""


GateReport = Went | Alarm | Clear
_NONE, _ONE, _BOTH, _FAR = "none", "near", "both", "far"


class Passage:
    """Two beams, seen from the side that was entered first. All ways are open unless ``open`` says otherwise."""

    def __init__(self, obstructed_ms: int = 5000) -> None:
        self._obstructed_ms = obstructed_ms
        self._open: Ways | None = "A+B"
        self._blocked: frozenset[str] = frozenset()
        self._near = ""
        self._reached = False  # both beams at once: whoever it is stands in the way
        self._through = False  # only the far beam: they are nearly out
        self._both_ms: float | None = None
        self._obstructed = False

    def open(self, ways: Ways | None) -> None:
        """Set who may come now: from side A, B, both (also for a fire release), or nobody."""
        self._open = ways

    @property
    def occupied(self) -> bool:
        """Return whether somebody or something stands in a beam; nothing may close."""
        return bool(self._blocked)

    def beam(self, name: str, blocked: bool, at_ms: float) -> list[GateReport]:
        """Beam *name* (A or B) is interrupted, or free again."""
        if name not in (A, B):
            raise LocalProtocolError(f"beam {name!r}; allowed A, B")
        said = self.tick(at_ms)
        before, self._blocked = self._blocked, self._blocked | {name} if blocked else self._blocked - {name}
        if before == self._blocked:
            return said
        if len(self._blocked) == 2:
            return said + self._both(before, at_ms)
        said += self._cleared()
        if not self._blocked:
            return [*said, *self._gone()]
        if not before:
            return said + self._came(name)
        self._through = self._reached and self._near not in self._blocked
        return said

    def tick(self, now_ms: float) -> list[GateReport]:
        """Time passed."""
        if self._both_ms is None or self._obstructed or now_ms - self._both_ms < self._obstructed_ms:
            return []
        self._obstructed = True
        return [Alarm("obstructed")]

    def _came(self, name: str) -> list[GateReport]:
        self._near, self._reached, self._through = name, False, False
        return [] if name in _ways(self._open) else [Alarm("intrusion")]

    def _both(self, before: frozenset[str], at_ms: float) -> list[GateReport]:
        behind = self._through  # the near beam again, before the far one was free
        self._reached, self._through, self._both_ms = True, False, at_ms
        return [Alarm("tailgate")] if behind else []

    def _cleared(self) -> list[GateReport]:
        self._both_ms = None
        was, self._obstructed = self._obstructed, False
        return [Clear()] if was else []

    def _gone(self) -> list[GateReport]:
        how: Literal["entry", "exit"] = "entry" if self._near == A else "exit"
        went = Went(how if self._through else "aborted")
        self._near, self._reached, self._through = "", False, False
        return [went]
