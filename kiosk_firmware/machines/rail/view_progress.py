"""Show where a person is in an errand: the steps in the skin's order, those that are done, and what was chosen there.

A page of an errand carries its trail; pages of leaving carry it only where the errand came to its end, so that a trail
with all steps ticked always means: it is done.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.kits import common_pages
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.display_texts import day_text, station_text
from kiosk_firmware.machines.rail.state import Order, Profile, State, Terms

ENDED = {"bought": "buy", "changed": "change", "refunded": "refund"}
"""Which errand a leave with that reason ends well."""
STEPS = {
    "refund": ("ident", "which", "check", "done"),
    "change": ("ident", "day", "train", "pay", "done"),
    "target": ("ident", "place", "day", "train", "pay", "done"),
    "invoice": ("ident", "which", "code"),
    "lookup": ("ident", "list"),
}


def trail(terms: Terms, state: State) -> tuple[Row, ...]:
    """Return the steps of the errand with their marks; empty where no errand is under way."""
    errand, now = _where(state, state.phase)
    steps = buying_steps(terms.profile) if errand == "buy" else STEPS.get(errand, ())
    if now == "before_pay":
        now = steps[steps.index("pay") - 1]
    return common_pages.trail(steps, now, lambda step: _chosen(terms, state, step))


def buying_steps(profile: Profile) -> tuple[str, ...]:
    """Return the steps of buying in the skin's order."""
    route = ("day", "place") if profile.day_first else ("place", "day")
    people_first = ("people", *route, "train")
    return (*(people_first if profile.id_first else (*route, "train", "people")), "pay", "done")


def _order(state: State) -> str:
    """Return what is done with the order: buy it, change a ticket's train for it, or its place."""
    swap = state.order.swap
    if swap is None:
        return "buy"
    elsewhere = state.order.target != swap.target or isinstance(state.phase, p.Places | p.Stations)
    return "target" if elsewhere else "change"


def _where(state: State, phase: object) -> tuple[str, str]:
    """Return the errand and its step in a phase; "" where there is none."""
    order = _order(state)
    match phase:
        case p.Notice(back=back):
            return _where(state, back)
        case p.Places() | p.Stations():
            return order, "place"
        case p.Days():
            return order, "day"
        case p.TrainsAsking() | p.Trains() | p.NoSeats():
            return order, "train"
        case p.People():
            return order, "people"
        case p.Holding() | p.Limited():
            return order, "before_pay"
        case p.Issuing() | p.SlipAsked():
            return order, "done"
        case LeavePhase(leave=leave):
            ended = ENDED.get(leave.why, "")
            return (order if ended == "change" else ended), "done"
        case p.Home() | p.Met() | p.Forgot() | p.CodeAsking() | p.CodeShown() | None:
            return "", ""
        case p.IdAsked(errand=errand) | p.TicketsAsking(errand=errand):
            return errand, "ident"
        case p.TicketList(errand=errand):
            return errand, {"lookup": "list", "change": "ident"}.get(errand, "which")
        case p.ChangeAsked():
            return order, "day"
        case p.RefundTold() | p.RefundAsking():
            return "refund", "check"
        case p.InvoiceAsking() | p.InvoiceShown() | p.InvoicePrinting():
            return "invoice", "code"
        case _:
            return order, "pay"


def _chosen(terms: Terms, state: State, step: str) -> Text | None:
    """Return what was chosen at a step that is done."""
    order: Order = state.order
    match step:
        case "place" if order.target:
            return station_text(terms.stations[order.target])
        case "day" if order.day:
            return day_text(order.day)
        case "train" if order.train:
            return text("slip.no", no=order.train)
        case "people" if order.people:
            return text("trail.count", count=len(order.people))
        case _:
            return None
