"""Withdrawal: amount by key or typed, limits, fee, receipt, booking, and cash out in the skin's order.

Limits are checked where they are known: multiples, per time and what the machine holds here; balance and the day's
limit at the bank. The bank books before cash moves; cash that does not reach the person is reversed (see
rules_settle).
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired, Typed
from kiosk_firmware.core.hosts.bank import WithdrawAsked
from kiosk_firmware.core.money import Items
from kiosk_firmware.kits.return_items import Leave
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.rules_reversal import reverse
from kiosk_firmware.machines.atm.state import (
    State,
    Step,
    Terms,
    ask,
    continue_leaving,
    enter_phase,
    leave,
    next_id,
    receipt,
)


def notes_for(terms: Terms, state: State, fen: int) -> Items | None:
    """Return the notes that would come out, or None where the machine cannot make the amount."""
    usable = tuple(pair for pair in state.books.stock if pair[0] in terms.rules.notes_fen)
    return money.make(fen, usable)


def fee(terms: Terms, number: str, fen: int) -> int:
    """Return what a withdrawal costs with this card: another bank's a flat sum, and where it was opened in another
    city a share of the amount besides, up to the most.
    """
    rules = terms.rules
    if number.startswith(terms.profile.own_prefix):
        return 0
    share = fen * rules.fee_other_city_bp // 10_000 if number.startswith(terms.profile.far_prefix) else 0
    return min(rules.fee_other_bank_fen + share, rules.fee_most_fen)


def problem_with(terms: Terms, state: State, fen: int) -> str:
    """Return why this amount cannot be had here, as a text's last word; empty if it can."""
    rules = terms.rules
    if fen <= 0:
        return "empty"
    if fen % rules.multiple_fen:
        return "multiple"
    if fen > rules.per_time_fen:
        return "per_time"
    if "cash_dispenser" in state.books.lost or notes_for(terms, state, fen) is None:
        return "notes"
    return ""


def start(terms: Terms, state: State) -> Step:
    """Begin the withdrawal: the menu's key was pressed."""
    smallest = notes_for(terms, state, terms.rules.multiple_fen)
    if smallest is None or "cash_dispenser" in state.books.lost:
        return enter_phase(state, p.Notice("no_cash"))
    return enter_phase(state, p.Amounts())


def on_withdraw(terms: Terms, state: State, phase: p.Withdraw, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    if isinstance(event, TimerExpired) and not isinstance(phase, p.WithdrawBooking):
        return leave(terms, state)
    match phase:
        case p.Amounts():
            return _amounts(terms, state, event)
        case p.OtherAmount():
            return _other(terms, state, phase, event)
        case p.FeeAsked(fen=fen, fee_fen=fee_fen):
            return _fee(terms, state, fen, fee_fen, event)
        case p.ReceiptAsked(fen=fen, fee_fen=fee_fen):
            return _receipt_asked(state, fen, fee_fen, event)
        case p.WithdrawBooking():
            return _booked(terms, state, phase, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case _:
            assert_never(phase)


def _amounts(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="amount.other"):
            return enter_phase(state, p.OtherAmount())
        case Tapped(key="amount.back"):
            return enter_phase(state, p.Menu())
        case Tapped(value=value) if value.isdigit():
            problem = problem_with(terms, state, int(value))
            return enter_phase(state, p.Notice(problem, "amounts")) if problem else _chosen(terms, state, int(value))
        case _:
            return state, NO_EFFECTS


def _other(terms: Terms, state: State, phase: p.OtherAmount, event: AnyEvent) -> Step:
    match event:
        case Typed(text=typed) if typed.isdigit() or not typed:
            return enter_phase(state, p.OtherAmount(typed[:6]))
        case Tapped(key="amount.back"):
            return enter_phase(state, p.Amounts())
        case Tapped(key="amount.ok"):
            fen = int(phase.typed or "0") * 100
            problem = problem_with(terms, state, fen)
            return enter_phase(state, p.OtherAmount(phase.typed, problem)) if problem else _chosen(terms, state, fen)
        case _:
            return state, NO_EFFECTS


def _chosen(terms: Terms, state: State, fen: int) -> Step:
    fee_fen = fee(terms, state.number, fen)
    return enter_phase(state, p.FeeAsked(fen, fee_fen)) if fee_fen else _ask_receipt(terms, state, fen, 0)


def _fee(terms: Terms, state: State, fen: int, fee_fen: int, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="fee.ok"):
            return _ask_receipt(terms, state, fen, fee_fen)
        case Tapped(key="fee.back"):
            return enter_phase(state, p.Menu())
        case _:
            return state, NO_EFFECTS


def _ask_receipt(terms: Terms, state: State, fen: int, fee_fen: int) -> Step:
    if terms.profile.receipt_before:
        return enter_phase(state, p.ReceiptAsked(fen, fee_fen))
    return _book(state, fen, fee_fen, False)


def _receipt_asked(state: State, fen: int, fee_fen: int, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="receipt.yes"):
            return _book(state, fen, fee_fen, state.books.paper != "out")
        case Tapped(key="receipt.no"):
            return _book(state, fen, fee_fen, False)
        case Tapped(key="receipt.back"):
            return enter_phase(state, p.Menu())
        case _:
            return state, NO_EFFECTS


def _book(state: State, fen: int, fee_fen: int, printed: bool) -> Step:
    question = WithdrawAsked(state.number, next_id(state), fen, fee_fen)
    return ask(state, p.WithdrawBooking(fen, fee_fen, printed), question)


def _booked(terms: Terms, state: State, phase: p.WithdrawBooking, event: HostAnswered) -> Step:
    if event.completion != "success":
        return reverse(state, state.ask_id, Leave(card_first=terms.profile.card_first, why="not_booked"), "")
    if event.verdict != "ok" or not isinstance(event.ask, WithdrawAsked):
        return enter_phase(state, p.Notice(event.verdict))
    amounts = {"withdrawn": phase.fen, **({"fee": phase.fee_fen} if phase.fee_fen else {})}
    slip = receipt("receipt.withdrawal", state.number, **amounts, balance=event.ask.balance_fen)
    due = notes_for(terms, state, phase.fen)
    if due is None:  # the last notes went astray between the check and the answer
        return reverse(state, state.ask_id, Leave(card_first=terms.profile.card_first, why="no_cash"), "")
    card_first = terms.profile.card_first
    return continue_leaving(
        terms,
        state,
        Leave(
            due=due,
            booking=state.ask_id,
            card_first=card_first,
            then="home" if card_first else "another",
            receipt=slip if phase.receipt else None,
            offer=None if terms.profile.receipt_before else slip,
        ),
    )
