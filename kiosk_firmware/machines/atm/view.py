"""The ATM's pages: one small function per phase, no decision that rules have not taken.

Every page can be left without the strip: by its keys, or by its time-out. Pages that wait for the bank or for a
motor have neither; they are left by the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk_firmware.core.pages import Body, Key, Page, Role, Text, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import key, leaving_page, message
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.state import State, Terms
from kiosk_firmware.machines.atm.view_errands import view_errand
from kiosk_firmware.machines.atm.view_parts import timer


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state."""
    phase = state.phase
    if isinstance(phase, LeavePhase):
        return leaving_page(state.books, phase, terms.rules.take_ms, terms.rules.note_ms)
    match phase:
        case p.Home():
            return _home(state)
        case p.PinAsked(pin=pin):
            wrong = (text("pin.wrong", tries=pin.tries),)
            lines = wrong if pin.wrong else (text("pin.cover"), text("pin.keys"))
            return _pin(terms, "pin", "pin.title", lines, pin.digits, "pin.cancel")
        case p.PinChoosing(digits=digits, problem=problem):
            lines = (text(f"pin.{problem}"),) if problem else (text("pin.choose_how"),)
            return _pin(terms, "pin-choose", "pin.choose", lines, digits, "pin.back")
        case p.PinRepeating(digits=digits):
            return _pin(terms, "pin-repeat", "pin.repeat", (text("pin.repeat_how"),), digits, "pin.back")
        case p.PinClosing():
            return message("pin-closing", "wait.title", (), (), None, icon="wait_bank")
        case p.Menu():
            return _menu(terms, state)
        case p.Another():
            keys = (key("another.yes", "primary"), key("another.no", "back"))
            return message("another", "another.title", (), keys, timer(terms, "another"), icon="card")
        case p.Notice(why=why, fen=fen):
            lines = (text(f"notice.{why}.how", x_fen=fen),)
            ok = (key("notice.ok", "primary"),)
            return message("notice", f"notice.{why}.title", lines, ok, timer(terms, "notice"), icon=_sign(why), fen=fen)
        case p.ReceiptOffered():
            return _receipt(terms)
        case p.Met(meeting=meeting):
            return fraud_scenes.page(meeting, terms.rules.page_ms)
        case p.Fetching():
            return _fetching(terms, phase)
        case p.Keeping(recount=recount):
            time_out = Timer("recounting", 5000) if recount else None
            return message("keeping", "wait.keeping", (), (), time_out, icon="wait")
        case p.Reversing() | p.Crediting():
            return message("settling", "settling.title", (text("settling.how"),), (), None, icon="wait_bank")
        case _:
            return view_errand(terms, state, phase)


GOOD = ("deposited", "transferred", "transfer_pending", "transfer_canceled", "pin_changed")


def _sign(why: str) -> str:
    return "ok" if why in GOOD else "warn"


def _home(state: State) -> Page:
    title, at = text("home.title"), ("card_reader",)
    if {"card_reader", "payment_host"} & set(state.books.lost):
        return Page("Message", "home", text("home.closed"), body=Body((text("home.closed_how"),), icon="closed"))
    keys = (key("menu.cardless", "choice"), Key("home.language", "choice", text("home.language")))
    return Page("Insert", "home", title, text("home.say"), Body((text("home.how"),), icon="card_in"), keys, None, at)


def _pin(terms: Terms, step: str, title: str, lines: tuple[Text, ...], digits: int, out: str) -> Page:
    body = Body(lines, digits=digits, length=terms.rules.pin_digits, icon="pad")
    keys = (key(out, "back"),)
    return Page("PinEntry", step, text(title), None, body, keys, timer(terms, "pin"), ("pin_pad",), private=True)


MENU: tuple[tuple[str, Role], ...] = (
    ("menu.balance", "choice"),
    ("menu.deposit", "choice"),
    ("menu.transfer", "choice"),
    ("menu.pin", "choice"),
    ("menu.withdraw", "primary"),
    ("menu.statement", "choice"),
    ("menu.language", "choice"),
    ("menu.eject", "danger"),
)
"""Four keys down the left, four down the right."""


def _menu(terms: Terms, state: State) -> Page:
    keys = tuple(key(name, role) for name, role in MENU)
    number = state.number
    body = Body((text("menu.card"), text("receipt.tail", tail=number[-4:])), card=f"{number[:4]} **** {number[-4:]}")
    return Page("Menu", "menu", text("menu.title"), None, body, keys, timer(terms, "menu"))


FETCHING: Mapping[str, tuple[str, tuple[tuple[str, Role], ...]]] = {
    "kept": ("card_kept", (("fetch.call", "choice"), ("fetch.counter", "choice"), ("fetch.later", "back"))),
    "called": ("phone", (("fetch.counter", "primary"), ("fetch.later", "back"))),
    "counter": ("counter", (("fetch.ident", "primary"), ("fetch.later", "back"))),
    "given": ("card", (("fetch.take", "primary"),)),
}
"""Picture and keys of each step towards a kept card."""


def _fetching(terms: Terms, phase: p.Fetching) -> Page:
    icon, keys = FETCHING[phase.stand]
    about = f"given.{phase.why}" if phase.stand == "given" else phase.stand
    pressed = tuple(key(name, role) for name, role in keys)
    step, lines = f"fetch-{phase.stand}", (text(f"fetch.{about}.how"),)
    return message(step, f"fetch.{about}.title", lines, pressed, timer(terms, "fetch"), icon=icon)


def _receipt(terms: Terms) -> Page:
    keys = (key("receipt.yes", "primary"), key("receipt.no", "choice"))
    lines = (text("receipt.done"),)
    return message("receipt-offered", "receipt.title", lines, keys, timer(terms, "receipt"), icon="receipt")
