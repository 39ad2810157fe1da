"""The pages that find a booking: ID card, code, six characters, thirteen digits, which trip, and is this the flight?"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Key, Page, Text, text
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.display_texts import clock, day_text
from kiosk_firmware.machines.airport.state import State, Terms, flight_of, found_of
from kiosk_firmware.machines.airport.view_parts import flight_rows, route, timer, waiting_page

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What references are made of: nothing that is taken for something else (0 and O, 1 and I)."""
TRIPS = 5


def view_find(terms: Terms, state: State, phase: p.Find) -> Page:
    """Return the page of a phase that finds a booking."""
    match phase:
        case p.Ident():
            return _ident(terms, state, phase)
        case p.Typing():
            return _typing(terms, phase)
        case p.Finding():
            return waiting_page()
        case p.Trips():
            return _trips(terms, state, phase)
        case p.FlightShown():
            found = found_of(state)
            rows = flight_rows(terms, state, found)
            keys = (key("flight.back", "back"), key("flight.ok", "primary"))
            return message("flight", "flight.title", (), keys, timer(terms, "flight"), rows=rows)
        case _:
            assert_never(phase)


def _ident(terms: Terms, state: State, phase: p.Ident) -> Page:
    scans = "barcode_scanner" not in state.books.lost
    how = "ident.how_scan" if scans else "ident.how"
    body = Body((text(f"ident.{phase.problem}" if phase.problem else how),), icon="ident_in")
    keys = (key("ident.back", "back"), key("ident.reference", "choice"), key("ident.ticket", "choice"))
    at = ("id_reader", "barcode_scanner") if scans else ("id_reader",)
    return Page("Insert", "ident", text("ident.title"), None, body, keys, timer(terms, "ident"), at)


def _typing(terms: Terms, phase: p.Typing) -> Page:
    what, problem = phase.what, phase.problem
    name = f"{what}.field"
    line = text(f"typing.{what}_{problem or 'how'}")
    body = Body((line,), field=phase.typed, field_key=name, length=6 if what == "reference" else 13)
    field = Key(name, "field", text(f"key.{name}"), phase.typed)
    letters = _letters() if what == "reference" else ()
    keys = (field, *letters, key("typing.back", "back"), key("typing.ok", "primary"))
    return Page("Form", f"typing-{what}", text(f"typing.{what}"), None, body, keys, timer(terms, "typing"))


def _letters() -> tuple[Key, ...]:
    """Return a key for each character, and the eraser; they edit the field and never reach the machine as taps."""
    found = tuple(Key(f"digit.{one}", "digit", Text(one), one) for one in LETTERS)
    return (*found, Key("digit.erase", "digit", Text("digit.erase"), "<", icon="erase"))


def _trips(terms: Terms, state: State, phase: p.Trips) -> Page:
    keys = tuple(
        Key(
            f"trip.{found.booking.reference}",
            "choice",
            route(terms, found),
            found.booking.reference,
            text(
                "trips.when",
                time=clock(flight_of(terms, found).leaves),
                **dict(day_text(found.booking.day, -1).args),
            ),
        )
        for found in phase.found[:TRIPS]
    )
    body = Body()
    return Page(
        "Menu", "trips", text("trips.title"), None, body, (*keys, key("trips.back", "back")), timer(terms, "trips")
    )
