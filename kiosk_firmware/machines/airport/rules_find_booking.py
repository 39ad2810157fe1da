"""Find the booking: an ID card on the reader, a code before the scanner, six characters or thirteen digits typed.

Whoever is found goes on to the flight; whether it is too early or too late for this machine is said before anything
else is asked.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    HostAnswered,
    MediaInserted,
    MediaInvalid,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.hosts.airline import FindAsked, FoundBooking
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.question_order import begin
from kiosk_firmware.machines.airport.rules_checked_in import continue_errand
from kiosk_firmware.machines.airport.state import (
    State,
    Step,
    Terms,
    Trip,
    ask,
    enter_phase,
    found_of,
    leave,
    minutes_left,
    open_flyers,
)

OURS = "kiosk-practice:trip/"
"""How the code on an itinerary of ours begins; the booking's reference follows."""
LENGTH = {"reference": 6, "ticket": 13}


def start(terms: Terms, state: State, errand: p.Errand) -> Step:
    """Begin the errand of the key on the home page: a telephone knows its owner, a machine asks."""
    begun = enter_phase(state, p.Ident(errand), trip=Trip())[0]
    if terms.profile.phone:
        return ask(begun, p.Finding(errand, "phone"), FindAsked(0, person=state.owner))
    return _read(begun, p.Ident(errand)) if state.books.ident else (begun, NO_EFFECTS)


def problem_with(state: State) -> str:
    """Return what is wrong with the ID card on the reader, as a text's last word; empty if nothing is."""
    ident = state.books.ident
    if ident is None or not ident.number:
        return "unreadable"
    return "expired" if ident.expires < state.yymm else ""


def _read(state: State, phase: p.Ident) -> Step:
    problem = problem_with(state)
    if problem or state.books.ident is None:
        return enter_phase(state, p.Ident(phase.errand, problem or "unreadable"))
    return ask(state, p.Finding(phase.errand, "id"), FindAsked(0, person=state.books.ident.number))


def on_find(terms: Terms, state: State, phase: p.Find, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Ident():
            return _ident(terms, state, phase, event)
        case p.Typing():
            return _typing(state, phase, event)
        case p.Finding():
            return _answered(terms, state, phase, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.Trips():
            return _trips(terms, state, phase, event)
        case p.FlightShown():
            return _flight(terms, state, event)
        case _:
            assert_never(phase)


def _ident(terms: Terms, state: State, phase: p.Ident, event: AnyEvent) -> Step:
    errand = phase.errand
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader"):
            return _read(state, phase)
        case BarcodeRead(text=said):
            if not said.startswith(OURS):
                return enter_phase(state, p.Ident(errand, "code"))
            return ask(state, p.Finding(errand, "scan"), FindAsked(0, reference=said.removeprefix(OURS)[:6].upper()))
        case Tapped(key="ident.reference"):
            return enter_phase(state, p.Typing(errand, "reference"))
        case Tapped(key="ident.ticket"):
            return enter_phase(state, p.Typing(errand, "ticket"))
        case Tapped(key="ident.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _typing(state: State, phase: p.Typing, event: AnyEvent) -> Step:
    match event:
        case Typed(text=typed) if typed != phase.typed and len(typed) <= LENGTH[phase.what]:
            return enter_phase(state, p.Typing(phase.errand, phase.what, typed))
        case Tapped(key="typing.ok"):
            if len(phase.typed) < LENGTH[phase.what]:
                return enter_phase(state, p.Typing(phase.errand, phase.what, phase.typed, "short"))
            reference, ticket = (phase.typed, "") if phase.what == "reference" else ("", phase.typed)
            question = FindAsked(0, reference=reference, ticket=ticket)
            return ask(state, p.Finding(phase.errand, phase.what), question)
        case Tapped(key="typing.back") | TimerExpired():
            return enter_phase(state, p.Ident(phase.errand))
        case _:
            return state, NO_EFFECTS


def _answered(terms: Terms, state: State, phase: p.Finding, event: HostAnswered) -> Step:
    match event.completion, event.verdict, event.ask:
        case "success", "ok", FindAsked(found=found) if found:
            return _choose(terms, state, phase.errand, found)
        case "success", "nothing", _ if not terms.profile.phone:
            return enter_phase(state, p.Notice("nothing", p.Ident(phase.errand)))
        case "success", verdict, _:
            return enter_phase(state, p.Notice(verdict))
        case _:
            return enter_phase(state, p.Notice("host_offline"))


def _choose(terms: Terms, state: State, errand: p.Errand, found: tuple[FoundBooking, ...]) -> Step:
    if len(found) > 1:
        return enter_phase(state, p.Trips(errand, found))
    return _one(terms, state, errand, found[0])


def _one(terms: Terms, state: State, errand: p.Errand, found: FoundBooking) -> Step:
    state = enter_phase(state, state.phase, trip=Trip(found, phone=found.booking.phone))[0]
    if errand != "checkin":
        return continue_errand(terms, state, errand)
    why = refusal(terms, state, found)
    return enter_phase(state, p.Notice(why)) if why else enter_phase(state, p.FlightShown())


def refusal(terms: Terms, state: State, found: FoundBooking) -> str:
    """Return why nobody can be checked in here now, as the notice's name; empty if it can be done."""
    left = minutes_left(terms, state, found)
    if left > terms.rules.opens_min:
        return "early"
    if left < terms.closes_min:
        return "counter_still" if left >= terms.rules.counter_closes_min else "late"
    if not open_flyers(found):
        return "already"
    if all(flyer.need for flyer in open_flyers(found)):
        return "special"
    return "many" if len(found.booking.flyers) > terms.rules.people_most else ""


def _trips(terms: Terms, state: State, phase: p.Trips, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="trips.back") | TimerExpired():
            return leave(terms, state)
        case Tapped(key=key, value=value) if key.startswith("trip."):
            found = next((found for found in phase.found if found.booking.reference == value), None)
            return _one(terms, state, phase.errand, found) if found else (state, NO_EFFECTS)
        case _:
            return state, NO_EFFECTS


def _flight(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="flight.ok"):
            return begin(terms, state, found_of(state))
        case Tapped(key="flight.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS
