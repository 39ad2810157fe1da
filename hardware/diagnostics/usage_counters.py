"""Count what a device does: from the events that it tells, and from its health; handed to
`hardware.diagnostics.device_history`.

The theory. Events say the same of every driver: taken in, refused and why, done, failed and how, lost, back. A
driver's health adds what its line suffered, as counters that begin anew with each process: what a counter has grown
by since the last look is what happened. Memory is handed to the disk every ten minutes and at the end, so an SD card
is written little; a power cut loses ten minutes of counting and nothing else.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hardware.diagnostics.device_history import Counts, History
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    DeviceBack,
    DeviceLost,
    ItemsInserted,
    ItemsRefused,
    MediaDetected,
    MediaInserted,
    MediaInvalid,
)
from kiosk_firmware.system.utc_clock import utc_ms

log = logging.getLogger(__name__)

SAVE_S = 600.0
CALM = ("success", "canceled", "timeOut", "userError")
"""Completions that say nothing against a device: what a person did, or did not do."""
HEALTH = {"faults": "line", "noise": "noise", "rejected": "rejected"}
"""Tables of counters in a driver's health, and what they are called here."""
NUMBERS = ("silences", "setups", "pulses", "pulse_ms")
"""Single counters there."""


def counter_names(event: AnyEvent) -> Iterator[str]:
    """Yield the names under which an event counts for its device; none for what is no device's doing."""
    match event:
        case MediaDetected(media=None, reason=reason):
            yield f"rejected.{reason}"
        case ItemsInserted() | MediaInserted() | MediaDetected() | BarcodeRead():
            yield "accepted"
        case ItemsRefused(reason=reason) | MediaInvalid(reason=reason):
            yield f"rejected.{reason}"
        case DeviceLost(instead=""):
            yield "lost"
        case DeviceBack():
            yield "back"
    completion = getattr(event, "completion", "")
    if completion == "success":
        yield "done"
    elif completion and completion not in CALM:
        yield f"failed.{getattr(event, 'reason', '') or completion}"


def lines(health: Mapping[str, Any]) -> Counter[str]:
    """Return a driver's own counters, flat: "faults.check", "noise.lone", "silences" and so on."""
    found: Counter[str] = Counter()
    for table, group in HEALTH.items():
        inner = health.get(table)
        for name, n in inner.items() if isinstance(inner, Mapping) else ():
            found[f"{group}.{name}"] += int(n)
    for name in NUMBERS:
        if isinstance(value := health.get(name), int | float):
            found[name] += int(value)
    if isinstance(port := health.get("port"), Mapping):
        found["unplugged"] += int(port.get("lost", 0))
    return found


class UsageCounters:
    """Counts in memory, and saves. `heard` may be called from any thread."""

    def __init__(self, history: History, health: Callable[[], Mapping[str, Any]]) -> None:
        self.failures = 0
        self._history, self._health = history, health
        self._lock = threading.Lock()
        self._counts: Counts = {}
        self._seen: Counts = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counting", daemon=True)

    def start(self, shapes: Mapping[str, str]) -> None:
        """Begin; `shapes`: how unit.toml describes each device."""
        try:
            self._history.shaped(shapes, utc_ms())
        except sqlite3.Error as error:
            self._failed(error)
        self._thread.start()

    def close(self) -> None:
        """Save, and end."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
            self.save()

    def heard(self, event: AnyEvent) -> None:
        """Count an event for its device."""
        at = getattr(event, "at", None)
        if at is None:
            return
        with self._lock:
            self._counts.setdefault(at, Counter()).update(counter_names(event))

    def save(self) -> None:
        """Hand what was counted to the disk; what cannot be written is kept for the next time."""
        health = self._health()
        with self._lock:
            for at, seen in health.items():
                if "rejected" in seen:  # the device says more exactly why than its events do
                    self._forget(at, "rejected.")
                self._grown(at, lines(seen))
            counts, self._counts = self._counts, {}
        try:
            self._history.add(counts, utc_ms())
        except sqlite3.Error as error:
            self._failed(error)
            with self._lock:
                for at, names in counts.items():
                    self._counts.setdefault(at, Counter()).update(names)

    def _forget(self, at: str, start: str) -> None:
        counts = self._counts.setdefault(at, Counter())
        for name in [name for name in counts if name.startswith(start)]:
            del counts[name]

    def _grown(self, at: str, now: Counter[str]) -> None:
        before = self._seen.get(at, Counter())
        self._seen[at] = now
        for name, n in now.items():
            # A counter that is smaller than it was began anew.
            self._counts.setdefault(at, Counter())[name] += n - before[name] if n >= before[name] else n

    def _failed(self, error: sqlite3.Error) -> None:
        self.failures += 1
        log.error("devices' history: %s", error)

    def _run(self) -> None:
        while not self._stopping.wait(SAVE_S):
            self.save()
