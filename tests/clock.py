"""The instants at which tests take place, and how a test and all that it starts are brought there.

No test reads the wall clock. Every file begins at one instant, whatever the hour is where it is run; its processes
begin there too, since the clock is told through the environment (`kiosk_firmware.system.utc_clock`), and run on.
Files marked `every_instant` take place at others as well, those in AROUND_NOW at the real one.
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path

from kiosk_firmware.catalogue.machine_loader import UTC8
from kiosk_firmware.system.utc_clock import AHEAD

TESTS = Path(__file__).parent
INSTANTS = {
    "morning": "2026-12-03 10:10:00",
    "midnight": "2026-12-03 23:59:58",
    "month_end": "2026-11-30 23:40:00",
    "year_end": "2026-12-31 23:55:00",
    "leap_day": "2028-02-29 12:30:00",
    "leap_second": "2017-01-01 07:59:59",  # the second before was 07:59:60
    "sunday": "2026-12-06 17:59:00",
    "holiday": "2026-10-01 00:05:00",
}
"""By name, in UTC+8, where all units are; the first is where a test takes place unless it says otherwise."""
USUAL = next(iter(INSTANTS))

TLS = "certificates, which OpenSSL judges by the machine's clock on both sides"
RELAY = "words that a real relay judges by the machine's clock"
AROUND_NOW = {
    "pki": TLS,
    "office/test_turn_relay.py": RELAY,
    "visit/unit/test_networks.py": RELAY,
}
"""Folders and files of tests whose peers cannot be told the time, each with what they judge by it."""


def is_around_now(path: Path) -> bool:
    """Whether that file of tests takes place at the real instant."""
    here = path.relative_to(TESTS)
    return here.as_posix() in AROUND_NOW or here.parts[0] in AROUND_NOW


def instant_ms(text: str) -> int:
    """The instant of that name, or of a date and a time in UTC+8 (UTC ms).

    Raises:
        ValueError: it is neither; says what is allowed.
    """
    try:
        there = datetime.datetime.fromisoformat(INSTANTS.get(text, text))
    except ValueError:
        names = ", ".join(INSTANTS)
        raise ValueError(f"--at {text!r}: allowed are a time as '2026-12-31 23:55' in UTC+8, now, or {names}") from None
    return int(there.replace(tzinfo=UTC8).timestamp() * 1000)


def ahead_of_now(text: str) -> str:
    """What AHEAD must say for this process and its children to be there; "0" for `now`."""
    return "0" if text == "now" else str(instant_ms(text) - time.time_ns() // 1_000_000)


def go_to(text: str) -> None:
    """Bring this process and whatever it starts from here on to an instant."""
    os.environ[AHEAD] = ahead_of_now(text)


def machine_time_environment() -> dict[str, str]:
    """Return the environment without a clock laid over the system's (libfaketime), under which no Chromium starts."""
    return {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "FAKETIME")}
