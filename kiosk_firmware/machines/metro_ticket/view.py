"""The metro ticket machine's pages: one small function per phase, no decision that rules have not taken.

Every page can be left without the strip: by its keys, or by its time-out. Pages that wait for a device or a host have
neither; they are left by the answer.
"""

from __future__ import annotations

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Key, Page, Role, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, leaving_page, message
from kiosk_firmware.kits.return_items import Goodbye, LeavePhase
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.state import State, Terms
from kiosk_firmware.machines.metro_ticket.view_card import view_card
from kiosk_firmware.machines.metro_ticket.view_destination import timer, view_where
from kiosk_firmware.machines.metro_ticket.view_pay import view_pay
from kiosk_firmware.machines.metro_ticket.view_progress import trail


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state, with the steps of its errand."""
    page, steps = _page(terms, state), trail(terms, state)
    return replace(page, body=replace(page.body, trail=steps)) if steps else page


def _advised(terms: Terms, phase: LeavePhase, page: Page) -> Page:
    """Return the page; the good-bye to who has bought tickets also says how soon they are best used."""
    if not isinstance(phase, Goodbye) or phase.leave.why != "bought":
        return page
    advice = text("advice.soon", minutes=terms.rules.advice_min)
    return replace(page, body=replace(page.body, lines=(*page.body.lines, advice)))


def _page(terms: Terms, state: State) -> Page:
    phase = state.phase
    if isinstance(phase, LeavePhase):
        return _advised(terms, phase, leaving_page(state.books, phase, terms.rules.take_ms, terms.rules.note_ms))
    match phase:
        case p.Home():
            return _home()
        case p.Notice(why=why):
            lines, ok = (text(f"notice.{why}.how"),), (key("notice.ok", "primary"),)
            return message("notice", f"notice.{why}.title", lines, ok, timer(terms, "notice"), icon="warn")
        case p.Met(meeting=meeting):
            return fraud_scenes.page(meeting, terms.rules.page_ms)
        case p.Lines() | p.Stops() | p.Letters() | p.Named() | p.Count() | p.FirstLoad():
            return view_where(terms, state, phase)
        case (
            p.CardAsked()
            | p.Loading()
            | p.LoadStoring()
            | p.Loaded()
            | p.BalanceShown()
            | p.Writing()
            | p.TornEjecting()
            | p.TornTaking()
            | p.TornAsked()
        ):
            return view_card(terms, state, phase)
        case _:
            return view_pay(terms, state, phase)


MENU: tuple[tuple[str, Role, str], ...] = (
    ("menu.ticket", "primary", "ticket"),
    ("menu.load", "choice", "deposit"),
    ("menu.balance", "choice", "balance"),
    ("menu.card", "choice", "card"),
    ("home.language", "choice", "language"),
)


def _home() -> Page:
    keys = tuple(Key(name, role, text(f"key.{name}"), icon=icon) for name, role, icon in MENU)
    return Page("Menu", "home", text("home.title"), text("home.say"), Body(), keys)
