"""The pages for tickets that one has: ID card, list, refund, invoice."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.hosts.rail import Ticket
from kiosk_firmware.core.pages import Body, Key, Page, Row, text
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.display_texts import clock, day_text, seat_text, when_text
from kiosk_firmware.machines.rail.state import State, Terms
from kiosk_firmware.machines.rail.view_parts import ends, menu, timer, waiting_page


def view_mine(terms: Terms, state: State, phase: p.Mine) -> Page:
    """Return the page of a phase about one's own tickets."""
    match phase:
        case p.IdAsked(problem=problem):
            line = text(f"people.{problem}" if problem else "ident.how")
            keys = (key("people.back", "back"), key("people.forgot", "choice"))
            body, title = Body((line,), icon="ident_in"), text("people.title")
            return Page("Insert", "ident", title, None, body, keys, timer(terms, "ident"), ("id_reader",))
        case p.TicketsAsking() | p.RefundAsking() | p.InvoiceAsking():
            return waiting_page()
        case p.TicketList():
            return _list(terms, state, phase)
        case p.ChangeAsked(ticket=ticket):
            return _change(terms, ticket)
        case p.RefundTold(ticket=ticket, fee_fen=fee_fen):
            return _refund(terms, state, ticket, fee_fen)
        case p.InvoiceShown(code=code):
            rows = (Row(text("row.code"), text("slip.code", code=code)),)
            lines = (text("invoice.how", days=terms.rules.invoice_days),)
            keys = (key("invoice.ok", "choice"), key("invoice.print", "primary"))
            return message("invoice", "invoice.title", lines, keys, timer(terms, "invoice"), rows=rows)
        case p.InvoicePrinting():
            return waiting_page("printing", "moving.printing")
        case _:
            assert_never(phase)


def _list(terms: Terms, state: State, phase: p.TicketList) -> Page:
    if phase.errand == "lookup":
        return _looked_up(terms, state, phase)
    keys = tuple(
        Key(
            f"ticket.{ticket.id}",
            "choice",
            text("tickets.to", no=ticket.train, **ends(terms, "", ticket.target)),
            str(ticket.id),
            when_text(ticket.day, ticket.leaves),
        )
        for ticket in phase.tickets[:6]
    )
    title = text(f"tickets.{phase.errand}")
    return menu(terms, f"tickets-{phase.errand}", title, (*keys, key("tickets.back", "back")))


def _looked_up(terms: Terms, state: State, phase: p.TicketList) -> Page:
    rows: list[Row] = []
    for ticket in phase.tickets:
        where = text("slip.where", **ends(terms, ticket.origin, ticket.target))
        rows += [
            Row(text("trains.train", no=ticket.train, leaves=clock(ticket.leaves)), where),
            Row(day_text(ticket.day, state.today), seat_text(ticket)),
        ]
    body = Body((), tuple(rows))
    keys = (key("tickets.back", "back"),)
    return Page(
        "List", "tickets-lookup", text("tickets.lookup"), None, body, keys, timer(terms, "tickets"), private=True
    )


def _change(terms: Terms, ticket: Ticket) -> Page:
    kinds = (("change.train", "train"), ("change.target", "transfer"))
    keys = tuple(Key(name, "choice", text(f"key.{name}"), icon=icon) for name, icon in kinds)
    title = text("change.title", no=ticket.train, **ends(terms, "", ticket.target))
    return menu(terms, "change", title, (*keys, key("change.back", "back")))


def _refund(terms: Terms, state: State, ticket: Ticket, fee_fen: int) -> Page:
    rows = (
        Row(text("row.train"), text("slip.train", no=ticket.train, time=clock(ticket.leaves))),
        Row(text("row.day"), day_text(ticket.day, state.today)),
        amount_row("price", ticket.fen),
        amount_row("fee", fee_fen),
        amount_row("back", ticket.fen - fee_fen),
    )
    keys = (key("refund.back", "back"), key("refund.ok", "primary"))
    lines = (text("refund.phone" if ticket.paid_by == "phone" else "refund.card"),)
    return message("refund", "refund.title", lines, keys, timer(terms, "refund"), rows=rows)
