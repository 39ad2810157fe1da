"""Paying: in cash with change, by bank card with PIN, or with a phone that scans the code on the glass.

The railway holds the seats meanwhile. Whatever ends without tickets ends without payment: cash comes back piece for
piece, a card or phone payment is reversed, and the order is let go. A note whose change the machine could not make is
given back before it counts.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS, AskHost, Cancel
from kiosk_firmware.core.events import (
    AnyEvent,
    HostAnswered,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    ItemsStored,
    PinEntered,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.hosts.bank import PayAsked
from kiosk_firmware.kits import cash_intake, pin_dialogue
from kiosk_firmware.kits.bank import PHONE
from kiosk_firmware.kits.cabinet_ledger import UNREAD
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.rules_fraud import meet
from kiosk_firmware.machines.rail.rules_issue_tickets import issue_event, reverse
from kiosk_firmware.machines.rail.rules_passengers import issue, release
from kiosk_firmware.machines.rail.state import State, Step, Terms, ask, enter_phase

PAYEE = "railway"


def on_pay(terms: Terms, state: State, phase: p.Pay, event: AnyEvent) -> Step:
    """Take one event in a phase of this file or of rules_settle."""
    match phase:
        case p.PayKind():
            return _kind(terms, state, event)
        case p.CashPaying() | p.Storing():
            return _cash(terms, state, phase, event)
        case p.CardAsked() | p.PinAsked() | p.PinClosing() | p.CardPaying():
            return _card(terms, state, phase, event)
        case p.PhonePaying() | p.PhoneClosing():
            return _phone(state, phase, event)
        case p.Issuing() | p.Reversing() | p.Releasing() | p.Withdrawing() | p.SlipAsked():
            return issue_event(terms, state, phase, event)
        case _:
            assert_never(phase)


def called_off(state: State, why: str) -> Step:
    """Call the order off: nothing was charged, the order is let go, and what was put in comes back."""
    return ask(state, p.Releasing(why), release(state))


def _kind(terms: Terms, state: State, event: AnyEvent) -> Step:
    lost = state.books.lost
    match event:
        case Tapped(key="pay.cash") if not terms.profile.cash or "note_acceptor" in lost:
            return enter_phase(state, p.Notice("no_cash", p.PayKind()))
        case Tapped(key="pay.cash"):
            return _counted(terms, enter_phase(state, p.CashPaying())[0])
        case Tapped(key="pay.card") if {"card_reader", "pin_pad"} & set(lost):
            return enter_phase(state, p.Notice("no_card", p.PayKind()))
        case Tapped(key="pay.card"):
            return _inserted(terms, state)
        case Tapped(key="pay.phone"):
            return meet(state, "phone") or by_phone(state)
        case Tapped(key="pay.back"):
            return called_off(state, "")
        case TimerExpired():
            return called_off(state, "timed_out")
        case _:
            return state, NO_EFFECTS


def by_phone(state: State) -> Step:
    """Show the code that a phone pays."""
    return enter_phase(state, p.PhonePaying(), AskHost("payment_host", "phone", _payment(state, PHONE)))


def _payment(state: State, card: str) -> PayAsked:
    return PayAsked(card, state.order.number, state.order.due_fen, PAYEE)


# -- cash


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
        case _, Tapped(key="cash.cancel"):
            return called_off(state, "canceled")
        case _, TimerExpired():
            return called_off(state, "timed_out")
        case _:
            return state, NO_EFFECTS


def _note(terms: Terms, state: State, fen: int) -> Step:
    rules, books, due = terms.rules, state.books, state.order.due_fen
    refused = cash_intake.refusal(books, fen, rules.cash_accepts_fen, rules.cash_notes)
    if not refused and not cash_intake.changeable(books, fen, due):
        refused = "change"
    books, effects = cash_intake.decide_escrow(books, refused)
    return enter_phase(state, p.Storing(refused), *effects, books=books)


def _counted(terms: Terms, state: State) -> Step:
    """Go on to the tickets when enough is in; a token too many for which there is no change ends in everything coming
    back.
    """
    due = state.order.due_fen
    if cash_intake.missing_fen(state.books, due):
        return state, NO_EFFECTS
    if cash_intake.change(state.books, due) is None:
        return called_off(state, "no_change")
    return issue(state, "")


# -- bank card


def _card(
    terms: Terms, state: State, phase: p.CardAsked | p.PinAsked | p.PinClosing | p.CardPaying, event: AnyEvent
) -> Step:
    match phase:
        case p.CardAsked():
            return _card_asked(terms, state, event)
        case p.PinAsked():
            return _pin(state, phase, event)
        case p.PinClosing(why=why):
            return called_off(state, why) if isinstance(event, PinEntered) else (state, NO_EFFECTS)
        case p.CardPaying():
            return _paid(state, _number(state), event)
        case _:
            assert_never(phase)


def _number(state: State) -> str:
    return state.books.card.number if state.books.card else ""


def _card_asked(terms: Terms, state: State, event: AnyEvent) -> Step:
    if state.books.place == "inside":
        return _inserted(terms, state)
    match event:
        case Tapped(key="card.back"):
            return called_off(state, "canceled")
        case TimerExpired():
            return called_off(state, "timed_out")
        case _:
            return state, NO_EFFECTS


def _inserted(terms: Terms, state: State) -> Step:
    """Take a card in the reader, or wait for one; one that cannot pay goes back and the order with it."""
    card = state.books.card
    if card is None or state.books.place != "inside":
        return enter_phase(state, p.CardAsked())
    if card == UNREAD:
        return called_off(state, "unreadable")
    if not card.chip:
        return called_off(state, "no_chip")
    if card.expires < state.yymm:
        return called_off(state, "card_expired")
    return enter_phase(
        state, p.PinAsked(pin_dialogue.PinEntryState(terms.rules.pin_tries)), pin_dialogue.ask_pin(card.number)
    )


def _pin(state: State, phase: p.PinAsked, event: AnyEvent) -> Step:
    now, effects = pin_dialogue.after_event(phase.pin, _number(state), event, "pin.cancel")
    match now:
        case pin_dialogue.PinEntryState():
            return (state, NO_EFFECTS) if now is phase.pin else enter_phase(state, p.PinAsked(now), *effects)
        case "right":
            question = _payment(state, _number(state))
            return enter_phase(state, p.CardPaying(), AskHost("payment_host", "bank", question))
        case "locked":
            return called_off(state, "pin_tries")
        case "broken":
            return called_off(state, "out_of_service")
        case "closing":
            why = "timed_out" if isinstance(event, TimerExpired) else "canceled"
            return enter_phase(state, p.PinClosing(why), *effects)
        case "left":
            return called_off(state, "canceled")


def _paid(state: State, card: str, event: AnyEvent) -> Step:
    if not isinstance(event, HostAnswered) or event.at != "payment_host":
        return state, NO_EFFECTS
    if event.completion != "success":
        return reverse(state, card, "not_paid")
    return issue(state, card) if event.verdict == "ok" else called_off(state, event.verdict)


# -- phone


def _phone(state: State, phase: p.PhonePaying | p.PhoneClosing, event: AnyEvent) -> Step:
    match event:
        case HostAnswered(at="payment_host", completion="canceled"):
            return called_off(state, phase.why if isinstance(phase, p.PhoneClosing) else "canceled")
        case HostAnswered(at="payment_host"):
            return _paid(state, PHONE, event)
        case Tapped(key="phone.back") if isinstance(phase, p.PhonePaying):
            return enter_phase(state, p.PhoneClosing("canceled"), Cancel("payment_host", "phone"))
        case TimerExpired() if isinstance(phase, p.PhonePaying):
            return enter_phase(state, p.PhoneClosing("timed_out"), Cancel("payment_host", "phone"))
        case _:
            return state, NO_EFFECTS
