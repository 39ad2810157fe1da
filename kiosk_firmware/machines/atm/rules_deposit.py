"""Deposit: pieces go in one by one, each note held in escrow until it is decided; counted, confirmed, then booked.

What cannot be credited comes back by itself. Until the bank has booked the sum it is the person's: leaving, a
time-out or a bank that does not answer hands all of it out again (the recycler pays from what it just took).
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import (
    AnyEvent,
    HostAnswered,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    ItemsStored,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.hosts.bank import DepositAsked
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.cabinet_ledger import changed
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.rules_reversal import rest, undo_deposit
from kiosk_firmware.machines.atm.state import State, Step, Terms, ask, leave, next_id, receipt, to


def start(state: State) -> Step:
    """Begin the deposit: the menu's key was pressed."""
    if {"note_acceptor", "coin_acceptor"} <= set(state.books.lost):
        return to(state, p.Notice("no_deposit"))
    return to(state, p.Counting())


def on_deposit(terms: Terms, state: State, phase: p.Deposit, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Counting():
            return _counting(terms, state, phase, event)
        case p.Storing(refused=refused):
            ended = isinstance(event, ItemsStored | ItemsReturned)
            return to(state, p.Counting(refused)) if ended else (state, NO_EFFECTS)
        case p.DepositConfirm():
            return _confirm(terms, state, event)
        case p.DepositBooking(fen=fen):
            return _booked(terms, state, fen, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case _:
            assert_never(phase)


def _counting(terms: Terms, state: State, phase: p.Counting, event: AnyEvent) -> Step:
    match event:
        case ItemsInserted(at="note_acceptor", fen=fen):
            return _note(terms, state, fen)
        case ItemsInserted():
            return to(state, p.Counting())
        case ItemsRefused():
            return to(state, p.Counting("invalid"))
        case Tapped(key="deposit.done") if state.books.tally:
            return to(state, p.DepositConfirm())
        case Tapped(key="deposit.cancel"):
            return leave(terms, state) if state.books.tally else to(state, p.Menu())
        case TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _note(terms: Terms, state: State, fen: int) -> Step:
    """Take a note in escrow, or give it back with the reason."""
    refused = cash_intake.refusal(state.books, fen, terms.rules.deposit_accepts_fen, terms.rules.deposit_notes)
    books, effects = cash_intake.decided(state.books, refused)
    return to(state, p.Storing(refused), *effects, books=books)


def _confirm(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="deposit.ok"):
            fen = money.total(state.books.tally)
            return ask(state, p.DepositBooking(fen), DepositAsked(state.number, next_id(state), fen))
        case Tapped(key="deposit.more"):
            return to(state, p.Counting())
        case Tapped(key="deposit.cancel") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _booked(terms: Terms, state: State, fen: int, event: HostAnswered) -> Step:
    if event.completion != "success":
        return undo_deposit(state, state.ask_id, fen)
    if event.verdict != "ok" or not isinstance(event.ask, DepositAsked):
        return leave(terms, state, "refused")
    books = changed(state.books, tally=rest(state.books.tally, fen))
    document = receipt("receipt.deposit", state.number, deposited=fen, balance=event.ask.balance_fen)
    done = msgspec.structs.replace(state, books=books)
    if state.books.paper == "out":
        return to(done, p.Notice("deposited", "another", fen))
    return to(done, p.ReceiptOffered(document))
