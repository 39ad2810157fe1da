"""Tickets that one has: give one back, change it, fetch the invoice's code, look them up.

The ID card finds them. What comes back goes to what paid: a ticket that was paid in cash is given back at the window.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Document, PrintDocument
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    HostAnswered,
    MediaInserted,
    MediaInvalid,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.hosts.rail import InvoiceAsked, RefundAsked, Ticket, TicketsAsked
from kiosk_firmware.core.pages import text
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.fares import WHOLE_BP, refund_fee
from kiosk_firmware.machines.rail.rules_passengers import ask_trains_again, problem_with
from kiosk_firmware.machines.rail.state import Order, State, Step, Terms, ask, enter_phase, leave, minutes_left

TRIES = 3


def start(state: State, errand: str) -> Step:
    """Begin the errand of the key on the home page."""
    begun = enter_phase(state, p.IdAsked(errand), order=Order())[0]
    return _read(begun, errand) if state.books.ident else (begun, NO_EFFECTS)


def _read(state: State, errand: str) -> Step:
    problem = problem_with(state)
    if problem or state.books.ident is None:
        return enter_phase(state, p.IdAsked(errand, problem or "unreadable"))
    person = state.books.ident.number
    return ask(state, p.TicketsAsking(errand, person), TicketsAsked(0, person))


def on_mine(terms: Terms, state: State, phase: p.Mine, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.IdAsked():
            return _id_asked(terms, state, phase, event)
        case p.TicketsAsking() | p.RefundAsking() | p.InvoiceAsking():
            return _answered(terms, state, phase, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.TicketList():
            return _list(terms, state, phase, event)
        case p.ChangeAsked():
            return _change_asked(terms, state, phase.ticket, event)
        case p.RefundTold():
            return _told(terms, state, phase, event)
        case p.InvoiceShown():
            return _invoice(terms, state, phase, event)
        case p.InvoicePrinting():
            if not isinstance(event, DocumentPrinted):
                return state, NO_EFFECTS
            return leave(terms, state) if event.completion == "success" else enter_phase(state, p.Notice("no_paper"))
        case _:
            assert_never(phase)


def _id_asked(terms: Terms, state: State, phase: p.IdAsked, event: AnyEvent) -> Step:
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader"):
            return _read(state, phase.errand)
        case Tapped(key="people.forgot"):
            return enter_phase(state, p.Forgot(p.IdAsked(phase.errand)))
        case Tapped(key="people.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _answered(
    terms: Terms, state: State, phase: p.TicketsAsking | p.RefundAsking | p.InvoiceAsking, event: HostAnswered
) -> Step:
    match phase, event.ask:
        case p.RefundAsking(), _ if event.completion != "success" and phase.tries < TRIES:
            return _refund(state, phase.ticket, phase.fee_fen, phase.tries + 1)
        case _ if event.completion != "success":
            return enter_phase(state, p.Notice("host_offline"))
        case _ if event.verdict != "ok":
            return enter_phase(state, p.Notice(event.verdict))
        case p.TicketsAsking(), TicketsAsked(tickets=tickets):
            return enter_phase(state, p.TicketList(phase.errand, tickets))
        case p.RefundAsking(), _:
            return leave(terms, state, "refunded")
        case p.InvoiceAsking(), InvoiceAsked(code=code):
            return enter_phase(state, p.InvoiceShown(phase.ticket, code))
        case _:
            return enter_phase(state, p.Notice("host_offline"))


def _list(terms: Terms, state: State, phase: p.TicketList, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="tickets.back") | TimerExpired():
            return leave(terms, state)
        case Tapped(key=key, value=value) if key.startswith("ticket.") and phase.errand != "lookup":
            ticket = next((ticket for ticket in phase.tickets if str(ticket.id) == value), None)
            return _chosen(terms, state, phase, ticket) if ticket else (state, NO_EFFECTS)
        case _:
            return state, NO_EFFECTS


def _chosen(terms: Terms, state: State, phase: p.TicketList, ticket: Ticket) -> Step:
    left = minutes_left(state, ticket)
    if phase.errand == "invoice":
        return ask(state, p.InvoiceAsking(ticket), InvoiceAsked(ticket.id, ticket.id))
    if phase.errand == "change":
        return _change(state, phase, ticket, left)
    if left <= 0:
        return enter_phase(state, p.Notice("too_late", phase))
    if ticket.floor_bp >= WHOLE_BP:
        return enter_phase(state, p.Notice("changed_late", phase))
    if not ticket.paid_by:
        return enter_phase(state, p.Notice("cash_window", phase))
    fee = refund_fee(terms.rules, ticket.fen, left, ticket.day, ticket.changed, ticket.floor_bp)
    return enter_phase(state, p.RefundTold(ticket, fee))


def _change(state: State, phase: p.TicketList, ticket: Ticket, left: int) -> Step:
    """Begin to change the ticket; after the departure only for another train of that day."""
    if ticket.changed:
        return enter_phase(state, p.Notice("changed_once", phase))
    order = Order(ticket.origin, ticket.target, people=(ticket.person,), swap=ticket)
    if left > 0:
        return enter_phase(state, p.ChangeAsked(ticket), order=order)
    if ticket.day != state.today:
        return enter_phase(state, p.Notice("too_late", phase))
    return ask_trains_again(enter_phase(state, phase, order=msgspec.structs.replace(order, day=ticket.day))[0])


def _change_asked(terms: Terms, state: State, ticket: Ticket, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="change.train"):
            return enter_phase(state, p.Days())
        case Tapped(key="change.target") if minutes_left(state, ticket) < terms.rules.target_hours * 60:
            return enter_phase(state, p.Notice("target_near", p.ChangeAsked(ticket)))
        case Tapped(key="change.target"):
            return enter_phase(state, p.Places("target"))
        case Tapped(key="change.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _told(terms: Terms, state: State, phase: p.RefundTold, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="refund.ok"):
            return _refund(state, phase.ticket, phase.fee_fen)
        case Tapped(key="refund.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _refund(state: State, ticket: Ticket, fee_fen: int, tries: int = 1) -> Step:
    question = RefundAsked(ticket.id, ticket.id, ticket.fen - fee_fen, fee_fen)
    return ask(state, p.RefundAsking(ticket, fee_fen, tries), question)


def _invoice(terms: Terms, state: State, phase: p.InvoiceShown, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="invoice.print"):
            rows = (
                (text("row.train"), text("slip.no", no=phase.ticket.train)),
                (text("row.amount"), text("amount", x_fen=phase.ticket.fen)),
                (text("row.code"), text("slip.code", code=phase.code)),
            )
            foot = (text("slip.invoice_how", days=terms.rules.invoice_days), text("slip.practice"))
            document = Document("invoice", text("slip.invoice"), rows, foot)
            printing = p.InvoicePrinting(phase.ticket, phase.code)
            return enter_phase(state, printing, PrintDocument("receipt_printer", "invoice", document))
        case Tapped(key="invoice.ok") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS
