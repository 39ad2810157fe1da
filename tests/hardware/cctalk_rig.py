"""A ccTalk wire without a port or a clock: drivers and twins on it, bad luck between them, and deaths of ours.

`Sim` carries what the bus writes to the twin and back, in order, as a wire does, and spoils single exchanges as a test
has asked: the question lost, the answer lost, spoiled, doubled, late. Time goes in steps, and the drivers do in it
what they do in their port's thread. `die` drops every driver on the spot; `Killed`, raised from the post of
a token, is a death between the driver's own book and the first who would have heard.
"""

from __future__ import annotations

from collections import deque

from hardware.drivers.cctalk_bus import Bus
from hardware.transport.serial_port import PortSettings
from kiosk_firmware.core.events import AnyEvent, ItemsInserted, ItemsStored

STEP_MS = 20


class Killed(BaseException):
    """The process died here."""


class FakePort:
    """What the bus writes to."""

    def __init__(self, sim):
        self._sim = sim

    def start(self):
        pass

    def close(self):
        pass

    def wake(self):
        pass

    def write(self, data):
        if data and self._sim.plugged:
            self._sim.asked(data)
        return True

    def health(self):
        return {}


class Sim:
    """The wire with `twin` at its end; `make(bus, post, clock)` builds the drivers of one process."""

    def __init__(self, twin, make):
        self.twin, self._make = twin, make
        self.now_ms = 0
        self.events: list[AnyEvent] = []
        self.noise: list[dict] = []
        self.plugged = True
        self.kill_in_post = False
        self._luck: deque[tuple[str, int]] = deque()
        self._coming: deque[tuple[int, bytes]] = deque()
        self.bus = None
        self.drivers: list = []
        self.boot()

    # -- what a test does ---------------------------------------------------------------------------------------------

    def boot(self):
        """A process of ours begins."""
        self.bus = Bus(PortSettings("x"), lambda: self.now_ms)
        self.bus._port = FakePort(self)
        self.drivers = self._make(self.bus, self._post, lambda: self.now_ms)
        for driver in self.drivers:
            driver.start()
        if self.plugged:
            self.bus._on_back()

    def die(self):
        """It ends without a word."""
        self.noise += [dict(getattr(driver, "_noise", {})) for driver in self.drivers]
        self._coming.clear()
        self.drivers, self.bus = [], None

    def luck(self, *kinds: tuple[str, int]):
        """What happens to the next exchanges."""
        self._luck += kinds

    def unplug(self):
        if self.plugged:
            self.plugged = False
            self._coming.clear()
            if self.bus is not None:
                self.bus._on_lost()

    def replug(self):
        if not self.plugged:
            self.plugged = True
            if self.bus is not None:
                self.bus._on_back()

    def run(self, ms, until=lambda: False):
        """Let time pass; ends early when *until* holds, and says whether it did."""
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            if until():
                return True
            self.now_ms += STEP_MS
            try:
                self._step()
            except Killed:
                self.die()
                self.boot()
        return bool(until())

    def counted(self, name):
        """A noise counter over all processes."""
        alive = [getattr(driver, "_noise", {}) for driver in self.drivers]
        return sum(noise.get(name, 0) for noise in [*self.noise, *alive])

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _step(self):
        self._say(self.twin.tick(self.now_ms), 0)
        for _ in range(6):  # what is answered at once leads to the next question in the same step
            if not (self.plugged and self._coming and self._coming[0][0] <= self.now_ms and self.bus is not None):
                break
            self.bus._on_bytes(self._coming.popleft()[1], self.now_ms)
        if self.bus is not None:
            self.bus._on_tick(self.now_ms)

    def asked(self, data):
        kind, amount = self._luck.popleft() if self._luck else ("", 0)
        echo = data if getattr(self.twin, "echo", False) else b""
        said = b"" if kind == "deaf" else self.twin.receive(data, self.now_ms)[len(echo) :]
        self._say(echo, 0)
        if kind == "silent":
            return
        if kind == "check" and said:
            said = said[:-1] + bytes([said[-1] ^ 0x40])
        self._say(said, amount if kind == "late" else 0)
        if kind == "double":
            self._say(said, amount)

    def _say(self, data, late_ms):
        """Onto the wire, after what is on it already."""
        if data and self.plugged:
            due_ms = max(self.now_ms + late_ms, self._coming[-1][0] if self._coming else 0)
            self._coming.append((due_ms, data))

    def _post(self, event):
        if self.kill_in_post and isinstance(event, (ItemsInserted, ItemsStored)):
            self.kill_in_post = False
            raise Killed
        self.events.append(event)

    def all(self, kind):
        return [event for event in self.events if isinstance(event, kind)]
