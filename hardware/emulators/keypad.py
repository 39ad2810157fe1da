"""The twins of what is pressed: a PIN pad as a matrix of switches, and the side keys as contacts to ground.

A key of the matrix joins its row and its column for as long as it is held; which key it was is nowhere in the twin's
state, for the same reason as in the driver. Presses come one after the other, as a finger does them, unless
`together` is asked.
"""

from __future__ import annotations

from typing import Any

from hardware.emulators.pin_twin import Act, Drive, Join, PinTwin
from hardware.settings import Matrix, SideKeys

HOLD_MS = 90
APART_MS = 70
NAMES = {"enter": "E", "clear": "C", "cancel": "X"}


class KeypadTwin(PinTwin):
    """The PIN pad. Keys: "0".."9", "enter", "clear", "cancel"."""

    def __init__(self, settings: Matrix) -> None:
        super().__init__()
        self.counters = {"pressed": 0}
        self.bounces = 2
        self._at = {
            key: (settings.rows[r], settings.columns[c])
            for r, row in enumerate(settings.keys)
            for c, key in enumerate(row)
        }
        self._down: set[tuple[int, int]] = set()
        self._free_ms = 0.0

    def press(self, key: str, now_ms: float, hold_ms: float = HOLD_MS) -> None:
        """Press and let go. ValueError for a key that the pad does not have."""
        self.together((key,), now_ms, hold_ms)

    def together(self, keys: tuple[str, ...], now_ms: float, hold_ms: float = HOLD_MS) -> None:
        """Press several at once."""
        switches = [self._switch(key) for key in keys]
        at_ms = max(now_ms, self._free_ms)
        for switch in switches:
            self._bounce(at_ms, switch, closed=True)
            self._bounce(at_ms + hold_ms, switch, closed=False)
        self.count("pressed", len(keys))
        self._free_ms = at_ms + hold_ms + APART_MS

    def _switch(self, key: str) -> tuple[int, int]:
        name = NAMES.get(key, key)
        if name not in self._at or name == "-":
            raise ValueError(f"no key {key!r}: allowed are {', '.join(sorted({*NAMES, *'0123456789'}))}")
        return self._at[name]

    def _bounce(self, at_ms: float, switch: tuple[int, int], closed: bool) -> None:
        for n in range(self.bounces):
            self.plan(at_ms + 2 * n, Join(switch, closed))
            self.plan(at_ms + 2 * n + 1, Join(switch, not closed))
        self.plan(at_ms + 2 * self.bounces, Join(switch, closed))

    def happened(self, act: Act, at_ms: float) -> None:
        """Remember which switches are closed."""
        if isinstance(act, Join):
            (self._down.add if act.closed else self._down.discard)(act.pins)

    def standing(self) -> list[Act]:
        """Keys that are held."""
        return [Join(switch, True) for switch in sorted(self._down)]

    def state(self) -> dict[str, Any]:
        """Whether a key is down, and how many were pressed; never which."""
        return {"down": bool(self._down), "counters": dict(self.counters)}


class SideKeysTwin(PinTwin):
    """Eight contacts to ground."""

    def __init__(self, settings: SideKeys) -> None:
        super().__init__()
        self.counters = {"pressed": 0}
        self.bounces = 2
        self._pins = settings.pins
        self._free_ms = 0.0

    def press(self, index: int, now_ms: float, hold_ms: float = HOLD_MS) -> None:
        """Press one and let go. ValueError for an index that is not 0..7."""
        if not 0 <= index < len(self._pins):
            raise ValueError(f"side key {index}: allowed is 0 to {len(self._pins) - 1}")
        pin, at_ms = self._pins[index], max(now_ms, self._free_ms)
        for n in range(self.bounces):
            self.plan(at_ms + 2 * n, Drive(pin, 0))
            self.plan(at_ms + 2 * n + 1, Drive(pin, None))
        self.plan(at_ms + 2 * self.bounces, Drive(pin, 0))
        self.plan(at_ms + hold_ms, Drive(pin, None))
        self.count("pressed")
        self._free_ms = at_ms + hold_ms + APART_MS
