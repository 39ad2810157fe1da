"""The bare line of a pulse acceptor while it is being taught: edges as they come, and the inhibit let go.

Nothing is credited here and no driver runs: `kiosk devices teach` has the pins to itself. When it ends, by whatever
way, the inhibit output is let go and the acceptor refuses tokens again.
"""

from __future__ import annotations

import queue
import time

from gpiozero import OutputDevice

from hardware.drivers.gpio_device import Edge, WatchedPin, now_ms
from hardware.drivers.settings.coins import Pulse
from hardware.transport.gpio_pin_factory import Factory


class CoinLineRecording:
    """The line as `hardware.setup.pulse_teaching` wants it; with `with`."""

    def __init__(self, settings: Pulse, factory: Factory) -> None:
        """Keep the settings; pins are taken by `with`, which raises what gpiozero raises."""
        self._settings, self._factory = settings, factory
        self._queue: queue.SimpleQueue[Edge] = queue.SimpleQueue()

    def __enter__(self) -> CoinLineRecording:
        shape = self._settings.shape
        self._line = WatchedPin(self._settings.pin, self._queue.put, self._factory)
        self._inhibit = OutputDevice(
            self._settings.inhibit_pin,
            active_high=bool(shape.enabled_level),
            initial_value=True,
            pin_factory=self._factory,
        )
        self.wait(shape.deaf_ms + 100)
        self.edges()  # what it says while it wakes up is not meant
        return self

    def __exit__(self, *_: object) -> None:
        self._inhibit.close()
        self._line.close()

    @property
    def level(self) -> int:
        """The line's level now."""
        return self._line.level

    def edges(self) -> list[tuple[float, int]]:
        """Return the edges since the last call, as (time in ms, level)."""
        found: list[tuple[float, int]] = []
        while True:
            try:
                edge = self._queue.get_nowait()
            except queue.Empty:
                return found
            found.append((edge.at_ms, edge.level))

    def now_ms(self) -> float:
        """Return the clock of the edges, in ms."""
        return now_ms()

    def wait(self, ms: float) -> None:
        """Let time pass."""
        time.sleep(ms / 1000)
