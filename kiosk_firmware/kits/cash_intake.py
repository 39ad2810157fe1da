"""Cash going in, piece by piece: each note is held in escrow until it is decided about; tokens fall and are counted.

What is in stands in `CabinetLedger.tally` and is the person's until it has paid for something. Change is made from what
the machine holds, and a note for which it could not be made is given back before it counts.
"""

from __future__ import annotations

from collections.abc import Collection

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import Effects, ReturnItems, StoreItems
from kiosk_firmware.core.money import Items
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields


def decide_escrow(books: CabinetLedger, refused: str) -> tuple[CabinetLedger, Effects]:
    """Take the note in escrow, or give it back where there is a reason."""
    effect = ReturnItems("note_acceptor", "return") if refused else StoreItems("note_acceptor", "store")
    return with_fields(books, note_busy=True), (effect,)


def refusal(books: CabinetLedger, fen: int, accepts: Collection[int], most: int) -> str:
    """Return why a note of that value is given back: "value", "full" (enough pieces at a time), or "" for none."""
    if fen not in accepts:
        return "value"
    return "full" if money.pieces(books.tally) >= most else ""


def missing_fen(books: CabinetLedger, due_fen: int) -> int:
    """Return what is still to be put in, fen; 0 when it is enough."""
    return max(0, due_fen - money.total(books.tally))


def change(books: CabinetLedger, due_fen: int) -> Items | None:
    """Return the pieces to give back of what is in beyond `due_fen`; None where the machine cannot make them."""
    return money.make(money.total(books.tally) - due_fen, books.stock)


def changeable(books: CabinetLedger, fen: int, due_fen: int) -> bool:
    """Return whether a note of `fen` may be taken: either it does not reach beyond what is due, or its change can be
    made.
    """
    over = money.total(books.tally) + fen - due_fen
    return over <= 0 or money.make(over, money.add(books.stock, ((fen, 1),))) is not None
