"""Deposit: pieces go in one by one, each note held in escrow until it is decided; counted, confirmed, then booked.

What cannot be credited comes back by itself, also what would be more than may be paid in on one day; a note that may
be a counterfeit is kept, and a slip says so. Until the bank has booked the sum it is the person's: leaving, a
time-out or a bank that does not answer hands all of it out again (the recycler pays from what it just took).
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, Retract
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    HostAnswered,
    ItemsInserted,
    ItemsRefused,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.hosts.bank import CARDLESS, DepositAsked
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.cabinet_ledger import with_fields
from kiosk_firmware.kits.return_items import Leave, slip
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.rules_reversal import rest, undo_deposit
from kiosk_firmware.machines.atm.state import (
    State,
    Step,
    Terms,
    after_leaving,
    ask,
    enter_phase,
    leave,
    next_id,
    receipt,
)


def start(terms: Terms, state: State) -> Step:
    """Begin the deposit: the menu's key was pressed."""
    if {"note_acceptor", "coin_acceptor"} <= set(state.books.lost):
        return enter_phase(state, p.Notice("no_deposit"))
    if state.deposit_left_fen < min(terms.rules.deposit_accepts_fen):
        return enter_phase(state, p.Notice("deposit_limit", fen=terms.rules.deposit_day_fen))
    return enter_phase(state, p.Counting())


def on_deposit(terms: Terms, state: State, phase: p.Deposit, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Counting():
            return _counting(terms, state, phase, event)
        case p.Storing(refused=refused):
            ended = isinstance(event, ItemsStored | ItemsReturned)
            return enter_phase(state, p.Counting(refused)) if ended else (state, NO_EFFECTS)
        case p.Keeping():
            return _kept(terms, state, phase, event)
        case p.DepositConfirm():
            return _confirm(terms, state, event)
        case p.DepositBooking(fen=fen):
            return _booked(terms, state, fen, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case _:
            assert_never(phase)


def _counting(terms: Terms, state: State, phase: p.Counting, event: AnyEvent) -> Step:
    match event:
        case ItemsInserted(at="note_acceptor", suspect=True):
            busy = with_fields(state.books, note_busy=True)
            return enter_phase(state, p.Keeping(), Retract("note_acceptor", "suspect"), books=busy)
        case ItemsInserted(at="note_acceptor", fen=fen):
            return _note(terms, state, fen)
        case ItemsInserted():
            return enter_phase(state, p.Counting())
        case ItemsRefused():
            return enter_phase(state, p.Counting("invalid"))
        case Tapped(key="deposit.done") if state.books.tally:
            return enter_phase(state, p.DepositConfirm())
        case Tapped(key="deposit.cancel"):
            return leave(terms, state) if state.books.tally or state.account else enter_phase(state, p.Menu())
        case TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _note(terms: Terms, state: State, fen: int) -> Step:
    """Take a note in escrow, or give it back with the reason."""
    refused = cash_intake.refusal(state.books, fen, terms.rules.deposit_accepts_fen, terms.rules.deposit_notes)
    if not refused and money.total(state.books.tally) + fen > state.deposit_left_fen:
        refused = "day"
    books, effects = cash_intake.decide_escrow(state.books, refused)
    return enter_phase(state, p.Storing(refused), *effects, books=books)


def _kept(terms: Terms, state: State, phase: p.Keeping, event: AnyEvent) -> Step:
    """Print a slip for the note that was kept; one that was not is given back by itself."""
    match event:
        case ItemsRetracted(completion="success", items=items) if items:
            gone = True
        case ItemsRetracted(completion="unknown"):
            return enter_phase(state, p.Keeping(recount=True))
        case ItemsRetracted():
            gone = False
        case ItemsReturned(completion=completion) if phase.recount:
            gone = completion != "success"
        case CabinetFound() | TimerExpired() if phase.recount:
            gone = not state.books.escrow_fen
        case _:
            return state, NO_EFFECTS
    if not gone:
        return enter_phase(state, p.Counting("invalid"))
    return after_leaving(terms, state, *slip(state.books, Leave(then="another", why="suspect"), "suspect"))


def _confirm(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="deposit.ok"):
            fen = money.total(state.books.tally)
            deposit = DepositAsked(state.number or CARDLESS, next_id(state), fen, account=state.account)
            return ask(state, p.DepositBooking(fen), deposit)
        case Tapped(key="deposit.more"):
            return enter_phase(state, p.Counting())
        case Tapped(key="deposit.cancel") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _booked(terms: Terms, state: State, fen: int, event: HostAnswered) -> Step:
    if event.completion != "success":
        return undo_deposit(state, state.ask_id, fen)
    if event.verdict != "ok" or not isinstance(event.ask, DepositAsked):
        return leave(terms, state, "deposit_limit" if event.verdict == "deposit_limit" else "refused")
    books = with_fields(state.books, tally=rest(state.books.tally, fen))
    done = msgspec.structs.replace(state, books=books, deposit_left_fen=state.deposit_left_fen - fen)
    if state.account:
        paid = receipt("receipt.cardless", state.account, deposited=fen)
        return leave(terms, done, "cardless_done", receipt=paid)
    document = receipt("receipt.deposit", state.number, deposited=fen, balance=event.ask.balance_fen)
    if state.books.paper == "out":
        return enter_phase(done, p.Notice("deposited", "another", fen))
    return enter_phase(done, p.ReceiptOffered(document))
