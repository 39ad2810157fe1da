"""How long the unit waits for somebody who does nothing.

A touch begins the wait anew. Where a sensor says that nobody stands there any more, only a short while is left: a
sensor may lose somebody who stands quietly and reads, so their absence alone ends nothing.
"""

from __future__ import annotations

from collections.abc import Callable

GONE_MS = 30_000
"""What is left of the wait when nobody is there."""


class Patience:
    """One wait. `clock`: monotonic ms."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Begins now."""
        self._clock = clock
        self._since_ms = clock()
        self._gone_ms: int | None = None

    def touched(self) -> None:
        """Somebody did something, or came."""
        self._since_ms, self._gone_ms = self._clock(), None

    def gone(self) -> None:
        """Nobody is there any more."""
        self._gone_ms = self._clock()

    def over(self, seconds: int) -> bool:
        """Whether the wait of so many seconds is over; if so, it begins anew."""
        now = self._clock()
        over = now - self._since_ms > seconds * 1000
        if self._gone_ms is not None and now - self._gone_ms > GONE_MS:
            over = True
        if over:
            self.touched()
        return over
