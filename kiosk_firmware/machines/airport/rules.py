"""Check-in's rules, joined: one event in, the next state and the effects out.

Books absorb every device fact first; then the phase runs; then, at home, nothing of anybody may be inside.
"""

from __future__ import annotations

from functools import partial

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.cabinet_ledger import absorb, stray_note
from kiosk_firmware.kits.home_phase import at_home
from kiosk_firmware.kits.return_items import LeavePhase, Undone, on_event, owed_slip, slip
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.frauds import SCENES
from kiosk_firmware.machines.airport.rules_boarding_pass import on_issue
from kiosk_firmware.machines.airport.rules_check_in import on_trip
from kiosk_firmware.machines.airport.rules_checked_in import on_mine
from kiosk_firmware.machines.airport.rules_dangerous_goods import on_danger
from kiosk_firmware.machines.airport.rules_find_booking import on_find, start
from kiosk_firmware.machines.airport.state import State, Step, Terms, after_leaving, enter_phase, leave

ERRANDS: dict[str, p.Errand] = {
    "menu.checkin": "checkin",
    "menu.lookup": "lookup",
    "menu.reprint": "reprint",
    "menu.cancel": "cancel",
}


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    books = absorb(state.books, event)
    if books is not state.books:
        state = msgspec.structs.replace(state, books=books)
    after, effects = _phase(terms, state, event)
    if isinstance(
        after.phase, Undone
    ):  # nothing was paid here: what did not come out is the teacher's to give, by a slip
        after, effects = after_leaving(terms, after, *slip(after.books, after.phase.leave, owed_slip(after.phase)))
    if isinstance(after.phase, p.Home):
        after, effects = at_home(after, after.books, effects, partial(leave, terms, wait_ident=False))
    return stray_note(_let_fraud_in(after), effects)


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case LeavePhase():
            return after_leaving(terms, state, *on_event(state.books, phase, event))
        case p.Home():
            return _home(terms, state, event)
        case p.Notice():
            return _notice(terms, state, phase, event)
        case p.Met():
            return fraud_scenes.on_event(state, event, lambda away: leave(terms, away, "not_done"))
        case p.Ident() | p.Typing() | p.Finding() | p.Trips() | p.FlightShown():
            return on_find(terms, state, phase, event)
        case p.Danger() | p.Things() | p.ThingTold():
            return on_danger(terms, state, phase, event)
        case p.People() | p.Bags() | p.SeatsAsking() | p.Seats() | p.Phone() | p.Confirm():
            return on_trip(terms, state, phase, event)
        case p.Looked() | p.CancelTold() | p.Cancelling():
            return on_mine(terms, state, phase, event)
        case _:
            return on_issue(terms, state, phase, event)


def _home(terms: Terms, state: State, event: AnyEvent) -> Step:
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    if event.key == "home.language":
        return enter_phase(state, p.Home(), language="en" if state.language == "zh" else "zh")
    errand = ERRANDS.get(event.key)
    return start(terms, state, errand) if errand else (state, NO_EFFECTS)


def _notice(terms: Terms, state: State, phase: p.Notice, event: AnyEvent) -> Step:
    read = (isinstance(event, Tapped) and event.key == "notice.ok") or isinstance(event, TimerExpired)
    if not read:
        return state, NO_EFFECTS
    return enter_phase(state, phase.back) if phase.back else leave(terms, state)


# -- what is met beside the errand -------------------------------------------------------------------------------------


def _let_fraud_in(state: State) -> State:
    """Let a fraud step in where the ID card is asked for, or where the flight is shown."""
    moment = "flight" if isinstance(state.phase, p.FlightShown) else "ident" if isinstance(state.phase, p.Ident) else ""
    return fraud_scenes.stepped_in(state, SCENES, moment, p.Met)
