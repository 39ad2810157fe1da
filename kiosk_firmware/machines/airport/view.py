"""Check-in's pages: one small function per phase, no decision that rules have not taken.

Every page can be left without the strip: by its keys, or by its time-out. Pages that wait for the airline or the
printer have neither; they are left by the answer.
"""

from __future__ import annotations

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Key, Page, Role, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, leaving_page, message
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.state import State, Terms
from kiosk_firmware.machines.airport.view_boarding_pass import view_issue, view_mine
from kiosk_firmware.machines.airport.view_check_in import view_trip
from kiosk_firmware.machines.airport.view_find_booking import view_find
from kiosk_firmware.machines.airport.view_parts import timer
from kiosk_firmware.machines.airport.view_progress import trail


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state, with the steps of its errand; a cabin and a keyboard need the whole glass."""
    page = _page(terms, state)
    if page.kind in ("Seats", "Form"):
        return page
    steps = trail(terms, state)
    return replace(page, body=replace(page.body, trail=steps)) if steps else page


def _page(terms: Terms, state: State) -> Page:
    phase = state.phase
    if isinstance(phase, LeavePhase):
        return leaving_page(state.books, phase, terms.rules.take_ms, terms.rules.note_ms)
    match phase:
        case p.Home():
            return _home(terms, state)
        case p.Notice(why=why):
            return _notice(terms, why)
        case p.Met(meeting=meeting):
            return fraud_scenes.page(meeting, terms.rules.page_ms)
        case p.Ident() | p.Typing() | p.Finding() | p.Trips() | p.FlightShown():
            return view_find(terms, state, phase)
        case p.Looked() | p.CancelTold() | p.Cancelling():
            return view_mine(terms, state, phase)
        case (
            p.People()
            | p.Bags()
            | p.Danger()
            | p.Things()
            | p.ThingTold()
            | p.SeatsAsking()
            | p.Seats()
            | p.Phone()
            | p.Confirm()
        ):
            return view_trip(terms, state, phase)
        case _:
            return view_issue(terms, state, phase)


def _notice(terms: Terms, why: str) -> Page:
    rules = terms.rules
    how = text(
        f"notice.{why}.how",
        hours=rules.opens_min // 60,
        minutes=terms.closes_min,
        counter=rules.counter_closes_min,
        bags=rules.bags_most,
        times=rules.cancels_most,
        before=rules.cancel_min // 60,
        people=rules.people_most,
    )
    lines = (how, text("limited.ask")) if why == "limited" else (how,)
    ok = (key("notice.ok", "primary"),)
    icon = "train" if why == "limited" else "printer" if why == "owed" else "warn"
    page = message("notice", f"notice.{why}.title", lines, ok, timer(terms, "notice"), icon=icon)
    return replace(page, private=True) if why == "limited" else page


MENU: tuple[tuple[str, Role, str], ...] = (
    ("menu.checkin", "primary", "plane"),
    ("menu.lookup", "choice", "clock"),
    ("menu.reprint", "choice", "receipt"),
    ("menu.cancel", "choice", "back"),
    ("home.language", "choice", "language"),
)


def _home(terms: Terms, state: State) -> Page:
    needed = {"network_host"} if terms.profile.phone else {"network_host", "id_reader"}
    if needed & set(state.books.lost):
        return Page("Message", "home", text("home.closed"), body=Body((text("home.closed_how"),), icon="closed"))
    keys = tuple(Key(name, role, text(f"key.{name}"), icon=icon) for name, role, icon in MENU)
    return Page("Menu", "home", text("home.title"), text("home.say"), Body(), keys)
