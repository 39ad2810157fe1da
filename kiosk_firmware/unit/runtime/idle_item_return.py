"""Giving everything back when no machine does it: after a crash, and whenever something lies in the cabinet between
runs.

Decided from what is owed alone, by device: a card inside is ejected, a note in escrow returned; what stands in a slot
or lies in the tray is waited for, and kept when nobody takes it. A device that refuses twice is left alone and
reported: the teacher opens the cabinet, and the unit says what belongs to whom.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import AnyEffect, EjectMedia, RetainMedia, Retract, ReturnItems
from kiosk_firmware.core.events import Answer, AnyEvent
from kiosk_firmware.unit.runtime.liabilities import Liabilities

TRIES = 2


class IdleItemReturn:
    """The return of what lies in the cabinet between runs. The engine asks `due` after every event and every
    time-out.
    """

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._open: set[str] = set()
        self._failed: dict[str, int] = {}
        self.overdue = False
        """What waits to be taken was not taken in time."""

    def due(self, owed: Liabilities) -> tuple[AnyEffect, ...]:
        """Return what to do now, at most one thing a device; each is counted as begun."""
        wanted = [effect for effect in self._wanted_effects(owed) if self._may(effect.at)]
        self._open.update(effect.at for effect in wanted)
        return tuple(wanted)

    def heard(self, event: AnyEvent) -> None:
        """Take an answer (the refs are ours), which ends what its device was doing."""
        if isinstance(event, Answer):
            self._open.discard(event.at)
            if event.completion != "success":
                self._failed[event.at] = self._failed.get(event.at, 0) + 1
            else:
                self._failed.pop(event.at, None)

    def waits(self, owed: Liabilities) -> bool:
        """Return whether something stands ready for a hand."""
        return owed.place == "exit" or bool(owed.tray)

    def stuck(self, owed: Liabilities) -> tuple[str, ...]:
        """Return the devices that hold something and do not give it back."""
        return tuple(effect.at for effect in self._wanted_effects(owed) if self._failed.get(effect.at, 0) >= TRIES)

    def is_done(self, owed: Liabilities) -> bool:
        """Return whether nothing is held any more, but by devices that are stuck, and nothing is under way."""
        waiting = self.waits(owed) and not self.overdue
        return not self._open and not waiting and len(self._wanted_effects(owed)) == len(self.stuck(owed))

    def again(self) -> None:
        """Try everything again: the teacher was there, or a device is back."""
        self._failed.clear()

    def reset(self) -> None:
        """Forget what was open: a run begins, and it is the run's no more."""
        self._open.clear()
        self.overdue = False

    def _may(self, at: str) -> bool:
        return at not in self._open and self._failed.get(at, 0) < TRIES

    def _wanted_effects(self, owed: Liabilities) -> list[AnyEffect]:
        wanted: list[AnyEffect] = []
        if owed.place == "inside":
            wanted.append(EjectMedia("card_reader", "give-back"))
        elif owed.place == "exit" and self.overdue:
            wanted.append(RetainMedia("card_reader", "keep"))
        if owed.escrow_fen:
            wanted.append(ReturnItems("note_acceptor", "give-back"))
        if owed.tray and self.overdue:
            wanted.append(Retract("cash_dispenser", "keep"))
        return wanted
