"""Transfer: at once to one's own account; to another person booked after 24 hours and cancellable until then.

The payee's masked name is shown before anything else, then the fraud warning, then the amount, then all of it once
more. Source: rule of 2016-12-01 on transfers at self-service machines (shared reference, section b1).
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired, Typed
from kiosk_firmware.core.hosts.bank import PayeeAsked, PendingAsked, TransferAsked, TransferCancelAsked
from kiosk_firmware.kits.return_items import Leave
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.rules_fraud import meet
from kiosk_firmware.machines.atm.rules_reversal import reverse
from kiosk_firmware.machines.atm.state import State, Step, Terms, ask, enter_phase, leave, next_id, receipt

SHORTEST_ACCOUNT = 4


def on_transfer(terms: Terms, state: State, phase: p.Transfer, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    if isinstance(event, TimerExpired):
        return leave(terms, state)
    if isinstance(event, Tapped) and event.key == "transfer.back":
        return enter_phase(state, p.Menu())
    match phase:
        case p.TransferKind() | p.OwnAccounts() | p.PayeeForm() | p.FraudWarning():
            return _payee(state, phase, event)
        case p.TransferAmount():
            return _amount(terms, state, phase, event)
        case p.TransferConfirm():
            return _confirm(state, phase, event)
        case p.PendingList():
            return _take_back(state, event)
        case p.PayeeAsking() | p.TransferBooking() | p.PendingAsking() | p.CancelBooking():
            return _answered(terms, state, phase, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case _:
            assert_never(phase)


def _payee(state: State, phase: p.TransferKind | p.OwnAccounts | p.PayeeForm | p.FraudWarning, event: AnyEvent) -> Step:
    match phase, event:
        case p.TransferKind(), Tapped(key="transfer.own"):
            return enter_phase(state, p.OwnAccounts())
        case p.TransferKind(), Tapped(key="transfer.other"):
            return meet(state, "transfer") or enter_phase(state, p.PayeeForm())
        case p.TransferKind(), Tapped(key="transfer.pending"):
            return ask(state, p.PendingAsking(), PendingAsked(state.number))
        case p.OwnAccounts(), Tapped(value=account) if account in state.own_accounts:
            return enter_phase(state, p.TransferAmount(account, "", True))
        case p.PayeeForm(), Typed(text=typed) if typed.isdigit() or not typed:
            return enter_phase(state, p.PayeeForm(typed[:19]))
        case p.PayeeForm(typed=typed), Tapped(key="transfer.next"):
            if len(typed) < SHORTEST_ACCOUNT:
                return enter_phase(state, p.PayeeForm(typed, "short"))
            return ask(state, p.PayeeAsking(typed), PayeeAsked(state.number, 0, typed))
        case p.FraudWarning(account=account, payee=payee), Tapped(key="warning.know"):
            return enter_phase(state, p.TransferAmount(account, payee, False))
        case _:
            return state, NO_EFFECTS


def _amount(terms: Terms, state: State, phase: p.TransferAmount, event: AnyEvent) -> Step:
    match event:
        case Typed(text=typed) if typed.isdigit() or not typed:
            return enter_phase(state, p.TransferAmount(phase.account, phase.payee, phase.own, typed[:6]))
        case Tapped(key="transfer.next"):
            fen = int(phase.typed or "0") * 100
            problem = "empty" if not fen else "per_time" if fen > terms.rules.transfer_per_time_fen else ""
            if problem:
                return enter_phase(state, p.TransferAmount(phase.account, phase.payee, phase.own, phase.typed, problem))
            return enter_phase(state, p.TransferConfirm(phase.account, phase.payee, phase.own, fen))
        case _:
            return state, NO_EFFECTS


def _confirm(state: State, phase: p.TransferConfirm, event: AnyEvent) -> Step:
    if not (isinstance(event, Tapped) and event.key == "transfer.ok"):
        return state, NO_EFFECTS
    booking = p.TransferBooking(phase.account, phase.payee, phase.own, phase.fen)
    return ask(state, booking, TransferAsked(state.number, next_id(state), phase.account, phase.fen))


def _take_back(state: State, event: AnyEvent) -> Step:
    if not (isinstance(event, Tapped) and event.value.isdigit()):
        return state, NO_EFFECTS
    number = int(event.value)
    return ask(state, p.CancelBooking(number), TransferCancelAsked(state.number, next_id(state), number))


def _answered(
    terms: Terms,
    state: State,
    phase: p.PayeeAsking | p.TransferBooking | p.PendingAsking | p.CancelBooking,
    event: HostAnswered,
) -> Step:
    if event.completion != "success":
        what = Leave(card_first=terms.profile.card_first, why="not_booked")
        books = isinstance(phase, p.TransferBooking | p.CancelBooking)
        return reverse(state, state.ask_id, what, "") if books else enter_phase(state, p.Notice("host_offline"))
    if event.verdict != "ok":
        return enter_phase(state, p.Notice(event.verdict))
    match event.ask:
        case PayeeAsked(account=account, own=True):
            return enter_phase(state, p.TransferAmount(account, "", True))
        case PayeeAsked(account=account, payee=payee):
            return enter_phase(state, p.FraudWarning(account, payee))
        case PendingAsked(transfers=transfers):
            return (
                enter_phase(state, p.PendingList(transfers)) if transfers else enter_phase(state, p.Notice("nothing"))
            )
        case TransferCancelAsked(fen=fen):
            return enter_phase(state, p.Notice("transfer_canceled", "another", fen))
        case TransferAsked(fen=fen, balance_fen=balance_fen, pending=pending):
            return _transferred(state, fen, balance_fen, bool(pending))
        case _:
            return enter_phase(state, p.Notice("refused"))


def _transferred(state: State, fen: int, balance_fen: int, later: bool) -> Step:
    if state.books.paper == "out":
        return enter_phase(state, p.Notice("transfer_pending" if later else "transferred", "another", fen))
    title = "receipt.transfer_pending" if later else "receipt.transfer"
    return enter_phase(state, p.ReceiptOffered(receipt(title, state.number, transferred=fen, balance=balance_fen)))
