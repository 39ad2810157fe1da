"""When a run is practised, as metro cards and readers count it."""

from __future__ import annotations

import datetime

from kiosk_firmware.core.events import Started
from kiosk_firmware.kits.metro.ticket import minutes
from kiosk_firmware.kits.world import DAY_MS, UTC8_MS

UTC8 = datetime.timezone(datetime.timedelta(hours=8))


def minute_of(started: Started) -> int:
    """The run's practised moment as a card counts it."""
    local = started.now + UTC8_MS
    return minutes(local // DAY_MS, local % DAY_MS // 60_000)


def yymm_of(started: Started) -> str:
    """The practised month, YYMM, to tell an expired card."""
    return f"{datetime.datetime.fromtimestamp(started.now / 1000, UTC8):%y%m}"
