"""A card held to the reader: to pay with, to load, to be read.

Loading gives no change: what goes in is loaded, all of it. So notes are held until "load it" is pressed, and come back
whole where it is called off. Nobody who is not there any more gets money: after the time for it, what is in is loaded.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import (
    AnyEvent,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    ItemsStored,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.cabinet_ledger import UNREAD
from kiosk_firmware.kits.metro.ticket_record import parse_trip
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.rules_card_write import balance, begin
from kiosk_firmware.machines.metro_ticket.rules_shared import leave
from kiosk_firmware.machines.metro_ticket.state import State, Step, Terms, enter_phase, with_order


def ask_card(terms: Terms, state: State, errand: p.Errand) -> Step:
    """Ask for a card, or go on with the one that is there."""
    if state.books.place == "inside":
        return _held(terms, state, errand)
    if "card_reader" in state.books.lost:
        back = p.PayKind() if errand == "pay" else p.Home()
        return enter_phase(state, p.Notice("no_card", back))
    return enter_phase(state, p.CardAsked(errand))


def on_card(terms: Terms, state: State, phase: p.Card, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.CardAsked(errand=errand):
            return _asked(terms, state, errand, event)
        case p.Loading() | p.LoadStoring():
            return _loading(terms, state, phase, event)
        case p.Loaded() | p.BalanceShown():
            read_it = isinstance(event, Tapped) and event.key == "card.ok"
            if not (read_it or isinstance(event, TimerExpired)):
                return state, NO_EFFECTS
            return leave(terms, state, "loaded" if isinstance(phase, p.Loaded) else "")
        case _:
            assert_never(phase)


def _asked(terms: Terms, state: State, errand: p.Errand, event: AnyEvent) -> Step:
    if state.books.place == "inside":
        return _held(terms, state, errand)
    match event:
        case Tapped(key="card.back"):
            return enter_phase(state, p.PayKind()) if errand == "pay" else leave(terms, state)
        case TimerExpired():
            return leave(terms, state, "timed_out")
        case _:
            return state, NO_EFFECTS


def _held(terms: Terms, state: State, errand: p.Errand) -> Step:
    """Take a card that was read; one that is not for this errand goes back."""
    card = state.books.card
    trip = parse_trip(card.trip) if card else None
    if card is None or card == UNREAD:
        return leave(terms, state, "unreadable")
    if trip is None:
        return leave(terms, state, "foreign")
    if errand == "balance":
        return enter_phase(state, p.BalanceShown())
    if trip.token:
        return leave(terms, state, "token")
    if errand == "load":
        return enter_phase(state, p.Loading())
    if balance(state) < state.order.due_fen:
        return leave(terms, state, "funds")
    return begin(with_order(state, paid_by="card"), "pay", -state.order.due_fen)


# -- loading


def _loading(terms: Terms, state: State, phase: p.Loading | p.LoadStoring, event: AnyEvent) -> Step:
    match phase, event:
        case p.LoadStoring(), ItemsStored() | ItemsReturned():
            return enter_phase(state, p.Loading(phase.refused))
        case p.LoadStoring(), _:
            return state, NO_EFFECTS
        case _, ItemsInserted(at="note_acceptor", fen=fen):
            return _note(terms, state, fen)
        case _, ItemsInserted():
            return enter_phase(state, p.Loading())
        case _, ItemsRefused():
            return enter_phase(state, p.Loading("invalid"))
        case _, Tapped(key="load.ok") if state.books.tally:
            return _load(state)
        case _, Tapped(key="load.back"):
            return leave(terms, state, "canceled")
        case _, TimerExpired():
            return _load(state) if state.books.tally else leave(terms, state, "timed_out")
        case _:
            return state, NO_EFFECTS


def _note(terms: Terms, state: State, fen: int) -> Step:
    rules, books = terms.rules, state.books
    refused = cash_intake.refusal(books, fen, rules.load_notes_fen, rules.cash_notes)
    if not refused and balance(state) + money.total(books.tally) + fen > rules.card_most_fen:
        refused = "most"
    books, effects = cash_intake.decide_escrow(books, refused)
    return enter_phase(state, p.LoadStoring(refused), *effects, books=books)


def _load(state: State) -> Step:
    return begin(state, "load", money.total(state.books.tally))
