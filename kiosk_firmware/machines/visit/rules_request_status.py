"""Follow the request: waiting for the answer, its reason, the appointment's slip, going there, taking it back."""

from __future__ import annotations

from kiosk_firmware.core.effects import PrintDocument
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.visit import VisitLookedUp, VisitTakenBack
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.documents import appointment
from kiosk_firmware.machines.visit.rules_video_call import arrive
from kiosk_firmware.machines.visit.state import (
    NOTHING,
    TRIES,
    State,
    Step,
    Terms,
    ask,
    case_of,
    enter_phase,
    leave,
    no_answer,
    with_office_answer,
)
from kiosk_firmware.visit.domain.decisions import answered_on
from kiosk_firmware.visit.domain.states import UNDECIDED, is_open

BEFORE_MIN = 10
"""Who goes to the visit from this page comes so many minutes before it begins."""


def on_mine(terms: Terms, state: State, phase: p.Mine, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Looked():
            return _looked(terms, state, event)
        case p.Slipping():
            if not isinstance(event, DocumentPrinted):
                return state, NOTHING
            return enter_phase(state, p.Notice("slip" if event.completion == "success" else "no_slip", p.Looked()))
        case p.UndoTold():
            return _undo_told(state, event)
        case p.Undoing():
            return _undone(state, phase, event) if isinstance(event, HostAnswered) else (state, NOTHING)


def _looked(terms: Terms, state: State, event: AnyEvent) -> Step:
    case = case_of(state)
    match event:
        case TimerExpired() | Tapped(key="looked.ok"):
            return leave(state)
        case Tapped(key="looked.wait") if case.state in UNDECIDED:
            later = max(state.today, answered_on(terms.rules, case))
            return ask(enter_phase(state, p.Looked(), today=later)[0], p.Looking("mine"), VisitLookedUp)
        case Tapped(key="looked.slip") if case.state in ("approved", "waiting"):
            return enter_phase(state, p.Slipping(), PrintDocument("receipt_printer", "appointment", appointment(state)))
        case Tapped(key="looked.go") if case.state in ("approved", "waiting"):
            day, minute = case.request.day, case.request.minute - BEFORE_MIN
            return arrive(enter_phase(state, p.Looked(), today=day, minute=minute)[0])
        case Tapped(key="looked.undo") if is_open(case) and case.state != "signing":
            return enter_phase(state, p.UndoTold())
        case _:
            return state, NOTHING


def _undo_told(state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="undo.ok"):
            return ask(state, p.Undoing(), VisitTakenBack, 2)
        case Tapped(key="undo.back"):
            return enter_phase(state, p.Looked())
        case TimerExpired():
            return leave(state, "not_done")
        case _:
            return state, NOTHING


def _undone(state: State, phase: p.Undoing, event: HostAnswered) -> Step:
    if no_answer(event) and phase.tries < TRIES:
        return ask(state, p.Undoing(phase.tries + 1), VisitTakenBack, 2)
    if no_answer(event):
        return enter_phase(state, p.Notice("offline"))
    return enter_phase(
        with_office_answer(state, event), p.Notice("taken_back" if event.verdict == "ok" else "too_late_to_undo")
    )
