"""The pages after checking in: printing, the pass on a telephone's glass, where the bags go; and what one has."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.hosts.airline import FoundBooking
from kiosk_firmware.core.pages import Body, Page, Row, text
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.display_texts import airport_text, clock
from kiosk_firmware.machines.airport.documents import code_of, gate_rows, pass_rows
from kiosk_firmware.machines.airport.state import State, Terms, counter, flight_of, found_of
from kiosk_firmware.machines.airport.view_parts import flight_rows, timer, waiting_page

ON_GLASS = ("row.flight", "row.gate", "row.boarding", "row.seat")
"""What of a pass stands beside its code on a telephone: all that one needs on the way."""


def view_issue(terms: Terms, state: State, phase: p.Issue) -> Page:
    """Return the page of a phase of this file."""
    match phase:
        case p.CheckingIn() | p.Reprinting() | p.OwedTelling():
            return waiting_page()
        case p.Printing(papers=papers):
            tag = papers[0].startswith("tag")
            return waiting_page("printing-tag" if tag else "printing-pass", "moving.tag" if tag else "moving.pass")
        case p.PassShown(at=at):
            return _pass(terms, state, at)
        case p.GateTold():
            rows = tuple(
                Row(label, value, "warn" if label.key == "row.gate_now" else "")
                for label, value in gate_rows(terms, state)
            )
            keys, now = (key("moved.ok", "primary"),), (text("moved.how", gate=state.trip.moved),)
            return message("gate-moved", "moved.title", now, keys, timer(terms, "moved"), rows=rows, icon="gate")
        case p.Tagged():
            how = "tagged.phone" if terms.profile.phone else "tagged.how"
            lines = (text(how, time=counter_time(terms, found_of(state))), text("tagged.weight", kg=terms.rules.bag_kg))
            keys = (key("tagged.ok", "primary"),)
            return message("tagged", "tagged.title", lines, keys, timer(terms, "tagged"), icon="bag")
        case _:
            assert_never(phase)


def _pass(terms: Terms, state: State, at: int) -> Page:
    person = state.trip.people[at]
    rows = tuple(Row(label, value) for label, value in pass_rows(terms, state, person) if label.key in ON_GLASS)
    more = at + 1 < len(state.trip.people)
    keys = (key("pass.next", "choice"),) if more else ()
    body = Body((text("pass.how"),), rows, icon="phone", code=code_of(terms, state, person))
    title = text("pass.title", tail=person[-4:])
    return Page(
        "Message", "pass", title, None, body, (*keys, key("pass.ok", "primary")), timer(terms, "pass"), private=True
    )


def view_mine(terms: Terms, state: State, phase: p.Mine) -> Page:
    """Return the page of a phase about what one has."""
    match phase:
        case p.Looked():
            return _looked(terms, state)
        case p.CancelTold():
            booking = found_of(state).booking
            rows = flight_rows(terms, state, found_of(state))
            left = terms.rules.cancels_most - booking.cancels
            keys = (key("cancel.back", "back"), key("cancel.ok", "danger"))
            lines = (text("cancel.how", left=left),)
            return message("cancel", "cancel.title", lines, keys, timer(terms, "cancel"), rows=rows)
        case p.Cancelling():
            return waiting_page()
        case _:
            assert_never(phase)


def counter_time(terms: Terms, found: FoundBooking) -> str:
    """Return when the counter for bags closes."""
    return clock(flight_of(terms, found).leaves - terms.rules.counter_closes_min)


def _counter(terms: Terms, state: State, found: FoundBooking) -> Row:
    how = counter(terms, state, found)
    return Row(
        text("row.counter"), text(f"counter.{how}", time=counter_time(terms, found)), "warn" if how == "closed" else ""
    )


def _looked(terms: Terms, state: State) -> Page:
    found = found_of(state)
    flight, booking = flight_of(terms, found), found.booking
    done = [flyer for flyer in booking.flyers if flyer.number]
    moved = bool(done) and found.gate == booking.moved_to
    seats = text("paper.plain", what=" ".join(f.seat for f in done)) if done else text("looked.no_seat")
    boards = clock(flight.leaves - terms.rules.boards_min)
    rows = (
        Row(text("row.flight"), text("paper.flight", no=flight.no, time=clock(flight.leaves))),
        Row(text("row.to"), airport_text(terms.flights.airports[flight.target])),
        Row(text("row.gate"), text("paper.plain", what=found.gate), "warn" if moved else ""),
        Row(text("row.boarding"), text("paper.plain", what=boards)),
        Row(text("row.seat"), seats),
        _counter(terms, state, found),
    )
    lines = (text("looked.moved", gate=found.gate),) if moved else ()
    keys = (key("looked.ok", "primary"),)
    return Page("Message", "looked", text("looked.title"), None, Body(lines, rows), keys, timer(terms, "looked"))
