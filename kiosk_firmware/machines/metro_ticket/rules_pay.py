"""Paying: in cash with change, with what a stored-value card carries, or with a phone that scans the code on the glass.

Whatever ends without tickets ends without payment. A note that pays for no ticket, or for whose change the machine has
no pieces, is given back before it counts. A token too many for which there is no change ends in everything coming back.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, AskHost, Cancel
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
from kiosk_firmware.core.hosts.bank import PayAsked
from kiosk_firmware.core.money import Items
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.ask_numbers import free_number
from kiosk_firmware.kits.bank import PHONE
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.rules_card import ask_card
from kiosk_firmware.machines.metro_ticket.rules_destination import destination_page
from kiosk_firmware.machines.metro_ticket.rules_shared import issue, leave, payable, pieces_back, reverse
from kiosk_firmware.machines.metro_ticket.state import State, Step, Terms, enter_phase, with_order

PAYEE = "metro"
TRIES = 3
Pay = p.PayKind | p.CashPaying | p.Storing | p.PhonePaying | p.PhoneClosing | p.Reversing


def on_pay(terms: Terms, state: State, phase: Pay, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.PayKind():
            return _kind(terms, state, event)
        case p.CashPaying() | p.Storing():
            return _cash(terms, state, phase, event)
        case p.PhonePaying() | p.PhoneClosing():
            return _phone(terms, state, phase, event)
        case p.Reversing():
            return _reversed(terms, state, phase, event)
        case _:
            assert_never(phase)


def _kind(terms: Terms, state: State, event: AnyEvent) -> Step:
    lost = state.books.lost
    match event:
        case Tapped(key="pay.cash") if "note_acceptor" in lost and "coin_acceptor" in lost:
            return enter_phase(state, p.Notice("no_cash", p.PayKind()))
        case Tapped(key="pay.cash"):
            return _counted(terms, enter_phase(state, p.CashPaying())[0])
        case Tapped(key="pay.card") if state.order.goods == "token":
            return ask_card(terms, state, "pay")
        case Tapped(key="pay.phone"):
            return _ask_phone(state)
        case Tapped(key="pay.change"):
            return _again(terms, state)
        case Tapped(key="pay.back"):
            return leave(terms, state)
        case TimerExpired():
            return leave(terms, state, "timed_out")
        case _:
            return state, NO_EFFECTS


def _again(terms: Terms, state: State) -> Step:
    """Choose once more what was chosen last."""
    if state.order.goods == "card":
        return enter_phase(state, p.FirstLoad())
    if terms.profile.count_first:
        return enter_phase(with_order(state, target=""), destination_page(terms))
    return enter_phase(with_order(state, count=0), p.Count())


# -- cash


def accepted_pieces(terms: Terms, state: State) -> tuple[int, ...]:
    """Return the notes and tokens that pay for what is ordered."""
    rules = terms.rules
    return rules.ticket_notes_fen if state.order.goods == "token" else rules.ticket_notes_fen + rules.load_notes_fen


def _cash(terms: Terms, state: State, phase: p.CashPaying | p.Storing, event: AnyEvent) -> Step:
    match phase, event:
        case p.Storing(), ItemsStored() | ItemsReturned():
            return _counted(terms, enter_phase(state, p.CashPaying(phase.refused))[0])
        case p.Storing(), _:
            return state, NO_EFFECTS
        case _, ItemsInserted(at="note_acceptor", fen=fen):
            return _note(terms, state, fen)
        case _, ItemsInserted():
            return _counted(terms, enter_phase(state, p.CashPaying())[0])
        case _, ItemsRefused():
            return enter_phase(state, p.CashPaying("invalid"))
        case _, Tapped(key="cash.other") if not state.books.tally:
            return enter_phase(state, p.PayKind())
        case _, Tapped(key="cash.cancel"):
            return leave(terms, state, "canceled")
        case _, TimerExpired():
            return leave(terms, state, "timed_out")
        case _:
            return state, NO_EFFECTS


def _note(terms: Terms, state: State, fen: int) -> Step:
    books, due = state.books, state.order.due_fen
    refused = cash_intake.refusal(books, fen, accepted_pieces(terms, state), terms.rules.cash_notes)
    if not refused and not _changeable(state, fen, due):
        refused = "change"
    books, effects = cash_intake.decide_escrow(books, refused)
    return enter_phase(state, p.Storing(refused), *effects, books=books)


def _changeable(state: State, fen: int, due: int) -> bool:
    """Return whether there is change, as `intake.changeable`, by the pieces that this unit can hand out; the note
    itself is none of its change.
    """
    over = money.total(state.books.tally) + fen - due
    return over <= 0 or money.make(over, payable(state.books)) is not None


def change(state: State) -> Items | None:
    """Return the pieces to give back of what is in; None where they cannot be made."""
    return pieces_back(state.books, money.total(state.books.tally) - state.order.due_fen)


def _counted(terms: Terms, state: State) -> Step:
    if cash_intake.missing_fen(state.books, state.order.due_fen):
        return state, NO_EFFECTS
    if change(state) is None:
        return leave(terms, state, "no_change")
    return issue(terms, with_order(state, paid_by="cash"))


# -- phone


def _ask_phone(state: State) -> Step:
    number = free_number(state.asked)
    question = PayAsked(PHONE, number, state.order.due_fen, PAYEE)
    return enter_phase(with_order(state, number=number), p.PhonePaying(), AskHost("payment_host", "phone", question))


def _phone(terms: Terms, state: State, phase: p.PhonePaying | p.PhoneClosing, event: AnyEvent) -> Step:
    match event:
        case HostAnswered(at="payment_host", completion="canceled"):
            return leave(terms, state, phase.why if isinstance(phase, p.PhoneClosing) else "canceled")
        case HostAnswered(at="payment_host", completion="success", verdict="ok"):
            return issue(terms, with_order(state, paid_by="phone"))
        case HostAnswered(at="payment_host", completion="success", verdict=verdict):
            return leave(terms, state, verdict)
        case HostAnswered(at="payment_host"):
            return reverse(state, "not_paid")
        case Tapped(key="phone.back") if isinstance(phase, p.PhonePaying):
            return enter_phase(state, p.PhoneClosing("canceled"), Cancel("payment_host", "phone"))
        case TimerExpired() if isinstance(phase, p.PhonePaying):
            return enter_phase(state, p.PhoneClosing("timed_out"), Cancel("payment_host", "phone"))
        case _:
            return state, NO_EFFECTS


def _reversed(terms: Terms, state: State, phase: p.Reversing, event: AnyEvent) -> Step:
    if not isinstance(event, HostAnswered):
        return state, NO_EFFECTS
    if event.completion == "success":
        return leave(terms, state, phase.why)
    if phase.tries < TRIES:
        return reverse(state, phase.why, phase.tries + 1)
    return leave(terms, state, "ask_desk", slip="unanswered")
