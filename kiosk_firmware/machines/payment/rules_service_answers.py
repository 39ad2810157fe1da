"""Handle what the service says, and what is done when it says nothing.

A till that heard nothing asks again and again, and takes back what it cannot see. Whoever scanned a shop's code is not
left to guess either: the other side's record is the truth, and nothing is paid a second time before it was looked at.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import HostAnswered
from kiosk_firmware.core.hosts.wallet import (
    AT_TILL,
    BillsAsked,
    FreshCodeAsked,
    GiveBackAsked,
    RecallAsked,
    SpendAsked,
    StandingAsked,
    UndoAsked,
)
from kiosk_firmware.kits.ask_numbers import held_after
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.rules_password import begin
from kiosk_firmware.machines.payment.state import State, Step, Terms, ask, enter_phase


def after_answer(terms: Terms, state: State, event: HostAnswered) -> Step:
    """Return the state after the answer."""
    phase = state.phase
    if not isinstance(phase, p.Waiting):
        return state, NO_EFFECTS
    state = msgspec.structs.replace(state, held=held_after(state.held, event))
    if event.completion != "success":
        return _unanswered(state, phase)
    match event.ask:
        case SpendAsked():
            return _spent(terms, state, event.verdict, event.ask)
        case StandingAsked(stands=stands) if state.deal.way in AT_TILL:
            return poll_till(terms, state, phase.polled, stands)
        case StandingAsked(stands=stands):
            return enter_phase(state, p.Record(stands))
        case UndoAsked():
            return enter_phase(state, p.Notice("reversed"))
        case FreshCodeAsked(code=code):
            return enter_phase(state, p.CodeShown(code, phase.polled))
        case BillsAsked():
            return enter_phase(state, p.Bills(event.ask))
        case GiveBackAsked():
            return enter_phase(state, p.Notice("given_back"))
        case RecallAsked():
            return enter_phase(state, p.Notice("recalled"))
        case _:
            return state, NO_EFFECTS


def _spent(terms: Terms, state: State, verdict: str, done: SpendAsked) -> Step:
    match verdict:
        case "ok":
            return enter_phase(state, p.Paid(done.receipt))
        case "password":
            return begin(terms, state)
        case "funds":
            return enter_phase(state, p.Funds())
        case _:
            return enter_phase(state, p.Notice(verdict))


def poll_till(terms: Terms, state: State, count: int, stands: bool) -> Step:
    """Return what the till saw, the `count`th time."""
    if stands:
        return enter_phase(state, p.Paid(""))
    if count >= terms.polls:
        return ask(state, UndoAsked(0, state.turn), count)
    return enter_phase(state, p.Polling(count))


def _unanswered(state: State, phase: p.Waiting) -> Step:
    match phase.ask:
        case SpendAsked(way=way):
            return enter_phase(state, p.Polling(0) if way in AT_TILL else p.Unsure())
        case UndoAsked() | StandingAsked() if state.deal.way in AT_TILL:
            return enter_phase(state, p.Polling(phase.polled))
        case StandingAsked():
            return enter_phase(state, p.Unsure())
        case GiveBackAsked() | RecallAsked():
            return enter_phase(state, p.Notice("look_again"))
        case _:
            return enter_phase(state, p.Notice("offline"))
