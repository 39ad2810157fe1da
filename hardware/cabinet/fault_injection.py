"""The armed fault: it strikes once, where a device is about to speak, by the core's own two functions, together with
the real act that belongs to it.

The refused note comes back out; the card or the notes that "were left" cannot be taken, because the reader pulls the
card in again or the tray stays locked. Faults that mean that nothing came out strike before the device begins
(`prevents`): a note that "did not come" must not lie in the tray.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from hardware.cabinet.simulated_capabilities import CompletedReader
from kiosk_firmware.core import faults, money
from kiosk_firmware.core.effects import (
    AnyEffect,
    Dispense,
    DispenseMedia,
    OpenDoor,
    PrintDocument,
    Retract,
    ReturnItems,
    StoreItems,
)
from kiosk_firmware.core.events import (
    AnyEvent,
    Device,
    DocumentPrinted,
    DoorOpened,
    Fault,
    ItemsPresented,
    MediaDispensed,
)

FAULT_REF = "armed-fault"
"""The word of the acts below; their answers are not the machine's."""
FAILS_MS = 1500
"""How long a device tries before it says that it cannot, when an armed fault keeps it from beginning at all."""


class FaultInjection:
    """The fault that is armed, if any. `completed` plays for a reader that cannot hold a card."""

    def __init__(self, drivers: Mapping[Device, Any], completed: CompletedReader) -> None:
        """Set up with nothing armed. `drivers`: the cabinet's, as they come and go."""
        self.armed: Fault | None = None
        self._completed, self._drivers, self._gate = completed, drivers, threading.Lock()

    def cuts_power(self, effect: AnyEffect) -> bool:
        """Return whether the armed power cut strikes now, just before money moves; it is armed no more then."""
        cuts = self.armed == "power_cut" and isinstance(effect, Dispense | StoreItems | ReturnItems | Retract)
        if cuts:
            self.armed = None
        return cuts

    def prevents(self, wire: AnyEffect) -> AnyEvent | None:
        """Return what a device would have said to an effect that it never begins, because the fault strikes before; or
        None.
        """
        said = self._would_say(wire)
        if said is None or self.armed is None or self.armed == "notes_left" or not faults.moment(self.armed, said):
            return None
        return said

    def _would_say(self, wire: AnyEffect) -> AnyEvent | None:
        """Return the answer of a working device, where the effect hands something out and the device can."""
        driver = self._drivers.get(wire.at)
        match wire:
            case Dispense(at=at, ref=ref, items=items):
                can = driver is not None and money.holds(driver.stock, items)
                return ItemsPresented(at, ref, items) if can else None
            case DispenseMedia(at=at, ref=ref):
                return MediaDispensed(at, ref) if driver is not None else None
            case PrintDocument(at=at, ref=ref):
                can = driver is not None and driver.paper != "out"
                return DocumentPrinted(at, ref) if can else None
            case OpenDoor(at=at, ref=ref):
                return DoorOpened(at, ref) if driver is not None else None
            case _:
                return None

    def struck(self, event: AnyEvent) -> tuple[AnyEvent, ...]:
        """Return what is said instead of `event`: itself, or the strike and what it makes of it."""
        with self._gate:
            armed = self.armed
            if armed is None or not faults.moment(armed, event):
                return (event,)
            self.armed = None
        self._act(armed, event)
        return faults.struck(armed, event)

    def _act(self, fault: Fault, event: AnyEvent) -> None:
        """Do what really happens when the fault strikes."""
        at: Device | None = getattr(event, "at", None)
        driver = self._drivers.get(at) if at is not None else None
        match fault:
            case "note_rejected" if driver is not None:
                driver.perform(ReturnItems("note_acceptor", FAULT_REF))
            case "card_left" if driver is not None and "ejects" not in driver.CAN:
                self._completed.hold()
            case "card_left" | "notes_left" if driver is not None:
                driver.hold()
            case _:
                pass
