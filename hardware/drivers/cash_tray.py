"""The cash tray: a locked compartment with a light barrier before it, so that *presented* and *taken* are two facts.

Practice notes lie ready in the tray; how many of them a run's withdrawal means is the machine's word, and this driver
keeps the book: `stock` (what may be dispensed), `tray` (what is presented and not yet taken). The book is on disk
before the lock opens, so after a crash the unit knows that something lies there; a dead process lets the lock fall
shut. That a hand reached in is on disk too: whoever wakes up after a crash must not offer again what was taken.

Taken: while unlocked, the beam is broken and then clear again for `settle_ms`. A hand that is in the beam when the
tray shall be locked is waited for, a while: it may be quicker than we are. A beam that stays broken while nothing is
presented is a cut wire or a blocked tray; then the tray is lost until it is clear again.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, ClassVar

from gpiozero import OutputDevice

from hardware.drivers.gpio_device import Edge, PinDevice, Post, WatchedPin, now_ms
from hardware.drivers.settings.cash_dispensers import Tray
from hardware.protocols.contact_debounce import Change, Contact
from hardware.transport.durable_json import DurableJson
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, Dispense, Retract
from kiosk_firmware.core.events import ItemsPresented, ItemsRetracted, ItemsTaken
from kiosk_firmware.core.money import NONE, Items

HAND_MS = 3000
"""How long a hand in the beam holds up a retract."""
BLOCKED_MS = 3000
"""How long the beam may be broken while nothing is presented."""


class CashTray(PinDevice):
    """The driver. It answers `Dispense` and `Retract`."""

    CAN: ClassVar[frozenset[str]] = frozenset({"presents", "retracts", "senses_taken"})

    def __init__(self, settings: Tray, post: Post, factory: Factory, memory: Path | None = None) -> None:
        """Take `memory`, the file that keeps the book; None keeps it no longer than the process."""
        super().__init__("cash_dispenser", post, factory)
        self._settings = settings
        self._memory = DurableJson(memory)
        self._beam = Contact(settle_ms=20, now_ms=now_ms())
        self._hand_in = False
        self._held = False
        self._ready = False
        self._due_ms: float | None = None
        self._gate = threading.RLock()
        if self._memory.get("stock") is None:
            self._memory.keep(stock=self._full())
        if self.tray and self._memory.get("hand"):  # by the rule that holds in life: it went in, and it is out again
            self._memory.keep(tray=NONE, taken=self.counters["taken"] + 1, hand=False)

    @property
    def stock(self) -> Items:
        """Return what may still be dispensed."""
        return _items(self._memory.get("stock", []))

    @property
    def tray(self) -> Items:
        """Return what is presented and not taken, as far as is known."""
        return _items(self._memory.get("tray", []))

    @property
    def counters(self) -> dict[str, int]:
        """Return how often the tray was presented, taken, retracted."""
        return {name: int(self._memory.get(name, 0)) for name in ("presented", "taken", "retracted")}

    def begin(self) -> None:
        """Begin a run: with `refill` the stock is full again. What lies in the tray stays there."""
        with self._gate:
            if self._settings.refill and self.stock != self._full():
                self._memory.keep(stock=self._full())

    def filled(self) -> None:
        """Book the set stock: a person filled the tray."""
        with self._gate:
            self._memory.keep(stock=self._full())

    def credit(self, items: Items) -> None:
        """Add accepted notes to the stock, as a recycler does."""
        with self._gate:
            self._memory.keep(stock=money.add(self.stock, items))

    def hold(self) -> None:
        """Lock what is presented, so that it cannot be taken (an armed fault's act). From any thread."""
        self._loop.put("hold")

    def health(self) -> dict[str, Any]:
        """Return ``PinDevice.health``, with stock, what lies in the tray, whether a hand is in it, and counters;
        `ready` when the barrier has been seen clear once.

        A barrier needs a moment after power comes; notes presented meanwhile would count as taken when it clears.
        """
        books = {"stock": list(self.stock), "tray": list(self.tray), "hand": self._hand_in, **self.counters}
        return {**super().health(), "ready": self._ready or self.lost, **books}

    def _full(self) -> Items:
        return money.items(*((int(value), count) for value, count in self._settings.stock.items()))

    def _open(self) -> None:
        settings = self._settings
        self._lock = OutputDevice(
            settings.lock_pin, active_high=bool(settings.unlocked_level), initial_value=False, pin_factory=self._factory
        )
        self._line = WatchedPin(settings.beam_pin, self._loop.put, self._factory)
        self._pins += [self._lock, self._line]
        self._loop.put(self._line)

    def _take(self, item: Any) -> None:
        if item == "hold":
            self._held = True
            self._lock.off()
        else:
            super()._take(item)

    def _enable(self, on: bool) -> None:
        super()._enable(on)
        if on and self.tray and not self._held and self._open_effect is None:
            self._hand_in = self._beam.closed
            self._lock.on()  # after a restart: what was presented is offered again

    # -- effects ------------------------------------------------------------------------------------------------------

    def _effect(self, effect: AnyEffect) -> None:
        match effect:
            case Dispense(items=items):
                self._count_out(effect, items)
            case Retract():
                self._due_ms = self._loop.now_ms + HAND_MS
            case _:
                self._answer_as("unsupportedCommand")

    def _count_out(self, effect: Dispense, items: Items) -> None:
        at, ref = effect.at, effect.ref
        if money.pieces(items) > self._settings.most:
            self._answer(ItemsPresented(at, ref, NONE, "hardwareError", "tooManyItems"))
        elif not items or not money.holds(self.stock, items) or self.tray:
            self._answer(ItemsPresented(at, ref, NONE, "hardwareError", "notDispensable"))
        elif self.lost:
            self._answer(ItemsPresented(at, ref, NONE, "hardwareError", "cashUnitError"))
        else:
            self._due_ms = self._loop.now_ms + self._settings.count_ms

    def _cancel(self) -> None:
        if isinstance(self._open_effect, Dispense):
            self._due_ms = None
            self._answer_as("canceled")

    def _present(self, effect: Dispense) -> None:
        with self._gate:
            stock, presented = money.without(self.stock, effect.items), self.counters["presented"] + 1
            self._memory.keep(stock=stock, tray=effect.items, presented=presented, hand=False)
        self._hand_in, self._held = self._beam.closed, False
        self._lock.on()
        self._answer(ItemsPresented(effect.at, effect.ref, effect.items))

    def _retract(self) -> None:
        effect, items = self._open_effect, self.tray
        self._due_ms, self._held = None, False
        self._lock.off()
        if items:
            with self._gate:
                self._memory.keep(tray=NONE, retracted=self.counters["retracted"] + 1, hand=False)
        if effect is not None:
            self._answer(ItemsRetracted(effect.at, effect.ref, items))

    # -- the beam -----------------------------------------------------------------------------------------------------

    def _edge(self, edge: Edge) -> None:
        self._moved(self._beam.edge(edge.level != self._settings.beam_clear, edge.at_ms))

    def _moved(self, changes: list[Change]) -> None:
        for change in changes:
            if change.closed and self._lock.value:
                self._hand_in = True
                if self.tray:
                    self._memory.keep(hand=True)
            elif not change.closed:
                self._regain()

    def _tick(self) -> float | None:
        now = self._loop.now_ms
        if not self._loop.late:
            self._moved(self._beam.tick(now))
        self._ready = self._ready or not (self._beam.closed or self._beam.settling)
        clear_ms = now - self._beam.since_ms if not self._beam.closed and not self._beam.settling else -1.0
        if self._hand_in and clear_ms >= self._settings.settle_ms:
            self._taken()
        if self._beam.closed and not self._lock.value and now - self._beam.since_ms >= BLOCKED_MS:
            self._lose()
        self._due(now)
        return 20 if self._waiting() else None

    def _due(self, now: float) -> None:
        effect = self._open_effect
        if self._due_ms is None:
            return
        if isinstance(effect, Dispense) and now >= self._due_ms:
            self._due_ms = None
            self._present(effect)
        elif isinstance(effect, Retract):
            hand = self._hand_in or self._beam.closed or self._beam.settling
            if not hand or now >= self._due_ms:
                self._retract()

    def _taken(self) -> None:
        self._hand_in = False
        self._lock.off()
        if self.tray:
            with self._gate:
                self._memory.keep(tray=NONE, taken=self.counters["taken"] + 1, hand=False)
            self._post(ItemsTaken(self.at))

    def _waiting(self) -> bool:
        blocked = self._beam.closed and not self.lost
        return self._due_ms is not None or self._hand_in or self._beam.settling or blocked


def _items(pairs: Any) -> Items:
    return money.items(*((int(value), int(count)) for value, count in pairs))
