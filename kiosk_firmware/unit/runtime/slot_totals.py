"""Sum what went through the machine's slots, as a fold over events: how many cards, pieces and slips are in hands for
it.

A class counts its practice things before and after. Between the counts the machine takes some in and gives some out;
the sum of both, kept beside every commit (`custody` in `screen.db`), says what the second count should find. `n` is
from the hands' side: what is put in counts -1, what is given out +1; the box it went to or came from (`box.notes.…`)
counts the other way. A box that was emptied, or filled up again, stands at nothing and the hands have the difference.
`place` tells where the unit saw one last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    MediaDispensed,
    MediaInserted,
    MediaInvalid,
    MediaRetained,
    MediaTaken,
)
from kiosk_firmware.core.money import Items

Place = Literal["inserted", "taken", "retained", "accepted", "returned", "presented", "retracted", "printed"]

BOXES: Mapping[str, str] = {
    "card_reader": "cards",
    "note_acceptor": "notes",
    "coin_acceptor": "coins",
    "coin_dispenser": "coins",
    "cash_dispenser": "tray",
    "ticket_dispenser": "tickets",
}
"""The box behind a slot; tokens that fall in feed the hoppers, so they share one."""


class CustodyMove(msgspec.Struct, frozen=True):
    """`n` pieces more (+) or fewer (-) in hands. `what`: card, ident, ticket, slip, or `fen.<value>`."""

    what: str
    n: int
    place: Place


class CustodySum(msgspec.Struct, frozen=True):
    """The sum for one `what`; `at_ms` (UTC) and `place` are the last move's."""

    what: str
    n: int
    place: str
    at_ms: int


def moves(event: AnyEvent) -> tuple[CustodyMove, ...]:
    """Return what the event moved, between hands and boxes; nothing for most."""
    at = getattr(event, "at", "")
    return tuple(both for move in _moves(event) for both in box_moves(move, at))


def _moves(event: AnyEvent) -> tuple[CustodyMove, ...]:
    match event:
        case MediaInserted(at=at) | MediaInvalid(at=at):
            return (CustodyMove(_media(at), -1, "inserted"),)
        case MediaTaken(at=at):
            return (CustodyMove(_media(at), 1, "taken"),)
        case MediaRetained(at=at, completion="success"):
            return (CustodyMove(_media(at), 0, "retained"),)
        case MediaDispensed(at=at, completion="success"):
            return (CustodyMove(_media(at), 0, "presented"),)  # it is in nobody's hand before it is taken
        case DocumentPrinted(completion="success"):
            return (CustodyMove("slip", 1, "printed"),)
        case _:
            return tuple(_pieces(event))


def box_moves(move: CustodyMove, at: str) -> tuple[CustodyMove, ...]:
    """Return the move, and what it is for the box behind the slot."""
    if at not in BOXES or not move.n:
        return (move,)
    return move, CustodyMove(f"box.{BOXES[at]}.{move.what}", -move.n, move.place)


def settlement_moves(held: Mapping[str, CustodySum], at: str) -> tuple[CustodyMove, ...]:
    """Return the moves of a box behind that slot that was emptied into the hands, or filled up from them."""
    start = f"box.{BOXES.get(at, '-')}."
    found = [row for what, row in held.items() if what.startswith(start) and row.n]
    out: list[CustodyMove] = []
    for row in found:
        place: Place = "returned" if row.n > 0 else "accepted"
        out += [CustodyMove(row.what.removeprefix(start), row.n, place), CustodyMove(row.what, -row.n, place)]
    return tuple(out)


def _media(at: str) -> str:
    return {"id_reader": "ident", "ticket_dispenser": "ticket"}.get(at, "card")


def _pieces(event: AnyEvent) -> Iterable[CustodyMove]:
    match event:
        case ItemsInserted(at="note_acceptor", fen=fen):
            yield CustodyMove(f"fen.{fen}", -1, "inserted")
        case ItemsInserted(fen=fen):
            yield CustodyMove(f"fen.{fen}", -1, "accepted")
        case ItemsStored(fen=fen, completion="success"):
            yield CustodyMove(f"fen.{fen}", 0, "accepted")
        case ItemsReturned(fen=fen, completion="success"):
            yield CustodyMove(f"fen.{fen}", 1, "returned")
        case ItemsPresented(items=items):
            yield from _heap(items, 1, "presented")
        case ItemsRetracted(at="note_acceptor", items=items):
            yield from _heap(items, 0, "retracted")  # out of the hands since it went in
        case ItemsRetracted(items=items):
            yield from _heap(items, -1, "retracted")
        case _:
            return


def _heap(items: Items, sign: int, place: Place) -> Iterable[CustodyMove]:
    return (CustodyMove(f"fen.{fen}", sign * count, place) for fen, count in items)
