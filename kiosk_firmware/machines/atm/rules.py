"""The ATM's rules, joined: one event in, the next state and the effects out.

Books absorb every device fact first; then the phase runs; then two promises are kept wherever the machine stands: a
note that nobody decided about goes back, and a sitting without its card ends.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.bank import undoable
from kiosk_firmware.kits.cabinet_ledger import absorb, stray_note
from kiosk_firmware.kits.return_items import LeavePhase, Undone, on_event
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm import rules_account, rules_deposit, rules_withdraw
from kiosk_firmware.machines.atm.rules_account import on_account
from kiosk_firmware.machines.atm.rules_card import home, judge_card, on_card
from kiosk_firmware.machines.atm.rules_cardless import on_cardless
from kiosk_firmware.machines.atm.rules_deposit import on_deposit
from kiosk_firmware.machines.atm.rules_fraud import meet, on_fetching
from kiosk_firmware.machines.atm.rules_reversal import on_settling, settle
from kiosk_firmware.machines.atm.rules_transfer import on_transfer
from kiosk_firmware.machines.atm.rules_withdraw import on_withdraw
from kiosk_firmware.machines.atm.state import State, Step, Terms, after_leaving, enter_phase, leave


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    books, asked = absorb(state.books, event), undoable(state.asked, event)
    if books is not state.books or asked != state.asked:
        state = msgspec.structs.replace(state, books=books, asked=asked)
    after, effects = _errand(terms, state, event) or _phase(terms, state, event)
    if isinstance(after.phase, Undone):
        after, effects = settle(terms, after, after.phase)
    if type(after.phase) in p.IDLE_WITH_CARD and after.books.place != "inside" and not after.account:
        after, effects = leave(terms, after)
    if isinstance(after.phase, p.Home):
        after, more = home(terms, after, event) if after.books.place != "none" or after.books.tally else (after, ())
        effects = effects + more
    after, effects = _met(state, after, effects)
    return stray_note(after, effects)


def _met(before: State, after: State, effects: Effects) -> Step:
    """Let a fraud step in at the machine that nobody uses yet, or where a card was just kept."""
    if not after.scene or after.books.place != "none":
        return after, effects
    arrived = isinstance(after.phase, p.Fetching) and not isinstance(before.phase, p.Fetching)
    moment = "kept" if arrived else "home" if isinstance(after.phase, p.Home) else ""
    met = meet(after, moment) if moment else None
    return (met[0], effects) if met else (after, effects)


def _errand(terms: Terms, state: State, event: AnyEvent) -> Step | None:
    """Begin the errand of a menu's key; None for anything else."""
    if not (isinstance(state.phase, p.Menu) and isinstance(event, Tapped)):
        return None
    match event.key:
        case "menu.withdraw":
            return rules_withdraw.start(terms, state)
        case "menu.deposit":
            return rules_deposit.start(terms, state)
        case "menu.transfer":
            return enter_phase(state, p.TransferKind())
        case "menu.balance" | "menu.statement" | "menu.pin":
            return rules_account.start(state, event.key)
        case _:
            return None


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case LeavePhase():
            return after_leaving(terms, state, *on_event(state.books, phase, event))
        case p.Reversing() | p.Crediting():
            return on_settling(terms, state, phase, event)
        case p.Counting() | p.Storing() | p.DepositConfirm() | p.DepositBooking() | p.Keeping():
            return on_deposit(terms, state, phase, event)
        case p.AccountTyped() | p.AccountAsking() | p.AccountNamed() | p.PhoneTyped():
            return on_cardless(terms, state, phase, event)
        case p.Met():
            return fraud_scenes.during(state, event) or _after(terms, state, phase, event)
        case p.Fetching():
            return on_fetching(state, phase, event)
        case p.Amounts() | p.OtherAmount() | p.FeeAsked() | p.ReceiptAsked() | p.WithdrawBooking():
            return on_withdraw(terms, state, phase, event)
        case (
            p.PinChoosing()
            | p.PinRepeating()
            | p.BalanceAsking()
            | p.BalanceShown()
            | p.StatementAsking()
            | p.StatementShown()
            | p.StatementPrinting()
        ):
            return on_account(terms, state, phase, event)
        case (
            p.Home()
            | p.PinAsked()
            | p.PinClosing()
            | p.OpeningAsking()
            | p.Menu()
            | p.Another()
            | p.Notice()
            | p.ReceiptOffered()
        ):
            return on_card(terms, state, phase, event)
        case _:
            return on_transfer(terms, state, phase, event)


def _after(terms: Terms, state: State, phase: p.Met, event: AnyEvent) -> Step:
    """End the scene that was met: the errand goes on, or nobody is there any more."""
    if isinstance(phase, p.MetInside) and isinstance(event, TimerExpired):
        return leave(terms, state)
    state = msgspec.structs.replace(state, scene="")
    match phase.meeting.scene.moment:
        case "pin":
            return judge_card(terms, state)
        case "transfer":
            return enter_phase(state, p.PayeeForm())
        case "kept" if not isinstance(event, TimerExpired):
            return enter_phase(state, p.Fetching(phase.why))
        case _:
            return enter_phase(state, p.Home())
