"""The twins of what is pressed: a PIN pad and side keys as a matrix of switches, and side keys as contacts to ground.

A key of a matrix joins its row and its column for as long as it is held; which key it was is nowhere in the twin's
state, for the same reason as in the driver. Presses come one after the other, as a finger does them, unless
`together` is asked.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.drivers.settings.pin_pads import Matrix, SideKeyMatrix, SideKeys
from hardware.twins.gpio_twin import Act, Drive, Join, PinTwin
from hardware.twins.twin_actions import Answer, Doing

HOLD_MS = 90
APART_MS = 70
NAMES = {"E": "enter", "C": "clear", "X": "cancel"}


MOST_MS = 5000
"""How long a finger waits for an application that does not answer."""


def _press(twin: KeypadTwin, args: dict[str, Any], now_ms: float) -> Answer:
    twin.press(str(args["key"]), now_ms)
    return {"ok": True}


def _side(twin: SideKeysTwin | SideKeyMatrixTwin, args: dict[str, Any], now_ms: float) -> Answer:
    twin.press(int(args["index"]), now_ms)
    return {"ok": True}


class MatrixTwin(PinTwin):
    """Switches between rows and columns, by name.

    A finger stays on a key until the pad has had time to see it, and off it until that was seen too: the application
    says when it has the finger's move, and from there on its scans of the first row must go on for as long as a key
    settles, or end, as a pad that rests scans no more. So a busy machine scans late and still misses no key, as with a
    patient person.
    """

    def __init__(self, settings: Matrix | SideKeyMatrix, at: dict[str, tuple[int, int]]) -> None:
        super().__init__()
        self.counters = {"pressed": 0}
        self.bounces = 2
        self._first = settings.rows[0]
        self._settle_ms = settings.debounce_ms + 2 * settings.scan_ms
        self._at = at
        self._down: set[tuple[int, int]] = set()
        self._queue: list[tuple[list[tuple[int, int]], float]] = []
        self._finger: list[tuple[int, int]] = []
        self._phase = "rest"
        self._hold_ms = self._since_ms = 0.0
        self._moves = 0
        self._seen = self._rests = False
        self._scans_ms: tuple[float, float] | None = None
        """The first and the last scan since the last move was seen."""

    def watches(self) -> tuple[int, ...]:
        """Return the first row's pin: it moves twice a scan."""
        return (self._first,)

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take note of a scan, when the row is driven."""
        if level == 0 and self._seen:
            self._scans_ms = (self._scans_ms or (now_ms, now_ms))[0], now_ms

    def together(self, keys: tuple[str, ...], now_ms: float, hold_ms: float = HOLD_MS) -> None:
        """Press several at once, after what was asked before. ValueError for a key that is not there."""
        self._queue.append(([self._switch(key) for key in keys], hold_ms))
        self.count("pressed", len(keys))

    @property
    def busy(self) -> bool:
        """A key is down, or one will be."""
        return self._phase != "rest" or bool(self._queue)

    def due_ms(self) -> float | None:
        """Return the time to the next act; soon, while a finger is at work."""
        planned = super().due_ms()
        return min(planned or self._now_ms + 5, self._now_ms + 5) if self.busy else planned

    def tick(self, now_ms: float) -> list[tuple[float, Act]]:
        """Return the acts that are due; the finger moves on."""
        due = super().tick(now_ms)
        if self._phase == "rest" and self._queue:
            self._finger, self._hold_ms = self._queue.pop(0)
            self._move("down", now_ms)
        elif self._phase == "down" and self._long_enough(now_ms, self._hold_ms):
            self._move("up", now_ms)
        elif self._phase == "up" and self._long_enough(now_ms, APART_MS):
            self._phase = "rest"
        return due + super().tick(now_ms)

    def _long_enough(self, now_ms: float, least_ms: float) -> bool:
        lasted_ms = now_ms - self._since_ms
        first_ms, last_ms = self._scans_ms or (0.0, 0.0)
        is_over = self._seen and (self._rests or last_ms - first_ms >= self._settle_ms) and not self._planned
        return lasted_ms >= (least_ms if is_over else MOST_MS)

    def _move(self, phase: str, now_ms: float) -> None:
        self._phase, self._since_ms = phase, now_ms
        for switch in self._finger:
            self._bounce(now_ms, switch, closed=phase == "down")

    def _switch(self, key: str) -> tuple[int, int]:
        if key not in self._at:
            raise ValueError(f"no key {key!r}: allowed are {', '.join(sorted(self._at))}")
        return self._at[key]

    def _bounce(self, at_ms: float, switch: tuple[int, int], closed: bool) -> None:
        for n in range(self.bounces):
            self.plan(at_ms + 2 * n, Join(switch, closed))
            self.plan(at_ms + 2 * n + 1, Join(switch, not closed))
        self.plan(at_ms + 2 * self.bounces, Join(switch, closed))

    def happened(self, act: Act, at_ms: float) -> None:
        """Remember which switches are closed."""
        if isinstance(act, Join):
            (self._down.add if act.closed else self._down.discard)(act.pins)
            self._moves, self._seen, self._scans_ms = self._moves + 1, False, None

    def asks(self) -> int | None:
        """Ask, while a finger is at work, whether its last move was seen and whether scans are to come."""
        return self._moves if self.busy and not (self._seen and self._rests) else None

    def answered(self, number: int, rests: bool) -> None:
        """Count scans from here on: they have seen that move, those before have not."""
        if number == self._moves:
            self._seen, self._rests = True, rests

    def standing(self) -> list[Act]:
        """Return the keys that are held, as acts."""
        return [Join(switch, True) for switch in sorted(self._down)]

    def state(self) -> dict[str, Any]:
        """Return whether keys are being pressed, and how many were; never which."""
        return {"down": self.busy, "counters": dict(self.counters)}


class KeypadTwin(MatrixTwin):
    """The PIN pad. Keys: "0".."9", "enter", "clear", "cancel", or as the settings write the last three: E, C, X."""

    ACTS: ClassVar[dict[str, Doing]] = {"pin_key": _press}
    FAULTS: ClassVar[tuple[str, ...]] = ("bounce", "two_keys")

    def __init__(self, settings: Matrix) -> None:
        at = {
            NAMES.get(key, key): (settings.rows[r], settings.columns[c])
            for r, row in enumerate(settings.keys)
            for c, key in enumerate(row)
            if key != "-"
        }
        super().__init__(settings, at)

    def press(self, key: str, now_ms: float, hold_ms: float = HOLD_MS) -> None:
        """Press one and let go, after what was asked before. ValueError for a key that the pad does not have."""
        self.together((NAMES.get(key, key),), now_ms, hold_ms)

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Let contacts bounce, or lay a finger on two keys."""
        if kind == "bounce":
            self.bounces = 3 if on else 0
        else:
            self.together(("1", "5"), now_ms)


