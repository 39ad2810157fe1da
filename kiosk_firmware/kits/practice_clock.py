"""The practised time, on the clock of the country: fixed UTC+8, set by the lesson."""

from __future__ import annotations

import datetime

from kiosk_firmware.core.events import Started

DAY_MS = 86_400_000
UTC8_MS = 8 * 3_600_000
_UTC8 = datetime.timezone(datetime.timedelta(milliseconds=UTC8_MS))


def local_day(started: Started) -> int:
    """Return the run's day, in days since 1970."""
    return (started.now + UTC8_MS) // DAY_MS


def local_minute(started: Started) -> int:
    """Return the run's minute of its day."""
    return (started.now + UTC8_MS) % DAY_MS // 60_000


def local_yymm(started: Started) -> str:
    """Return the run's month, YYMM, to tell an expired card."""
    return f"{datetime.datetime.fromtimestamp(started.now / 1000, _UTC8):%y%m}"
