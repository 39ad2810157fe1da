"""Tickets come out one by one: the next one only when the last one was taken. All of them, or money back for those
that did not come, to where it came from: a stored-value card gets it back on the card, a phone that paid for nothing
is paid back whole, everything else is handed out.

A ticket of which nobody can say whether it came (a power cut) is for the service desk, as a slip says; so is one that
nobody took, which the machine keeps.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, RetainMedia
from kiosk_firmware.core.events import AnyEvent, Device, MediaDispensed, MediaRetained, MediaTaken, TimerExpired
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.rules_card_write import begin
from kiosk_firmware.machines.metro_ticket.rules_shared import issue, pay_out, reverse
from kiosk_firmware.machines.metro_ticket.state import Order, State, Step, Terms, enter_phase, with_order

AT: Device = "ticket_dispenser"


def on_issue(terms: Terms, state: State, phase: p.Issue, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Dispensing():
            return _dispensed(terms, state, event)
        case p.TicketTaking():
            if isinstance(event, TimerExpired):
                return enter_phase(state, p.TicketKeeping(), RetainMedia(AT, "keep"))
            taken = isinstance(event, MediaTaken) and event.at == AT
            return _taken(terms, state) if taken else (state, NO_EFFECTS)
        case p.TicketKeeping():
            return _kept(terms, state, event)
        case _:
            assert_never(phase)


def _dispensed(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case MediaDispensed(completion="success"):
            return enter_phase(state, p.TicketTaking())
        case MediaDispensed(completion="unknown"):
            return finish_issue(terms, with_order(state, doubtful=1), "doubt")
        case MediaDispensed():
            return finish_issue(terms, state)
        case _:
            return state, NO_EFFECTS


def _taken(terms: Terms, state: State) -> Step:
    there = with_order(state, given=state.order.given + 1)
    return finish_issue(terms, there) if there.order.given == there.order.count else issue(terms, there)


def _kept(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case MediaRetained(at="ticket_dispenser", completion="success"):
            return finish_issue(terms, with_order(state, given=state.order.given + 1), "ticket_kept")
        case MediaRetained(at="ticket_dispenser", completion="unknown"):
            return enter_phase(state, p.TicketTaking())
        case MediaRetained(at="ticket_dispenser"):  # the person was quicker
            return _taken(terms, state)
        case _:
            return state, NO_EFFECTS


def finish_issue(terms: Terms, state: State, slip: str = "") -> Step:
    """Finish when no more tickets come: change, and money for what did not come."""
    order, tally = state.order, money.total(state.books.tally)
    why = "" if slip else _why(order)
    if order.paid_by == "cash":
        return pay_out(terms, state, tally - order.due_fen + order.back_fen, why, slip)
    if order.paid_by == "phone" and order.back_fen == order.due_fen:
        return reverse(state, why)
    if order.paid_by == "card" and order.back_fen and state.books.place == "inside":
        return begin(state, "back", order.back_fen, slip)
    return pay_out(terms, state, tally + order.back_fen, why, slip)


def _why(order: Order) -> str:
    if order.given == order.count:
        return "bought" if order.goods == "token" else "card_bought"
    return "some_came" if order.given else "none_came"
