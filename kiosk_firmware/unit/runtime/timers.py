"""All time-outs of a unit on one monotonic heap.

A timer has a name; starting it again replaces it. Every start gets a new generation, and an expiry carries the one it
belongs to, so an expiry that was already on its way when its timer was stopped or restarted is known as stale and
dropped. The clock is handed in: tests turn it by hand.
"""

from __future__ import annotations

import heapq
from typing import Protocol

import msgspec


class Clock(Protocol):
    """Two times: `mono_ms` never jumps and only measures; `utc_ms` is the instant for records."""

    def mono_ms(self) -> int:
        """Return the milliseconds since some moment, never going back."""
        ...

    def utc_ms(self) -> int:
        """Return the instant, in UTC milliseconds since 1970."""
        ...


class Expired(msgspec.Struct, frozen=True):
    """The timer `name` ran out; counts only while `generation` is its current one."""

    name: str
    generation: int


class Timers:
    """The heap. One thread uses it."""

    def __init__(self, clock: Clock) -> None:
        """Begin with no timer running."""
        self._clock = clock
        self._heap: list[tuple[int, int, str]] = []
        self._running: dict[str, tuple[int, int, int]] = {}
        self._generation = 0

    def start(self, name: str, ms: int) -> int:
        """Let `name` run out in `ms` from now, replacing a running one; returns its generation."""
        self._generation += 1
        due = self._clock.mono_ms() + ms
        self._running[name] = (self._generation, due, ms)
        heapq.heappush(self._heap, (due, self._generation, name))
        return self._generation

    def stop(self, name: str) -> None:
        """Forget `name`; fine when it does not run."""
        self._running.pop(name, None)

    def stop_all(self) -> None:
        """Forget every timer."""
        self._running.clear()
        self._heap.clear()

    def running(self, name: str) -> tuple[int, int] | None:
        """Return (left_ms, total_ms) of a running timer, or None."""
        found = self._running.get(name)
        return (max(0, found[1] - self._clock.mono_ms()), found[2]) if found else None

    def due(self) -> list[Expired]:
        """Take the expiries whose time has come, earliest first. They stay current until taken up by `take`."""
        now = self._clock.mono_ms()
        expired: list[Expired] = []
        while self._heap and self._heap[0][0] <= now:
            _, generation, name = heapq.heappop(self._heap)
            if self._current(name, generation):
                expired.append(Expired(name, generation))
        return expired

    def take(self, expired: Expired) -> bool:
        """Return whether the expiry still counts; it counts once."""
        if not self._current(expired.name, expired.generation):
            return False
        del self._running[expired.name]
        return True

    def next_ms(self) -> int | None:
        """Return the milliseconds until the next expiry, 0 when one is due, None when nothing runs."""
        while self._heap and not self._current(self._heap[0][2], self._heap[0][1]):
            heapq.heappop(self._heap)
        return max(0, self._heap[0][0] - self._clock.mono_ms()) if self._heap else None

    def _current(self, name: str, generation: int) -> bool:
        found = self._running.get(name)
        return found is not None and found[0] == generation
