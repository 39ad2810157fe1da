"""A machine's own books of the cabinet: what it believes lies where, kept true in every phase.

Rules decide by these books, never by remembering what they asked for. `absorb` takes up every device fact, expected
or not, so a coin in flight is never swallowed: money accepted and not yet booked or paid for stands in `tally` and
is owed to the person until a rule says otherwise.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import Effects, ReturnItems
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DeviceBack,
    DeviceLost,
    DocumentPrinted,
    HostAnswered,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    Media,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    MediaWritten,
    PaperChanged,
    PinEntered,
    PinKeyPressed,
    Place,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.money import NONE, Items

NO_DEVICE_FACTS = frozenset((Tapped, Typed, TimerExpired, HostAnswered, PinKeyPressed, PinEntered))
"""Events that move nothing in the cabinet; most are."""
UNREAD = Media("", "", False)
"""Stands in the reader: a card that could not be read."""


class CabinetLedger(msgspec.Struct, frozen=True, cache_hash=True):
    """The machine's belief of what lies where. `note_busy`: an effect on the note slot is open. `lost`: devices that do
    not answer. `ident`: the ID card on the open reader.
    """

    card: Media | None = None
    place: Place = "none"
    escrow_fen: int = 0
    note_busy: bool = False
    tally: Items = NONE
    tray: Items = NONE
    stock: Items = NONE
    paper: str = "full"
    lost: tuple[str, ...] = ()
    ident: Media | None = None


def with_fields(books: CabinetLedger, **fields: Any) -> CabinetLedger:
    """Return the books with these fields changed."""
    return msgspec.structs.replace(books, **fields)


def absorb(books: CabinetLedger, event: AnyEvent) -> CabinetLedger:
    """Return the books after a device fact; other events leave them as they are."""
    if type(event) in NO_DEVICE_FACTS:
        return books
    match event:
        case MediaInserted() | MediaInvalid() | MediaPresented() | MediaTaken() | MediaRetained() | MediaWritten():
            return _absorb_media(books, event)
        case PaperChanged(paper=paper):
            return with_fields(books, paper=paper)
        case DocumentPrinted(reason="paperOut"):
            return with_fields(books, paper="out")
        case DeviceLost(at=at):
            return with_fields(books, lost=tuple(sorted({*books.lost, at})))
        case DeviceBack(at=at):
            return with_fields(books, lost=tuple(name for name in books.lost if name != at))
        case CabinetFound():
            return _found(books, event)
        case _:
            return _absorb_items(books, event)


def _absorb_media(books: CabinetLedger, event: AnyEvent) -> CabinetLedger:
    match event:
        case MediaInserted(at="id_reader", media=media):
            return with_fields(books, ident=media)
        case MediaInvalid(at="id_reader"):
            return with_fields(books, ident=UNREAD)
        case MediaTaken(at="id_reader"):
            return with_fields(books, ident=None)
        case MediaInserted(at="card_reader", media=media):
            return with_fields(books, card=media, place="inside")
        case MediaInvalid(at="card_reader"):
            return with_fields(books, card=UNREAD, place="inside")
        case MediaPresented(at="card_reader", completion="success"):
            return with_fields(books, place="exit")
        case MediaTaken(at="card_reader"):
            return with_fields(books, card=None, place="none")
        case MediaRetained(at="card_reader", completion="success"):
            return with_fields(books, card=None, place="none")
        case MediaWritten(at="card_reader", completion="success", fen=fen, trip=trip) if books.card:
            return with_fields(books, card=msgspec.structs.replace(books.card, fen=fen, trip=trip))
        case _:
            return books


def _absorb_items(books: CabinetLedger, event: AnyEvent) -> CabinetLedger:
    match event:
        case ItemsInserted(at="note_acceptor", fen=fen):
            return with_fields(books, escrow_fen=fen)
        case ItemsInserted(fen=fen):
            coin = ((fen, 1),)
            return with_fields(books, tally=money.add(books.tally, coin), stock=money.add(books.stock, coin))
        case ItemsStored(completion="success", fen=fen) if fen:
            note = ((fen, 1),)
            tally, stock = money.add(books.tally, note), money.add(books.stock, note)
            return with_fields(books, tally=tally, stock=stock, escrow_fen=0, note_busy=False)
        case ItemsStored() | ItemsReturned():
            kept = books.escrow_fen if event.completion == "unknown" else 0
            return with_fields(books, escrow_fen=kept, note_busy=False)
        case ItemsPresented(at="coin_dispenser", items=items) if money.holds(books.stock, items):
            return with_fields(books, stock=money.without(books.stock, items))
        case ItemsPresented(items=items) if money.holds(books.stock, items):
            return with_fields(books, stock=money.without(books.stock, items), tray=money.add(books.tray, items))
        case ItemsRetracted(at="note_acceptor", completion=completion):
            return with_fields(books, escrow_fen=0 if completion == "success" else books.escrow_fen, note_busy=False)
        case ItemsTaken(at="cash_dispenser") | ItemsRetracted(completion="success"):
            return with_fields(books, tray=NONE)
        case _:
            return books


def _found(books: CabinetLedger, event: CabinetFound) -> CabinetLedger:
    """Believe what the cabinet found over what was thought, but a card keeps what was read from it."""
    same = books.card is not None and books.card.number == event.number
    card = None if event.place == "none" else books.card if same else Media(event.number)
    known = books.ident is not None and books.ident.number in (event.ident, "")
    ident = (books.ident if known else Media(event.ident)) if event.ident else None
    return with_fields(
        books,
        ident=ident,
        card=card,
        place=event.place,
        escrow_fen=event.escrow_fen,
        tray=event.tray,
        stock=event.stock,
        paper=event.paper,
        lost=tuple(sorted(event.lost)),
    )


class HasLedger(Protocol):
    """A machine's state that has books."""

    @property
    def books(self) -> CabinetLedger:
        """Return what lies where."""


S = TypeVar("S", bound=HasLedger)


def stray_note(state: S, effects: Effects) -> tuple[S, Effects]:
    """Give back a note that nobody decided about at once, wherever the machine stands."""
    if not state.books.escrow_fen or state.books.note_busy:
        return state, effects
    busy: S = msgspec.structs.replace(state, books=with_fields(state.books, note_busy=True))  # type: ignore[type-var]
    return busy, (*effects, ReturnItems("note_acceptor", "return"))
