"""Share what twins on pins have in common: they drive lines, they hear outputs, and they are told the time.

A pin twin has no socket, thread or clock. What it wants done to the lines it leaves in `acts`, each with its time;
whoever serves it (the board, or a test) sends those that are due and asks `due_ms` when to come again. It outlives
the application: `standing` says how its lines are now, for an application that has just started.
"""

from __future__ import annotations

import heapq
from typing import Any, ClassVar

import msgspec

from hardware.twins.twin_actions import Doing


class Drive(msgspec.Struct, frozen=True):
    """Put the line at `level`; None lets go of it."""

    pin: int
    level: int | None


class Join(msgspec.Struct, frozen=True):
    """A switch between two lines closes or opens."""

    pins: tuple[int, int]
    closed: bool


Act = Drive | Join


class PinTwin:
    """Base of the twins on pins. Subclasses say which outputs they watch and hear them in `heard`."""

    ACTS: ClassVar[dict[str, Doing]] = {}
    FAULTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}
        self._planned: list[tuple[float, int, Act]] = []
        self._count = 0
        self._now_ms = 0.0

    def watches(self) -> tuple[int, ...]:
        """Return the pins whose outputs this twin must hear of."""
        return ()

    def heard(self, pin: int, level: int | None, now_ms: float) -> None:
        """Take an output's level from the application; None: it let go (input, closed or dead)."""

    def asks(self) -> int | None:
        """Return a number where it matters what the application has done: of what was sent last; None: it does not."""
        return None

    def answered(self, number: int, rests: bool) -> None:
        """Take note that the application has worked on that: what it says now has seen it; `rests`: it says no more."""

    def standing(self) -> list[Act]:
        """Return how the lines are now, for an application that connects."""
        return []

    def state(self) -> dict[str, Any]:
        """Return what can be seen of the device, as JSON values."""
        return {"counters": dict(self.counters)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up counters that an earlier process kept."""
        for name, value in state.get("counters", {}).items():
            if name in self.counters and isinstance(value, int):
                self.counters[name] = value

    def spoil(self, kind: str, on: bool, now_ms: float) -> None:
        """Begin or end one of `FAULTS`."""

    def plan(self, at_ms: float, act: Act) -> None:
        """Let `act` happen at that time; acts of one time keep their order."""
        self._count += 1
        heapq.heappush(self._planned, (at_ms, self._count, act))

    def drop_plans(self) -> None:
        """Drop all that was planned."""
        self._planned.clear()

    def next_ms(self) -> float | None:
        """Return when the next planned act is."""
        return self._planned[0][0] if self._planned else None

    def due_ms(self) -> float | None:
        """Return when to come again: for the next planned act, or sooner."""
        return self.next_ms()

    def tick(self, now_ms: float) -> list[tuple[float, Act]]:
        """Time passed: the acts that are due, with their times, in order."""
        self._now_ms = now_ms
        due: list[tuple[float, Act]] = []
        while self._planned and self._planned[0][0] <= now_ms:
            at_ms, _, act = heapq.heappop(self._planned)
            self.happened(act, at_ms)
            due.append((at_ms, act))
        return due

    def happened(self, act: Act, at_ms: float) -> None:
        """Take note that one of the planned acts took place."""

    def count(self, name: str, by: int = 1) -> None:
        """Raise a counter."""
        self.counters[name] = self.counters.get(name, 0) + by
