"""The order of questions: what a skin asks after what, and what needs no question.

Who stands alone in the booking and was found by the own ID card is not asked for it again; a telephone number that the
airline has is not asked for.
"""

from __future__ import annotations

from kiosk_firmware.core.hosts.airline import Flyer, FoundBooking, SeatsAsked
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.state import (
    Stage,
    State,
    Step,
    Terms,
    ask,
    enter_phase,
    found_of,
    open_flyers,
    with_trip,
)


def able(found: FoundBooking) -> tuple[Flyer, ...]:
    """Return who of the booking can be checked in by a machine."""
    return tuple(flyer for flyer in open_flyers(found) if not flyer.need)


def begin(terms: Terms, state: State, found: FoundBooking) -> Step:
    """Begin with the flight that was chosen: a person who was found by their own card is here already."""
    mine = state.owner if terms.profile.phone else state.books.ident.number if state.books.ident else ""
    here = tuple(flyer.person for flyer in able(found) if flyer.person == mine)
    return onward(terms, with_trip(state, people=here))


def onward(terms: Terms, state: State, after: Stage | None = None) -> Step:
    """Ask the next question after that one; after the last, all of it once more."""
    order = terms.profile.order
    rest = order[order.index(after) + 1 :] if after else order
    stage = next((stage for stage in rest if _asks(state, stage)), None)
    match stage:
        case None:
            return enter_phase(state, p.Confirm())
        case "people":
            return enter_phase(state, p.People())
        case "bags":
            return enter_phase(state, p.Bags())
        case "danger":
            return enter_phase(state, p.Danger())
        case "seats":
            found = found_of(state)
            return ask(state, p.SeatsAsking(), SeatsAsked(0, found.booking.flight, found.booking.day))
        case "phone":
            return enter_phase(state, p.Phone())


def _asks(state: State, stage: Stage) -> bool:
    found = found_of(state)
    if stage == "people":
        return {flyer.person for flyer in able(found)} != set(state.trip.people)
    return stage != "phone" or not found.booking.phone


def assigned_seats(state: State) -> tuple[str, ...]:
    """Return the seats that the airline would give to the people who are here."""
    found = found_of(state)
    seats = {flyer.person: seat for flyer, seat in zip(found.booking.flyers, found.seats, strict=True)}
    return tuple(seats[person] for person in state.trip.people)
