"""Coming home: what stands after a leaving step, and what is taken up at home though nobody asked for it.

The theory. `leaving` says which duty is next; when none is left, the machine is home, and its errand is forgotten. Then
nothing of anybody may be inside: what is there all the same (a coin that fell late, a card that came in meanwhile)
begins another leave. Machines differ only in what they forget at home, which they say as a value, and in how they
leave.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger
from kiosk_firmware.kits.return_items import Done, Leaving

S = TypeVar("S", bound=msgspec.Struct)
"""A machine's state: it has `books` and a `phase`."""


def after_leaving(
    state: S, step: tuple[CabinetLedger, Leaving | Done, Effects], again: Callable[[S], tuple[S, Effects]], **home: Any
) -> tuple[S, Effects]:
    """Return the state after a leaving step (as `proceed`, `on_event` and `slip` give it). `again`: begin another
    leave; `home`: the fields that are set when all duties are done.
    """
    books, phase, effects = step
    there: Any = state
    if not isinstance(phase, Done):
        if phase is there.phase and books is there.books:
            return state, NO_EFFECTS
        return msgspec.structs.replace(state, books=books, phase=phase), effects
    state = msgspec.structs.replace(state, books=books)
    if books.tally or books.tray or books.escrow_fen or books.place != "none":
        return again(state)
    return msgspec.structs.replace(state, **home), NO_EFFECTS


def at_home(
    state: S, books: CabinetLedger, effects: Effects, again: Callable[[S], tuple[S, Effects]]
) -> tuple[S, Effects]:
    """Take up what is there though nobody asked for it: a card, money, something left behind."""
    if books.place == "none" and not (books.tally or books.tray):
        return state, effects
    after, more = again(state)
    return after, effects + more
