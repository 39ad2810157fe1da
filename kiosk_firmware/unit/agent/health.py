"""Report a unit's health: read from the system, sent as latest-wins, summed up to one fact every 15 minutes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kiosk_firmware.wire import event_clock
from kiosk_firmware.wire.facts import HealthSummarised
from kiosk_firmware.wire.messages import Health

_HEAT = Path("/sys/class/thermal/thermal_zone0/temp")
_THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")


def _number(path: Path, base: int = 10) -> int | None:
    try:
        return int(path.read_text().strip(), base)
    except (OSError, ValueError):
        return None


def _uptime_s() -> int:
    try:
        return int(float(Path("/proc/uptime").read_text().split()[0]))
    except (OSError, ValueError):
        return 0


def read_health(
    folder: Path, now_ms: int, backlog: tuple[int, int], full: float, denied: int, reconnects: int
) -> Health:
    """Read the unit's health; `backlog` is how many facts wait, and the instant of the oldest (0 without any); `full`
    the share of their room that they take.
    """
    depth, oldest_ms = backlog
    heat = _number(_HEAT)
    return Health(
        ts=now_ms,
        uptime_s=_uptime_s(),
        spool_depth=depth,
        spool_oldest_s=max(0, now_ms - oldest_ms) // 1000 if oldest_ms else 0,
        disk_free=shutil.disk_usage(folder).free,
        load=round(os.getloadavg()[0], 2),
        timeq=event_clock.quality(),
        temp_c=None if heat is None else heat / 1000,
        throttled=_number(_THROTTLED, 16),
        denied=denied,
        reconnects=reconnects,
        spool_full=full,
    )


def sum_samples(samples: list[Health]) -> HealthSummarised:
    """Sum a stretch of samples (at least one) up as one fact."""
    heats = [sample.temp_c for sample in samples if sample.temp_c is not None]
    return HealthSummarised(
        since_ms=samples[0].ts,
        until_ms=samples[-1].ts,
        samples=len(samples),
        spool_max=max(sample.spool_depth for sample in samples),
        disk_free_min=min(sample.disk_free for sample in samples),
        temp_max_c=max(heats) if heats else None,
        denied=samples[-1].denied,
        reconnects=samples[-1].reconnects,
    )
