"""The ticket machine's pages: one small function per phase, no decision that rules have not taken.

Every page can be left without the strip: by its keys, or by its time-out. Pages that wait for the railway, the bank or
a motor have neither; they are left by the answer.
"""

from __future__ import annotations

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Key, Page, Role, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, leaving_page, message
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.state import State, Terms
from kiosk_firmware.machines.rail.view_own_tickets import view_mine
from kiosk_firmware.machines.rail.view_parts import timer
from kiosk_firmware.machines.rail.view_passengers import view_order
from kiosk_firmware.machines.rail.view_pay import view_pay
from kiosk_firmware.machines.rail.view_progress import trail
from kiosk_firmware.machines.rail.view_route import view_route
from kiosk_firmware.machines.rail.view_travel_code import view_no_card


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state, with the steps of its errand."""
    page, steps = _page(terms, state), trail(terms, state)
    return replace(page, body=replace(page.body, trail=steps)) if steps else page


def _page(terms: Terms, state: State) -> Page:
    phase = state.phase
    if isinstance(phase, LeavePhase):
        return leaving_page(state.books, phase, terms.rules.take_ms, terms.rules.note_ms)
    match phase:
        case p.Home():
            return _home(state)
        case p.Met(meeting=meeting):
            return fraud_scenes.page(meeting, terms.rules.page_ms)
        case p.Notice(why=why):
            lines = (text(f"notice.{why}.how"),)
            ok = (key("notice.ok", "primary"),)
            return message("notice", f"notice.{why}.title", lines, ok, timer(terms, "notice"), icon="warn")
        case p.Forgot() | p.CodeAsking() | p.CodeShown():
            return view_no_card(terms, phase)
        case p.Places() | p.Stations() | p.Days() | p.TrainsAsking() | p.Trains() | p.NoSeats():
            return view_route(terms, state, phase)
        case p.People() | p.Holding() | p.Limited() | p.Confirm():
            return view_order(terms, state, phase)
        case (
            p.IdAsked()
            | p.TicketsAsking()
            | p.TicketList()
            | p.ChangeAsked()
            | p.RefundTold()
            | p.RefundAsking()
            | p.InvoiceAsking()
            | p.InvoiceShown()
            | p.InvoicePrinting()
        ):
            return view_mine(terms, state, phase)
        case _:
            return view_pay(terms, state, phase)


MENU: tuple[tuple[str, Role, str], ...] = (
    ("menu.buy", "primary", "train"),
    ("menu.refund", "choice", "back"),
    ("menu.change", "choice", "transfer"),
    ("menu.lookup", "choice", "statement"),
    ("menu.invoice", "choice", "receipt"),
    ("home.language", "choice", "language"),
)


def _home(state: State) -> Page:
    if {"id_reader", "network_host"} & set(state.books.lost):
        return Page("Message", "home", text("home.closed"), body=Body((text("home.closed_how"),), icon="closed"))
    keys = tuple(Key(name, role, text(f"key.{name}"), icon=icon) for name, role, icon in MENU)
    return Page("Menu", "home", text("home.title"), text("home.say"), Body(), keys)
