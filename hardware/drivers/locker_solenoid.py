"""A parcel locker: a solenoid that draws the bolt, a spring that opens the door, a contact that says so.

The theory. Current is no proof: the door has opened when its contact says so. A bolt under tension sticks, so the pulse
is given again after a rest, a few times; then the lock counts as jammed. The coil is never on for longer than a pulse,
whoever asks how often. A door that stands open already is opened by nothing, and is told as open. Shutting is told
once; a door that comes open unasked is only counted, for the technician: whoever forces it is the tamper contact's
affair.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gpiozero import DigitalOutputDevice

from hardware.drivers.gpio_device import Edge, PinDevice, Post, WatchedPin, now_ms
from hardware.drivers.settings.lockers import Solenoid
from hardware.protocols.contact_debounce import Change, Contact
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.effects import AnyEffect, OpenDoor
from kiosk_firmware.core.events import DoorClosed, DoorOpened

LOOK_MS = 20


class LockerSolenoid(PinDevice):
    """The driver. It answers `OpenDoor`."""

    CAN: ClassVar[frozenset[str]] = frozenset({"opens"})

    def __init__(self, settings: Solenoid, post: Post, factory: Factory) -> None:
        """Set up without knowing anything of the door before `start`."""
        super().__init__("parcel_locker", post, factory)
        self._settings = settings
        self._shut = Contact(settings.settle_ms, closed=True, now_ms=now_ms())
        self._left = 0
        self._next_ms = 0.0
        self._counts = {"pulses": 0, "opened": 0, "jammed": 0, "unasked": 0}

    def health(self) -> dict[str, Any]:
        """Return ``PinDevice.health``, whether the door is open, and what happened how often."""
        return {**super().health(), "open": not self._shut.closed, **self._counts}

    def _open(self) -> None:
        settings = self._settings
        self._lock = DigitalOutputDevice(
            settings.lock, active_high=bool(settings.open_level), pin_factory=self._factory
        )
        self._line = WatchedPin(settings.door, self._loop.put, self._factory)
        self._pins += [self._lock, self._line]
        self._loop.put(self._line)

    def _effect(self, effect: AnyEffect) -> None:
        if not isinstance(effect, OpenDoor):
            self._answer_as("unsupportedCommand")
        elif not self._shut.closed:
            self._opened()
        else:
            self._left, self._next_ms = self._settings.tries, self._loop.now_ms

    def _cancel(self) -> None:
        self._left = 0
        self._answer_as("canceled")

    def _opened(self) -> None:
        effect, self._left = self._open_effect, 0
        if effect is None:
            self._counts["unasked"] += 1
            return
        self._counts["opened"] += 1
        self._answer(DoorOpened(effect.at, effect.ref))

    def _edge(self, edge: Edge) -> None:
        self._moved(self._shut.edge(edge.level == 0, edge.at_ms))

    def _moved(self, changes: list[Change]) -> None:
        for change in changes:
            if change.closed:
                self._post(DoorClosed(self.at))
            else:
                self._opened()

    def _tick(self) -> float | None:
        if self._loop.late:
            return LOOK_MS
        self._moved(self._shut.tick(self._loop.now_ms))
        if self._open_effect is not None and not self._shut.settling and self._loop.now_ms >= self._next_ms:
            self._pull()
        return LOOK_MS if self._open_effect is not None or self._shut.settling else None

    def _pull(self) -> None:
        """Give the next pulse; after the last one and its rest answer that the lock is jammed."""
        if not self._left:
            self._counts["jammed"] += 1
            self._answer_as("hardwareError")
            return
        self._left -= 1
        self._counts["pulses"] += 1
        self._next_ms = self._loop.now_ms + self._settings.pulse_ms + self._settings.rest_ms
        self._lock.blink(self._settings.pulse_ms / 1000, 0, n=1)
