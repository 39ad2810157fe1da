"""Serve those who look after a unit's devices: the tap, the counting, and the eye on plugs.

Devices do their work without it; whatever fails in here is logged and stops nothing. A unit without a state folder has
only the eye on plugs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from hardware.diagnostics.device_history import FILE, History
from hardware.diagnostics.live_socket import SOCKET, LiveSocket, driver_of
from hardware.diagnostics.usage_counters import UsageCounters
from hardware.drivers.settings.base import Table
from hardware.drivers.settings.hardware_settings import HardwareSettings
from hardware.setup.swapped_cables import SwappedCables
from kiosk_firmware.core.events import AnyEvent, Device, DeviceLost

LOCATE_S = 6.0
"""How long the lamp of a device that is looked for flashes."""


class DiagnosticsService:
    """`start` after the devices, `close` before them, twice is fine. `overhear` is for ports, `heard` for events."""

    def __init__(
        self,
        settings: HardwareSettings,
        drivers: Mapping[Device, Any],
        failed: Mapping[str, str],
        health: Callable[[], dict[str, Any]],
        lights: Callable[[], Any],
        post: Callable[[AnyEvent], None],
    ) -> None:
        """Take `drivers` and `failed` as the equipment holds them; `health` of all; `lights`: the lamps' driver or
        None.
        """
        self._drivers, self._failed, self._health, self._lights = drivers, failed, health, lights
        self._tables = dict(settings.devices.named())
        self._keeps = bool(settings.state)
        folder = Path(settings.state or ".")
        questions = {"health": self._told, "locate": self._locate, "reopen": self._reopen, "save": self._save}
        self._tap = LiveSocket(folder / SOCKET, self._tables, questions)
        self._counting = UsageCounters(History(folder / FILE), health)
        names = {at: driver_of(table) for at, table in self._tables.items()}
        self._plugs = SwappedCables(drivers, names, lambda at, instead: post(DeviceLost(at, instead)))
        self.overhear, self.heard, self.misplaced = self._tap.overhear, self._counting.heard, self._plugs.words

    def start(self) -> None:
        """Begin."""
        self._plugs.start()
        if self._keeps:
            self._counting.start({at: _shape(table) for at, table in self._tables.items()})
            self._tap.start()

    def close(self) -> None:
        """Save what was counted, and end."""
        self._tap.close()
        self._counting.close()
        self._plugs.close()

    # -- a technician's questions -------------------------------------------------------------------------------------

    def _told(self, _: dict[str, Any]) -> dict[str, Any]:
        seen = {"health": self._health(), "misplaced": self.misplaced(), "failed": self._failed}
        told: dict[str, Any] = msgspec.to_builtins(seen)
        return told

    def _reopen(self, request: dict[str, Any]) -> dict[str, Any]:
        """Open the line of the device `at` anew, so that its set-up can be watched from the start."""
        driver = self._drivers.get(request["at"])
        if driver is None or not hasattr(driver, "reopen"):
            raise ValueError(f"{request['at']!r} is not on a serial line")
        driver.reopen()
        return {}

    def _locate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Flash the lamp of the device `at` for a while; ValueError where it has none."""
        lights = self._lights()
        lamps = lights.health()["lamps"] if lights is not None else {}
        at = str(request["at"])
        if at not in lamps:
            raise ValueError(f"{at!r} has no lamp: allowed are {', '.join(lamps) or 'none'}")
        lights.show(at, "quick")
        timer = threading.Timer(LOCATE_S, lambda: lights.show(at, lamps[at]))
        timer.daemon = True
        timer.start()
        return {"seconds": LOCATE_S}

    def _save(self, _: dict[str, Any]) -> dict[str, Any]:
        """Put what was counted so far on the disk."""
        self._counting.save()
        return {}


def _shape(table: Table) -> str:
    """Encode a device as unit.toml describes it, for its log."""
    return msgspec.json.encode(table, order="deterministic").decode()
