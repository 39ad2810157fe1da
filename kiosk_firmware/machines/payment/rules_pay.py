"""Before something is paid: where one stands, one's own code, a shop's code, how much, and all of it once more.

A printed code says only whom it pays, so the amount is typed and the name is looked at; a code on a screen says both.
One's own code is renewed each minute, and after a few times put away. What another unit shows on its glass is read by
this unit's scanner. A tap is made with the practice phone at the unit's reader; where there is none, with a key.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import PHONE, BarcodeRead, MediaDetected, Tapped, TimerExpired, Typed
from kiosk_firmware.core.hosts.wallet import FreshCodeAsked
from kiosk_firmware.kits.phone_payment import paid_order
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.state import State, Step, Terms, ask, dealt, enter_phase, home, menu, spend

UNIT = "unit"
"""Who is paid where another unit shows its code."""
MOST = 7
"""Figures that may be typed before the point."""
Before = p.Shops | p.CodeShown | p.TapReady | p.Scan | p.Amount | p.Contacts | p.Hours | p.Confirm


Act = Tapped | Typed | TimerExpired | BarcodeRead | MediaDetected


def on_pay(terms: Terms, state: State, phase: Before, event: Act) -> Step:
    """Take one event on one of these pages."""
    match event:
        case TimerExpired():
            return _over(terms, state, phase)
        case BarcodeRead(text=text) if isinstance(phase, p.Shops) and "dynamic" in phase.ways:
            return _read(state, text)
        case MediaDetected() if isinstance(phase, p.TapReady):
            return _held(state, event)
        case Typed(text=text) if isinstance(phase, p.Amount):
            return enter_phase(state, p.Amount(text))
        case Tapped(key="nav.back" | "confirm.no"):
            return menu(state)
        case Tapped(key=key) if key.startswith("source."):
            return enter_phase(dealt(state, source="card" if state.deal.source == "wallet" else "wallet"), phase)
        case Tapped():
            return _pressed(terms, state, phase, event)
        case _:
            return state, NO_EFFECTS


def _over(terms: Terms, state: State, phase: Before) -> Step:
    """Handle a page whose time is over: a code is renewed a few times."""
    if isinstance(phase, p.CodeShown) and phase.renewed < terms.rules.renewals:
        return ask(state, FreshCodeAsked(), phase.renewed + 1)
    return home(state)


def _read(state: State, text: str) -> Step:
    """Take another unit's code that was read."""
    order = paid_order(text)
    if order is None:
        return enter_phase(state, p.Notice("not_ours"))
    number, fen = order
    return enter_phase(dealt(state, to=UNIT, fen=fen, way="dynamic", order=str(number)), p.Confirm())


def _held(state: State, event: MediaDetected) -> Step:
    """Take something that was held to the reader: the phone pays; all else is said, and may be tried again."""
    match event.media:
        case None:
            return enter_phase(state, p.TapReady("foreign" if event.reason == "foreign" else "short"))
        case media if media.number == PHONE:
            return spend(state)
        case _:
            return enter_phase(state, p.TapReady("card"))


def _pressed(terms: Terms, state: State, phase: Before, event: Tapped) -> Step:
    match phase, event.key:
        case p.Shops(), key if key.startswith("shop."):
            return _stood(terms, state, event.value)
        case (p.CodeShown(), "till.show") | (p.TapReady(), "till.tap" | "till.other") | (p.Confirm(), "confirm.yes"):
            return spend(state)
        case p.Scan(), "scan.take":
            return _scanned(terms, state)
        case p.Amount(), "amount.ok":
            return _typed(state, phase)
        case p.Contacts(), key if key.startswith("contact."):
            return enter_phase(dealt(state, to=event.value, way="send"), p.Amount())
        case p.Hours(), key if key.startswith("hours."):
            return enter_phase(dealt(state, hours=int(event.value)), p.Confirm())
        case p.Confirm(), "confirm.name":
            return enter_phase(state, p.Notice("name"))
        case _:
            return state, NO_EFFECTS


def _stood(terms: Terms, state: State, name: str) -> Step:
    shop = terms.shop(name)
    state = dealt(state, shop=name, to=shop.payee, fen=0 if shop.way == "static" else shop.fen, way=shop.way)
    match shop.way:
        case "code":
            return ask(state, FreshCodeAsked())
        case "tap":
            return enter_phase(state, p.TapReady())
        case _:
            return enter_phase(state, p.Scan())


def _scanned(terms: Terms, state: State) -> Step:
    return enter_phase(state, p.Amount() if state.deal.way == "static" else p.Confirm())


def _typed(state: State, phase: p.Amount) -> Step:
    if not phase.typed.isdecimal() or int(phase.typed) == 0:
        return enter_phase(state, msgspec.structs.replace(phase, typed="", problem="none"))
    if len(phase.typed) > MOST:
        return enter_phase(state, msgspec.structs.replace(phase, typed="", problem="much"))
    state = dealt(state, fen=int(phase.typed) * 100)
    return enter_phase(state, p.Hours() if state.deal.way == "send" else p.Confirm())
