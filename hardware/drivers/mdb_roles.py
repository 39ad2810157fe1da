"""An MDB changer's two roles, each a driver of the cabinet's: the coin slot and the tubes; the changer does both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.mdb_payout import PayingChanger
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import Device
from kiosk_firmware.core.money import NONE, Items


class _Face:
    """The common base of both: a role that starts and stops with the cabinet."""

    def __init__(self, changer: PayingChanger, at: Device) -> None:
        self.at: Device = at
        self._changer = changer

    def start(self) -> None:
        """Begin; the first role opens the line."""
        self._changer.join(self.at)

    def stop(self) -> None:
        """End; the last role closes the line."""
        self._changer.leave(self.at)

    def perform(self, effect: AnyEffect) -> None:
        """Take the effect; one event with its ref follows."""
        self._changer.perform(effect)

    def lend(self, work: Callable[[Any], None]) -> bool:
        """Let *work* have the line once, for a changer that does not answer anyway."""
        return self._changer.lend(work)

    def health(self) -> dict[str, Any]:
        """Return the changer's health under this role's name."""
        return {**self._changer.health(), "at": self.at}


class MdbSlot(_Face):
    """The coin slot. It answers no effect: tokens cannot be held."""

    CAN: ClassVar[frozenset[str]] = frozenset({"counts", "refuses"})

    @property
    def counter(self) -> int:
        """Return how many tokens ever fell."""
        return self._changer.counter

    def enable(self, on: bool) -> None:
        """Set whether the page waits on the slot."""
        self._changer.enable(on)


class MdbTubes(_Face):
    """The tubes, which answer `Dispense` and drop tokens into an open cup."""

    CAN: ClassVar[frozenset[str]] = frozenset({"presents"})

    @property
    def stock(self) -> Items:
        """Return what can be paid out, by the changer's own count."""
        return self._changer.stock

    @property
    def counters(self) -> dict[str, int]:
        """`paid_<fen>` and `unknown`, as hoppers count."""
        return self._changer.paid

    def enable(self, on: bool) -> None:
        """Do nothing: tubes pay when they are asked."""

    def credit(self, items: Items) -> Items:
        """Return what of *items* goes elsewhere: a token in a tube is counted by the changer already."""
        return NONE if self._changer.in_tube else items
