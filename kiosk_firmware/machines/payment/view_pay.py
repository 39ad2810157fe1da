"""The wallet's pages before something is paid."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Surroundings, Text, Timer, text
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.kits.phone_payment import own_code
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.rules_pay import UNIT
from kiosk_firmware.machines.payment.state import READER, SCANNER, State, Terms

PLACES = {
    "noodles": ("cook", "noodles"),
    "phones": ("shop_assistant", "handset"),
    "market": ("stall_keeper", "vegetables"),
    "fruit": ("stall_keeper", "fruit"),
    "locker": ("locker", ""),
    "bus": ("bus_outside", ""),
}
"""Who is there, and what one gets."""
THINGS = {shop: thing or who for shop, (who, thing) in PLACES.items()}


def timer(terms: Terms) -> Timer:
    """Return a page's own time."""
    return Timer("page", terms.rules.page_ms)


def payee(state: State) -> Text:
    """Return whom one pays, as the phone shows it."""
    deal = state.deal
    if deal.way == "send":
        return text("contact", name=dict(state.contacts).get(deal.to, deal.to))
    if state.asked is not None:
        return text("contact", name=deal.to)
    return text(f"shop.{deal.to}", order=deal.order) if deal.to == UNIT else text(f"shop.{deal.to}")


def source(state: State) -> Key:
    """Return what is paid from; pressing it changes that."""
    return key(f"source.{state.deal.source}", "choice", state.deal.source)


def place(terms: Terms, state: State) -> Surroundings | None:
    """Return the shop where one stands; None where another app or unit asks."""
    shop = state.deal.shop
    if shop not in PLACES:
        return None
    who, thing = PLACES[shop]
    return Surroundings(text(f"shop.{shop}"), who, thing, text("amount", x_fen=terms.shop(shop).fen))


def shops(terms: Terms, state: State, phase: p.Shops) -> Page:
    """Return where does one stand?"""
    found = [shop for shop in terms.rules.shops if shop.way in phase.ways]
    keys = tuple(
        Key(f"shop.{at}", "choice", text(f"stand.{shop.id}"), shop.id, icon=THINGS[shop.id])
        for at, shop in enumerate(found)
    )
    scans = state.scans and "dynamic" in phase.ways
    lines = (text("shops.how"), *((text("shops.unit"),) if scans else ()))
    at = (SCANNER,) if scans else ()
    step = f"shops-{phase.ways[0]}"
    return Page(
        "Menu", step, text("shops.title"), None, Body(lines), (*keys, *shell_pages.nav(state.shell)), timer(terms), at
    )


def code(terms: Terms, state: State, phase: p.CodeShown) -> Page:
    """Return the page of one's own code, for the till; a minute long."""
    deal = state.deal
    body = Body(
        (text("code.sum", x_fen=deal.fen), text("code.how"), text("code.nobody")),
        code=own_code(phase.code),
        bar=phase.code,
    )
    keys = (key("till.show", "primary", deal.signed), source(state), *shell_pages.nav(state.shell))
    return Page("Pay", "code", text("code.title"), None, body, keys, Timer("code", terms.rules.code_ms))


def tap(terms: Terms, state: State, phase: p.TapReady) -> Page:
    """Return the page on which the phone is held to the reader. The key is for who has no practice phone; without a
    reader it is the way.
    """
    deal = state.deal
    rows = (Row(text("row.to"), text(f"shop.{deal.to}")), amount_row("sum", deal.fen))
    how = (phase.problem or "how") if state.taps else "no_reader"
    pays = key("till.other", "choice", deal.signed) if state.taps else key("till.tap", "primary", deal.signed)
    keys, at = (pays, *shell_pages.nav(state.shell)), (READER,) if state.taps else ()
    body = Body((text(f"tap.{how}"),), rows=rows, icon="card_tap" if state.taps else "")
    return Page("Message", "tap", text("tap.title"), None, body, keys, timer(terms), at)


def scan(terms: Terms, state: State) -> Page:
    """Return the page of a shop's code before the camera."""
    shop = terms.shop(state.deal.shop)
    lines = (text(f"stand.{shop.id}"), text(f"scan.{shop.way}", x_fen=shop.fen))
    body = Body(lines, code=f"kiosk-practice:shop?{shop.id}")
    keys = (key("scan.take", "primary"), *shell_pages.nav(state.shell))
    return Page("Message", "scan", text("scan.title"), None, body, keys, timer(terms))


def amount(terms: Terms, state: State, phase: p.Amount) -> Page:
    """Return how much, in yuan."""
    lines: tuple[Text, ...] = (text(f"amount_how.{phase.problem or 'how'}"),)
    if state.deal.way != "send":
        lines = (*lines, text("amount_how.price", x_fen=terms.shop(state.deal.shop).fen))
    body = Body(lines, field=phase.typed, field_key="amount.field", board="digits")
    keys = (key("amount.ok", "primary"), *shell_pages.nav(state.shell))
    return Page("Form", "amount", text("amount_title"), None, body, keys, timer(terms))


def confirm(terms: Terms, state: State) -> Page:
    """Name and amount once more; a name that is not the shop's is the moment to stop."""
    deal = state.deal
    rows: tuple[Row, ...] = (Row(text("row.to"), payee(state)), amount_row("sum", deal.fen))
    if deal.way == "send":
        rows = (*rows, Row(text("row.when"), text(f"key.hours.{deal.hours}")))
    shop = deal.way in ("static", "dynamic") and state.asked is None and deal.to != UNIT
    lines: tuple[Text, ...] = (text("confirm.how_shop" if shop else "confirm.how"),)
    if shop:
        lines = (text(f"stand.{deal.shop}"), *lines)
    out: tuple[str, Role] = ("confirm.name", "danger") if shop else ("confirm.no", "danger")
    keys = (key("confirm.yes", "primary", deal.signed), source(state), key(*out), *shell_pages.nav(state.shell))
    page = message("confirm", "confirm.title", lines, keys, timer(terms), rows=rows)
    return msgspec.structs.replace(page, body=msgspec.structs.replace(page.body, whom=payee(state)))
