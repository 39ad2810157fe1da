"""Lay out what comes out on paper: the boarding pass with its code, and a tag for each bag."""

from __future__ import annotations

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.machines.airport import bcbp
from kiosk_firmware.machines.airport.display_texts import clock, day_text, route_text
from kiosk_firmware.machines.airport.state import State, Terms, flight_of, flyer_of, found_of

Row = tuple[Text, Text]


def document(terms: Terms, state: State, paper: str) -> Document:
    """Return the paper of that name: "pass-2" is the second person's pass, "tag-1" the first bag's tag, "gate-1" the
    slip that says another gate.
    """
    kind, _, number = paper.partition("-")
    if kind == "gate":
        return _moved(terms, state)
    if kind == "tag":
        return _tag(terms, state, int(number))
    return boarding_pass(terms, state, state.trip.people[int(number) - 1])


def pass_rows(terms: Terms, state: State, person: str) -> tuple[Row, ...]:
    """Return what a pass says, line by line."""
    found, flyer = found_of(state), flyer_of(state, person)
    flight = flight_of(terms, found)
    airports = terms.flights.airports
    return (
        (text("row.name"), text("paper.name", name=flyer.name, latin=flyer.latin)),
        (text("row.flight"), text("paper.flight", no=flight.no, time=clock(flight.leaves))),
        (text("row.route"), route_text(airports[flight.origin], airports[flight.target])),
        (text("row.day"), day_text(found.booking.day, -1)),
        (text("row.gate"), text("paper.plain", what=found.gate)),
        (text("row.boarding"), text("paper.plain", what=clock(flight.leaves - terms.rules.boards_min))),
        (text("row.seat"), text("paper.plain", what=flyer.seat)),
        (text("row.number"), text("paper.plain", what=f"{flyer.number:03d}")),
    )


def code_of(terms: Terms, state: State, person: str) -> str:
    """Return what the pass's code says."""
    found = found_of(state)
    return bcbp.encode(found.booking, flyer_of(state, person), flight_of(terms, found))


def boarding_pass(terms: Terms, state: State, person: str) -> Document:
    """Lay out a boarding pass on paper."""
    foot = (text("paper.gate_moves"), text("paper.practice"))
    rows = pass_rows(terms, state, person)
    return Document("pass", text("paper.pass"), rows, foot, code_of(terms, state, person))


def gate_rows(terms: Terms, state: State) -> tuple[Row, ...]:
    """Return the gate as it was and as it is, as rows."""
    found = found_of(state)
    flight = flight_of(terms, found)
    return (
        (text("row.flight"), text("paper.flight", no=flight.no, time=clock(flight.leaves))),
        (text("row.gate_was"), text("paper.plain", what=found.gate)),
        (text("row.gate_now"), text("paper.plain", what=state.trip.moved)),
        (text("row.boarding"), text("paper.plain", what=clock(flight.leaves - terms.rules.boards_min))),
    )


def _moved(terms: Terms, state: State) -> Document:
    foot = (text("paper.gate_moves"), text("paper.practice"))
    return Document("slip", text("paper.gate"), gate_rows(terms, state), foot)


def _tag(terms: Terms, state: State, number: int) -> Document:
    found = found_of(state)
    flight, flyer = flight_of(terms, found), flyer_of(state, state.trip.people[0])
    airports = terms.flights.airports
    rows = (
        (text("row.flight"), text("paper.flight", no=flight.no, time=clock(flight.leaves))),
        (text("row.route"), route_text(airports[flight.origin], airports[flight.target])),
        (text("row.name"), text("paper.name", name=flyer.name, latin=flyer.latin)),
        (text("row.bag"), text("paper.bag", n=number, of=state.trip.bags)),
    )
    return Document("tag", text("paper.tag"), rows, (text("paper.tie"), text("paper.practice")))
