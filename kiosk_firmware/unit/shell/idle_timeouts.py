"""Time how long the unit waits for somebody who does nothing.

A touch begins the wait anew. Where a sensor says that nobody stands there any more, only a short while is left: a
sensor may lose somebody who stands quietly and reads, so their absence alone ends nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk_firmware.core.events import (
    DoorClosed,
    DoubleTapped,
    ItemsInserted,
    MediaDetected,
    MediaInserted,
    PinKeyPressed,
    Tapped,
    Typed,
)

TOUCHES = (Tapped, Typed, DoubleTapped, MediaInserted, MediaDetected, ItemsInserted, PinKeyPressed, DoorClosed)
"""What shows that somebody is there."""
GONE_MS = 30_000
"""What is left of the wait when nobody is there."""
ASK_MS = 20_000
"""So long before the end of the wait somebody is asked, aloud, whether they are there."""


class IdleTimeouts:
    """One wait. `clock`: monotonic ms."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Begin to count now."""
        self._clock = clock
        self._since_ms = clock()
        self._gone_ms: int | None = None
        self._asked = False

    def touched(self) -> None:
        """Begin the wait anew: somebody did something, or came."""
        self._since_ms, self._gone_ms, self._asked = self._clock(), None, False

    def gone(self) -> None:
        """End the wait: nobody is there any more."""
        self._gone_ms = self._clock()

    def asks(self, seconds: int) -> bool:
        """Return whether it is time to ask, once a wait, whether somebody is still there: shortly before it is over."""
        now, gone = self._clock(), self._gone_ms
        late = now - self._since_ms > max(seconds * 1000 - ASK_MS, seconds * 500)
        late = late or (gone is not None and now - gone > GONE_MS - ASK_MS)
        asks, self._asked = late and not self._asked, self._asked or late
        return asks

    def over(self, seconds: int) -> bool:
        """Return whether the wait of so many seconds is over; if so, it begins anew."""
        now = self._clock()
        over = now - self._since_ms > seconds * 1000
        if self._gone_ms is not None and now - self._gone_ms > GONE_MS:
            over = True
        if over:
            self.touched()
        return over
