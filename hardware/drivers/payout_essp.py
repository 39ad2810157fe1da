"""The recycler as the unit's cash dispenser: the face of one device (`recycler_essp.py`) that has two roles."""

from __future__ import annotations

from typing import Any, ClassVar

from hardware.drivers.recycler_essp import RecyclerEssp
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.money import Items


class Payout:
    """The recycler as the unit's cash dispenser."""

    CAN: ClassVar[frozenset[str]] = frozenset({"presents", "senses_taken"})

    def __init__(self, recycler: RecyclerEssp) -> None:
        self._recycler = recycler

    @property
    def stock(self) -> Items:
        """Return what may be dispensed."""
        return self._recycler.book.stock

    @property
    def tray(self) -> Items:
        """Return what was paid and not taken."""
        return self._recycler.book.tray

    @property
    def counters(self) -> dict[str, int]:
        """As `Book.counters`."""
        return self._recycler.book.counters

    def start(self) -> None:
        """Begin to open the line, unless the other role did."""
        self._recycler.start()

    def stop(self) -> None:
        """Let the line go; twice is fine."""
        self._recycler.stop()

    def perform(self, effect: AnyEffect) -> None:
        """Dispense and Retract."""
        self._recycler.perform(effect)

    def enable(self, on: bool) -> None:
        """Set whether the page waits for somebody to take what was paid."""
        if on:
            self._recycler.offer()

    def begin(self) -> None:
        """Do nothing at the beginning of a run: what lies in the store stays there."""

    def credit(self, items: Items) -> None:
        """Credit a note that went in."""
        self._recycler.credit(items)

    def hold(self) -> None:
        """Keep what was paid from being taken (an armed fault's act)."""
        self._recycler.hold()

    def health(self) -> dict[str, Any]:
        """Return the cash dispenser's own report."""
        return self._recycler.payout_health()
