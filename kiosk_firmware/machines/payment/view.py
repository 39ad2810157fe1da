"""The wallet's pages: one small function a phase; no decision is taken here."""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core.pages import Body, Key, Page, Text, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.kits.phone import password, shell_pages
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.state import State, Terms
from kiosk_firmware.machines.payment.view_pay import amount, code, confirm, place, scan, shops, tap, timer
from kiosk_firmware.machines.payment.view_payment_result import after

change = msgspec.structs.replace
MENU: tuple[tuple[str, str], ...] = (
    ("menu.code", "pay_code"),
    ("menu.scan", "scan"),
    ("menu.tap", "tap_pay"),
    ("menu.send", "send_money"),
    ("menu.bills", "bills"),
)


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state."""
    if state.shell.front:
        return shell_pages.view(state.shell, "purse", terms.rules.page_ms)
    page = _page(terms, state)
    where = place(terms, state)
    return page if where is None else change(page, body=change(page.body, place=where))


def _page(terms: Terms, state: State) -> Page:
    phase, back = state.phase, shell_pages.nav(state.shell)
    match phase:
        case p.Home() | p.Menu():
            return _menu(terms, back)
        case p.Shops():
            return shops(terms, state, phase)
        case p.CodeShown():
            return code(terms, state, phase)
        case p.TapReady():
            return tap(terms, state, phase)
        case p.Scan():
            return scan(terms, state)
        case p.Amount():
            return amount(terms, state, phase)
        case p.Contacts():
            keys = tuple(
                Key(f"contact.{at}", "choice", text("contact", name=name), account, icon="person")
                for at, (account, name) in enumerate(state.contacts)
            )
            return Page(
                "Menu",
                "contacts",
                text("contacts.title"),
                None,
                Body((text("contacts.how"),)),
                (*keys, *back),
                timer(terms),
            )
        case p.Hours():
            keys = tuple(key(f"hours.{hours}", "choice", str(hours)) for hours in terms.rules.hours)
            return message("hours", "hours.title", (text("hours.how"),), (*keys, *back), timer(terms))
        case p.Confirm():
            return confirm(terms, state)
        case p.Password() | p.PinClosing():
            return _password(terms, state, phase)
        case p.Waiting():
            return message("waiting", "waiting.title", (), (), None, icon="wait")
        case p.Met(meeting=now):
            return fraud_scenes.page(now, terms.rules.page_ms)
        case (
            p.Polling()
            | p.TillWaits()
            | p.Unsure()
            | p.Record()
            | p.Paid()
            | p.Funds()
            | p.Bills()
            | p.OnItsWay()
            | p.Notice()
        ):
            return after(terms, state, phase)
        case _:
            assert_never(phase)


def _menu(terms: Terms, back: tuple[Key, ...]) -> Page:
    keys = tuple(Key(name, "choice", Text(f"key.{name}"), icon=icon) for name, icon in MENU)
    body = Body((text("menu.how"),), icon="purse")
    return Page("PhoneHome", "menu", text("menu.title"), text("menu.say"), body, (*keys, *back), timer(terms))


def _password(terms: Terms, state: State, phase: p.Password | p.PinClosing) -> Page:
    """Return the page of the password, on the glass or at the pad; a till's patience is its time."""
    if isinstance(phase, p.PinClosing):
        return message("closing", "waiting.title", (), (), None, icon="wait")
    return password.page(state.shell, phase.pin, terms.rules.pin_digits, terms.rules.give_up_ms)
