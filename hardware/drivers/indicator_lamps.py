"""Lamps beside the slots, and the one that calls the teacher: off, slow or quick.

Slow: the page waits on this slot. Quick: the coach points at it. gpiozero blinks; its threads live only while a lamp
does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from gpiozero import LED

from hardware.drivers.settings.unit_fixtures import Lamps
from hardware.transport.gpio_pin_factory import Factory

Mode = Literal["off", "slow", "quick", "on"]
BEATS: dict[str, tuple[float, float]] = {"slow": (0.8, 0.8), "quick": (0.2, 0.2)}
"""Seconds on and off. Slower than 3 Hz, so that nobody is harmed by it."""


class Lights:
    """The lamps of a unit; a slot without one is no error. All calls are quick and may come from any one thread."""

    CAN: ClassVar[frozenset[str]] = frozenset({"blinks"})

    def __init__(self, settings: Lamps, factory: Factory) -> None:
        self._settings, self._factory = settings, factory
        self._leds: dict[str, LED] = {}
        self._modes: dict[str, Mode] = {}

    def start(self) -> None:
        """Take the pins, all dark."""
        pins = dict(self._settings.slots)
        if self._settings.teacher is not None:
            pins["teacher"] = self._settings.teacher
        self._leds = {name: LED(pin, pin_factory=self._factory) for name, pin in pins.items()}

    def stop(self) -> None:
        """Switch all lamps off, and let the pins go; twice is fine."""
        for led in self._leds.values():
            led.close()
        self._leds, self._modes = {}, {}

    def expect(self, slots: Iterable[str], halo: str = "") -> None:
        """Blink slowly at these slots; where the coach points at one (`halo`), quickly at that one and nowhere else, so
        that "where the lamp is" names one place. Be dark elsewhere; the teacher's lamp is not touched.
        """
        wanted = set() if halo else set(slots)
        for name in self._leds:
            if name != "teacher":
                self.show(name, "quick" if name == halo else "slow" if name in wanted else "off")

    def show(self, name: str, mode: Mode) -> None:
        """Set one lamp."""
        led = self._leds.get(name)
        if led is None or self._modes.get(name, "off") == mode:
            return
        self._modes[name] = mode
        if mode in BEATS:
            led.blink(*BEATS[mode])
        else:
            (led.on if mode == "on" else led.off)()

    def health(self) -> dict[str, Any]:
        """Return what each lamp does."""
        return {"at": "lights", "lamps": {name: self._modes.get(name, "off") for name in self._leds}}
