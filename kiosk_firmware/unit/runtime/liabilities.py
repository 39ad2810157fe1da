"""Reckon what the unit owes: a fold over events, kept beside every commit, that needs neither machine nor world.

A journal can only be replayed by the code that wrote it. What lies in the reader, in escrow and in the tray must be
given back by *any* code, so it stands in a table of its own in the plainest form: one row a device.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    Place,
)
from kiosk_firmware.core.money import NONE, Items

Rows = tuple[tuple[str, str], ...]


class Liabilities(msgspec.Struct, frozen=True):
    """The card's number and where it is, the note in escrow, what lies in the tray, and tokens that fell since home."""

    number: str = ""
    place: Place = "none"
    escrow_fen: int = 0
    tray: Items = NONE
    credit_fen: int = 0

    @property
    def tray_fen(self) -> int:
        """Return what lies in the tray, fen."""
        return money.total(self.tray)

    @property
    def slots(self) -> tuple[str, ...]:
        """Return where something lies that is somebody's."""
        there = {"card_reader": self.place != "none", "cash_dispenser": bool(self.tray)}
        there["note_acceptor"] = self.escrow_fen > 0
        return tuple(slot for slot, holds in there.items() if holds)


NOTHING = Liabilities()


def apply_event(owed: Liabilities, event: AnyEvent) -> Liabilities:
    """Return what is owed after `event`."""
    change = msgspec.structs.replace
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader") | MediaTaken(at="id_reader"):
            return owed  # it lies open to its owner's hand
        case MediaTaken(at="ticket_dispenser") | MediaRetained(at="ticket_dispenser"):
            return owed  # a card that was bought, or that nobody took
        case MediaInserted(media=media):
            return change(owed, number=media.number, place="inside")
        case MediaInvalid():
            return change(owed, number="", place="inside")
        case MediaPresented(completion="success") if owed.place != "none":
            return change(owed, place="exit")
        case MediaTaken() | MediaRetained(completion="success"):
            return change(owed, number="", place="none")
        case CabinetFound():
            return change(owed, number=event.number, place=event.place, escrow_fen=event.escrow_fen, tray=event.tray)
        case _:
            return _heard_items(owed, event)


def _heard_items(owed: Liabilities, event: AnyEvent) -> Liabilities:
    change = msgspec.structs.replace
    match event:
        case ItemsInserted(at="note_acceptor", fen=fen):
            return change(owed, escrow_fen=fen)
        case ItemsInserted(fen=fen):
            return change(owed, credit_fen=owed.credit_fen + fen)
        case ItemsStored(completion="success", fen=fen):
            return change(owed, escrow_fen=0, credit_fen=owed.credit_fen + fen)
        case ItemsReturned(completion="success"):
            return change(owed, escrow_fen=0)
        case ItemsPresented(at="coin_dispenser"):
            return owed  # into an open cup
        case ItemsPresented(items=items):
            return change(owed, tray=money.add(owed.tray, items))
        case ItemsTaken(at="cash_dispenser"):
            return change(owed, tray=NONE)
        case ItemsRetracted(at="note_acceptor", items=items):
            return change(owed, escrow_fen=0 if items else owed.escrow_fen)
        case ItemsRetracted(items=items) if money.holds(owed.tray, items):
            return change(owed, tray=money.without(owed.tray, items))
        case _:
            return owed


def at_home(owed: Liabilities) -> Liabilities:
    """Settle what was paid in: the machine came home by its own rules."""
    return msgspec.structs.replace(owed, credit_fen=0)


def reconcile(owed: Liabilities, real: CabinetFound) -> Liabilities:
    """Return what is owed on waking up: the cabinet's word where its device answers, else the last that was written
    down.
    """
    change = msgspec.structs.replace
    now = owed
    if "card_reader" not in real.lost:
        number = real.number or (owed.number if real.place != "none" else "")
        now = change(now, number=number, place=real.place)
    if "note_acceptor" not in real.lost:
        now = change(now, escrow_fen=real.escrow_fen)
    if "cash_dispenser" not in real.lost:
        now = change(now, tray=real.tray)
    return now


def rows(owed: Liabilities) -> Rows:
    """Return the rows of the `liabilities` table: only what is owed."""
    found: list[tuple[str, object]] = []
    if owed.place != "none":
        found.append(("card_reader", {"number": owed.number, "place": owed.place}))
    if owed.escrow_fen:
        found.append(("note_acceptor", {"escrow_fen": owed.escrow_fen}))
    if owed.tray:
        found.append(("cash_dispenser", {"tray": owed.tray}))
    if owed.credit_fen:
        found.append(("credit", {"credit_fen": owed.credit_fen}))
    return tuple((at, msgspec.json.encode(what).decode()) for at, what in found)


def from_rows(stored: Iterable[tuple[str, str]]) -> Liabilities:
    """Return what the rows say is owed.

    Raises:
        msgspec.ValidationError: a row was not written by `rows`.
    """
    joined: dict[str, object] = {}
    for _, what in stored:
        joined.update(msgspec.json.decode(what, type=dict[str, object]))
    return msgspec.convert(joined, Liabilities)
