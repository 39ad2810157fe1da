"""The moves that several errands make: let a ticket out, pay a phone back, hand money out, leave."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AskHost, DispenseMedia, Effects
from kiosk_firmware.core.hosts.bank import ReversalAsked
from kiosk_firmware.core.money import NOTE_FROM_FEN, Items
from kiosk_firmware.kits import home_phase
from kiosk_firmware.kits import return_items as lv
from kiosk_firmware.kits.bank import PHONE
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields
from kiosk_firmware.kits.metro.ticket_record import Trip, minutes
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.state import Order, State, Step, Terms, enter_phase

# -- tickets


def sold_trip(terms: Terms, state: State) -> str:
    """Return what a ticket that is sold now says of itself."""
    if state.order.goods == "card":
        return Trip(token=False).text()
    return Trip(token=True, sold=terms.profile.home, minute=minutes(state.today, state.minute)).text()


def issue(terms: Terms, state: State) -> Step:
    """Issue the next ticket: it is paid."""
    order = state.order
    fen = order.each_fen if order.goods == "token" else order.load_fen
    return enter_phase(state, p.Dispensing(), DispenseMedia("ticket_dispenser", "ticket", fen, sold_trip(terms, state)))


def reverse(state: State, why: str, tries: int = 1) -> Step:
    """Tell the bank to undo the phone's payment, then leave."""
    question = ReversalAsked(PHONE, 0, state.order.number)
    return enter_phase(state, p.Reversing(why, tries), AskHost("payment_host", "bank", question))


# -- money that is handed out


def payable(books: CabinetLedger) -> Items:
    """Return the pieces that can be handed out: where no tray is, only tokens out of the hopper."""
    if "cash_dispenser" not in books.lost:
        return books.stock
    if "coin_dispenser" in books.lost:
        return money.NONE
    return tuple(pair for pair in books.stock if pair[0] < NOTE_FROM_FEN)


def pieces_back(books: CabinetLedger, fen: int) -> Items | None:
    """Return pieces for what belongs to the person: its own pieces where they make it up, else others; None for none
    that do.
    """
    can = payable(books)
    if money.total(books.tally) == fen and money.holds(can, books.tally):
        return books.tally
    return money.make(fen, can)


# -- leaving


def leave(terms: Terms, state: State, why: str = "", **fields: Any) -> Step:
    """Begin to leave: what was put in and has paid for nothing is handed out again, then the card. A slip says it
    where that cannot be done.
    """
    return pay_out(terms, state, money.total(state.books.tally), why, **fields)


def pay_out(terms: Terms, state: State, fen: int, why: str, slip: str = "", **fields: Any) -> Step:
    """Leave with `fen` for the person. `slip`: the kind of slip that is owed in any case."""
    due = pieces_back(state.books, fen) if fen else money.NONE
    kind = "owed" if due is None else slip
    state = msgspec.structs.replace(state, books=with_fields(state.books, tally=money.NONE))
    what = lv.Leave(due=due or money.NONE, card_first=False, why=why, hopper=True, wait_ident=False)
    what = msgspec.structs.replace(what, **fields)
    if kind:
        return after_leaving(terms, state, *lv.slip(state.books, what, kind))
    return after_leaving(terms, state, *lv.proceed(state.books, what))


def after_leaving(
    terms: Terms, state: State, books: CabinetLedger, phase: lv.Leaving | lv.Done, effects: Effects
) -> Step:
    """Return the state after a leaving step; home where all duties are done."""
    return home_phase.after_leaving(
        state, (books, phase, effects), partial(leave, terms), phase=p.Home(), order=Order()
    )
