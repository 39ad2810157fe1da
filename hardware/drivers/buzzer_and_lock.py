"""The buzzer's two words, and the lock of the cabinet's door. gpiozero times both; a lock shuts by itself.

Both rest from the first moment and when this process ends. The buzzer says what no learner should have to read: one
short tone that something was taken, three that it was not.
"""

from __future__ import annotations

from typing import Any, Literal

from gpiozero import DigitalOutputDevice

from hardware.drivers.settings import unit_fixtures as tables
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.events import AnyEvent, BarcodeRead, GateAlarmed, GatePassed

Sound = Literal["taken", "refused"]
TONES: dict[Sound, tuple[float, float, int]] = {"taken": (0.08, 0.05, 1), "refused": (0.12, 0.12, 3)}
"""Seconds on and off, and how often."""


def sound_of(event: AnyEvent) -> Sound | None:
    """Return what is heard when a device says this: codes and gates have no glass before the person's eyes."""
    match event:
        case BarcodeRead(text=text):
            return "taken" if text else "refused"
        case GatePassed(completion="success"):
            return "taken"
        case GateAlarmed(alarm="tailgate" | "intrusion" | "obstructed"):
            return "refused"
    return None


class _Output:
    """One line that rests off."""

    def __init__(self, pin: int, level: int, factory: Factory) -> None:
        self._pin, self._level, self._factory = pin, level, factory
        self._line: Any = None
        self._count = 0

    def start(self) -> None:
        """Take the pin, at rest."""
        self._line = DigitalOutputDevice(self._pin, active_high=bool(self._level), pin_factory=self._factory)

    def stop(self) -> None:
        """Switch the output to rest, and let the pin go; twice is fine."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _pulse(self, on_s: float, off_s: float = 0, times: int = 1) -> None:
        if self._line is not None:
            self._count += 1
            self._line.blink(on_s, off_s, n=times)


class Buzzer(_Output):
    """The driver; `heard` is quick and may come from any thread."""

    def __init__(self, settings: tables.BuzzerLine, factory: Factory) -> None:
        super().__init__(settings.pin, settings.active_level, factory)

    def heard(self, event: AnyEvent) -> None:
        """Sound the tone of an event that has one."""
        if (sound := sound_of(event)) is not None:
            self._pulse(*TONES[sound])

    def health(self) -> dict[str, Any]:
        """Return how often it sounded."""
        return {"at": "buzzer", "sounds": self._count}


class DoorLock(_Output):
    """The driver; `open` returns at once."""

    def __init__(self, settings: tables.DoorLockLine, factory: Factory) -> None:
        super().__init__(settings.pin, settings.open_level, factory)
        self._open_s = settings.open_ms / 1000

    def open(self) -> None:
        """Open for a while."""
        self._pulse(self._open_s)

    def health(self) -> dict[str, Any]:
        """Return how often it opened."""
        return {"at": "door_lock", "opened": self._count}
