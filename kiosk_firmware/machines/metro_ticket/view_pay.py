"""The pages of paying, and of tickets that come out."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.common_pages import amount_row, key, message, storing_page, unready
from kiosk_firmware.kits.phone_payment import pay_code
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.display_texts import station_name
from kiosk_firmware.machines.metro_ticket.rules_pay import Pay
from kiosk_firmware.machines.metro_ticket.rules_shared import payable
from kiosk_firmware.machines.metro_ticket.state import State, Terms


def view_pay(terms: Terms, state: State, phase: Pay | p.Issue) -> Page:
    """Return the page of a phase of paying or of tickets coming out."""
    match phase:
        case p.PayKind():
            return _kind(terms, state)
        case p.CashPaying(refused=refused):
            return _cash(terms, state, refused)
        case p.Storing():
            return storing_page()
        case p.PhonePaying():
            return _phone(terms, state)
        case p.PhoneClosing() | p.Reversing():
            return message("settling", "wait.title", (text("wait.how"),), (), None, icon="wait_bank")
        case p.Dispensing():
            return message("dispensing", "wait.ticket", (_which(state),), (), None, icon=_moves(state))
        case p.TicketTaking():
            return _take(terms, state)
        case p.TicketKeeping():
            return message("keeping", "wait.keeping", (), (), None, icon=_moves(state))
        case _:
            assert_never(phase)


def _moves(state: State) -> str:
    """Return the picture of what comes out or is taken back: a new card through its slot, a ticket into the cup."""
    return "wait_card" if state.order.goods == "card" else "wait_ticket"


def ordered_text(terms: Terms, state: State) -> Text:
    """Return what is being bought, in a sentence."""
    order = state.order
    if order.goods == "card":
        return text("pay.card", due_fen=order.due_fen, load_fen=order.load_fen)
    there = terms.network.stations[order.target]
    return text(
        f"pay.ticket{'' if order.count == 1 else 's'}", n=order.count, due_fen=order.due_fen, **station_name(there)
    )


def _kind(terms: Terms, state: State) -> Page:
    ways = ("cash", "phone") if state.order.goods == "card" else ("cash", "card", "phone")
    keys = tuple(Key(f"pay.{way}", "choice", text(f"key.pay.{way}"), icon=way) for way in ways)
    keys = (*keys, key("pay.back", "back"), key("pay.change", "back"))
    body = Body((ordered_text(terms, state),))
    return Page("Menu", "pay", text("pay.title"), None, body, keys, Timer("pay", terms.rules.pay_ms))


def _cash(terms: Terms, state: State, refused: str) -> Page:
    order, tally = state.order, state.books.tally
    missing = cash_intake.missing_fen(state.books, order.due_fen)
    rows = (amount_row("price", order.due_fen), amount_row("in", money.total(tally)), amount_row("missing", missing))
    lines = (text(f"cash.{refused}" if refused else f"cash.{order.goods}"),)
    if not refused and money.make(100, payable(state.books)) is None:
        lines = (text("cash.exact"),)
    body = Body(lines, rows, amount_fen=missing, icon="note_in")
    other = (unready if tally else key)("cash.other", "choice")
    keys, slots = (key("cash.cancel", "back"), other), ("note_acceptor", "coin_acceptor")
    return Page("Pay", "cash", text("cash.title"), None, body, keys, Timer("pay", terms.rules.pay_ms), slots, missing)


def _phone(terms: Terms, state: State) -> Page:
    due = state.order.due_fen
    body = Body((text("phone.how"),), amount_fen=due, icon="phone", code=pay_code(state.order.number, due))
    keys, time_out = (key("phone.back", "back"),), Timer("pay", terms.rules.pay_ms)
    return Page("Pay", "phone", text("phone.title"), None, body, keys, time_out, ("payment_host",), due)


def _which(state: State) -> Text:
    """Return which of how many."""
    order = state.order
    return text("take_ticket.card" if order.goods == "card" else "take_ticket.which", n=order.given + 1, of=order.count)


def _take(terms: Terms, state: State) -> Page:
    more = state.order.given + 1 < state.order.count
    card = state.order.goods == "card"
    lines = (_which(state), text(f"take_ticket.{'more' if more else 'card_how' if card else 'how'}"))
    body = Body(lines, icon="card_out" if card else "ticket_out")
    time_out = Timer("take_ticket", terms.rules.take_ms)
    title = text(f"take_ticket.{state.order.goods}_title")
    return Page("Take", "take-ticket", title, None, body, (), time_out, ("ticket_dispenser",))
