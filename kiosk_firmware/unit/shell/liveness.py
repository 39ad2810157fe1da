"""Prove that the screen process is alive: a frame was drawn, and the writer of its database answered.

Each round asks for both. A loop that hangs, a driver that never swaps buffers, a writer whose disk never answers: each
stops the feeds, and systemd starts the process again, on its first page. A disk that *answers* with an error proves the
writer: a new process would find the same disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.wire.systemd_watchdog import Watchdog

HEALTHY_S = 60.0
FRAME, WRITTEN = "frame", "written"


class ScreenLiveness:
    """The rounds of one screen process; `ask_frame` makes the window draw even if nothing changed."""

    def __init__(
        self, ask_frame: Callable[[], object], journal: Journal | None, on_healthy: Callable[[], object] = lambda: None
    ) -> None:
        """Take `journal`: None while a blank unit is set up, which has none. `on_healthy`: called once, after a minute
        of feeds.
        """
        self._on_healthy = on_healthy
        self._told = False
        self._ask_frame, self._journal = ask_frame, journal
        self.watchdog = Watchdog((FRAME, WRITTEN) if journal else (FRAME,))
        self.watchdog.ready()

    def tick(self) -> None:
        """Begin a round where one is due."""
        if not self._told and self.watchdog.feeds * self.watchdog.round_s >= HEALTHY_S:
            self._told = True
            self._on_healthy()
        if not self.watchdog.due(time.monotonic()):
            return
        self._ask_frame()
        if self._journal is not None:
            batch = Batch(utc_ms(), urgent=True)
            self._journal.submit(batch, lambda stored: self.watchdog.proved(WRITTEN))

    def framed(self) -> None:
        """Note that a frame was drawn."""
        self.watchdog.proved(FRAME)
