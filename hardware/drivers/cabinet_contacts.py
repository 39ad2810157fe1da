"""Watch the cabinet's contacts: its door, its tamper contact, and whether somebody stands before it.

The theory. Each is a line that is believed when it has stood still (``protocols.contact_debounce``) and told once when
it changes; at the start only what is not as it should be is told (door open, tampered, somebody there). A presence
sensor loses a person who stands quietly, so "gone" is told only after it has seen nobody for a while, and a step in
between means that they never left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hardware.drivers.driver_thread import DriverThread
from hardware.drivers.gpio_device import Edge, WatchedPin, now_ms, release
from hardware.drivers.settings.unit_fixtures import CabinetContacts
from hardware.protocols.contact_debounce import Contact
from hardware.transport.gpio_pin_factory import Factory

PRESENCE = "presence"
START_MS = 1500
"""Nothing is believed before: sensors wake up, and lines find their level."""


class PanelContacts:
    """The driver; `told(name, on)` is called in its own thread: door open, tampered, somebody there."""

    def __init__(self, settings: CabinetContacts, told: Callable[[str, bool], None], factory: Factory) -> None:
        self.now: dict[str, bool] = {}
        self._settings, self._told, self._factory = settings, told, factory
        self._names: dict[int, str] = {pin: key for key, pin in settings.wired()}
        self._contacts = {pin: Contact(settings.settle_ms, now_ms=now_ms()) for pin in self._names}
        self._lines: list[WatchedPin] = []
        self._gone_ms: float | None = None
        self._believed_ms = 0.0
        self._counts = {key: 0 for key, _ in settings.wired()}
        self._loop = DriverThread("driver contacts", self._take, self._tick, link=factory)

    def start(self) -> None:
        """Take the pins and listen."""
        self.now = dict.fromkeys(self._names.values(), False)
        self._believed_ms = now_ms() + START_MS
        self._lines = [
            WatchedPin(
                pin, self._loop.put, self._factory, pull_up=name != PRESENCE or not self._settings.presence_level
            )
            for pin, name in self._names.items()
        ]
        for line in self._lines:
            self._loop.put(line)
        self._loop.start()

    def stop(self) -> None:
        """Let the pins go; twice is fine."""
        release(self._loop, self._lines)

    def health(self) -> dict[str, Any]:
        """Return what is so now, and how often each became so."""
        return {"at": "contacts", "now": dict(self.now), "times": dict(self._counts), "failures": self._loop.failures}

    def _take(self, item: Edge | WatchedPin) -> None:
        edge = item.now() if isinstance(item, WatchedPin) else item
        on_level = self._settings.presence_level if self._names[edge.pin] == PRESENCE else 1
        self._contacts[edge.pin].edge(edge.level == on_level, edge.at_ms)

    def _tick(self) -> float | None:
        now = self._loop.now_ms
        if self._loop.late:
            return 20
        for pin, contact in self._contacts.items():
            contact.tick(now)
            if now >= self._believed_ms:
                self._is(self._names[pin], contact.closed, now)
        if now < self._believed_ms:
            return max(1.0, self._believed_ms - now)
        if any(contact.settling for contact in self._contacts.values()):
            return 10
        return None if self._gone_ms is None else max(1.0, self._gone_ms - now)

    def _is(self, name: str, on: bool, now: float) -> None:
        if name == PRESENCE and not self._gone(on, now):
            on = self.now[name] or on
        if on == self.now[name]:
            return
        self.now[name] = on
        self._counts[name] += on
        self._told(name, on)

    def _gone(self, seen: bool, now: float) -> bool:
        """Return whether a person that is not seen counts as gone."""
        if seen or not self.now[PRESENCE]:
            self._gone_ms = None
            return not seen
        if self._gone_ms is None:
            self._gone_ms = now + self._settings.away_ms
        if now < self._gone_ms:
            return False
        self._gone_ms = None
        return True
