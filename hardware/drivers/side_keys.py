"""Eight keys beside the glass. A press is told once, by index: 0..3 left from the top, 4..7 right.

They are wired to a pin each (`SideKeyPad`: debounced by the times of the edges, closed pulls the line low), or as a
matrix of two rows and four columns, which takes six pins (`SideKeyMatrixPad`). A key that is held says nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.driver_thread import DriverThread
from hardware.drivers.gpio_device import Edge, WatchedPin, now_ms, release
from hardware.drivers.key_matrix import KeyMatrix
from hardware.drivers.settings.pin_pads import SideKeyMatrix, SideKeys
from hardware.protocols.contact_debounce import Change, Contact
from hardware.transport.gpio_pin_factory import Factory


class SideKeyPad:
    """The driver; `pressed(index)` is called in its own thread."""

    CAN: ClassVar[frozenset[str]] = frozenset({"presses"})

    def __init__(self, settings: SideKeys, pressed: Callable[[int], None], factory: Factory) -> None:
        self._settings, self._pressed, self._factory = settings, pressed, factory
        self._contacts = {pin: Contact(settings.debounce_ms, now_ms=now_ms()) for pin in settings.pins}
        self._lines: list[WatchedPin] = []
        self._count = 0
        self._loop = DriverThread("driver side_keys", self._edge, self._tick, link=factory)

    def start(self) -> None:
        """Take the pins and listen."""
        self._lines = [WatchedPin(pin, self._loop.put, self._factory) for pin in self._settings.pins]
        self._loop.start()

    def stop(self) -> None:
        """Let the pins go; twice is fine."""
        release(self._loop, self._lines)

    def health(self) -> dict[str, Any]:
        """Return how many presses were told."""
        return {"at": "side_keys", "presses": self._count, "failures": self._loop.failures}

    def _edge(self, edge: Edge) -> None:
        self._said(edge.pin, self._contacts[edge.pin].edge(edge.level == 0, edge.at_ms))

    def _tick(self) -> float | None:
        if not self._loop.late:
            for pin, contact in self._contacts.items():
                self._said(pin, contact.tick(self._loop.now_ms))
        return 5 if any(contact.settling for contact in self._contacts.values()) else None

    def _said(self, pin: int, changes: list[Change]) -> None:
        for change in changes:
            if change.closed:
                self._count += 1
                self._pressed(self._settings.pins.index(pin))


class SideKeyMatrixPad:
    """The driver of keys in a matrix; `pressed(index)` is called in its own thread."""

    CAN: ClassVar[frozenset[str]] = frozenset({"presses"})

    def __init__(self, settings: SideKeyMatrix, pressed: Callable[[int], None], factory: Factory) -> None:
        self._settings, self._pressed, self._factory = settings, pressed, factory
        self._count = 0
        self._loop = DriverThread("driver side_keys", lambda edge: None, self._tick, link=factory)
        self._matrix = KeyMatrix(settings.rows, settings.columns, settings.debounce_ms, self._loop.put)
        self._lines: list[Any] = []

    def start(self) -> None:
        """Take the pins and listen."""
        self._lines = self._matrix.open(self._factory)
        self._loop.start()

    def stop(self) -> None:
        """Let the pins go; twice is fine."""
        release(self._loop, self._lines)

    def health(self) -> dict[str, Any]:
        """Return how many presses were told, and how often two keys were down at once."""
        noise = {"crowded": self._matrix.crowded}
        return {"at": "side_keys", "presses": self._count, "failures": self._loop.failures, "noise": noise}

    def _tick(self) -> float | None:
        for row, column in self._matrix.scan():
            self._count += 1
            self._pressed(row * len(self._settings.columns) + column)
        return self._settings.scan_ms if self._matrix.scanning or self._matrix.any_down() else None


def side_key_pad(
    settings: SideKeys | SideKeyMatrix, pressed: Callable[[int], None], factory: Factory
) -> SideKeyPad | SideKeyMatrixPad:
    """Make the driver of those settings."""
    if isinstance(settings, SideKeyMatrix):
        return SideKeyMatrixPad(settings, pressed, factory)
    return SideKeyPad(settings, pressed, factory)
