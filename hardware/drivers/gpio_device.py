"""Share what the drivers on pins have in common: a thread of their own, edges with their time, one open effect.

Edges come from gpiozero's pins with the time at which they happened (the kernel's, or the link's), never the time at
which somebody got round to them. They are queued; all else happens in the driver's loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from gpiozero import InputDevice

from hardware.drivers.driver_thread import DriverThread, monotonic_ms
from hardware.drivers.effect_answers import answer
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.effects import AnyEffect, Cancel
from kiosk_firmware.core.events import AnyEvent, Completion, Device, DeviceBack, DeviceLost

Post = Callable[[AnyEvent], None]


class Edge(NamedTuple):
    """A line went to `level` at `at_ms` (monotonic)."""

    pin: int
    level: int
    at_ms: float


class WatchedPin:
    """An input pin whose edges are told, both ways. `pull` is up unless the line idles low."""

    def __init__(self, pin: int, tell: Callable[[Edge], None], factory: Factory, pull_up: bool = True) -> None:
        self._pin, self._tell = pin, tell
        self.device = InputDevice(pin, pull_up=pull_up, pin_factory=factory)
        self.device.pin.edges = "both"
        self.device.pin.when_changed = self._changed

    def _changed(self, ticks: float, level: int) -> None:
        self._tell(Edge(self._pin, int(level), ticks * 1000))

    @property
    def level(self) -> int:
        """The line's level now."""
        return int(self.device.pin.state)

    def now(self) -> Edge:
        """Return the present level as if it had just come about: a driver begins with it.

        To be read in the driver's own thread: read before, it could be queued behind an edge that is newer.
        """
        return Edge(self._pin, self.level, monotonic_ms())

    def close(self) -> None:
        """Let the pin go; twice is fine."""
        self.device.close()


def release(loop: DriverThread, lines: list[Any]) -> None:
    """End a driver's thread, then let its pins go, so that wiring decides; twice is fine."""
    loop.stop()
    while lines:
        lines.pop().close()


class PinDevice:
    """Skeleton of a driver on pins. Subclasses open their pins in `_open` and act in `_edge`, `_effect` and `_tick`."""

    CAN: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, at: Device, post: Post, factory: Factory) -> None:
        self.at: Device = at
        self.enabled = False
        self.lost = False
        self._post, self._factory = post, factory
        self._open_effect: AnyEffect | None = None
        self._loop = DriverThread(f"driver {at}", self._take, self._tick, lambda _: self._stumbled(), factory)
        self._pins: list[Any] = []

    def start(self) -> None:
        """Open the pins and begin; raises what gpiozero raises when a pin cannot be had."""
        self._open()
        self._loop.start()

    def stop(self) -> None:
        """Let the pins go, so that wiring decides (coins refused, tray locked); twice is fine."""
        release(self._loop, self._pins)

    def perform(self, effect: AnyEffect) -> None:
        """Take an effect; from any thread, never blocks. One event with its ref follows."""
        self._loop.put(effect)

    def enable(self, on: bool) -> None:
        """Set whether the page waits on this device. From any thread."""
        self._loop.put(on)

    def committed(self, counter: int) -> None:
        """Hear that everything up to `counter` is in the journal; a device on pins has nothing to release."""

    def health(self) -> dict[str, Any]:
        """Return `enabled`, `lost`, and how often the driver stumbled."""
        return {"at": self.at, "enabled": self.enabled, "lost": self.lost, "failures": self._loop.failures}

    def _open(self) -> None:
        raise NotImplementedError

    def _edge(self, edge: Edge) -> None:
        raise NotImplementedError

    def _effect(self, effect: AnyEffect) -> None:
        """Begin the effect; `_answer` ends it."""
        self._answer(answer(effect, "unsupportedCommand"))

    def _cancel(self) -> None:
        """End the open effect early, if that is still possible."""

    def _enable(self, on: bool) -> None:
        self.enabled = on

    def _tick(self) -> float | None:
        """Time passed or something came; returns after how many ms to be called again, or None."""
        return None

    def _take(self, item: Any) -> None:
        match item:
            case Edge():
                self._edge(item)
            case WatchedPin():
                self._edge(item.now())
            case bool():
                self._enable(item)
            case Cancel():
                if self._open_effect is not None and self._open_effect.ref == item.ref:
                    self._cancel()
            case _ if self._open_effect is not None:
                # The core opens one effect a device; a second one is a mistake above, and is answered, not lost.
                self._post(answer(item, "hardwareError"))
            case _:
                self._open_effect = item
                self._effect(item)

    def _answer(self, event: AnyEvent) -> None:
        self._open_effect = None
        self._post(event)

    def _answer_as(self, completion: Completion) -> None:
        if self._open_effect is not None:
            self._answer(answer(self._open_effect, completion))

    def _stumbled(self) -> None:
        """Answer the open effect with `hardwareError`: the driver has failed."""
        self._answer_as("hardwareError")

    def _lose(self) -> None:
        if not self.lost:
            self.lost = True
            self._post(DeviceLost(self.at))

    def _regain(self) -> None:
        if self.lost:
            self.lost = False
            self._post(DeviceBack(self.at))


now_ms = monotonic_ms
