"""Drivers on linked pins, their twins at the other end of the link, and how a test waits for what they do.

`PinRig` holds one board of twins and one pin factory, as the application and the twins' process do; `CabinetRig` a
whole unit: all twins on ptys and pins, and a cabinet. Waiting is for a condition, with a generous deadline.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from hardware.cabinet.cabinet import Cabinet
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables, HardwareSettings, full_cabinet
from hardware.transport.gpio_pin_factory import LinkedFactory
from hardware.twins.gpio_board import Board, now_ms
from hardware.twins.unit_twins import Twins
from kiosk_firmware.core.events import Answer

DEADLINE_S = 30.0
CARD = "9900000000000001"
PIN = "135790"


class Heard:
    """Collects events and waits for them."""

    def __init__(self):
        self.events = []
        self._changed = threading.Condition()

    def post(self, event):
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, holds):
        """Wait until *holds* is true and return its value."""
        end = time.monotonic() + DEADLINE_S
        while not (value := holds()):
            assert time.monotonic() < end, f"never happened; heard {self.events}"
            with self._changed:
                self._changed.wait(0.01)
        return value

    def all(self, kind):
        """All events of *kind* so far."""
        return [event for event in list(self.events) if isinstance(event, kind)]

    def heard(self, kind, count=1):
        """Wait for the *count*-th event of *kind* and return it."""
        return self.until(lambda: len(self.all(kind)) >= count and self.all(kind)[count - 1])


class PinRig(Heard):
    """`twins` by name on a board, and the factory for drivers; with `with`."""

    def __init__(self, folder: Path, **twins):
        super().__init__()
        self.folder = folder
        self.board = Board(folder / "pins.sock", twins)
        self.factory = LinkedFactory(folder / "pins.sock")
        self.drivers = []

    def start(self, driver):
        """Start a driver; it is stopped with the rig."""
        self.drivers.append(driver)
        self.until(lambda: self.board.connected)
        driver.start()
        return driver

    def twin(self, name, act, *arguments, **options):
        """Have the twin do something, now."""
        with self.board.hold(name) as twin:
            return getattr(twin, act)(*arguments, now_ms(), **options)

    def state(self, name):
        """The twin's state."""
        return self.board.states()[name]

    def restart(self, make):
        """The application dies without a word and another one comes up; returns its driver, started."""
        for driver in self.drivers:
            driver._loop.stop()
        self.drivers.clear()
        self.factory.close()
        self.until(lambda: not self.board.connected)
        self.factory = LinkedFactory(self.folder / "pins.sock")
        return self.start(make())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for driver in self.drivers:
            driver.stop()
        self.factory.close()
        self.board.close()


class CabinetRig(Heard):
    """A whole unit; with `with`."""

    def __init__(
        self, folder: Path, devices: DeviceTables | None = None, money: MoneyChannels | None = None, **options
    ):
        super().__init__()
        self.side_keys, self.notes = [], []
        devices = full_cabinet(quick=True) if devices is None else devices
        money = MoneyChannels() if money is None else money
        self.twins = Twins(devices, money, folder)
        PinStore(folder).set(CARD, PIN)
        settings = HardwareSettings(devices, money, str(folder))
        self.cabinet = Cabinet(
            settings, self.post, on_side_key=self.side_keys.append, on_note=self.notes.append, **options
        )

    def __enter__(self):
        self.cabinet.start()
        self.cabinet.begin(lambda document: [document.title.key], None, True)
        self.until(lambda: self.twins.board.connected or not self.twins.board.twins)
        self.until(lambda: all(row["text"] != "starting" for row in self.cabinet.self_test()))
        return self

    def __exit__(self, *_):
        self.cabinet.stop()
        self.twins.close()

    def do(self, act, **arguments):
        """An act of the person, at once."""
        return self.twins.act(act, arguments)

    def must(self, act, **arguments):
        """An act that the cabinet lets the person do within the deadline."""
        return self.until(lambda: (answer := self.do(act, **arguments))["ok"] and answer)

    def state(self, name):
        """A twin's state."""
        return self.twins.state()[name]

    def answer(self, effect):
        """Perform *effect* and wait for what answers it."""
        before = len(self.all(Answer))
        self.cabinet.perform(effect)
        return self.until(lambda: next((e for e in self.all(Answer)[before:] if e.ref == effect.ref), None))
