"""Deposit without a card: whose account is typed twice, the masked name is compared, a telephone number is left; then
cash goes in as with a card (`rules_deposit`). The telephone number is asked for and goes nowhere.

Source: bank pages on deposits at machines (shared reference, section b1, DEP2).
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired, Typed
from kiosk_firmware.core.hosts.bank import CARDLESS, PayeeAsked
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.state import State, Step, Terms, ask, enter_phase, leave

SHORTEST_ACCOUNT = 4
PHONE_DIGITS = 11


def start(terms: Terms, state: State) -> Step:
    """Begin where the first page's key was pressed."""
    if {"note_acceptor", "coin_acceptor"} <= set(state.books.lost):
        return leave(terms, state, "out_of_service")
    return enter_phase(state, p.AccountTyped())


def on_cardless(terms: Terms, state: State, phase: p.Cardless, event: AnyEvent) -> Step:
    """Return the next state after one event in a phase of this file."""
    if isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "cardless.back"):
        return leave(terms, state)
    match phase:
        case p.AccountTyped():
            return _account(state, phase, event)
        case p.AccountAsking():
            return _answered(terms, state, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.AccountNamed(account=account, left_fen=left_fen):
            right = isinstance(event, Tapped) and event.key == "cardless.right"
            return enter_phase(state, p.PhoneTyped(account, left_fen)) if right else (state, NO_EFFECTS)
        case p.PhoneTyped():
            return _phone(terms, state, phase, event)
        case _:
            assert_never(phase)


def _account(state: State, phase: p.AccountTyped, event: AnyEvent) -> Step:
    match event:
        case Typed(text=typed) if typed.isdigit() or not typed:
            return enter_phase(state, msgspec.structs.replace(phase, typed=typed[:19], problem=""))
        case Tapped(key="cardless.next") if len(phase.typed) < SHORTEST_ACCOUNT:
            return enter_phase(state, msgspec.structs.replace(phase, problem="short"))
        case Tapped(key="cardless.next") if not phase.first:
            return enter_phase(state, p.AccountTyped(first=phase.typed))
        case Tapped(key="cardless.next") if phase.first != phase.typed:
            return enter_phase(state, p.AccountTyped(problem="differ"))
        case Tapped(key="cardless.next"):
            return ask(state, p.AccountAsking(phase.typed), PayeeAsked(CARDLESS, 0, phase.typed))
        case _:
            return state, NO_EFFECTS


def _answered(terms: Terms, state: State, event: HostAnswered) -> Step:
    if event.completion != "success":
        return leave(terms, state, "host_offline")
    if event.verdict != "ok" or not isinstance(event.ask, PayeeAsked):
        return enter_phase(state, p.AccountTyped(problem="unknown"))
    who = event.ask
    return enter_phase(state, p.AccountNamed(who.account, who.payee, who.own, who.deposit_left_fen))


def _phone(terms: Terms, state: State, phase: p.PhoneTyped, event: AnyEvent) -> Step:
    match event:
        case Typed(text=typed) if typed.isdigit() or not typed:
            return enter_phase(state, msgspec.structs.replace(phase, typed=typed[:PHONE_DIGITS], problem=""))
        case Tapped(key="cardless.next") if len(phase.typed) != PHONE_DIGITS or phase.typed[0] != "1":
            return enter_phase(state, msgspec.structs.replace(phase, problem="phone"))
        case Tapped(key="cardless.next") if phase.left_fen < min(terms.rules.deposit_accepts_fen):
            return leave(terms, state, "deposit_limit")
        case Tapped(key="cardless.next"):
            return enter_phase(state, p.Counting(), account=phase.account, deposit_left_fen=phase.left_fen)
        case _:
            return state, NO_EFFECTS
