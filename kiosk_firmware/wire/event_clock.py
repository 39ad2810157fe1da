"""Stamp events by two clocks: the wall's, which may be wrong or jump, and the boot's, which only runs.

A stamp is taken when a fact is written down: how far the wall clock could be trusted then, which boot it was, and how
long that had lasted. A unit without a battery starts in the past; when its clock is set in the same boot, the office
knows the difference and mends the instants told before. A wall clock that jumped is told, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec

from kiosk_firmware.system.utc_clock import ahead_ms

Quality = Literal["synced", "rtc", "guess"]
JUMP_MS = 5_000
"""A clock that is set by less than this is steered, not set."""
NO_BOOT = "-"
_SYNCED = Path("/run/kiosk-time/synchronized")
_RTC = Path("/dev/rtc0")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Stamp(msgspec.Struct, frozen=True):
    """`boot`: 8 hex digits, "" where the system has none · `up_ms`: since then."""

    quality: Quality = "guess"
    boot: str = ""
    up_ms: int = 0

    def __str__(self) -> str:
        """Return it as it stands beside a stored fact: without a boot's name the quality still is what it was then."""
        return f"{self.quality} {self.boot or NO_BOOT} {self.up_ms}"


def quality() -> Quality:
    """Return how far the wall clock can be trusted: a network's time, a battery's, or none. One that was told is a
    guess.
    """
    if ahead_ms():
        return "guess"
    if _SYNCED.exists():
        return "synced"
    return "rtc" if _RTC.exists() else "guess"


@cache
def _boot() -> str:
    try:
        return _BOOT.read_text().replace("-", "")[:8]
    except OSError:
        return ""


def stamp_now() -> Stamp:
    """Return this moment's stamp."""
    return Stamp(quality(), _boot(), time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)


def current_stamp() -> str:
    """Return this moment's stamp as it is stored."""
    return str(stamp_now())


def read_stamp(text: str) -> Stamp | None:
    """Read a stored stamp; None for a fact that has none."""
    parts = text.split(" ")
    known = next((one for one in get_args(Quality) if one == parts[0]), None)
    if known is None or len(parts) != 3 or not parts[2].isdigit():
        return None
    return Stamp(known, "" if parts[1] == NO_BOOT else parts[1], int(parts[2]))


class WallClockWatch:
    """Notices when the wall clock was set: it moved otherwise than the boot's."""

    def __init__(self, wall_ms: Callable[[], int], up_ms: Callable[[], int]) -> None:
        """Begin with what both show."""
        self._wall_ms, self._up_ms = wall_ms, up_ms
        self._offset = wall_ms() - up_ms()

    def jumped(self) -> int:
        """Return by how much the wall clock was set since the last look (ms, backwards is negative); 0: it was not."""
        offset = self._wall_ms() - self._up_ms()
        by = offset - self._offset
        if abs(by) < JUMP_MS:
            return 0
        self._offset = offset
        return by