class SideKeyMatrixTwin(MatrixTwin):
    """Eight side keys as two rows of four."""

    ACTS: ClassVar[dict[str, Doing]] = {"side_key": _side}
    FAULTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: SideKeyMatrix) -> None:
        switches = [(row, column) for row in settings.rows for column in settings.columns]
        super().__init__(settings, {str(index): switch for index, switch in enumerate(switches)})

    def press(self, index: int, now_ms: float, hold_ms: float = HOLD_MS) -> None:
        """Press one and let go, after what was asked before. ValueError for an index that is not 0..7."""
        _check_index(index, len(self._at))
        self.together((str(index),), now_ms, hold_ms)


class SideKeysTwin(PinTwin):
    """Eight contacts to ground."""

    ACTS: ClassVar[dict[str, Doing]] = {"side_key": _side}
    FAULTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: SideKeys) -> None:
        super().__init__()
        self.counters = {"pressed": 0}
        self.bounces = 2
        self._pins = settings.pins
        self._free_ms = 0.0

    def press(self, index: int, now_ms: float, hold_ms: float = HOLD_MS) -> None:
        """Press one and let go. ValueError for an index that is not 0..7."""
        _check_index(index, len(self._pins))
        pin, at_ms = self._pins[index], max(now_ms, self._free_ms)
        for n in range(self.bounces):
            self.plan(at_ms + 2 * n, Drive(pin, 0))
            self.plan(at_ms + 2 * n + 1, Drive(pin, None))
        self.plan(at_ms + 2 * self.bounces, Drive(pin, 0))
        self.plan(at_ms + hold_ms, Drive(pin, None))
        self.count("pressed")
        self._free_ms = at_ms + hold_ms + APART_MS


def _check_index(index: int, keys: int) -> None:
    if not 0 <= index < keys:
        raise ValueError(f"side key {index}: allowed is 0 to {keys - 1}")
