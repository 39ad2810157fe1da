"""Show where a person is in an errand: the steps in the skin's order, and those that are done.

A page of an errand carries its trail; pages of leaving carry it only where the errand came to its end, so that a trail
with all steps ticked always means: it is done.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.kits import common_pages
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.state import State, Terms


def trail(terms: Terms, state: State) -> tuple[Row, ...]:
    """Return the steps of checking in with their marks; empty where nobody is checking in."""
    now = _where(state.phase)
    order = tuple(stage for stage in terms.profile.order if stage in ("bags", "danger", "seats"))
    return common_pages.trail(("ident", *order, "check", "pass"), now, lambda step: _chosen(state, step))


def _where(phase: object) -> str:
    """Return the step of a phase; "" where nobody checks in."""
    match phase:
        case p.Notice(back=back) if back is not None:
            return _where(back)
        case p.Ident(errand="checkin") | p.Typing(errand="checkin") | p.Finding(errand="checkin"):
            return "ident"
        case p.Trips(errand="checkin") | p.FlightShown() | p.People():
            return "ident"
        case p.Bags():
            return "bags"
        case p.Danger() | p.Things() | p.ThingTold():
            return "danger"
        case p.SeatsAsking() | p.Seats():
            return "seats"
        case p.Phone() | p.Confirm() | p.CheckingIn():
            return "check"
        case p.Printing() | p.GateTold() | p.Tagged() | p.OwedTelling():
            return "pass"
        case LeavePhase(leave=leave) if leave.why == "checked_in":
            return "pass"
        case _:
            return ""


def _chosen(state: State, step: str) -> Text | None:
    """Return what was chosen at a step that is done."""
    trip = state.trip
    match step:
        case "bags":
            return text("trail.count", count=trip.bags)
        case "seats" if trip.seats:
            return text("paper.plain", what=" ".join(trip.seats[:3]))
        case _:
            return None
