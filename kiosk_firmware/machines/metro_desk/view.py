"""The desk's pages: what a clerk asks and offers, one small function a phase; no decision is taken here."""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, ServiceWindow, Timer, text
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.common_pages import amount_row, key, leaving_page, message, storing_page
from kiosk_firmware.kits.metro import station_choice
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.metro_desk import phases as p
from kiosk_firmware.machines.metro_desk.state import State, Terms

MENU: tuple[tuple[str, Role, str], ...] = (
    ("menu.out", "choice", "gate"),
    ("menu.in", "choice", "metro"),
    ("menu.lost", "choice", "help"),
    ("menu.refund", "choice", "back"),
    ("home.language", "choice", "language"),
)


DESK = (ServiceWindow(1, text("machine.name")),)


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state; what a clerk says is said at the desk."""
    page = _page(terms, state)
    if page.kind not in ("Menu", "Message") or isinstance(state.phase, LeavePhase | p.Where):
        return page
    return msgspec.structs.replace(page, kind="Hall", body=msgspec.structs.replace(page.body, windows=DESK))


def _page(terms: Terms, state: State) -> Page:
    phase = state.phase
    if isinstance(phase, LeavePhase):
        return leaving_page(state.books, phase, terms.rules.take_ms, terms.rules.note_ms)
    match phase:
        case p.Home():
            return _home(state)
        case p.Asked(errand=errand):
            body, back = Body((text(f"ask.{errand}"),), icon="card_in"), (key("ask.back", "back"),)
            time_out = Timer("ask", terms.rules.page_ms)
            return Page("Insert", "ask", text("ask.title"), None, body, back, time_out, ("card_reader",))
        case p.Where(errand=errand, choosing=now):
            title = text("where.station", no=now.line) if now.line else text(f"where.{errand}")
            time_out, out = Timer("where", terms.rules.page_ms), (key("ask.back", "back"),)
            return station_choice.page(terms.network, now, "where", title, time_out, out)
        case p.Offer(mend=mend):
            return _offer(terms, mend)
        case p.Notice(why=why, how=how):
            ok, time_out = (key("told.ok", "primary"),), Timer("notice", terms.rules.note_ms)
            icon = "ok" if why.startswith("fine") else "warn"
            return message("notice", f"notice_title.{why}", (how,), ok, time_out, icon=icon)
        case p.CashPaying(mend=mend, refused=refused):
            return _cash(terms, state, mend, refused)
        case p.Storing():
            return storing_page()
        case p.Writing():
            page = message("writing", "wait.writing", (text("wait.how"),), (), None, icon="wait")
            return msgspec.structs.replace(page, at=("card_reader",))
        case p.Slipping():
            return message("slipping", "moving.slip", (), (), None, icon="receipt")
        case p.Refunding():
            return message("refunding", "wait.refunding", (), (), None, icon="wait_notes")
        case _:
            assert_never(phase)


def _home(state: State) -> Page:
    if "card_reader" in state.books.lost:
        return Page("Message", "home", text("closed.title"), body=Body((text("closed.how"),), icon="closed"))
    found = tuple(Key(name, role, text(f"key.{name}"), icon=icon) for name, role, icon in MENU)
    return Page("Menu", "home", text("home.title"), text("home.say"), Body(), found)


def _offer(terms: Terms, mend: p.Mend) -> Page:
    """Return what is the matter, what it costs, and how it may be paid."""
    rows: tuple[Row, ...] = ()
    ways = (key("offer.ok", "primary"),)
    if mend.why == "refund":
        rows = (amount_row("back", mend.cost_fen),)
    elif mend.cost_fen:
        from_card = (amount_row("from_card", mend.card_fen),) if mend.card is not None else ()
        rows = (amount_row("cost", mend.cost_fen), *from_card)
        card = (key("offer.card", "primary"),) if mend.card is not None else ()
        ways = (key("offer.cash", "choice"), *card)
    step, lines = f"offer-{mend.why.replace('_', '-')}", (text(f"offer.{mend.why}"),)
    time_out = Timer("offer", terms.rules.page_ms)
    return message(step, "offer.title", lines, (key("offer.back", "back"), *ways), time_out, rows=rows)


def _cash(terms: Terms, state: State, mend: p.Mend, refused: str) -> Page:
    due, tally = mend.cost_fen, state.books.tally
    missing = cash_intake.missing_fen(state.books, due)
    rows = (amount_row("cost", due), amount_row("in", money.total(tally)), amount_row("missing", missing))
    body = Body((text(f"cash.{refused or 'how'}"),), rows, amount_fen=missing, icon="note_in")
    back, slots = (key("cash.cancel", "back"),), ("note_acceptor", "coin_acceptor")
    return Page("Pay", "cash", text("cash.title"), None, body, back, Timer("pay", terms.rules.pay_ms), slots, missing)
