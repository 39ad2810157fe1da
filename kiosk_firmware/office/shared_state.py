"""Hold what the collector's thread and the web pages share: requests one way, news and pictures the other.

Nothing here is stored: rows live in the database, which pages read by themselves. A page learns from a counter that
something changed, so a slow reader never holds anything up.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from kiosk_firmware.wire.messages import LogLines, Now

FLEET = "fleet"
BOARD = "board"
EVERYBODY = "everybody"
"""What changed is no site's own."""


class OfficeRequest(msgspec.Struct, frozen=True):
    """Something a person at a page wants: a command to a unit (ids and expiry are given by the collector), an alert
    gone, or a configuration (args version, toml, document), a learner
    forgotten (site, learner), our place at the broker back.
    """

    kind: Literal["command", "watch", "dismiss", "config", "erase", "retake"]
    unit: str
    name: str = ""
    args: dict[str, Any] = {}
    ttl_ms: int = 0


class GlassSnapshot(msgspec.Struct, frozen=True):
    """The newest glass of a unit: JPEG bytes, and when it came (UTC ms)."""

    jpeg: bytes
    heard_ms: int


class SharedState:
    """Shared by two threads; each method is safe from either."""

    def __init__(self) -> None:
        """Empty."""
        self.ousted = False
        """Another computer has this board's place at the broker: what the pages show is as old as that. The collector's
        to set.
        """
        self.requests: queue.SimpleQueue[OfficeRequest] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._present: dict[str, Now] = {}
        self._pictures: dict[str, GlassSnapshot] = {}
        self._lines: dict[str, LogLines] = {}

    def news(self, topics: set[str]) -> None:
        """Count these units as changed, and the fleet with them; none: something that is no site's own."""
        with self._lock:
            for topic in (topics or {EVERYBODY}) | {FLEET, BOARD}:
                self._counts[topic] = self._counts.get(topic, 0) + 1

    def count(self, topic: str) -> int:
        """Return how often a topic changed so far: "fleet", a unit's id, "glass:" or "board:" and a unit's id."""
        return self.sum((topic,))

    def sum(self, topics: Iterable[str]) -> int:
        """Return how often any of these changed so far."""
        with self._lock:
            return sum(self._counts.get(topic, 0) for topic in topics)

    def show(self, unit: str, picture: GlassSnapshot) -> None:
        """Keep a new picture of a unit."""
        with self._lock:
            self._pictures[unit] = picture
            self._counts[f"glass:{unit}"] = self._counts.get(f"glass:{unit}", 0) + 1

    def place(self, unit: str, present: Now) -> None:
        """Set what stands on a unit's glass."""
        with self._lock:
            self._present[unit] = present
            for topic in (BOARD, f"{BOARD}:{unit}"):
                self._counts[topic] = self._counts.get(topic, 0) + 1

    def present(self, unit: str) -> Now | None:
        """Return what stood there last, or None."""
        with self._lock:
            return self._present.get(unit)

    def read_out(self, unit: str, lines: LogLines) -> None:
        """Keep a unit's log lines."""
        with self._lock:
            self._lines[unit] = lines
            self._counts[unit] = self._counts.get(unit, 0) + 1

    def lines(self, unit: str) -> LogLines | None:
        """Return the lines that came last, or None."""
        with self._lock:
            return self._lines.get(unit)

    def picture(self, unit: str) -> GlassSnapshot | None:
        """Return the newest picture, or None."""
        with self._lock:
            return self._pictures.get(unit)
