"""The wall clock, in one place: UTC ms of the system's clock, or of one that this process was told is ahead of it.

Nothing else reads the wall clock (`tests/house/test_clock.py`). A test, or whoever wants to see a unit on another day,
sets KIOSK_CLOCK_AHEAD_MS in the environment; every process started from there has the same clock, which runs on. Such a
clock is never called right (`wire.event_clock.quality`). TLS is judged by the system's clock all the same.
"""

from __future__ import annotations

import os
import time

AHEAD = "KIOSK_CLOCK_AHEAD_MS"


def utc_ms() -> int:
    """Return the instant, in UTC ms since 1970. Raises ValueError: AHEAD is no whole number."""
    return time.time_ns() // 1_000_000 + ahead_ms()


def ahead_ms() -> int:
    """Return by how much this process's clock is ahead of the system's (ms, behind is negative); as a rule 0.

    Raises:
        ValueError: AHEAD is no whole number.
    """
    text = os.environ.get(AHEAD, "0")
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{AHEAD} = {text!r}: allowed is a whole number of ms, 86400000 for a day ahead") from None
