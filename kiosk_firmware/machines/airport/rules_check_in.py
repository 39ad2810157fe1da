"""Checking in: who is here, how many bags, which seats, where to call; then all of it once more.

Each person shows the own ID card; a telephone checks in whom its owner booked for. Seats that others have, and those at
an emergency exit, are refused with the reason.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import (
    AnyEvent,
    HostAnswered,
    MediaInserted,
    MediaInvalid,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.hosts.airline import SeatsAsked
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.question_order import able, assigned_seats, onward
from kiosk_firmware.machines.airport.rules_boarding_pass import check_in
from kiosk_firmware.machines.airport.rules_find_booking import problem_with
from kiosk_firmware.machines.airport.state import State, Step, Terms, enter_phase, found_of, leave, with_trip

PHONE_DIGITS = 11
Here = p.People | p.Bags | p.SeatsAsking | p.Seats | p.Phone | p.Confirm


def on_trip(terms: Terms, state: State, phase: Here, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.SeatsAsking():
            return _seats_told(terms, state, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case _ if isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "trip.back"):
            return leave(terms, state, "not_done")
        case p.People():
            return _people(terms, state, event)
        case p.Bags():
            return _bags(terms, state, event)
        case p.Seats():
            return _seats(terms, state, phase, event)
        case p.Phone():
            return _phone(terms, state, phase, event)
        case p.Confirm():
            return check_in(terms, state) if _pressed(event, "confirm.ok") else (state, NO_EFFECTS)
        case _:
            assert_never(phase)


def _pressed(event: AnyEvent, key: str) -> bool:
    return isinstance(event, Tapped) and event.key == key


# -- people ------------------------------------------------------------------------------------------------------------


def _people(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader") if not terms.profile.phone:
            return _person(state)
        case Tapped(key="people.all") if terms.profile.phone:
            everybody = tuple(flyer.person for flyer in able(found_of(state)))
            return onward(terms, with_trip(state, people=everybody), "people")
        case Tapped(key="people.ok") if state.trip.people:
            return onward(terms, state, "people")
        case Tapped(key="people.forgot"):
            return enter_phase(state, p.Notice("forgot", p.People()))
        case _:
            return state, NO_EFFECTS


def _person(state: State) -> Step:
    """Take the ID card on the reader: one of the booking's, and not yet here."""
    ident, problem = state.books.ident, problem_with(state)
    if problem or ident is None:
        return enter_phase(state, p.People(problem or "unreadable"))
    if ident.number in state.trip.people:
        return enter_phase(state, p.People("twice"))
    flyer = next((flyer for flyer in found_of(state).booking.flyers if flyer.person == ident.number), None)
    if flyer is None:
        return enter_phase(state, p.People("stranger"))
    if flyer.need or flyer.number:
        return enter_phase(state, p.People("special" if flyer.need else "done"))
    return enter_phase(with_trip(state, people=(*state.trip.people, ident.number)), p.People())


# -- bags, telephone ---------------------------------------------------------------------------------------------------


def _bags(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key=key, value=value) if key.startswith("bags.") and value.isdigit():
            return onward(terms, with_trip(state, bags=int(value)), "bags")
        case Tapped(key="bags.many"):
            return enter_phase(state, p.Notice("too_many_bags", p.Bags()))
        case _:
            return state, NO_EFFECTS


def _phone(terms: Terms, state: State, phase: p.Phone, event: AnyEvent) -> Step:
    match event:
        case Typed(text=typed) if typed != phase.typed and len(typed) <= PHONE_DIGITS:
            return enter_phase(state, p.Phone(typed))
        case Tapped(key="phone.ok"):
            if len(phase.typed) != PHONE_DIGITS or phase.typed[0] != "1":
                return enter_phase(state, p.Phone(phase.typed, "short"))
            return onward(terms, with_trip(state, phone=phase.typed), "phone")
        case _:
            return state, NO_EFFECTS


# -- seats -------------------------------------------------------------------------------------------------------------


def _seats_told(terms: Terms, state: State, event: HostAnswered) -> Step:
    if event.completion != "success" or not isinstance(event.ask, SeatsAsked):
        return enter_phase(state, p.Notice("host_offline"))
    seats = assigned_seats(state)
    if "" in seats:
        return enter_phase(state, p.Notice("full"))
    part = terms.flights.cabin.part(seats[0])
    return enter_phase(with_trip(state, seats=seats), p.Seats(event.ask.taken, part))


def _seats(terms: Terms, state: State, phase: p.Seats, event: AnyEvent) -> Step:
    match event:
        case Tapped(key=key, value=value) if key.startswith("part."):
            return enter_phase(state, p.Seats(phase.taken, value, phase.at))
        case Tapped(key=key, value=value) if key.startswith("seat."):
            return _seat(terms, state, phase, value)
        case Tapped(key="seats.ok"):
            if phase.at + 1 == len(state.trip.people):
                return onward(terms, state, "seats")
            part = terms.flights.cabin.part(state.trip.seats[phase.at + 1])
            return enter_phase(state, p.Seats(phase.taken, part, phase.at + 1))
        case _:
            return state, NO_EFFECTS


def _seat(terms: Terms, state: State, phase: p.Seats, seat: str) -> Step:
    seats = state.trip.seats
    if seat == seats[phase.at]:
        return state, NO_EFFECTS
    problem = "exit" if terms.flights.cabin.is_exit(seat) else "taken" if seat in (*phase.taken, *seats) else ""
    if problem:
        state = with_trip(state, tried=problem)
    else:
        state = with_trip(state, seats=(*seats[: phase.at], seat, *seats[phase.at + 1 :]))
    return enter_phase(state, p.Seats(phase.taken, phase.part, phase.at, problem))
