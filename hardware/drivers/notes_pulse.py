"""A pulse note acceptor (ICT, TP70 and their kin) as the unit's note acceptor: what it takes is in the box at once.

The theory. It has no escrow: a train of pulses says that a note of that value was stored. Machines decide about a note
while it is held; so here it *counts as held*, and the slot takes no other one, until they have: `StoreItems` is
answered with success at once, and `ReturnItems` is what nobody can do by wire. It is answered as done, and the cabinet
says to the person that somebody with the key gives the note back by hand (`by_hand` counts them).

What counts as held, and what was stored and not yet `committed`, is on disk before anybody hears of it, so a crash
loses nothing: `found` tells it, as a validator with an escrow would. A note that came in flight behind another one
waits until that one is decided.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import msgspec

from hardware.drivers.gpio_device import Post
from hardware.drivers.note_inventory import NoteInventory
from hardware.drivers.pulse_acceptor import PulseAcceptor
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.notes import PulseNotes
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.effects import AnyEffect, ReturnItems, StoreItems
from kiosk_firmware.core.events import ItemsInserted, ItemsReturned, ItemsStored


class _Committed(msgspec.Struct, frozen=True):
    ref: str


class NotesPulse(PulseAcceptor):
    """The driver. It answers `StoreItems` and `ReturnItems`."""

    CAN: ClassVar[frozenset[str]] = frozenset({"holds"})

    def __init__(
        self, settings: PulseNotes, money: MoneyChannels, post: Post, factory: Factory, memory: Path | None = None
    ) -> None:
        """Take `memory`, the file that keeps what is held and what is owed."""
        super().__init__("note_acceptor", settings, money, post, factory, memory)
        self._owed_ref = ""

    def committed(self, ref: str | int) -> None:
        """Take the credit answered with *ref* ("" for an unclaimed one) as written down."""
        self._loop.put(_Committed(str(ref)))

    def found(self) -> NoteInventory:
        """Return what is in the machine now; after a restart the only word on what a run cut off has left."""
        return NoteInventory(
            self._held[0] if self._held else 0, 0 if self._owed_ref else self._kept("owed_fen"), self._kept("stacked")
        )

    def health(self) -> dict[str, Any]:
        """Return `PulseAcceptor.health`, with what is held, unclaimed, stacked, and how many were given
        back by hand.
        """
        found = msgspec.structs.asdict(self.found())
        return {**super().health(), **found, "by_hand": self._kept("by_hand"), "waiting": len(self._held)}

    def _kept(self, name: str) -> int:
        return int(self._memory.get(name, 0))

    @property
    def _held(self) -> list[int]:
        return list(self._memory.get("held", []))

    @property
    def _lets_in(self) -> bool:
        return super()._lets_in and not self._held and not self._kept("owed_fen")

    def _credit(self, fen: int) -> None:
        self._memory.keep(held=[*self._held, fen])
        if len(self._held) == 1:
            self._post(ItemsInserted(self.at, fen, self._kept("stacked")))

    def _take(self, item: Any) -> None:
        if not isinstance(item, _Committed):
            super()._take(item)
        elif item.ref == self._owed_ref and self._kept("owed_fen"):
            self._memory.keep(owed_fen=0)
            self._owed_ref = ""
            self._next()

    def _effect(self, effect: AnyEffect) -> None:
        held = self._held
        match effect:
            case StoreItems() | ReturnItems() if not held:
                self._answer_as("userError")
            case StoreItems(at=at, ref=ref):
                owed_fen = self._kept("owed_fen") + held[0]
                self._owed_ref = ref if owed_fen == held[0] else ""
                self._memory.keep(held=held[1:], owed_fen=owed_fen, stacked=self._kept("stacked") + 1)
                self._answer(ItemsStored(at, ref, held[0]))
            case ReturnItems(at=at, ref=ref):
                self._memory.keep(held=held[1:], by_hand=self._kept("by_hand") + 1)
                self._answer(ItemsReturned(at, ref, held[0]))
                self._next()
            case _:
                self._answer_as("unsupportedCommand")

    def _next(self) -> None:
        """Post the note behind the last one, if one came in flight."""
        if self._held and not self._kept("owed_fen"):
            self._post(ItemsInserted(self.at, self._held[0], self._kept("stacked")))
