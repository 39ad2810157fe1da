"""The pages of paying: how, cash, card, phone, and the slip."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.common_pages import amount_row, key, message, storing_page
from kiosk_firmware.kits.phone_payment import pay_code
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.state import State, Terms
from kiosk_firmware.machines.rail.view_parts import menu, timer, waiting_page


def view_pay(terms: Terms, state: State, phase: p.Pay) -> Page:
    """Return the page of a phase of paying."""
    match phase:
        case p.PayKind():
            return _kind(terms, state)
        case p.CashPaying(refused=refused):
            return _cash(terms, state, refused)
        case p.Storing():
            return storing_page()
        case p.CardAsked():
            body = Body((text("card.how"),), amount_fen=state.order.due_fen, icon="card_in")
            out = (key("card.back", "back"),)
            time_out = Timer("pay", terms.rules.pay_ms)
            return Page("Insert", "card", text("card.title"), None, body, out, time_out, ("card_reader",))
        case p.PinAsked(pin=pin):
            wrong = (text("pin.wrong", tries=pin.tries),)
            return _pin(terms, wrong if pin.wrong else (text("pin.cover"), text("pin.keys")), pin.digits)
        case p.PhonePaying():
            return _phone(terms, state)
        case p.SlipAsked():
            keys = (key("slip.no", "choice"), key("slip.yes", "primary"))
            how = (text("slip.how"),)
            return message("slip-asked", "slip.title", how, keys, timer(terms, "slip"), icon="receipt")
        case p.Issuing():
            return waiting_page("issuing", "wait.issuing")
        case p.PinClosing() | p.CardPaying() | p.PhoneClosing() | p.Reversing() | p.Releasing() | p.Withdrawing():
            return waiting_page("settling")
        case _:
            assert_never(phase)


def _kind(terms: Terms, state: State) -> Page:
    ways = tuple(Key(f"pay.{way}", "choice", text(f"key.pay.{way}"), icon=way) for way in ("phone", "card", "cash"))
    keys = (*ways, key("pay.back", "back"))
    page = menu(terms, "pay", text("pay.title"), keys)
    body = Body(amount_fen=state.order.due_fen)
    return Page("Menu", "pay", page.title, None, body, keys, Timer("pay", terms.rules.pay_ms))


def _cash(terms: Terms, state: State, refused: str) -> Page:
    due, tally = state.order.due_fen, state.books.tally
    missing = cash_intake.missing_fen(state.books, due)
    rows = (amount_row("price", due), amount_row("in", money.total(tally)), amount_row("missing", missing))
    body = Body((text(f"cash.{refused or 'how'}"),), rows, amount_fen=missing, icon="note_in")
    keys = (key("cash.cancel", "back"),)
    time_out = Timer("pay", terms.rules.pay_ms)
    slots = ("note_acceptor", "coin_acceptor")
    return Page("Pay", "cash", text("cash.title"), None, body, keys, time_out, slots, missing)


def _pin(terms: Terms, lines: tuple[Text, ...], digits: int) -> Page:
    body = Body(lines, digits=digits, length=terms.rules.pin_digits, icon="pad")
    time_out = Timer("pin", terms.rules.pay_ms)
    keys = (key("pin.cancel", "back"),)
    return Page("PinEntry", "pin", text("pin.title"), None, body, keys, time_out, ("pin_pad",), private=True)


def _phone(terms: Terms, state: State) -> Page:
    due = state.order.due_fen
    body = Body((text("phone.how"),), amount_fen=due, icon="phone", code=pay_code(state.order.number, due))
    keys = (key("phone.back", "back"),)
    time_out = Timer("pay", terms.rules.pay_ms)
    return Page("Pay", "phone", text("phone.title"), None, body, keys, time_out, ("payment_host",), due)
