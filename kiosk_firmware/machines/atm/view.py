"""The ATM's pages: one small function per phase, no decision that rules have not taken.

Every page can be left without the strip: by its keys, or by its time-out. Pages that wait for the bank or for a
motor have neither; they are left by the answer.
"""

from __future__ import annotations

from kiosk_firmware.core import money
from kiosk_firmware.core.pages import Body, Key, Page, Role, Text, Timer, text
from kiosk_firmware.kits import leaving as lv
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.state import State, Terms
from kiosk_firmware.machines.atm.view_errands import view_errand
from kiosk_firmware.machines.atm.view_parts import key, message, timer


def view(terms: Terms, state: State) -> Page:
    """The page of the state."""
    phase = state.phase
    if isinstance(phase, lv.LeavePhase):
        return _leaving(terms, state, phase)
    match phase:
        case p.Home():
            return _home(state)
        case p.PinAsked(tries=tries, digits=digits, wrong=wrong):
            lines = (text("pin.wrong", tries=tries),) if wrong else (text("pin.cover"), text("pin.keys"))
            return _pin(terms, "pin", "pin.title", lines, digits, "pin.cancel")
        case p.PinChoosing(digits=digits, problem=problem):
            lines = (text(f"pin.{problem}"),) if problem else (text("pin.choose_how"),)
            return _pin(terms, "pin-choose", "pin.choose", lines, digits, "pin.back")
        case p.PinRepeating(digits=digits):
            return _pin(terms, "pin-repeat", "pin.repeat", (text("pin.repeat_how"),), digits, "pin.back")
        case p.PinClosing():
            return message("pin-closing", "wait.title", (), (), None, icon="wait")
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
        case p.Reversing() | p.Crediting():
            return message("settling", "settling.title", (text("settling.how"),), (), None, icon="wait")
        case _:
            return view_errand(terms, state, phase)


GOOD = ("deposited", "transferred", "transfer_pending", "transfer_canceled", "pin_changed")


def _sign(why: str) -> str:
    return "ok" if why in GOOD else "warn"


def _home(state: State) -> Page:
    title, at = text("home.title"), ("card_reader",)
    if {"card_reader", "payment_host"} & set(state.books.lost):
        return Page("Message", "home", text("home.closed"), body=Body((text("home.closed_how"),), icon="closed"))
    language = Key("home.language", "choice", text("home.language"))
    return Page(
        "Insert", "home", title, text("home.say"), Body((text("home.how"),), icon="card_in"), (language,), None, at
    )


def _pin(terms: Terms, step: str, title: str, lines: tuple[Text, ...], digits: int, out: str) -> Page:
    body = Body(lines, digits=digits, length=terms.rules.pin_digits, icon="pad")
    keys = (key(out, "back"),)
    return Page("PinEntry", step, text(title), None, body, keys, timer(terms, "pin"), ("pin_pad",), private=True)


MENU: tuple[tuple[str, Role], ...] = (
    ("menu.balance", "choice"), ("menu.deposit", "choice"), ("menu.transfer", "choice"), ("menu.pin", "choice"),
    ("menu.withdraw", "primary"), ("menu.statement", "choice"), ("menu.language", "choice"), ("menu.eject", "danger"),
)
"""Four keys down the left, four down the right."""


def _menu(terms: Terms, state: State) -> Page:
    keys = tuple(key(name, role) for name, role in MENU)
    number = state.number
    body = Body((text("menu.card"), text("receipt.tail", tail=number[-4:])), card=f"{number[:4]} **** {number[-4:]}")
    return Page("Menu", "menu", text("menu.title"), None, body, keys, timer(terms, "menu"))


def _receipt(terms: Terms) -> Page:
    keys = (key("receipt.yes", "primary"), key("receipt.no", "choice"))
    lines = (text("receipt.done"),)
    return message("receipt-offered", "receipt.title", lines, keys, timer(terms, "receipt"), icon="receipt")


def _leaving(terms: Terms, state: State, phase: lv.LeavePhase) -> Page:
    leave = phase.leave
    why = (text(f"why.{leave.why}"),) if leave.why else ()
    match phase:
        case lv.TakingCash():
            fen = money.total(state.books.tray)
            body = Body((text("take_cash.how"),), amount_fen=fen, icon="cash_out")
            time_out = Timer("take_cash", terms.rules.take_ms)
            return Page("Take", "take-cash", text("take_cash.title"), None, body, (), time_out, ("cash_dispenser",))
        case lv.TakingCard():
            body = Body((*why, text("take_card.how")), icon="card_out")
            time_out = Timer("take_card", terms.rules.take_ms)
            return Page("Take", "take-card", text("take_card.title"), None, body, (), time_out, ("card_reader",))
        case lv.Told(kind=kind, printed=printed):
            return _told(terms, kind, printed)
        case lv.Goodbye():
            keys = (key("told.ok", "primary"),)
            return message("goodbye", "goodbye.title", why, keys, Timer("goodbye", 4000), icon="ok")
        case lv.Stuck():
            lines = (text("stuck.how"),)
            return message("stuck", "stuck.title", lines, (), Timer("stuck", terms.rules.note_ms), icon="help")
        case lv.Recounting():
            return message("recounting", "recounting.title", (), (), Timer("recounting", 5000), icon="wait")
        case _:
            return _moving(phase, why)


MOVING: dict[type[lv.LeavePhase], str] = {
    lv.Returning: "returning", lv.Presenting: "counting-out", lv.Retracting: "retracting", lv.Ejecting: "ejecting",
    lv.Retaining: "retaining", lv.SlipPrinting: "slip", lv.ReceiptPrinting: "printing", lv.Undone: "settling",
}


def _moving(phase: lv.LeavePhase, why: tuple[Text, ...]) -> Page:
    """Something in the cabinet moves; wait."""
    step = MOVING[type(phase)]
    return message(step, f"moving.{step}", why, (), None, icon="wait")


TOLD_ICONS = dict.fromkeys(("card_left", "pin_tries", "expired", "lost"), "card_kept") | {"no_receipt": "receipt"}


def _told(terms: Terms, kind: str, printed: bool) -> Page:
    lines = [text(f"slip.{kind}.how")]
    if kind != "no_receipt":
        lines.append(text("told.slip" if printed else "told.no_slip"))
    keys = (key("told.ok", "primary"),)
    icon = TOLD_ICONS.get(kind, "warn")
    return message("told", f"slip.{kind}.title", tuple(lines), keys, Timer("told", terms.rules.note_ms), icon=icon)
