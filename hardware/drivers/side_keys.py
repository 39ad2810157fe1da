"""Eight keys beside the glass. A press is told once, by index: 0..3 left from the top, 4..7 right.

Each contact is debounced by the times of its edges; a key that is held says nothing more. Closed pulls the line low.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.driver_thread import DriverThread
from hardware.drivers.gpio_device import Edge, Watched, now_ms
from hardware.drivers.settings.pin_pads import SideKeys
from hardware.protocols.contact_debounce import Change, Contact
from hardware.transport.gpio_pin_factory import Factory


class SideKeyPad:
    """The driver; `pressed(index)` is called in its own thread."""

    CAN: ClassVar[frozenset[str]] = frozenset({"presses"})

    def __init__(self, settings: SideKeys, pressed: Callable[[int], None], factory: Factory) -> None:
        self._settings, self._pressed, self._factory = settings, pressed, factory
        self._contacts = {pin: Contact(settings.debounce_ms, now_ms=now_ms()) for pin in settings.pins}
        self._lines: list[Watched] = []
        self._count = 0
        self._loop = DriverThread("driver side_keys", self._edge, self._tick)

    def start(self) -> None:
        """Take the pins and listen."""
        self._lines = [Watched(pin, self._loop.put, self._factory) for pin in self._settings.pins]
        self._loop.start()

    def stop(self) -> None:
        """Let the pins go; twice is fine."""
        self._loop.stop()
        while self._lines:
            self._lines.pop().close()

    def health(self) -> dict[str, Any]:
        """Return how many presses were told."""
        return {"at": "side_keys", "presses": self._count, "failures": self._loop.failures}

    def _edge(self, edge: Edge) -> None:
        self._said(edge.pin, self._contacts[edge.pin].edge(edge.level == 0, edge.at_ms))

    def _tick(self) -> float | None:
        if not self._loop.late:
            for pin, contact in self._contacts.items():
                self._said(pin, contact.tick(now_ms()))
        return 5 if any(contact.settling for contact in self._contacts.values()) else None

    def _said(self, pin: int, changes: list[Change]) -> None:
        for change in changes:
            if change.closed:
                self._count += 1
                self._pressed(self._settings.pins.index(pin))
