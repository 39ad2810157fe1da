"""Handle what one has already: gate and seat as they are now, a lost pass printed again, a check-in taken back.

A gate may have moved since the pass was printed: looking it up is the only way to know.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.airline import CancelAsked
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.rules_boarding_pass import TRIES, reprint
from kiosk_firmware.machines.airport.state import (
    State,
    Step,
    Terms,
    ask,
    enter_phase,
    found_of,
    leave,
    minutes_left,
    with_trip,
)


def continue_errand(terms: Terms, state: State, errand: p.Errand) -> Step:
    """Go on with an errand that is not checking in: the booking is known."""
    found = found_of(state)
    done = tuple(flyer.person for flyer in found.booking.flyers if flyer.number)
    if errand == "lookup":
        return enter_phase(state, p.Looked())
    if not done:
        return enter_phase(state, p.Notice("not_yet"))
    mine = state.owner if terms.profile.phone else state.books.ident.number if state.books.ident else ""
    here = tuple(sorted(done, key=lambda person: person != mine))
    state = with_trip(state, people=here)
    if errand == "reprint":
        return enter_phase(state, p.PassShown()) if terms.profile.phone else reprint(state)
    why = cannot_cancel(terms, state)
    return enter_phase(state, p.Notice(why)) if why else enter_phase(state, p.CancelTold())


def cannot_cancel(terms: Terms, state: State) -> str:
    """Return why the check-in cannot be taken back here, as the notice's name; empty if it can."""
    found = found_of(state)
    if found.booking.cancels >= terms.rules.cancels_most:
        return "cancel_often"
    return "cancel_late" if minutes_left(terms, state, found) < terms.rules.cancel_min else ""


def on_mine(terms: Terms, state: State, phase: p.Mine, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Looked():
            read = isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "looked.ok")
            return leave(terms, state) if read else (state, NO_EFFECTS)
        case p.CancelTold():
            return _told(terms, state, event)
        case p.Cancelling(tries=tries):
            return _answered(terms, state, tries, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case _:
            assert_never(phase)


def _told(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="cancel.ok"):
            return _cancel(state)
        case Tapped(key="cancel.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _cancel(state: State, tries: int = 1) -> Step:
    return ask(state, p.Cancelling(tries), CancelAsked(4, found_of(state).booking.reference))


def _answered(terms: Terms, state: State, tries: int, event: HostAnswered) -> Step:
    if event.completion != "success":
        return _cancel(state, tries + 1) if tries < TRIES else enter_phase(state, p.Notice("host_offline"))
    return leave(terms, state, "canceled") if event.verdict == "ok" else enter_phase(state, p.Notice(event.verdict))
