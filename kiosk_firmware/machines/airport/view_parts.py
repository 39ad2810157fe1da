"""Build the parts of check-in's pages, beside the parts that all machines share (`kits.common_pages`)."""

from __future__ import annotations

from kiosk_firmware.core.hosts.airline import FoundBooking
from kiosk_firmware.core.pages import Page, Row, Text, Timer, text
from kiosk_firmware.kits.common_pages import message
from kiosk_firmware.machines.airport.display_texts import airport_text, clock, day_text, route_text
from kiosk_firmware.machines.airport.state import State, Terms, flight_of


def timer(terms: Terms, name: str) -> Timer:
    """Return the usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def waiting_page(step: str = "waiting", title: str = "wait.title") -> Page:
    """Return the page that stands while the airline is asked, or something is printed."""
    icon = "wait_slip" if step.startswith("printing") else "wait_answer"
    return message(step, title, (text("wait.how"),), (), None, icon=icon)


def route(terms: Terms, found: FoundBooking) -> Text:
    """Return from where to where the booking goes."""
    flight, airports = flight_of(terms, found), terms.flights.airports
    return route_text(airports[flight.origin], airports[flight.target])


def _where(terms: Terms, found: FoundBooking) -> Row:
    """Return the row of from where to where; on a telephone there is room for where to."""
    if not terms.profile.phone:
        return Row(text("row.route"), route(terms, found))
    return Row(text("row.to"), airport_text(terms.flights.airports[flight_of(terms, found).target]))


def flight_rows(terms: Terms, state: State, found: FoundBooking) -> tuple[Row, ...]:
    """Return the flight, line by line."""
    flight = flight_of(terms, found)
    return (
        Row(text("row.flight"), text("paper.plain", what=flight.no)),
        _where(terms, found),
        Row(text("row.day"), day_text(found.booking.day, state.today)),
        Row(text("row.leaves"), text("paper.plain", what=clock(flight.leaves))),
    )
