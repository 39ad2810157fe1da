"""The visit's rules, joined: one event in, the next state and the effects out.

Books absorb every device fact first; then the phase runs; then, at home, nothing of anybody may be inside.
"""

from __future__ import annotations

from functools import partial

import msgspec

from kiosk_firmware.core.events import AnyEvent, HostAnswered, MediaInserted, MediaInvalid, Tapped, TimerExpired
from kiosk_firmware.core.hosts.visit import VisitLookedUp
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.cabinet_ledger import absorb, stray_note
from kiosk_firmware.kits.home_phase import at_home
from kiosk_firmware.kits.return_items import LeavePhase, Undone, on_event, owed_slip, slip
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.rules_fraud import let_fraud_in
from kiosk_firmware.machines.visit.rules_request_status import on_mine
from kiosk_firmware.machines.visit.rules_video_call import arrive, on_meet
from kiosk_firmware.machines.visit.rules_visit_request import begin, on_ask
from kiosk_firmware.machines.visit.state import (
    NOTHING,
    TRIES,
    State,
    Step,
    Terms,
    after_leaving,
    ask,
    enter_phase,
    leave,
    no_answer,
    with_office_answer,
)
from kiosk_firmware.visit.domain.states import is_open

ERRANDS: dict[str, p.Errand] = {"menu.ask": "ask", "menu.mine": "mine", "menu.visit": "visit"}


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    books = absorb(state.books, event)
    if books is not state.books:
        state = msgspec.structs.replace(state, books=books)
    after, effects = _phase(terms, state, event)
    if isinstance(
        after.phase, Undone
    ):  # nothing is paid here: what did not come out is the teacher's to give, by a slip
        after, effects = after_leaving(after, *slip(after.books, after.phase.leave, owed_slip(after.phase)))
    if isinstance(after.phase, p.Home):
        after, effects = at_home(after, after.books, effects, partial(leave, wait_ident=False))
    return stray_note(let_fraud_in(after), effects)


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case LeavePhase():
            return after_leaving(state, *on_event(state.books, phase, event))
        case p.Home():
            return _home(state, event)
        case p.Notice():
            return _notice(state, phase, event)
        case p.Ident():
            return _ident(state, phase, event)
        case p.Met():
            return fraud_scenes.on_event(state, event, lambda away: leave(away, "not_done"))
        case p.Looking():
            return _looked_up(terms, state, phase, event) if isinstance(event, HostAnswered) else (state, NOTHING)
        case p.Looked() | p.Slipping() | p.UndoTold() | p.Undoing():
            return on_mine(terms, state, phase, event)
        case p.Who() | p.KinAsked() | p.Proof() | p.When() | p.Check() | p.Requesting() | p.Accepting():
            return on_ask(terms, state, phase, event)
        case _:
            return on_meet(terms, state, phase, event)


def _home(state: State, event: AnyEvent) -> Step:
    if not isinstance(event, Tapped):
        return state, NOTHING
    if event.key == "home.language":
        return enter_phase(state, p.Home(), language="en" if state.language == "zh" else "zh")
    errand = ERRANDS.get(event.key)
    if errand is None:
        return state, NOTHING
    return _read(state, errand) if state.books.ident else enter_phase(state, p.Ident(errand))


def _notice(state: State, phase: p.Notice, event: AnyEvent) -> Step:
    if not (isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "notice.ok")):
        return state, NOTHING
    return enter_phase(state, phase.back) if phase.back else leave(state)


def _ident(state: State, phase: p.Ident, event: AnyEvent) -> Step:
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader"):
            return _read(state, phase.errand)
        case Tapped(key="ident.back") | TimerExpired():
            return leave(state)
        case _:
            return state, NOTHING


def _read(state: State, errand: p.Errand) -> Step:
    """Look up whose card lies there."""
    ident = state.books.ident
    problem = "unreadable" if ident is None or not ident.number else "expired" if ident.expires < state.yymm else ""
    if problem or ident is None:
        return enter_phase(state, p.Ident(errand, problem))
    known = msgspec.structs.replace(state, person=ident.number)
    return _look_up(known, errand)


def _look_up(state: State, errand: p.Errand, tries: int = 1) -> Step:
    """Ask the office what it knows of the person."""
    return ask(state, p.Looking(errand, tries), VisitLookedUp)


def _looked_up(terms: Terms, state: State, phase: p.Looking, event: HostAnswered) -> Step:
    if no_answer(event):
        again = phase.tries < TRIES
        return _look_up(state, phase.errand, phase.tries + 1) if again else enter_phase(state, p.Notice("offline"))
    state = with_office_answer(state, event)
    if event.verdict != "ok":
        return enter_phase(state, p.Notice("stranger"))
    case = state.visits.case
    match phase.errand:
        case "ask":
            return enter_phase(state, p.Notice("open")) if is_open(case) else begin(terms, state)
        case "mine":
            known = case is not None and case.state != "draft"
            return enter_phase(state, p.Looked() if known else p.Notice("nothing"))
        case "visit":
            return arrive(state)
